"""``layers=`` and ``exclude=``: one way to name layers, in everything that prunes or scores."""

import re

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw


def net():
    """12 → 8 → 8 → 3 with normalisation in between."""
    model = keras.Sequential(
        [
            keras.Input((12,)),
            layers.Dense(8, activation="relu", name="dense_1"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(8, activation="relu", name="dense_2"),
            layers.Dense(3, activation="softmax", name="out"),
        ],
        name="net",
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


X = np.random.default_rng(0).normal(size=(64, 12)).astype("float32")
Y = X[:, :3].argmax(1)


def zeros(model):
    """{name of a layer: zeros in its kernel}, and everything else that has a zero where there was none."""
    return {
        layer.name: int((layer.kernel.numpy() == 0).sum()) for layer in model.layers if layer.name != "norm"
    }


WAYS = {
    "exclude, by name": {"exclude": "dense_1"},
    "exclude, by weight": {"exclude": ["dense_1/kernel"]},
    "exclude, by expression": {"exclude": re.compile("_1/")},
    "layers, by name": {"layers": ["dense_2", "out"]},
    "layers, by function": {"layers": lambda variable: "dense_1" not in variable.path},
    "class and name": {"layers": layers.Dense, "exclude": "dense_1"},
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_name_layers_prunes_only_kernels(way):
    model = net()
    norm = [value.copy() for value in model.get_layer("norm").get_weights()]
    masks = pw.prune(model, 0.5, **WAYS[way])
    assert list(masks) == ["dense_2/kernel", "out/kernel"] and masks.removed == 44  # of 64 + 24
    counted = zeros(model)
    assert counted["dense_1"] == 0 and counted["dense_2"] + counted["out"] == 44
    for before, now in zip(norm, model.get_layer("norm").get_weights(), strict=True):
        np.testing.assert_array_equal(before, now)


@pytest.mark.parametrize("place", ["second", "prunable"])
def test_a_function_chooses_among_kernels_also_in_a_live_model(place):
    def choose(variable):
        return "dense_1" not in variable.path

    model = net()
    live = pw.LiveModel(model, choose) if place == "second" else pw.LiveModel(model, prunable=choose)
    assert live.names == ("dense_2/kernel", "out/kernel")


def test_more_than_kernels_only_when_asked_for():
    model = net()
    assert pw.LiveModel(model, ["norm/gamma", "out"]).names == ("norm/gamma", "out/kernel")
    assert pw.LiveModel(model, layers="norm", prunable="all").names == (
        "norm/gamma",
        "norm/beta",
        "norm/moving_mean",
        "norm/moving_variance",
    )
    with pytest.raises(ValueError, match="'norm' fits no prunable weight of 'net'; they are: dense_1/kernel"):
        pw.LiveModel(model, "norm")
    with pytest.raises(TypeError, match="prunable is 'dense_1'; give 'all'.*layers= or exclude="):
        pw.LiveModel(model, prunable="dense_1")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"layers": "dense"},
            ValueError,
            "layers: 'dense' fits no prunable weight of 'net'; they are: dense_1/",
        ),
        ({"exclude": "dense"}, ValueError, "exclude: 'dense' fits no weight of 'net'"),
        ({"exclude": re.compile("conv")}, ValueError, "exclude: 'conv' fits no weight"),
        ({"exclude": layers.Dense}, ValueError, "none of the prunable weights of 'net' is left"),
        ({"layers": layers.Conv2D}, ValueError, "layers: 'Conv2D' fits no prunable weight"),
        (
            {"layers": lambda variable: variable.name == "gamma"},
            ValueError,
            "fits no prunable weight.*It does fit norm/gamma: .*prunable='all', layers=",
        ),
        ({"layers": 3}, TypeError, "3 names no layers; give the name of a layer"),
        ({"layers": ["out", 3]}, TypeError, "layers: 3 names no layers"),
    ],
)
def test_names_without_a_match_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        pw.prune(net(), 0.5, **options)


def test_layers_without_kernels_may_be_excluded():
    assert len(pw.LiveModel(net(), exclude=["norm", layers.Embedding]).names) == 3


def test_every_function_takes_layers(tmp_path):
    model = net()
    only = {"layers": "dense_2"}
    assert pw.accuracy_curve(model, X, Y, [0.5], **only).total.tolist() == [64]
    assert pw.sensitivity(model, X, Y, [0.5], exclude="out").layer.tolist() == [
        "dense_1/kernel",
        "dense_2/kernel",
    ]
    assert list(pw.data_score(model, X, Y, "taylor", **only)) == ["dense_2/kernel"]
    lab = pw.PruningLab(model, X, Y, **only)
    assert list(lab.masks) == ["dense_2/kernel"]
    lab.close()

    def train(model, callbacks):
        model.fit(X, Y, epochs=1, verbose=0, callbacks=callbacks)

    pw.lottery_tickets(model, train, X, Y, sparsity=0.5, share=0.5, exclude=["dense_1", "out"])
    assert zeros(model) == {"dense_1": 0, "dense_2": 32, "out": 0}


