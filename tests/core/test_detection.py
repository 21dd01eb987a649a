"""Boxes and average precision against loops after the definitions, suppression against TensorFlow."""

from fractions import Fraction

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.core.measures import measure_named

Boxes, Grid = pw.detection.Boxes, pw.detection.Grid
ONE, FAR = Boxes([[0, 0, 9, 9]], [1]), Boxes([[50, 50, 60, 60]], [2])
EMPTY, ZEROS, NONE = np.zeros((1, 8, 8, 6)), np.zeros((1, 8, 8, 15)), "no true boxes"


def iou_by_pixels(one, other):
    """Count the unit squares of two boxes with whole corners."""
    squares = [{(r, c) for r in range(b[0], b[2]) for c in range(b[1], b[3])} for b in (one, other)]
    return len(squares[0] & squares[1]) / len(squares[0] | squares[1])


def some_boxes(rng, n, high=20):
    start = rng.integers(0, high, (n, 2))
    return np.hstack([start, start + rng.integers(1, 12, (n, 2))])


def test_overlap_is_that_of_counted_squares():
    rng = np.random.default_rng(0)
    a, b = some_boxes(rng, 12), some_boxes(rng, 9)
    expected = [[iou_by_pixels(one, other) for other in b] for one in a]
    np.testing.assert_allclose(pw.detection.iou(a, b), expected)


def test_boxes_without_area_overlap_nothing():
    assert pw.detection.iou([[3, 3, 3, 3]], [[3, 3, 3, 3], [0, 0, 9, 9]]).tolist() == [[0, 0]]


@pytest.mark.parametrize("overlap", [0.1, 0.3, 0.5, 1.0])
def test_suppression_is_that_of_tensorflow(overlap):
    import tensorflow as tf

    rng = np.random.default_rng(1)
    for n in (1, 2, 60):
        boxes, scores = some_boxes(rng, n).astype(np.float32), rng.permutation(n).astype(np.float32)
        expected = tf.image.non_max_suppression(boxes, scores, n, overlap, float("-inf")).numpy()
        assert pw.detection.suppress(boxes, scores, overlap).tolist() == expected.tolist()
    assert pw.detection.suppress(np.zeros((0, 4)), []).size == 0


def precision_by_definition(right, scores, objects):
    """The mean over the objects, of the best precision of a cut that finds at least so many of them."""
    cuts = []
    for cut in set(scores):
        taken = [hit for hit, score in zip(right, scores, strict=True) if score >= cut]
        cuts.append((sum(taken), Fraction(sum(taken), len(taken))))
    return float(
        sum(max((p for hits, p in cuts if hits >= k), default=Fraction(0)) for k in range(1, objects + 1))
        / objects
    )


@pytest.mark.parametrize("ties", [2, 5, 1000])
def test_average_precision_follows_its_definition(ties):
    rng = np.random.default_rng(ties)
    for n in (1, 3, 40):
        right, scores = rng.random(n) < 0.5, rng.integers(0, ties, n) / ties
        objects = int(right.sum()) + int(rng.integers(1, 4))
        found = pw.detection.average_precision(right, scores, objects)
        assert found == pytest.approx(precision_by_definition(right.tolist(), scores.tolist(), objects))


def test_the_order_of_equal_scores_makes_no_difference():
    assert pw.detection.average_precision([True, False], [0.5, 0.5], 1) == 0.5
    assert pw.detection.average_precision([False, True], [0.5, 0.5], 1) == 0.5


def test_three_boxes_by_hand():
    """Two objects of class 1. The best box is right, the second is its double, the third finds the other."""
    truth = Boxes([[0, 0, 10, 10], [20, 0, 30, 10]], [1, 1])
    found = Boxes([[0, 0, 10, 9], [20, 1, 30, 11], [0, 0, 10, 8]], [1, 1, 1], [0.9, 0.5, 0.7])
    hits = pw.detection.match(found, truth)
    assert hits.found.tolist() == [True, True, False] and hits.truth.tolist() == [True, True]
    # Precision 1 up to a recall of 1/2; all three are needed for the rest: 2/3.
    assert pw.detection.mean_average_precision([found], [truth]) == pytest.approx((1 + 2 / 3) / 2)


def test_a_true_box_is_taken_once_and_the_next_best_may_have_the_other():
    """COCO's rule: both boxes overlap the first object most; the second of them gets what is left."""
    truth = Boxes([[0, 0, 10, 10], [0, 4, 10, 14]], [0, 0])
    found = Boxes([[0, 0, 10, 10], [0, 1, 10, 11]], [0, 0], [0.9, 0.8])
    assert pw.detection.match(found, truth).found.tolist() == [True, True]
    assert pw.detection.match(found, truth, overlap=0.6).found.tolist() == [True, False]


def test_another_class_or_picture_is_no_hit():
    truth = [Boxes([[0, 0, 10, 10]], [1]), Boxes([], [])]
    same = Boxes([[0, 0, 10, 10]], [1], [0.9])
    other = Boxes([[0, 0, 10, 10]], [2], [0.9])
    nothing = Boxes([], [])
    for found, expected in (([same, nothing], 1), ([other, nothing], 0), ([nothing, same], 0)):
        assert pw.detection.mean_average_precision(found, truth) == expected
    assert pw.detection.mean_average_precision([same, same._replace(scores=[0.95])], truth) == 0.5


