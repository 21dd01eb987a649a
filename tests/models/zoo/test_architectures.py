import numpy as np
import pytest

import prunewidgets as pw


@pytest.mark.parametrize(
    ("build", "shapes"),
    [
        ("lenet_300_100", {"dense_1": (784, 300), "dense_2": (300, 100), "dense_3": (100, 10)}),
        (
            "lenet_5",
            {
                "conv_1": (5, 5, 1, 20),
                "conv_2": (5, 5, 20, 50),
                "dense_1": (800, 500),
                "dense_2": (500, 10),
            },
        ),
        (
            "small_cnn",
            {"conv_1": (3, 3, 1, 16), "conv_2": (3, 3, 16, 32), "dense_1": (800, 64), "dense_2": (64, 10)},
        ),
    ],
)
def test_names_shapes_and_output(build, shapes):
    model = getattr(pw.models, build)()
    weights = pw.LiveModel(model).weights
    assert {name.removesuffix("/kernel"): array.shape for name, array in weights.items()} == shapes
    probabilities = model(np.zeros((2, 28, 28, 1), "float32")).numpy()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert model.optimizer is not None


def test_lenet_5_has_its_only_relu_after_the_dense_layer():
    relus = [
        layer.name
        for layer in pw.models.lenet_5().layers
        if getattr(layer, "activation", None) is not None and layer.activation.__name__ == "relu"
    ]
    assert relus == ["dense_1"]


def test_a_seed_repeats_the_initial_weights_and_another_changes_them():
    one, same, other = (pw.models.small_cnn(seed=seed).get_weights() for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not np.array_equal(one[0], other[0])
