"""A curve and a still picture of another metric: its name, its range, which values are better."""

import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw
from prunewidgets.core.measures import ACCURACY, Measure, attrs_of, digits_apart, measure_named
from prunewidgets.widgets.still.curve import curve_sentence, value_range
from prunewidgets.widgets.still.texts import better, number


def of(measure, values):
    """A frame as `pw.accuracy_curve(..., metric=...)` returns it."""
    frame = pd.DataFrame({"sparsity": np.linspace(0, 0.9, len(values)), "accuracy": values})
    frame[measure.name] = frame["accuracy"]
    frame.attrs = attrs_of(measure)
    return frame


def test_a_curve_takes_the_measure_of_its_frame():
    curve = pw.AccuracyCurve(of(Measure("mae", "min", False), [12.5, 1340.0]))
    assert curve.measure == {"name": "mae", "direction": "min", "share": False}
    assert [point["accuracy"] for point in curve.series[0]["points"]] == [12.5, 1340.0]
    assert better(curve) == "lower is better"
    assert curve_sentence(curve, curve.series) == (
        "2 measured points: mae 12.5 at sparsity 0.00 %, to 1,340 at 90.00 %."
    )
    curve.show_frame(of(Measure("miou", "max", True), [0.5, 0.25]))
    assert curve_sentence(curve, curve.series).startswith("2 measured points: miou 50.00 %")
    curve.show_frame(pd.DataFrame({"sparsity": [0.5], "accuracy": [0.9]}))
    assert curve.measure == {} and better(curve) == ""


def test_a_comparison_of_any_measure_is_a_curve_too():
    frame = pd.DataFrame(
        {"method": ["a", "b"], "sparsity": [0.5, 0.5], "perplexity": [21.0, 30.0], "seed": [0, 0]}
    )
    frame.attrs = {"measure": "perplexity", "direction": "min"}
    assert [line["points"][0]["accuracy"] for line in pw.AccuracyCurve(frame).series] == [21.0, 30.0]


def test_what_is_no_number_is_not_drawn():
    curve = pw.AccuracyCurve(of(Measure("mae", "min", False), [1.0, np.nan, np.inf, 4.0]))
    assert [point["accuracy"] for point in curve.series[0]["points"]] == [1.0, 4.0]


def test_values_beyond_one_are_no_shares():
    assert not pw.AccuracyCurve(of(Measure("f1_score", "max", True), [0.5, 50.0])).measure["share"]


def test_a_frame_without_its_name_says_how_to_give_it_one():
    frame = of(Measure("mae", "min", False), [3.0, 4.0])
    frame.attrs = {}
    with pytest.raises(ValueError, match="must hold fractions.*for another measure, name it: frame.attrs"):
        pw.AccuracyCurve(frame)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("val_loss", ("min", False)),
        ("top_5_accuracy", ("max", True)),
        ("f1_score", ("max", True)),
        ("boxes_mae", ("min", False)),
        ("mask_mean_io_u", ("max", True)),
        ("accuracy_loss", ("min", False)),
        ("temperature", (None, False)),
    ],
)
def test_what_a_name_says(name, expected):
    assert measure_named(name)[1:] == expected
    assert measure_named(name, "max").direction == "max"


def test_the_accuracy_leaves_no_trace():
    assert attrs_of(ACCURACY) == {}


VALUES = [[12.5, 1340], [0.2, 0.25], [-3, 2], [-9, -2], [5], [0], [], [1e-7, 2e-7], [3e9, 5e9], [99.0, 100.0]]


@pytest.mark.parametrize("values", VALUES, ids=str)
def test_an_axis_holds_its_values_and_little_else(values):
    low, high = value_range(values, share=False)
    assert low < high and all(low <= value <= high for value in values)
    if len(values) > 1:
        assert high - low <= 2.5 * (
            max(values) - min(min(values), 0) if low == 0 else max(values) - min(values)
        )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.2134567, "0.2135"),
        (63.535, "63.53"),
        (1340.49, "1,340"),
        (-2.5, "−2.5"),
        (0, "0"),
        (8_388_608, "8,388,608"),
        (469_199_968, "4.692 × 10⁸"),
        (0.00001234, "1.234 × 10⁻⁵"),
        (2.5e12, "2.5 × 10¹²"),
    ],
)
def test_numbers_have_four_digits_or_more(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("ticks", "texts"),
    [
        ([0, 100_000, 200_000], ["0", "100,000", "200,000"]),
        ([16_527.2, 16_527.4, 16_527.6], ["16,527.2", "16,527.4", "16,527.6"]),
        ([469_199_800, 469_200_000], ["4.691998 × 10⁸", "4.692 × 10⁸"]),
        ([-0.5, 0, 0.5], ["−0.5", "0", "0.5"]),
        ([7.0], ["7"]),
    ],
)
def test_the_numbers_of_an_axis_differ_as_much_as_they_must(ticks, texts):
    assert [number(tick, digits_apart(ticks)) for tick in ticks] == texts
