"""ShowOfHands: what is counted, read from a CSV and hidden, and how many hands moved."""

import io
import itertools
from types import SimpleNamespace

import pytest

import prunewidgets as pw
from prunewidgets.widgets import kept_drawings, lifetimes
from prunewidgets.widgets.hands import moved
from prunewidgets.widgets.still import still_of

from ..support.interrupts import listen

EDGES = [0, 0.5, 0.8, 0.9, 1]


def ranges(**options):
    return pw.ShowOfHands("Accuracy at 90 %?", EDGES, **options)


def layers(**options):
    return pw.ShowOfHands("Which breaks first?", ["conv_1", "conv_2", "Dense"], **options)


def csv(view, text):
    view.read_csv(io.StringIO(text))
    return view.before, view.after


def test_ranges_are_shown_in_per_cent_only_between_0_and_1():
    assert ranges().answers == ["0 – 50 %", "50 – 80 %", "80 – 90 %", "90 – 100 %"]
    assert pw.ShowOfHands("?", [-5, 0, 2.5]).answers == ["−5 – 0", "0 – 2.5"]


@pytest.mark.parametrize(
    ("found", "row"),
    [(0, 0), (0.4999, 0), (0.5, 1), (0.9, 3), (1, 3), (pw.models.Accuracy(9, 10), 3)],
    ids=str,
)
def test_a_number_belongs_to_the_range_that_it_begins(found, row):
    view = ranges(found=found)
    assert view.found["answer"] == row and not view.revealed
    if hasattr(found, "interval"):
        assert view.found["text"] == str(found)


@pytest.mark.parametrize(
    ("answers", "found", "said"),
    [
        ([], None, "there are 0 answers; give 2 to 20"),
        (["yes"], None, "there are 1 answers; give 2 to 20"),
        (list(range(30)), None, "there are 29 answers"),
        (["yes", "Yes "], None, "'Yes' is there twice"),
        (["yes", " "], None, "one of the answers is empty"),
        ([0, 0.5, 0.5], None, "ascending order"),
        (["yes", 1], None, "must be a number"),
        ("yes", None, "answers is a list"),
        (EDGES, 1.2, "found: 1.2 is outside the ranges, which go from 0 to 1"),
        (EDGES, float("nan"), "nan"),
        (["yes", "no"], "maybe", "found: 'maybe' is none of the answers, which are yes, no"),
    ],
)
def test_what_cannot_be_asked_leaves_no_widget_behind(answers, found, said):
    before = len(lifetimes._instances)
    with pytest.raises((TypeError, ValueError), match=said):
        pw.ShowOfHands("?", answers, found)
    assert len(lifetimes._instances) == before


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("conv_1\nDENSE\n\n conv_1 \n", [2, 0, 1], []),
        ("guess\nconv_2\n", [0, 1, 0], []),
        ("Answer,Count\nconv_2,12\nconv_1,3\nconv_2,1", [3, 13, 0], []),
        ("\ufeffround;answer;count\nbefore;dense;2\nafter;dense;5\n2;conv_1;1", [0, 0, 2], [1, 0, 5]),
        ('who,guess,round\n"Li, Mei",dense,1\nB,conv_1,after\n', [0, 0, 1], [1, 0, 0]),
    ],
    ids=["bare", "one-column", "counted", "rounds", "other-columns"],
)
def test_a_csv_has_a_guess_a_line_or_an_answer_and_its_count(tmp_path, text, before, after):
    view = layers()
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    view.read_csv(tmp_path / "a.csv")
    assert (view.before, view.after) == (before, after)


def test_numbers_in_a_csv_go_into_their_ranges_and_per_cents_are_read():
    assert csv(ranges(), "0.85\n85\n85 %\n0\n100 %\n1\n")[0] == [1, 0, 3, 2]
    assert csv(pw.ShowOfHands("?", [0, 50, 200]), "0.85\n85\n")[0] == [1, 1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("conv_1\nconv_9\n", "line 2 of the CSV: 'conv_9' is none of the answers, which are conv_1, conv_2"),
        ("answer,count\nconv_1,2\nconv_2,-3\n", "line 3 of the CSV: the count is '-3'"),
        ("answer,count\nconv_1,2.5\n", "line 2 of the CSV: the count is '2.5'"),
        ("answer,count\n\nconv_1,99999\n", "line 3 of the CSV: the count is '99999'"),
        ("answer,round\nconv_1,later\n", "line 2 of the CSV: the round is 'later', and rounds are before"),
        ("conv_1,2\n", "line 1 of the CSV is 'conv_1, 2'; begin with the names"),
        ("count,round\n1,1\n", "line 1 of the CSV names the columns 'count, round'; name one of them answer"),
        ("answer\nconv_1\nconv_2,1,1\n", "the CSV cannot be read: Expected 1 fields in line 3, saw 3"),
        ("", "the CSV is empty"),
        ("<b>\n", "line 1 of the CSV: '<b>' is none"),
    ],
)  # fmt: skip
def test_a_bad_csv_is_one_error_with_its_line_and_changes_nothing(text, said):
    view = layers()
    view.before = [1, 2, 3]
    with pytest.raises(ValueError, match=said) as error:
        csv(view, text)
    assert "\n" not in str(error.value)
    assert (view.before, view.after) == ([1, 2, 3], [])


