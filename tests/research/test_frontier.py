"""The pruned LeNets that come with the project are what their record says."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

import prunewidgets as pw
from research.lenet_frontier.checkpoints import FOLDER, load, net_of, save
from research.lenet_frontier.dead_ends import without_dead_ends
from research.lenet_frontier.frontier import EVERYTHING, ROWS, SAVED_SEED, SEEDS, finished, seeds_of
from research.lenet_frontier.sparse_loop import BATCH, Loop
from research.lenet_frontier.sparse_training import Settings, network, train
from research.lenet_frontier.unit_strength import scores_by_strength

RUNS = finished()


def settings_of(row: str) -> Settings:
    settings = Settings(**EVERYTHING[row])
    return replace(settings, widths=tuple(settings.widths))


@pytest.mark.parametrize("row", ROWS)
def test_every_seed_was_run_with_the_current_settings(row):
    runs = [run for run in RUNS if run["row"] == row]
    assert sorted(run["seed"] for run in runs) == list(SEEDS[ROWS[row]["net"]]) == list(seeds_of(row))
    assert all(run["ratio"] >= run["settings"]["ratio"] - 0.01 for run in runs)


def test_every_run_used_the_current_settings():
    assert RUNS
    for run in RUNS:
        assert Settings(**run["settings"] | {"widths": tuple(run["settings"]["widths"])}) == settings_of(
            run["row"]
        )
    assert len({(run["row"], run["seed"]) for run in RUNS}) == len(RUNS)


def size_of(model: keras.Model) -> int:
    return sum(array.size for array in pw.LiveModel(model).weights.values())


@pytest.mark.parametrize("row", [row for row in EVERYTHING if row.endswith("narrow")])
def test_narrow_networks_have_as_many_weights_as_the_pruned_ones(row):
    settings = settings_of(row)
    size = size_of(network(settings.net, settings.widths, seed=0))
    wanted = size_of(network(settings.net, (), seed=0)) / ROWS[row.removesuffix("_narrow")]["ratio"]
    assert 0.93 * wanted < size <= wanted


def test_checkpoints_have_the_nonzeros_and_the_error_of_their_runs():
    _, digits = pw.datasets.mnist()
    paths = sorted(FOLDER.glob("*.npz"))
    assert paths
    for path in paths:
        seed = SAVED_SEED.get(path.stem, 0)
        [run] = [run for run in RUNS if run["seed"] == seed and run["row"] == path.stem]
        live = pw.LiveModel(load(net_of(path), path))
        assert {name: int(np.count_nonzero(array)) for name, array in live.weights.items()} == run["kept"]
        # A processor that adds in another order may tip a digit or two.
        assert abs(100 * (1 - live.evaluate(*digits)) - run["error_percent"]) < 0.025
        assert path.stat().st_size < 300_000


def test_a_model_is_read_back_from_its_file(tmp_path):
    model = pw.models.lenet_300_100(seed=3)
    pw.prune(model, sparsity=0.97)
    model.layers[-1].bias.assign(np.arange(10))
    save(model, tmp_path / "net.npz")
    again = load("lenet_300_100", tmp_path / "net.npz")
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), again.get_weights(), strict=True))
    assert [path.name for path in tmp_path.iterdir()] == ["net.npz"]


def test_a_few_steps_of_lenet_5():
    rng = np.random.default_rng(0)
    x, y = rng.random((2048, 28, 28, 1), np.float32), rng.integers(0, 10, 2048)
    settings = Settings("lenet_5", ratio=20, epochs=14, learning_rate=0.05)
    weights = pw.LiveModel(train(settings, x, y, seed=0)).weights
    kept = sum(np.count_nonzero(array) for array in weights.values())
    assert 0.98 * 430_500 / 20 < kept <= round(430_500 / 20)  # one that came back may not have moved yet


@pytest.mark.parametrize("masks", ["global", "layer", "random"])
def test_training_ends_with_the_exact_number_of_weights(masks):
    rng = np.random.default_rng(0)
    x, y = rng.random((2560, 28, 28, 1), np.float32), rng.integers(0, 10, 2560)
    settings = Settings("lenet_300_100", ratio=50, epochs=25, learning_rate=0.1, masks=masks, dropout=0.1)
    live = pw.LiveModel(train(settings, x, y, seed=0))
    kept = {name: int(np.count_nonzero(array)) for name, array in live.weights.items()}
    if masks == "global":
        assert abs(sum(kept.values()) - 266_200 / 50) <= 0.5
    else:  # weights into units that lead nowhere are left out
        assert kept["dense_1/kernel"] <= 4704
        assert kept["dense_2/kernel"] <= 600
        assert kept["dense_3/kernel"] == 20


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, bool)


def test_units_that_nothing_reads_get_no_weights():
    """Three units of which only the second leads on; the first layer then feeds only the second."""
    last = ones(3, 2) & np.array([[False], [True], [False]])
    masks = without_dead_ends([ones(4, 5), ones(5, 3), last])
    assert masks[1].sum(axis=0).tolist() == [0, 5, 0]
    assert masks[0].all()
    masks = without_dead_ends([ones(4, 5), ones(5, 3), np.zeros((3, 2), bool)])
    assert not masks[0].any()


def test_units_without_inputs_are_not_read():
    """The second of three units gets nothing, and the one unit that it alone feeds goes too."""
    first = ones(4, 3) & np.array([True, False, True])
    second = np.array([[True, False], [True, True], [False, False]])
    masks = without_dead_ends([first, second, ones(2, 2)])
    assert masks[1].tolist() == [[True, False], [False, False], [False, False]]
    assert masks[2].tolist() == [[True, True], [False, False]]
    assert masks[0].sum(axis=0).tolist() == [4, 0, 0]


def test_magnitudes_times_the_strength_of_both_units():
    """By hand: unit 0 reads with norm 5 and is read with norm 5, unit 1 with 0.8 and 1.25; on average 3."""
    kernels = [np.array([[3.0, 0.8], [-4.0, 0.0]]), np.array([[3.0, 4.0], [0.75, -1.0]])]
    first, second = scores_by_strength(kernels, power=1)
    assert np.allclose(first, [[3 * 5 / 3, 0.8 / 3], [4 * 5 / 3, 0]])
    assert np.allclose(second, [[3 * 5 / 3, 4 * 5 / 3], [0.75 / 3, 1 / 3]])
    assert all(map(np.array_equal, scores_by_strength(kernels, power=0), map(np.abs, kernels)))


def test_the_strength_of_a_filter_sums_all_positions():
    """Two filters of one weight each before a dense layer: read at 16 places, with norms 4 and 12."""
    kernels = [np.ones((1, 1, 1, 2)), np.ones((32, 1)), np.ones((1, 1))]
    kernels[1][1::2] = 3
    first, second, _ = scores_by_strength(kernels, power=1)
    mean = (np.sqrt(4) + np.sqrt(12)) / 2
    assert np.allclose(first.ravel(), [np.sqrt(4) / mean, np.sqrt(12) / mean])
    assert np.allclose(second.reshape(16, 2), np.array([1, 3]) * first.ravel())


def test_a_filter_is_used_if_any_of_its_positions_is():
    masks = [np.ones(array.shape, bool) for array in pw.LiveModel(pw.models.lenet_5()).weights.values()]
    used = np.zeros((4, 4, 50), bool)
    used[2, 1, 7] = used[0, 3, 49] = True
    masks[2] &= used.reshape(800, 1)
    masks = without_dead_ends(masks)
    assert np.flatnonzero(masks[1].any(axis=(0, 1, 2))).tolist() == [7, 49]
    assert masks[0].all()


def test_training_without_unused_units_gives_the_same_weights():
    """Two filters of four and one unit of three lead nowhere; Keras says what the whole net answers."""
    rng = np.random.default_rng(1)
    shapes = (5, 5, 1, 3), (5, 5, 3, 4), (64, 3), (3, 10)
    kernels = [rng.normal(0, 0.3, shape).astype(np.float32) for shape in shapes]
    biases = [rng.normal(0, 0.1, shape[-1]).astype(np.float32) for shape in shapes]
    masks = [np.ones(shape, bool) for shape in shapes]
    masks[2].reshape(16, 4, 3)[:, [0, 2]] = masks[3][1] = False
    masks = without_dead_ends(masks)
    x = tf.constant(rng.normal(size=(2000, 28, 28, 1)).astype(np.float32))
    y = tf.constant(rng.integers(0, 10, 2000).astype(np.int32))
    steps = [rng.permutation(2000)[:BATCH].astype(np.int32) for _ in range(6)]
    whole, part = (Loop(kernels, biases, x, y, dropout=0, l2=1e-3) for _ in range(2))
    for loop in (whole, part):
        loop.hold(masks)
        loop.run(steps[:3], [0.05] * 3)
    smaller = part.without_unused_units()
    assert [kernel.shape for kernel in smaller.kernels()] == [(5, 5, 1, 3), (5, 5, 3, 2), (32, 2), (2, 10)]
    for loop in (whole, smaller):
        loop.run(steps[3:], [0.05] * 3)
    again, again_biases = smaller.at_full_size(list(shapes))
    model = network("lenet_5", (3, 4, 3), seed=0)
    trained, trained_biases = whole.at_full_size(list(shapes))
    outputs = []
    for arrays, offsets in ((trained, trained_biases), (again, again_biases)):
        model.set_weights([array for pair in zip(arrays, offsets, strict=True) for array in pair])
        outputs.append(model.predict(x[:100], verbose=0))
    assert np.abs(outputs[0] - outputs[1]).max() < 1e-4
    assert all(np.abs(a - b).max() < 1e-4 for a, b in zip(trained, again, strict=True))


def test_a_training_step_equals_that_of_keras():
    """Nesterov, L2 and the shortened gradient against keras.optimizers.SGD, with half of the weights held."""
    rng = np.random.default_rng(2)
    model = network("lenet_300_100", (6, 5), seed=0)
    layers = [layer for layer in model.layers if layer.weights]
    x = rng.normal(size=(2000, 28, 28, 1)).astype(np.float32)
    y = rng.integers(0, 10, 2000).astype(np.int32)
    kernels, biases = [layer.kernel.numpy() for layer in layers], [layer.bias.numpy() for layer in layers]
    masks = [rng.random(kernel.shape) < 0.5 for kernel in kernels]
    loop = Loop(kernels, biases, tf.constant(x), tf.constant(y), dropout=0, l2=1e-2, longest=1.0)
    loop.hold(masks)
    for layer, mask in zip(layers, masks, strict=True):
        layer.kernel.assign(layer.kernel.numpy() * mask)
    steps = [rng.permutation(2000)[:BATCH].astype(np.int32) for _ in range(4)]
    loop.run(steps, [0.1, 0.1, 0.05, 0.02])
    optimizer = keras.optimizers.SGD(momentum=0.9, nesterov=True)
    optimizer.build(model.trainable_variables)
    for batch, rate in zip(steps, [0.1, 0.1, 0.05, 0.02], strict=True):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y[batch], model(x[batch])))
        slopes, _ = tf.clip_by_global_norm(tape.gradient(loss, model.trainable_weights), 1.0)
        slopes = [tf.convert_to_tensor(slope) for slope in slopes]
        for number, mask in enumerate(masks):
            slopes[2 * number] = (slopes[2 * number] + 1e-2 * layers[number].kernel.value) * mask.astype(
                np.float32
            )
        optimizer.learning_rate.assign(rate)
        optimizer.apply(slopes)
    for layer, kernel, mask in zip(layers, loop.kernels(), masks, strict=True):
        assert np.abs(layer.kernel.numpy() - kernel).max() < 1e-5
        assert not kernel[~mask].any()
