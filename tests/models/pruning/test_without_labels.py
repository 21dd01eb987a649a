"""Wanda, SynFlow and GraSP against the same worked out in NumPy."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw

from ..small_nets import examples, randomise, transformer


def test_wanda_of_dense_layers_by_hand(dense, data):
    randomise(dense)
    x = data[0]
    w1, b1, gamma, beta, mean, variance, w2, _ = dense.get_weights()
    hidden = np.maximum(x @ w1 + b1, 0)
    hidden = gamma * (hidden - mean) / np.sqrt(variance + 1e-3) + beta
    scores = pw.data_score(dense, x, criterion="wanda", batch_size=24)
    first = np.abs(w1) * np.linalg.norm(x, axis=0)[:, None]
    np.testing.assert_allclose(scores["first/kernel"], first, rtol=1e-5)
    second = np.abs(w2) * np.linalg.norm(hidden, axis=0)[:, None]
    np.testing.assert_allclose(scores["second/kernel"], second, rtol=1e-4)


CONVOLUTIONS = [
    (layers.Conv2D(4, (3, 2), strides=(2, 1), padding="same"), (7, 6, 3)),
    (layers.Conv2D(4, 3, dilation_rate=2), (8, 7, 2)),
    (layers.Conv2D(6, 3, groups=2, padding="same"), (5, 5, 4)),
    (layers.Conv1D(3, 4, padding="causal", dilation_rate=2), (9, 2)),
    (layers.Conv3D(3, 2, strides=2), (5, 4, 5, 2)),
]


@pytest.mark.parametrize(("layer", "shape"), CONVOLUTIONS, ids=lambda part: type(part).__name__)
def test_wanda_of_a_convolution_is_the_norm_of_what_a_weight_multiplies(layer, shape):
    """Each weight's input is read off the layer itself, with a kernel of zeros and a single one."""
    model = keras.Sequential([keras.Input(shape), type(layer).from_config(layer.get_config())])
    x = examples(model, 4)
    kernel = model.layers[0].kernel
    w = np.random.default_rng(0).normal(size=kernel.shape).astype("float32")
    norms = np.zeros(w.shape)
    for place in np.ndindex(*w.shape):
        single = np.zeros_like(w)
        single[place] = 1
        kernel.assign(single)
        norms[place] = np.linalg.norm(model.predict_on_batch(x)[..., place[-1]])
    kernel.assign(w)
    scores = pw.data_score(model, x, criterion="wanda")
    np.testing.assert_allclose(next(iter(scores.values())), np.abs(w) * norms, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("equation", "shape", "output", "norms"),
    [
        ("abc,cde->abde", (5, 3), (None, 2, 4), lambda x: np.sqrt((x**2).sum((0, 1)))[:, None, None]),
        ("abde,dec->abc", (5, 2, 4), (None, 3), lambda x: np.sqrt((x**2).sum((0, 1)))[:, :, None]),
        ("abc,bcd->abd", (5, 3), (5, 4), lambda x: np.sqrt((x**2).sum(0))[:, :, None]),  # b is shared
        ("...c,cd->...d", (5, 2, 3), (4,), lambda x: np.sqrt((x**2).sum((0, 1, 2)))[:, None]),
    ],
)
def test_wanda_of_an_einsum(equation, shape, output, norms):
    model = keras.Sequential([keras.Input(shape), layers.EinsumDense(equation, output)])
    x = examples(model, 6)
    (scores,) = pw.data_score(model, x, criterion="wanda").values()
    expected = np.abs(model.layers[0].kernel.numpy()) * norms(x)
    np.testing.assert_allclose(scores, expected, rtol=1e-4)


def test_wanda_goes_into_attention():
    model = randomise(transformer())
    scores = pw.data_score(model, examples(model), criterion="wanda")
    assert list(scores) == list(pw.LiveModel(model).names)
    assert pw.prune(model, 0.5, "wanda", scope="output", data=(examples(model), None)).sparsity == 0.5


def test_wanda_adds_up_the_calls_of_a_shared_layer():
    inputs, layer = keras.Input((3,)), layers.Dense(3, name="twice")
    model = keras.Model(inputs, layer(layer(inputs)))
    x = examples(model, 5)
    w, b = layer.get_weights()
    norms = np.sqrt((x**2).sum(0) + ((x @ w + b) ** 2).sum(0))
    scores = pw.data_score(model, x, criterion="wanda")["twice/kernel"]
    np.testing.assert_allclose(scores, np.abs(w) * norms[:, None], rtol=1e-5)


