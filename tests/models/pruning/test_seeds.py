"""The same seed and the same network give the same result, whatever Keras calls its layers."""

import hashlib
import subprocess
import sys

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw


def net():
    """Three layers that Keras names."""
    inputs = keras.Input((6,))
    x = layers.Dense(8, activation="relu")(inputs)
    x = layers.BatchNormalization()(layers.Dense(8, activation="relu")(x))
    return keras.Model(inputs, layers.Dense(4, activation="softmax")(x))


def compiled():
    model = net()
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def unlike_names():
    """Two of the same network; Keras sorts dense_9 after dense_10 by name."""
    one = compiled()
    while not net().layers[-1].name.endswith("1"):
        pass
    other = compiled()
    assert [layer.name for layer in one.layers] != [layer.name for layer in other.layers]
    other.set_weights(one.get_weights())
    return one, other


def arrays(masks):
    return [np.asarray(mask) for mask in masks.values()]


X = np.random.default_rng(0).normal(size=(32, 6)).astype("float32")
Y = X[:, :4].argmax(1)


def pruned(model, **options):
    return arrays(pw.prune(model, 0.5, "random", seed=3, **options))


def gradual(model):
    keras.utils.set_random_seed(0)
    model.fit(X, Y, verbose=0, shuffle=False, callbacks=[pw.GradualPruning(0.5, criterion="random", seed=3)])
    return arrays(pw.LiveModel(model).applied)


def rewound(model):
    point = pw.RewindPoint()
    keras.utils.set_random_seed(0)
    model.fit(X, Y, verbose=0, shuffle=False, callbacks=[point])
    point.shuffle(3)
    return model.get_weights()


def seen_in_the_lab(model):
    lab = pw.PruningLab(model, X, Y)
    lab.criterion = "random"
    lab.sparsity = 0.5
    masks = arrays(lab.masks)
    lab.close()
    return masks


SEEDED = {
    "prune": pruned,
    "prune by filters": lambda model: pruned(model, granularity="neuron"),
    "layers by hand": lambda model: pruned(model, layers=layers.Dense),
    "score": lambda model: arrays(pw.score(pw.LiveModel(model).weights, "random", 3)),
    "curve": lambda model: [pw.accuracy_curve(model, X, Y, [0.5, 0.8], "random", seed=3).accuracy.to_numpy()],
    "sensitivity": lambda model: [pw.sensitivity(model, X, Y, [0.5], "random", seed=3).accuracy.to_numpy()],
    "gradual": gradual,
    "rewind": rewound,
    "movement": lambda model: arrays(pw.data_score(model, X, Y, "movement", steps=3, seed=3, batch_size=8)),
    "units": lambda model: arrays(pw.unit_score(model, criterion="random", seed=3)),
    "quantize": lambda model: pw.copy_with_weights(model, pw.quantized_weights(model, 2)).get_weights(),
    "lab": seen_in_the_lab,
}


@pytest.mark.parametrize("what", SEEDED)
def test_the_same_network_twice_in_a_process_has_equal_scores(what):
    one, other = unlike_names()
    for mine, theirs in zip(SEEDED[what](one), SEEDED[what](other), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_selected_layers_have_the_same_scores_as_among_all():
    model = net()
    everything = pw.score(pw.LiveModel(model).weights, "random")
    some = pw.score(pw.LiveModel(model, layers=[model.layers[2]]).weights, "random")
    ((name, scores),) = some.items()
    np.testing.assert_array_equal(scores, everything[name])
    first, second = list(everything.values())[:2]
    assert not np.array_equal(first[:6, :8], second[:6, :8])


def test_another_process_with_other_names_has_equal_scores():
    # There with another order of sets, too.
    script = (
        "import hashlib, keras, prunewidgets as pw\n"
        "L = keras.layers\n"
        "for _ in range(9): keras.Sequential([keras.Input((2,)), L.Dense(1)])\n"
        "model = keras.Sequential([keras.Input((6,)), L.Dense(8), L.Dense(8), L.Dense(4)])\n"
        "masks = pw.prune(model, 0.5, 'random', seed=3)\n"
        "print(hashlib.sha256(b''.join(mask.tobytes() for mask in masks.values())).hexdigest())\n"
    )
    there = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=300
    )
    stack = [layers.Dense(8), layers.Dense(8), layers.Dense(4)]
    here = pw.prune(keras.Sequential([keras.Input((6,)), *stack]), 0.5, "random", seed=3)
    digest = hashlib.sha256(b"".join(mask.tobytes() for mask in here.values())).hexdigest()
    assert there.stdout.split()[-1] == digest
