"""Scenes of digits: what is said to be in them is there, and nothing else but scraps."""

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.data import digit_scenes as module

GRID = pw.detection.Grid(8)


@pytest.fixture(scope="module")
def scenes():
    return pw.datasets.digit_scenes(150, seed=3)


def test_the_same_seed_makes_the_same_scenes(scenes):
    for one, same in zip(scenes, pw.datasets.digit_scenes(150, seed=3), strict=True):
        np.testing.assert_array_equal(one, same)
    others = [pw.datasets.digit_scenes(2, part, seed)[0] for part in ("train", "test") for seed in (0, 3)]
    assert len({other.tobytes() for other in others}) == 4


def test_shapes_and_values(scenes):
    x, y = scenes
    assert x.shape == (150, 64, 64, 1) and x.dtype == y.dtype == np.float32 and y.shape == (150, 8, 8, 6)
    assert x.min() == 0 and 0.9 < x.max() <= 1.0001


def test_there_are_one_to_four_digits_of_all_classes_and_sizes(scenes):
    boxes = GRID.truth(scenes[1])
    assert {len(one.classes) for one in boxes} == {1, 2, 3, 4}
    assert set(np.concatenate([one.classes for one in boxes])) == set(range(10))
    corners = np.concatenate([one.corners for one in boxes])
    assert corners.min() >= -1e-3 and corners.max() <= 64 + 1e-3
    heights = (corners[:, 2] - corners[:, 0]).round()
    assert heights.min() <= 10 and heights.max() >= 21


def test_every_box_touches_ink_on_all_four_sides(scenes):
    x, y = scenes
    for picture, boxes in zip(x[..., 0], GRID.truth(y), strict=True):
        for top, left, bottom, right in boxes.corners.round().astype(int):
            part = picture[top:bottom, left:right]
            assert min(part[0].max(), part[-1].max(), part[:, 0].max(), part[:, -1].max()) > module.INK


def test_boxes_cover_each_other_little(scenes):
    for boxes in GRID.truth(scenes[1]):
        shared = pw.detection.iou(boxes.corners, boxes.corners)
        assert (shared[~np.eye(len(shared), dtype=bool)] < 0.31).all()


def test_beside_digits_there_are_scraps_only(monkeypatch):
    monkeypatch.setattr(module, "MOST_SCRAPS", 0)
    x, y = pw.datasets.digit_scenes(20)
    for picture, boxes in zip(x[..., 0].copy(), GRID.truth(y), strict=True):
        for top, left, bottom, right in boxes.corners.round().astype(int):
            picture[top:bottom, left:right] = 0
        assert not picture.any()


def test_a_digit_keeps_its_mean_brightness_in_another_size():
    digit = np.zeros((28, 28), np.float32)
    digit[8:20, 8:20] = 1
    for side in (14, 21, 28, 32):
        resized = module._resized(digit, side)
        assert resized.shape == (side, side)
        assert resized.mean() == pytest.approx(digit.mean(), rel=0.02)
    np.testing.assert_allclose(module._resized(digit, 28), digit)
    np.testing.assert_allclose(module._resized(digit, 14)[5:9, 5:9], 1)


@pytest.mark.parametrize(
    ("n", "part", "says"),
    [(0, "train", "at least one"), (1.5, "train", "whole number"), (2, "valid", "'train' or")],
)
def test_what_is_not_there_is_refused(n, part, says):
    with pytest.raises(ValueError, match=says):
        pw.datasets.digit_scenes(n, part)
