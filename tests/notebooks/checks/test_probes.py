"""What a page says of answers, found beforehand: the same as the check says."""

import importlib
from functools import partial

import pytest

CHECKS = "checks.chapter_01"


@pytest.fixture
def verdicts(checks):
    return importlib.import_module("checks.probes").verdicts


@pytest.fixture
def judge(checks):
    """A check whose right answer lies on no grid: 0.3127, to three digits."""
    exercises = importlib.import_module("checks.exercises")

    def judge(answer):
        mistakes = {"kept": lambda share: abs(share - 0.6873) < 0.0005}
        return exercises.check(
            "chapter_05.break_even",
            answer,
            lambda share: abs(share - 0.3127) < 0.0005,
            mistakes,
            truth=0.3127,
        )

    return judge


def said(found, answer):
    """What the page says, looked up as in `pages/static/answers.js`; "" if it cannot know."""
    places = [place for low, high, place in found["runs"] if low <= answer <= high]
    return found["texts"][places[0]].replace("{given}", f"{answer:.6g}") if places else ""


@pytest.mark.parametrize("answer", [0.3127, 0.313, 0.3128, 0.6873, 0.5, 0.1504, 31, 4000.5, -7, 1e6])
def test_an_answer_gets_the_verdict_of_the_check(verdicts, judge, capsys, answer):
    judge(answer)
    from_check = capsys.readouterr().out.split()
    assert said(verdicts(judge, {"truth": 0.3127}), answer).split() == from_check


def test_of_pairs_the_page_knows_those_that_are_tried(checks, verdicts):
    exercises = importlib.import_module("checks.exercises")
    judge = partial(exercises.check, "chapter_01.wrong_in_removed", is_right=lambda pair: pair == (0.4, 6))
    found = verdicts(judge, {}, [(0.4, 6), (6, 0.4)])
    assert found["words"] == {"0.4, 6": 0, "6, 0.4": 1} and found["runs"] == []
    assert [text[0] for text in found["texts"]] == ["✓", "✗"]


def test_between_two_verdicts_the_page_does_not_guess(verdicts, judge):
    found = verdicts(judge, {"truth": 0.3127})
    ((low, high),) = [run[:2] for run in found["runs"] if found["texts"][run[2]].startswith("✓")]
    assert 0.3122 < low < 0.3127 < high < 0.3132
    assert said(found, high + 1e-9) == ""


@pytest.mark.parametrize(("is_right", "truth"), [(lambda _: False, 0.2), (lambda share: share > 0, None)])
def test_an_exercise_without_a_right_answer_or_a_text_is_left_to_python(verdicts, is_right, truth):
    exercises = importlib.import_module("checks.exercises")
    judge = partial(exercises.check, "chapter_05.break_even", is_right=is_right, truth=truth)
    assert verdicts(judge, {"truth": truth}) is None
