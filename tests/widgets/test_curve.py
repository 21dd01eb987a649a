"""AccuracyCurve: lines named by what differs, nearest measured point."""

import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw

FRAME = pd.DataFrame(
    {
        "sparsity": [0.0, 0.5, 0.9, 0.0, 0.5],
        "accuracy": [0.99, 0.98, 0.6, 0.99, 0.3],
        "low": [0.98, 0.97, 0.58, 0.98, 0.28],
        "high": [1.0, 0.99, 0.62, 1.0, 0.32],
        "threshold": [0.0, 0.1, 0.3, np.nan, np.nan],
        "criterion": ["magnitude"] * 3 + ["random"] * 2,
        "seed": [0] * 5,
    }
)


def test_lines_are_named_by_what_differs():
    curve = pw.AccuracyCurve(FRAME)
    assert [line["name"] for line in curve.series] == ["magnitude", "random"]
    assert curve.series[1]["points"][1] == {
        "sparsity": 0.5, "accuracy": 0.3, "low": 0.28, "high": 0.32, "threshold": None,
    }  # fmt: skip


def test_tickets_and_their_control_are_two_lines():
    """The kinds of `pw.lottery_tickets`."""
    frame = pd.DataFrame({"kind": ["ticket", "control"], "sparsity": 0.5, "accuracy": [0.9, 0.8]})
    assert [line["name"] for line in pw.AccuracyCurve(frame).series] == ["ticket", "control"]


def test_seeds_are_lines_of_one_method():
    seeds = pd.concat([FRAME, FRAME.assign(seed=1)])
    lines = [(line["name"], line["method"]) for line in pw.AccuracyCurve(seeds).series]
    assert lines == [(f"{name}, seed {n}", name) for n in (0, 1) for name in ("magnitude", "random")]
    assert {line["method"] for line in pw.AccuracyCurve(seeds[:3]).series} == {""}


def test_the_curve_moves_to_the_nearest_measured_point():
    curve = pw.AccuracyCurve(FRAME)
    curve.sparsity = 0.85
    assert (curve.sparsity, curve.threshold) == (0.9, 0.3)
    curve.threshold = 0.12
    assert curve.sparsity == 0.5


def test_a_growing_frame_can_be_shown_again():
    curve = pw.AccuracyCurve(FRAME.iloc[:1])
    curve.show_frame(FRAME.iloc[:3])
    assert [point["sparsity"] for point in curve.series[0]["points"]] == [0.0, 0.5, 0.9]


def test_a_frame_without_the_columns_is_refused():
    with pytest.raises(ValueError, match="no column 'accuracy'"):
        pw.AccuracyCurve(FRAME[["sparsity"]])


def test_per_cent_in_place_of_fractions_is_refused():
    with pytest.raises(ValueError, match="75 % as 0.75"):
        pw.AccuracyCurve(FRAME.assign(sparsity=FRAME["sparsity"] * 100))