def test_wanda_goes_into_layers_that_wrap_others():
    inner = layers.Dense(3, name="inner")
    model = keras.Sequential([keras.Input((4, 2)), layers.TimeDistributed(inner, name="steps")])
    x = examples(model, 5)
    norms = np.sqrt((x**2).sum((0, 1)))[:, None]
    (scores,) = pw.data_score(model, x, criterion="wanda").values()
    np.testing.assert_allclose(scores, np.abs(inner.kernel.numpy()) * norms, rtol=1e-5)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.DepthwiseConv2D(3, name="odd"), (5, 5, 2)),
        (layers.LSTM(3, name="odd"), (4, 2)),
    ],
    ids=lambda part: type(part).__name__,
)
def test_layers_whose_inputs_are_unknown_are_named(layer, shape):
    model = keras.Sequential([keras.Input(shape), layer, layers.Flatten(), layers.Dense(2, name="last")])
    with pytest.raises(ValueError, match=r"inputs of 'odd/.* cannot be taken apart.*exclude=\['odd/"):
        pw.data_score(model, examples(model), criterion="wanda")
    assert pw.data_score(model, examples(model), criterion="wanda", layers="last")
    assert not any("call" in vars(layer) for layer in model._flatten_layers())


def test_models_of_a_fixed_batch_and_stateful_ones():
    inputs = keras.Input(batch_shape=(4, 3))
    fixed = keras.Model(inputs, layers.Dense(2, name="only")(inputs))
    x = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
    expected = np.abs(fixed.layers[-1].kernel.numpy()) * np.linalg.norm(x, axis=0)[:, None]
    scores = pw.data_score(fixed, x, criterion="wanda")["only/kernel"]
    np.testing.assert_allclose(scores, expected, rtol=1e-5)
    with pytest.raises(
        ValueError, match="for 4 examples at a time, and 3 are left over; give a multiple of 4"
    ):
        pw.data_score(fixed, x[:7], criterion="wanda")
    inputs = keras.Input(batch_shape=(4, 5, 3))
    stateful = keras.Model(inputs, layers.Dense(2)(layers.LSTM(3, stateful=True)(inputs)))
    with pytest.raises(ValueError, match="stateful=True.*Build it with stateful=False"):
        pw.prune_and_update(stateful, np.zeros((4, 5, 3), np.float32), 0.5)


def test_wanda_needs_examples(dense):
    with pytest.raises(ValueError, match="x is None"):
        pw.data_score(dense, criterion="wanda")
    with pytest.raises(ValueError, match="criterion 'wanda' scores weights on examples"):
        pw.prune(dense, 0.5, "wanda")


def test_two_of_four_by_wanda(data):
    model = keras.Sequential([keras.Input((8,)), layers.Dense(3, name="only")])
    x = examples(model, 10)
    (mask,) = pw.patterns.n_of_m(pw.data_score(model, x, criterion="wanda"), 2, 4).values()
    score = np.abs(model.layers[0].kernel.numpy()) * np.linalg.norm(x, axis=0)[:, None]
    for group in (slice(0, 4), slice(4, 8)):
        assert np.array_equal(mask[group], score[group] >= np.sort(score[group], axis=0)[2])


def plain():
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(5, "relu", name="a"),
            layers.Dense(3, "relu", name="b"),
            layers.Dense(2, "softmax", name="c"),
        ]
    )
    return randomise(model)


def test_synflow_by_hand():
    model = plain()
    a, ba, b, bb, c, bc = (np.abs(value).astype(float) for value in model.get_weights())
    one = a.sum(0) + ba
    two = one @ b + bb
    back_b = c.sum(1)
    back_a = b @ back_b
    expected = {
        "a/kernel": a * back_a,
        "b/kernel": b * one[:, None] * back_b,
        "c/kernel": c * two[:, None],
    }
    before = model.get_weights()
    scores = pw.data_score(model, criterion="synflow")
    for name, array in expected.items():
        np.testing.assert_allclose(scores[name], array, rtol=1e-5)
    for mine, hers in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(mine, hers)


def test_synflow_conserves_the_flow_of_each_layer():
    """Without biases the scores of each layer add up to R (theorem 1 of the paper)."""
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(3, 3, activation="relu", use_bias=False),
            layers.Flatten(),
            layers.Dense(4, "relu", use_bias=False),
            layers.Dense(2, use_bias=False),
        ]
    )
    sums = [array.sum(dtype=float) for array in pw.data_score(model, criterion="synflow").values()]
    np.testing.assert_allclose(sums, sums[0], rtol=1e-5)