def test_each_class_counts_the_same():
    """Class 0 has three objects and all are found; of class 1 there is one, and it is not."""
    truth = [Boxes([[0, 0, 9, 9], [20, 20, 29, 29], [40, 0, 49, 9], [0, 40, 9, 49]], [0, 0, 0, 1])]
    found = [Boxes(truth[0].corners[:3], [0, 0, 0], [0.9, 0.8, 0.7])]
    assert pw.detection.mean_average_precision(found, truth) == 0.5
    y = Grid(8).encode(truth, (64, 64))
    recall = pw.detection.DetectionMetric(lambda outputs: found, Grid(8).truth, name="recall")
    assert recall(y, None) == 0.75


def test_a_grid_gives_back_the_boxes_it_was_given():
    rng = np.random.default_rng(2)
    boxes = [
        Boxes(np.array([[0, 3, 9, 20], [30, 30, 41, 38]]) + rng.random(), [4, 9]),
        Boxes([], []),
        Boxes([[56, 56, 63, 63]], [0]),
    ]
    y = Grid(8).encode(boxes, (64, 72))
    assert y.shape == (3, 8, 9, 6) and y.dtype == np.float32
    for one, other in zip(Grid(8).truth(y), boxes, strict=True):
        order = np.lexsort(np.asarray(other.corners).reshape(-1, 4).T[::-1])
        np.testing.assert_allclose(one.corners, np.asarray(other.corners).reshape(-1, 4)[order], atol=1e-4)
        assert one.classes.tolist() == np.asarray(other.classes, int)[order].tolist()


def test_outputs_become_boxes_as_the_formulas_say():
    outputs = np.full((1, 4, 4, 5 + 3), -20.0)
    outputs[0, 1, 2] = [0, np.log(3), 0, np.log(0.5), np.log(1.5), 0, np.log(2), 0]
    (boxes,) = Grid(10).found(outputs)
    # Middle at 10·(1 + 3/4), 10·(2 + 1/2); half a height of 5, half a width of 15; class 1 at 1/2 of 1/2.
    np.testing.assert_allclose(boxes.corners, [[12.5, 10, 22.5, 40]])
    assert boxes.classes.tolist() == [1]
    np.testing.assert_allclose(boxes.scores, [0.25])
    assert not len(Grid(10).found(outputs, least=0.3)[0].scores)


def test_the_metric_says_that_more_is_better_and_that_it_is_a_share():
    for name in ("mean_average_precision", "recall"):
        assert measure_named(name)[1:] == ("max", True)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: Boxes([[0, 0, 1, 1]], [1, 2]).checked(), "1 boxes, 2 classes"),
        (lambda: Boxes([[5, 0, 1, 1]], [1]).checked(), "ends before it begins"),
        (lambda: Grid(8).encode([Boxes([[0, 0, 4, 4], [1, 1, 6, 6]], [1, 2])], (64, 64)), "same cell"),
        (lambda: Grid(8).encode([Boxes([[60, 0, 80, 4]], [1])], (64, 64)), "outside the picture"),
        (lambda: pw.detection.average_precision([True], [np.nan], 1), "NaN"),
        (lambda: pw.detection.average_precision([True, True], [1, 1], 1), "2 boxes are right, of 1"),
        (lambda: pw.detection.average_precision([True], [1, 2], 1), "do not fit"),
        (lambda: pw.detection.mean_average_precision([], [Boxes([], [])]), "0 pictures.*1"),
        (lambda: pw.detection.mean_average_precision([Boxes([], [])], [Boxes([], [])]), "no true boxes"),
        (lambda: pw.detection.DetectionMetric(list, list, overlap=0), "above 0"),
        (lambda: pw.detection.DetectionMetric(list, list, name="map"), "'recall'"),
        (
            lambda: pw.detection.DetectionMetric(Grid(8).found, Grid(8).truth, name="recall")(EMPTY, ZEROS),
            NONE,
        ),
        (lambda: pw.detection.match(ONE, FAR, overlap=0), "above 0"),
        (lambda: pw.detection.mean_average_precision([ONE], [FAR], overlap=-0.1), "above 0"),
        (lambda: pw.detection.suppress(ONE.corners, [1], overlap=-0.1), "from 0 to 1"),
        (lambda: pw.detection.suppress(ONE.corners, [1], overlap=np.nan), "from 0 to 1"),
        (lambda: pw.detection.suppress([[0, 0, 9, 9], [0, 0, 9, 9]], [1]), "2 boxes and 1 scores"),
        (lambda: pw.detection.suppress(ONE.corners, [np.nan]), "score is NaN"),
        (lambda: Boxes([[0, 0, np.nan, 9]], [1]).checked(), "NaN or infinite"),
        (lambda: Boxes([[0, 0, 9, 9]], [1], [np.nan]).checked(), "score is NaN"),
        (lambda: pw.detection.iou(np.zeros((2, 8)), ONE.corners), r"four numbers.*\(2, 8\)"),
        (lambda: pw.detection.iou([[9, 9, 0, 0]], ONE.corners), "ends before it begins"),
        (lambda: Grid(8).found(np.full((1, 8, 8, 15), np.nan)), "960 values that are NaN or infinite"),
        (lambda: Grid(8).found(ZEROS[0]), r"\(n, rows, columns, 5 \+ classes\)"),
        (lambda: Grid(8).truth(ZEROS), r"\(n, rows, columns, 6\)"),
        (lambda: Grid(8).encode([], (64, 60)), "whole number of cells"),
        (lambda: Grid(0), "cell is 0"),
    ],
    ids="lengths order cell outside nan many shapes pictures none overlap name recall match_overlap "
    "mean_overlap suppress_overlap suppress_nan suppress_lengths suppress_score corners score four reversed "
    "outputs outputs_shape labels_shape size no_cell".split(),
)
def test_what_does_not_fit_is_said(call, says):
    with pytest.raises(ValueError, match=says):
        call()
