"""Which steps of a chapter an exercise needs, on small chapters."""

import pytest

import prunewidgets as pw
from prunewidgets.homework.chapter import chapter
from prunewidgets.homework.needed import FUNCTIONS, HANDLES, OWN, needed
from prunewidgets.homework.reference import solved
from prunewidgets.homework.repaired import Step, repaired


def kept(*given: str, answer: str = "answer = 1", uses: str = "masks") -> list[str]:
    """The cells before the exercise that its check needs, which uses these names."""
    (exercise,) = [each for each in chapter("05").exercises if each.name == "ex3"]
    own = [Step(answer, "ex3"), Step(f"record('ex3', lambda: check(answer, {uses}))", "ex3", check=True)]
    steps = [*map(Step, given), *own]
    return [given[n] for n in sorted(needed(steps, exercise)) if n < len(given)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["a = 1", "masks = 2"], ["masks = 2"]),
        (["masks = 1", "masks = 2"], ["masks = 2"]),
        (["masks = 1", "masks += 2"], ["masks = 1", "masks += 2"]),
        (["masks = {}", "masks['a'] = 1", "b = masks"], ["masks = {}", "masks['a'] = 1"]),
        (["w = []", "w.append(1)", "masks = w"], ["w = []", "w.append(1)", "masks = w"]),
        (["w = []", "masks = w", "w.append(1)"], ["w = []", "masks = w", "w.append(1)"]),
        (
            ["w = 1", "def f():\n    return w", "masks = f()"],
            ["w = 1", "def f():\n    return w", "masks = f()"],
        ),
        (["masks = net()", "live = pw.LiveModel(masks)", "live.apply(m)"], None),
        (
            ["masks = net()", "pw.prune(masks, 0.9)", "print(masks)"],
            ["masks = net()", "pw.prune(masks, 0.9)"],
        ),
        (["masks = net()", "pw.refresh_statistics(masks, x)"], None),
        (["if a:\n    masks = 1", "b = 1"], ["if a:\n    masks = 1"]),
        (["masks = 1", "if a:\n    masks = 2"], None),
        (["this is not Python"], []),
    ],
)
def test_the_steps_that_a_check_needs(given, expected):
    assert kept(*given) == (given if expected is None else expected)


def test_what_changes_its_arguments_is_there_under_that_name():
    assert [name for name in (FUNCTIONS - OWN) | HANDLES if not hasattr(pw, name)] == []


def test_names_that_only_the_students_answer_uses_are_needed_too():
    assert kept("scores = 1", "masks = 2", "c = 3", answer="answer = scores") == ["scores = 1", "masks = 2"]


def test_chapter_05_needs_no_lab_no_curve_and_no_timing():
    found = chapter("05")
    steps = repaired(found, list(solved(found).cells))
    sources = [steps[n].source for each in found.exercises for n in needed(steps, each)]
    assert any("checks.chapter_05.first_digit" in source for source in sources)
    for part in ("PruningLab", "accuracy_curve", "timeit", "ExpectedCurve", "confusion"):
        assert not any(part in source for source in sources)