def test_layers_narrow_a_live_model_further():
    live = pw.LiveModel(net(), exclude="out")
    assert list(pw.prune(live, 0.5, layers=layers.Dense)) == ["dense_1/kernel", "dense_2/kernel"]
    assert list(pw.prune(live, 0.5, exclude="dense_1")) == ["dense_2/kernel"]
    assert live.names == ("dense_1/kernel", "dense_2/kernel")


def test_mappings_accept_names_of_layers_and_of_weights():
    model = net()
    pw.prune(model, {"dense_1": 0.5, "out/kernel": 0.25})
    assert zeros(model) == {"dense_1": 48, "dense_2": 0, "out": 6}
    kept = np.zeros((8, 3), bool)
    pw.LiveModel(model).apply({"out": kept})
    assert zeros(model)["out"] == 24


def test_a_more_specific_name_wins():
    inner = keras.Sequential(
        [keras.Input((4,)), layers.Dense(5, name="x"), layers.Dense(4, name="y")], name="inner"
    )
    model = keras.Sequential([keras.Input((4,)), inner, layers.Dense(2, name="out")])
    removed = {
        name: each["removed"]
        for name, each in pw.prune(model, {"inner/x": 0.2, "inner": 0.5}).by_layer().items()
    }
    assert removed == {"inner/x/kernel": 4, "inner/y/kernel": 10, "out/kernel": 0}


def test_unselected_layers_need_not_fit_the_granularity():
    model = keras.Sequential(
        [keras.Input((6, 6, 3)), layers.Conv2D(4, 3, name="c"), layers.Flatten(), layers.Dense(2, name="d")]
    )
    kept = pw.prune(model, {"c/kernel": 0.5}, granularity="filter")
    assert (~kept["c/kernel"]).all((0, 1, 2)).sum() == 2 and kept["d/kernel"].all()
    kept = pw.Masks.from_threshold(pw.score(pw.LiveModel(model).weights), {"d": np.inf}, granularity="neuron")
    assert kept["c/kernel"].all() and not kept["d/kernel"].any()
    kept = pw.prune(model, 0.5, granularity="filter", layers=layers.Conv2D)
    assert list(kept) == ["c/kernel"]


def test_units_of_some_layers():
    model = net()
    every = pw.unit_score(model, criterion="random")
    assert list(every) == ["dense_1", "dense_2"]
    for options in ({"layers": "dense_2"}, {"exclude": re.compile("_1/")}):
        some = pw.unit_score(model, criterion="random", **options)
        assert list(some) == ["dense_2"]
        np.testing.assert_array_equal(some["dense_2"], every["dense_2"])
    inputs = keras.Input((4,))
    a, b = layers.Dense(6, name="a")(inputs), layers.Dense(6, name="b")(inputs)
    model = keras.Model(inputs, layers.Dense(2, name="last")(layers.Add()([a, b])))
    assert list(pw.unit_score(model, layers="b")) == ["a"]  # made by both, removed from both
    assert not pw.unit_score(model, exclude="b")


def test_bits_of_a_layer_within_a_layer():
    model = keras.Sequential([keras.Input((3, 4)), layers.LSTM(5, name="lstm"), layers.Dense(2, name="out")])
    stored = pw.quantized_weights(model, {"lstm": 2}, bias_bits=None)
    assert len(np.unique(np.asarray(pw.copy_with_weights(model, stored).get_layer("lstm").cell.kernel))) <= 4
    assert isinstance(stored["out/kernel"], np.ndarray)


def test_a_schedule_with_a_share_for_each_layer():
    def fit(epochs, **options):
        model = net()
        callback = pw.GradualPruning({"dense_1": 0.5, "out/kernel": 0.25}, frequency=2, **options)
        history = model.fit(X, Y, batch_size=8, epochs=epochs, verbose=0, callbacks=[callback])
        return zeros(model), history.history["sparsity"], callback.pruned

    end, reached, pruned = fit(2)
    assert end == {"dense_1": 48, "dense_2": 0, "out": 6}
    assert reached[-1] == pytest.approx(54 / (96 + 64 + 24))
    shares = [share for _, share in pruned]
    assert len(shares) > 3 and shares == sorted(shares)
    for wrong, message in (
        ({"dense": 0.5}, "sparsity has an entry for 'dense', but there is no such layer or weight"),
        ({"dense_1": 2}, "sparsity 2 is not between"),
    ):
        with pytest.raises(ValueError, match=message):
            net().fit(X, Y, verbose=0, callbacks=[pw.GradualPruning(wrong)])