def test_a_csv_in_another_encoding_is_named_with_its_line(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"conv_1\ncaf\xe9\n")
    with pytest.raises(ValueError, match="line 2 of the CSV is not UTF-8; save the file as"):
        layers().read_csv(tmp_path / "a.csv")
    with pytest.raises(FileNotFoundError, match="none"):
        layers().read_csv(tmp_path / "none.csv")


def test_counts_are_a_list_or_by_answer():
    view = layers()
    view.before = {"conv_2": 4, "dense": 1}
    view.after = (1, 2, 2)
    assert (view.before, view.after) == ([0, 4, 1], [1, 2, 2])
    for bad in ([1, 2], [1, 2, -3], [1, 2, 3.0], "123", {"conv_9": 1}, []):
        with pytest.raises(ValueError, match=r"count|hands|none of"):
            view.before = bad
    view.after = []
    assert (view.before, view.after) == ([0, 4, 1], [])


def test_nothing_is_shown_before_it_is_handed_in():
    view = layers()
    for reveal in (view.show, lambda: setattr(view, "revealed", True)):
        with pytest.raises(ValueError, match="nothing to show yet"):
            reveal()
    view.set_state({"revealed": True, "found": {"answer": 0, "text": "conv_1"}})
    assert (view.revealed, view.found) == (False, {}) and view.error != ""
    view.show("CONV_2")
    assert (view.revealed, view.found) == (True, {"answer": 1, "text": "conv_2"})


def test_what_was_found_is_in_no_text_or_picture_before_it_is_shown():
    view, other = (ranges(found=found) for found in (0.8731, 0.1234))
    for each in (view, other):
        each.before, each.after = [1, 2, 3, 4], [0, 1, 8, 1]
        assert each.moved is None
    data, _ = view._repr_mimebundle_()
    assert "87" not in data["text/plain"]
    assert still_of(view) == still_of(other)  # the same, whatever was found
    view.set_state({"revealed": True})
    assert "87.31 %" in still_of(view).text and still_of(view).png != still_of(other).png


def least(before, after, far):
    """By trying how each hand may have moved: the fewest that came nearer and that went away."""
    hands = [[row for row, n in enumerate(counts) for _ in range(n)] for counts in (before, after)]
    short = min(hands, key=len)
    absent = [None] * (max(map(len, hands)) - len(short))
    first, second = (counted + absent * (counted is short) for counted in hands)
    pairs = [list(zip(first, order, strict=True)) for order in set(itertools.permutations(second))]
    known = [[(far[a], far[b]) for a, b in each if a is not None and b is not None] for each in pairs]
    return min(sum(b < a for a, b in each) for each in known), min(
        sum(b > a for a, b in each) for each in known
    )


@pytest.mark.parametrize("ranged", [True, False])
def test_the_fewest_hands_that_moved_are_those_found_by_trying_all(ranged):
    cases = [
        ([2, 1, 0], [0, 1, 2]),
        ([1, 1, 2], [2, 1, 1]),
        ([0, 3, 1], [2, 0, 2]),
        ([2, 1, 2], [0, 4, 0]),
        ([3, 0, 0], [1, 2, 2]),
        ([1, 2, 1], [1, 1, 0]),
    ]
    for (before, after), place in itertools.product(cases, range(3)):
        far = [abs(row - place) if ranged else int(row != place) for row in range(3)]
        assert tuple(moved(before, after, place, ranged)) == least(before, after, far), (before, after, place)


@pytest.mark.parametrize("found", ["87.31 %", "87.31", "0.8731"])
def test_what_was_found_may_be_a_text_as_in_a_csv(found):
    assert ranges(found=found).found == ranges(found=0.8731).found


def test_start_over_hides_and_empties():
    view = ranges(found=0.85)
    view.before, view.after = [1, 2, 3, 4], [0, 1, 8, 1]
    view.show()
    page = listen(view)
    view.start_over()
    assert (page["before"], page["after"], page["revealed"]) == ([0, 0, 0, 0], [], False)


@pytest.mark.parametrize(("cell", "kept"), [("a", True), ("b", False)])
def test_hands_are_there_when_the_cell_runs_again(monkeypatch, cell, kept):
    def begin(name, run):
        request = {"metadata": {"cellId": name}, "header": {"msg_id": run}}
        monkeypatch.setattr(lifetimes, "get_ipython", lambda: SimpleNamespace(get_parent=lambda: request))

    monkeypatch.setattr(lifetimes, "record_cell", lambda view: None)
    monkeypatch.setattr(kept_drawings, "_cells", {})
    begin("a", "1")
    first = ranges(found=0.85)
    first.before = [1, 2, 3, 4]
    first.show()
    begin(cell, "2")
    again = ranges(found=0.85)
    assert (again.before, again.revealed) == (([1, 2, 3, 4], True) if kept else ([0, 0, 0, 0], False))
    begin(cell, "3")
    assert ranges().revealed is False  # nothing is found any more
