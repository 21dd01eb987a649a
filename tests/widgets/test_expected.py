"""ExpectedCurve: what counts as a guess, when it is locked, and how far it is from what was measured."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw
from prunewidgets.widgets import kept_drawings, lifetimes

from ..support.interrupts import listen

AT = [0.5, 0.8, 0.9, 0.95]
GUESS = {0.5: 0.98, 0.8: 0.9, 0.9: 0.6, 0.95: 0.3}
FRAME = pd.DataFrame({"sparsity": [0.0, 0.5, 0.85, 0.950001], "accuracy": [0.99, 0.97, 0.9, 0.5]})


def drawn(**options):
    """A view on which everything is drawn."""
    view = pw.ExpectedCurve(AT, **options)
    view.guess = GUESS
    return view


def test_a_guess_is_a_dictionary_of_plain_numbers_in_order():
    view = pw.ExpectedCurve([0.9, np.float32(0.5), 0], unpruned=np.float64(0.98))
    assert view.sparsities == [0.5, 0.9]  # 0 is known
    view.guess = {np.float64(0.9): np.float32(0.5)}
    view.guess = {**view.guess, 0.5: 1}
    assert view.guess == {0.5: 1.0, 0.9: 0.5}
    assert [type(value) for pair in view.guess.items() for value in pair] == [float] * 4
    assert repr(view) == "ExpectedCurve(2 of 2 points drawn, drawing)"


@pytest.mark.parametrize(
    ("guess", "said"),
    [
        ({0.7: 0.5}, r"no point at sparsity 0.7; its points are 0.5, 0.8, 0.9, 0.95"),
        ({0.9: 85}, r"the guess at 0.9 is 85; give a fraction"),
        ({0.9: float("nan")}, "the guess at 0.9 is nan"),
        ({0.9: "much"}, "the guess at 0.9 must be a number"),
        ({"high": 0.5}, "a sparsity of the guess must be a number"),
        (0.85, r"guess is \{sparsity: accuracy\}"),
        (..., r"guess is \{sparsity: accuracy\}"),
    ],
)
def test_what_is_no_guess_is_refused_and_nothing_changes(guess, said):
    view = drawn()
    with pytest.raises(ValueError, match=said):
        view.guess = guess
    assert view.guess == GUESS


@pytest.mark.parametrize(
    ("sparsities", "unpruned", "said"),
    [
        ([], None, "no sparsity to draw at"),
        ([0], 0.99, "no sparsity to draw at"),
        ([0.5, 0.5], None, "0.5 is there twice"),
        ([50], None, "a sparsity is 50"),
        (0.5, None, "a list of numbers"),
        ("0.5", None, "a list of numbers"),
        ([0.5], 98.9, "unpruned is 98.9"),
    ],
)
def test_what_cannot_be_drawn_leaves_no_widget_behind(sparsities, unpruned, said):
    before = len(lifetimes._instances)
    with pytest.raises((TypeError, ValueError), match=said):
        pw.ExpectedCurve(sparsities, unpruned)
    assert len(lifetimes._instances) == before


def test_only_a_whole_guess_is_locked_and_then_stays():
    view = pw.ExpectedCurve(AT)
    view.guess = {0.5: 0.98}
    with pytest.raises(ValueError, match="nothing is drawn at 0.8, 0.9, 0.95"):
        view.stage = "locked"
    view.guess = GUESS
    view.stage = "locked"
    for name, value in (("guess", {0.5: 0.1}), ("stage", "drawing"), ("stage", "shown")):
        with pytest.raises(ValueError, match="locked; its start_over"):
            setattr(view, name, value)
    view.guess, view.stage = GUESS, "locked"  # the same once more is no change
    assert (view.guess, view.stage, view.locked) == (GUESS, "locked", True)


def test_what_was_shown_without_a_guess_is_guessed_no_more():
    view = pw.ExpectedCurve(AT)
    view.stage = "shown"
    with pytest.raises(ValueError, match="shown; its start_over"):
        view.guess = GUESS
    with pytest.raises(ValueError, match="shown; its start_over"):
        view.stage = "locked"
    assert not view.locked


@pytest.mark.parametrize("stage", ["locked", "shown"])
def test_start_over_unlocks_and_removes_what_was_drawn(stage):
    view = drawn()
    page = listen(view)
    view.stage = stage
    view.start_over()
    assert (view.guess, view.stage, page["guess"], page["stage"]) == ({}, "drawing", [], "drawing")
    view.guess = {0.5: 0.1}
    assert view.guess == {0.5: 0.1}


@pytest.fixture
def cell(monkeypatch):
    """A function that begins to run a cell of a notebook."""

    def begin(name, run):
        request = {"metadata": {"cellId": name} if name else {}, "header": {"msg_id": run}}
        monkeypatch.setattr(lifetimes, "get_ipython", lambda: SimpleNamespace(get_parent=lambda: request))

    monkeypatch.setattr(lifetimes, "record_cell", lambda view: None)
    monkeypatch.setattr(kept_drawings, "_cells", {})
    return begin


def test_a_drawing_is_there_when_its_cell_runs_again(cell):
    cell("a", "1")
    first, second = pw.ExpectedCurve(AT, unpruned=0.99), pw.ExpectedCurve(AT)
    assert (first.guess, second.guess) == ({}, {})
    first.guess, first.stage = GUESS, "locked"
    second.guess = {0.5: 0.7}
    cell("a", "2")
    again, other = pw.ExpectedCurve(AT, unpruned=0.98), pw.ExpectedCurve(AT)
    assert (again.guess, again.locked, again.series) == (GUESS, True, [])
    assert (other.guess, other.stage) == ({0.5: 0.7}, "drawing")
    other.guess = {**other.guess, 0.8: 0.6}
    again.start_over()
    cell("a", "3")
    assert (pw.ExpectedCurve(AT).guess, pw.ExpectedCurve(AT).guess) == ({}, {0.5: 0.7, 0.8: 0.6})


@pytest.mark.parametrize(("name", "at"), [("b", AT), ("a", AT[1:]), (None, AT)])
def test_other_cells_and_other_sparsities_begin_empty(cell, name, at):
    cell("a" if name else None, "1")
    drawn().stage = "locked"
    cell(name, "2")
    assert pw.ExpectedCurve(at).guess == {}


def test_the_page_sends_the_last_point_and_the_lock_in_one_message():
    view = pw.ExpectedCurve(AT, unpruned=0.99)
    page = listen(view)
    view.set_state({"guess": [list(pair) for pair in GUESS.items()], "stage": "locked"})
    assert (view.guess, view.locked, view.error) == (GUESS, True, "")
    page["guess"] = [[0.5, 0.1]]
    view.set_state({"guess": page["guess"]})
    assert view.guess == GUESS and page["guess"] == [list(pair) for pair in GUESS.items()]
    assert "locked" in view.error


@pytest.mark.parametrize("junk", ["other", 3, [[0.5]], [[0.5, 0.5, 0.5]], [[0.5, 2]], [None]])
def test_junk_from_the_page_is_said_and_taken_back(junk):
    view = drawn()
    view.set_state({"guess": junk})
    assert view.guess == GUESS and view.error != ""


@pytest.mark.parametrize("unpruned", [None, 0.99])
def test_the_gap_is_numpys(unpruned):
    view = drawn(unpruned=unpruned)
    view.show_frame(FRAME)
    assert view.gap is None  # not before the lock
    view.stage = "locked"
    at, measured = FRAME[1:].to_numpy().T  # sparsity 0 lies outside the curve, or was known
    off = 100 * np.abs(np.interp(at, AT, list(GUESS.values())) - measured)
    assert view.gap.mean == pytest.approx(off.mean()) and view.gap.n == 3
    assert (view.gap.largest, view.gap.sparsity) == (pytest.approx(off.max()), 0.950001)
    assert (view.gap.expected, view.gap.measured) == (pytest.approx(0.3), 0.5)


def test_between_the_known_start_and_the_first_point_the_curve_counts_too():
    view = drawn(unpruned=0.99)
    view.show_frame(pd.DataFrame({"sparsity": [0.25], "accuracy": [0.99]}))
    view.stage = "locked"
    assert view.gap.expected == pytest.approx(0.985)


def test_there_is_no_gap_where_nothing_was_measured():
    view = drawn()
    view.stage = "locked"
    assert view.gap is None
    for frame in (FRAME[:0], FRAME[:1]):
        view.show_frame(frame)
        assert view.gap is None


def test_rows_may_come_one_by_one_but_of_one_line():
    view = drawn()
    view.stage = "locked"
    for rows in range(5):
        view.show_frame(FRAME[:rows])
        assert len(view.series[0]["points"]) == rows
    two = pd.concat([FRAME.assign(criterion=name) for name in ("magnitude", "random")])
    with pytest.raises(ValueError, match=r"2 lines \(magnitude, random\).*rows of one line"):
        view.show_frame(two)
    with pytest.raises(TypeError, match="pandas DataFrame"):
        view.show_frame({0.5: 0.9})
    assert len(view.series[0]["points"]) == 4


def expected_mae(**options):
    """A view for an error, on which everything is drawn."""
    view = pw.ExpectedCurve([0.5, 0.9], measure="mae", span=(0, 300), **options)
    view.guess = {0.5: 20, 0.9: 120}
    return view


def mae_frame(values):
    frame = pd.DataFrame({"sparsity": [0.5, 0.9], "mae": values, "accuracy": values})
    frame.attrs = {"measure": "mae", "direction": "min", "share": False}
    return frame


def test_another_measure_has_its_own_axis_and_gap():
    view = expected_mae(unpruned=18.5)
    assert view.measure == {"name": "mae", "direction": "min", "share": False}
    assert view.span == [0, 300] and pw.ExpectedCurve([0.5]).span == [0, 1]
    view.show_frame(mae_frame([30.0, 320.0]))
    view.stage = "locked"
    assert (view.gap.mean, view.gap.largest, view.gap.sparsity) == (105.0, 200.0, 0.9)
    assert pw.ExpectedCurve([0.5], measure="mean_iou").measure["share"], "from 0 to 1, shown in per cent"


def test_values_beyond_the_axis_and_other_measures_are_refused():
    view = expected_mae()
    with pytest.raises(ValueError, match="the guess at 0.5 is 301, outside the span of the axis, 0 to 300"):
        view.guess = {0.5: 301}
    with pytest.raises(ValueError, match="unpruned is -1, outside the span"):
        expected_mae(unpruned=-1)
    with pytest.raises(ValueError, match="span is 5 to 5; give a lower and a higher value"):
        pw.ExpectedCurve([0.5], measure="mae", span=(5, 5))
    with pytest.raises(ValueError, match="an accuracy goes from 0 to 1"):
        pw.ExpectedCurve([0.5], span=(0, 100))
    with pytest.raises(ValueError, match=r"values of 'mae', and the guess is of 'accuracy'.*measure='mae'"):
        pw.ExpectedCurve([0.5]).show_frame(mae_frame([0.3, 0.4]))
