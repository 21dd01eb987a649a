"""A lab of any metric: its values, its name and direction, and flips only where answers are classes."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.labs.page_facts import examples_of
from prunewidgets.pages.lab_part import lab_part

RNG = np.random.default_rng(3)


@pytest.fixture
def opened():
    """Opens labs, and closes them."""
    labs = []

    def open_lab(parts, shape, y, compiled, **options):
        x = RNG.normal(size=(40, *shape)).astype("float32")
        model = parts if isinstance(parts, keras.Model) else keras.Sequential([keras.Input(shape), *parts])
        model.compile("sgd", **compiled)
        labs.append(pw.PruningLab(model, x, y, **options))
        labs[-1].sparsity = 0.5
        return labs[-1], x

    yield open_lab
    for lab in labs:
        lab.close()


def evaluated(lab, x, y, name):
    """What plain Keras says of the model after the lab has pruned it."""
    lab.apply()
    return lab.live.model.evaluate(x, y, verbose=0, return_dict=True)[name]


def test_a_regression_lab(opened):
    y = RNG.normal(size=(40, 1)) * 10 + 5000
    lab, x = opened(
        [layers.Dense(5, "relu"), layers.Dense(1)], (6,), y, {"loss": "mse", "metrics": ["mae"]}, metric="mae"
    )
    found = lab.accuracy
    assert not lab.can_flip
    lab.measure_curve()
    assert lab.wait(60) and not lab.error
    assert lab.measure == {"name": "mae", "direction": "min", "share": False}
    assert lab.measured["accuracy"] == found > 4000 and lab.unpruned > 4000 and not lab.flips
    assert list(lab.curve["mae"]) == [point["accuracy"] for point in lab.series[0]["points"]]
    assert pw.AccuracyCurve(lab.curve).measure == lab.measure
    assert found == pytest.approx(evaluated(lab, x, y, "mae"), rel=1e-5)


def test_a_segmentation_lab(opened):
    y = RNG.integers(0, 3, (40, 8, 8))
    y[:, 0] = 255
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=255)
    iou = keras.metrics.MeanIoU(3, ignore_class=255, sparse_y_pred=False, name="miou")
    parts = [layers.Conv2D(4, 3, padding="same"), layers.Conv2D(3, 1)]
    lab, x = opened(parts, (8, 8, 1), y, {"loss": loss, "metrics": [iou]}, metric="miou")
    found = lab.accuracy
    assert (
        lab.wait(60) and lab.measure == {"name": "miou", "direction": "max", "share": True} and not lab.flips
    )
    assert found == pytest.approx(evaluated(lab, x, y, "miou"), abs=1e-6)


def test_a_lab_of_one_of_two_outputs_with_a_direction(opened):
    start = keras.Input((6,))
    inner = layers.Dense(8)(start)
    ends = {
        "boxes": layers.Dense(4, name="boxes")(inner),
        "kind": layers.Dense(3, "softmax", name="kind")(inner),
    }
    y = {"boxes": RNG.normal(size=(40, 4)), "kind": RNG.integers(0, 3, 40)}
    compiled = {
        "loss": {"boxes": "mse", "kind": "sparse_categorical_crossentropy"},
        "metrics": {"boxes": ["mae"]},
    }
    lab, x = opened(keras.Model(start, ends), (6,), y, compiled, metric="boxes_mae", direction="max")
    assert lab.measure["direction"] == "max"
    assert lab.accuracy == pytest.approx(evaluated(lab, x, y, "boxes_mae"), rel=1e-5)


def test_a_page_of_such_a_lab_has_its_values(opened):
    lab, _ = opened([layers.Dense(1)], (6,), RNG.normal(size=(40, 1)), {"loss": "mse"}, metric="mae")
    part, data = lab_part(lab)
    assert not data and part["state"]["measure"] == lab.measure
    assert part["stops"][0]["measured"]["accuracy"] == lab.live.evaluate(*examples(lab), metric="mae")


def examples(lab):
    found = examples_of(lab)
    return found.x, found.y


def test_accuracy_has_no_other_direction(opened):
    with pytest.raises(ValueError, match="More accuracy is better"):
        opened(
            [layers.Dense(3)],
            (6,),
            np.zeros(40, int),
            {"loss": "sparse_categorical_crossentropy"},
            direction="min",
        )
