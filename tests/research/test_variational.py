"""The stage with noise on weights: against the paper's integral, Keras's Adam and an uninterrupted run."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from research.lenet_frontier import variational_stage
from research.lenet_frontier.convolution import convolved_and_pooled
from research.lenet_frontier.sparse_loop import BATCH
from research.lenet_frontier.variational_loop import Steps, begun, divergence, log_alpha, pruned
from research.lenet_frontier.variational_stage import balanced, chosen_by_noise, weights_left

RNG = np.random.default_rng(0)
KERNELS = [RNG.normal(size=shape).astype(np.float32) / 3 for shape in ((3, 3, 1, 4), (3 * 3 * 4, 6), (6, 10))]
BIASES = [RNG.normal(size=kernel.shape[-1]).astype(np.float32) / 9 for kernel in KERNELS]
X = tf.constant(RNG.normal(size=(2 * BATCH, 8, 8, 1)).astype(np.float32))
Y = tf.constant(RNG.integers(10, size=2 * BATCH).astype(np.int32))


def batches():
    rng = np.random.default_rng(0)
    while True:
        yield rng.integers(2 * BATCH, size=BATCH).astype(np.int32)


@pytest.mark.parametrize("alpha", [0.05, 0.5, 3.0, 50.0])
def test_the_divergence_is_the_integral_that_it_approximates(alpha):
    noise = np.random.default_rng(1).normal(size=4_000_000)
    constant = (np.euler_gamma + np.log(2)) / 2  # minus the mean of log |ε|, so that KL(∞) is 0
    exact = -0.5 * np.log(alpha) + np.log(np.abs(1 + np.sqrt(alpha) * noise)).mean() + constant
    assert float(divergence(tf.math.log(alpha))) == pytest.approx(exact, abs=0.015)


def test_one_step_is_adams_with_three_times_the_rate_for_the_noise():
    state, steps = begun(KERNELS, BIASES), Steps(X, Y, seed=3)
    rows = next(batches())
    variables = [keras.Variable(array) for array in state.trained]
    with tf.GradientTape() as tape:
        values = [variable.value for variable in variables]
        tape.watch(values)
        loss = steps.loss(values, state.kept, tf.constant(rows), tf.constant(1.0), tf.constant([3, 0]))
    slopes = tape.gradient(loss, values)
    for rate, own in ((0.01, [0, 1, 2, 6, 7, 8]), (0.03, [3, 4, 5])):
        adam = keras.optimizers.Adam(rate)
        adam.apply([slopes[at] for at in own], [variables[at] for at in own])
    after = steps.take(state, [rows], [0.01], [1.0])
    for found, expected in zip(after.trained, variables, strict=True):
        np.testing.assert_allclose(found, expected.numpy(), atol=2e-5)


def test_weights_with_the_largest_alpha_leave():
    state = begun(KERNELS, BIASES)
    alphas = np.concatenate(
        [np.asarray(log_alpha(*pair)).ravel() for pair in zip(state.thetas, state.logs, strict=True)]
    )
    left = pruned(state, 100)
    kept = np.concatenate([mask.numpy().ravel() for mask in left.kept]).astype(bool)
    assert kept.sum() == 100
    assert alphas[kept].max() <= alphas[~kept].min()
    assert all(
        (theta.numpy()[mask.numpy() == 0] == 0).all()
        for theta, mask in zip(left.thetas, left.kept, strict=True)
    )


def test_equal_norms_make_the_same_function():
    def outputs(kernels, biases):
        x = tf.nn.max_pool2d(tf.nn.conv2d(X, kernels[0], 1, "VALID") + biases[0], 2, 2, "VALID")
        x = tf.nn.relu(tf.reshape(x, (len(x), -1)) @ kernels[1] + biases[1])
        return x @ kernels[2] + biases[2]

    kernels, biases = balanced(KERNELS, BIASES)
    np.testing.assert_allclose(outputs(kernels, biases), outputs(KERNELS, BIASES), rtol=1e-4, atol=1e-5)
    norms = [np.linalg.norm(kernel) for kernel in kernels]
    assert np.allclose(norms, norms[0])


def test_weights_fall_fast_then_slowly():
    left = [weights_left(share, 430_500, 3_000) for share in (0.02, 0.15, 0.525, 0.9, 0.95)]
    assert left == [430_500, 15_000, 6_708, 3_000, 3_000]


def test_a_killed_run_goes_on_as_if_nothing_had_been(tmp_path, monkeypatch):
    monkeypatch.setattr(variational_stage, "EVERY", 2)
    arguments = (KERNELS, BIASES, X, Y, 30, 60, 5)
    whole = chosen_by_noise(*arguments, batches())

    def breaks_off():
        for number, rows in enumerate(batches()):
            if number == 45:
                raise KeyboardInterrupt
            yield rows

    saved = tmp_path / "stage"
    with pytest.raises(KeyboardInterrupt):
        chosen_by_noise(*arguments, breaks_off(), saved)
    resumed = chosen_by_noise(*arguments, batches(), saved)
    for one, other in zip(sum(whole, []), sum(resumed, []), strict=True):
        np.testing.assert_array_equal(one, other)
    assert 50 <= sum(int((kernel != 0).sum()) for kernel in whole[0]) <= 60


def test_a_convolution_of_images_is_pooled_as_by_tensorflow_with_the_same_gradients():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(6, 28, 28, 1)).astype(np.float32)
    x[:, :10] = -0.4  # equal outputs in a square: only one of them gets the gradient
    x, kernel = tf.constant(x), tf.constant(rng.normal(size=(5, 5, 1, 3)).astype(np.float32))
    factors = tf.constant(rng.normal(size=(6, 12, 12, 3)).astype(np.float32))
    results = []
    for function in (
        convolved_and_pooled,
        lambda x, k: tf.nn.max_pool2d(tf.nn.conv2d(x, k, 1, "VALID"), 2, 2, "VALID"),
    ):
        with tf.GradientTape() as tape:
            tape.watch(kernel)
            y = function(x, kernel)
            loss = tf.reduce_sum(factors * y)
        results.append((y, tape.gradient(loss, kernel)))
    for ours, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-4)
