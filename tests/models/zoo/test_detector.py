"""The digit detector: its loss against loops, what it finds, and the tools of the package on it."""

import math

import keras
import numpy as np
import pytest

import prunewidgets as pw

GRID = pw.detection.Grid(8)
MAP = pw.detection.DetectionMetric(GRID.found, GRID.truth)


def loss_of_cell(y, output):
    """Binary cross-entropy; with a box also squared places, absolute logs of sizes, and cross-entropy."""
    chance = 1 / (1 + math.exp(-output[0]))
    total = -math.log(chance if y[0] else 1 - chance)
    if y[0]:
        inside = [1 / (1 + math.exp(-value)) for value in output[1:3]]
        total += 5 * sum((i - t) ** 2 for i, t in zip(inside, y[1:3], strict=True))
        total += 2 * sum(abs(o - t) for o, t in zip(output[3:5], y[3:5], strict=True))
        shares = [math.exp(value) for value in output[5:]]
        total -= math.log(shares[int(y[5])] / sum(shares))
    return total


def test_the_loss_is_that_of_a_loop():
    _, y = pw.datasets.digit_scenes(3)
    outputs = np.random.default_rng(0).normal(0, 2, (3, 8, 8, 15)).astype(np.float32)
    found = keras.ops.convert_to_numpy(pw.models.detection_loss(y, outputs))
    there = [tuple(place) for place in np.argwhere(y[..., 0])]
    for place in [*there, *np.ndindex(1, 8, 8)]:
        assert found[place] == pytest.approx(loss_of_cell(y[place], outputs[place]), rel=1e-4)


@pytest.fixture(scope="module")
def trained():
    return pw.models.pretrained("digit_detector"), *pw.datasets.digit_scenes(120, "test", seed=5)


def test_it_finds_most_digits_and_an_untrained_one_none(trained):
    model, x, y = trained
    found = pw.LiveModel(model).evaluate(x, y, metric=MAP)
    assert found > 0.85
    assert found == MAP(y, model.predict(x, verbose=0))
    assert pw.LiveModel(pw.models.digit_detector(seed=0)).evaluate(x, y, metric=MAP) < 0.02


def test_it_is_compiled_with_its_loss(trained):
    model, x, y = trained
    measured = pw.LiveModel(model).evaluate(x, y, metric="loss")
    assert measured == pytest.approx(model.evaluate(x, y, verbose=0), rel=1e-4)


def test_filters_are_cut_out_and_nothing_but_rounding_changes(trained):
    model, x, _ = trained
    masks = pw.unit_masks(pw.unit_score(model), 0.25)
    small, zeros = pw.shrink(model, masks), pw.mask_units(model, masks)
    assert small.get_layer("conv_1").filters == 18 and small.loss is model.loss
    answers = [one.predict(x[:20], verbose=0) for one in (small, zeros)]
    np.testing.assert_allclose(*answers, rtol=1e-3, atol=1e-3)


def test_a_file_of_it_is_read_back_with_its_loss(trained, tmp_path):
    model, x, _ = trained
    pw.save_model(model, tmp_path / "detector.keras")
    again = pw.load_model(tmp_path / "detector.keras")
    assert again.loss is pw.models.detection_loss
    np.testing.assert_array_equal(*(one.predict(x[:5], verbose=0) for one in (model, again)))


def test_a_seed_repeats_the_initial_weights():
    one, same, other = (pw.models.digit_detector(seed=seed).get_weights() for seed in (1, 1, 2))
    for mine, yours in zip(one, same, strict=True):
        np.testing.assert_array_equal(mine, yours)
    assert not np.array_equal(one[0], other[0])