def test_rounds_score_what_is_left():
    """The loop of the paper's algorithm 1, with scores by hand; one round would keep other weights."""
    model = plain()
    (a, ba, b, bb, c, _), rounds = (np.abs(value).astype(float) for value in model.get_weights()), 7
    kept = [np.ones(w.shape, bool) for w in (a, b, c)]
    for number in range(1, rounds + 1):
        wa, wb, wc = (w * k for w, k in zip((a, b, c), kept, strict=True))
        one = wa.sum(0) + ba
        scores = [wa * (wb @ wc.sum(1)), wb * one[:, None] * wc.sum(1), wc * (one @ wb + bb)[:, None]]
        flat = np.concatenate([np.where(k, s, -1).ravel() for s, k in zip(scores, kept, strict=True)])
        flat_kept = np.ones(flat.size, bool)
        flat_kept[np.argsort(flat, kind="stable")[: round((1 - 0.2 ** (number / rounds)) * flat.size)]] = (
            False
        )
        parts = np.split(flat_kept, np.cumsum([k.size for k in kept])[:-1])
        kept = [part.reshape(k.shape) for part, k in zip(parts, kept, strict=True)]
    once = pw.Masks.from_sparsity(pw.data_score(model, criterion="synflow"), 0.8)
    masks = pw.prune(model, 0.8, "synflow", rounds=rounds)
    for name, mask in zip(("a/kernel", "b/kernel", "c/kernel"), kept, strict=True):
        assert np.array_equal(masks[name], mask)
    assert masks != once and masks.removed == once.removed


def test_rounds_do_not_change_what_magnitude_removes(dense):
    once = pw.prune(dense, 0.7)
    pw.LiveModel(dense).restore()
    assert pw.prune(dense, 0.7, rounds=5) == once
    assert pw.prune(dense, {"first": 0.5}, rounds=3).removed == 24


@pytest.mark.parametrize("rounds", [0, 1.5, "a", None])
def test_rounds_are_whole(dense, rounds):
    with pytest.raises(ValueError, match=f"rounds is {rounds!r}; it has to be a whole number, 1 or more"):
        pw.prune(dense, 0.5, rounds=rounds)


def test_synflow_takes_one_input_of_known_size():
    inputs = keras.Input((3,)), keras.Input((2,))
    two = keras.Model(inputs, layers.Dense(2)(layers.Concatenate()(inputs)))
    words = keras.Sequential([keras.Input((4,), dtype="int32"), layers.Embedding(5, 3)])
    for model in (two, words, keras.Sequential([keras.Input((None, 3)), layers.Dense(2)])):
        with pytest.raises(ValueError, match="'synflow' sends ones through a model with one input"):
            pw.data_score(model, criterion="synflow")


def test_grasp_by_hand(data):
    """Softmax regression: the second derivative of the mean loss is known in closed form."""
    model = keras.Sequential([keras.Input((6,)), layers.Dense(4, "softmax", name="only")])
    model.compile(loss="sparse_categorical_crossentropy")
    x, y = data[0].astype(float), data[1]
    w, b = (value.astype(float) for value in model.get_weights())
    z = np.exp(x @ w + b)
    p = z / z.sum(1, keepdims=True)
    g = x.T @ (p - np.eye(4)[y]) / len(y)
    along = x @ g
    hg = x.T @ (p * along - p * (p * along).sum(1, keepdims=True)) / len(y)
    for size in (64, 20):
        scores = pw.data_score(model, *data, "grasp", batch_size=size)["only/kernel"]
        np.testing.assert_allclose(scores, w * hg, rtol=1e-3, atol=1e-7)


def test_grasp_is_the_change_of_the_norm_of_the_gradient(data):
    """w·Hg = ½ d/dε ‖g(w + ε w e)‖², by differences, in a network with a hidden layer."""
    x, y = data[0].astype(float), data[1]
    model = keras.Sequential([keras.Input((6,)), layers.Dense(5, "tanh"), layers.Dense(4, "softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    weights = [value.astype(float) for value in model.get_weights()]

    def norm(weights):
        w1, b1, w2, b2 = weights
        h = np.tanh(x @ w1 + b1)
        z = np.exp(h @ w2 + b2)
        wrong = (z / z.sum(1, keepdims=True) - np.eye(4)[y]) / len(y)
        return ((h.T @ wrong) ** 2).sum() + ((x.T @ (wrong @ w2.T * (1 - h**2))) ** 2).sum()

    scores = list(pw.data_score(model, *data, "grasp").values())
    for place, score in zip((0, 2), scores, strict=True):
        for index in list(np.ndindex(score.shape))[::3]:
            value, ends = weights[place][index], []
            for step in (1e-5, -1e-5):
                weights[place][index] = value * (1 + step)
                ends.append(norm(weights))
            weights[place][index] = value
            assert score[index] == pytest.approx((ends[0] - ends[1]) / 4e-5, rel=2e-3, abs=1e-7)
