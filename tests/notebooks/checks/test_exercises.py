"""How an answer is judged: what is returned, what is printed, and where the texts are."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

CHECKS = "checks.exercises"

FOLDER = Path(__file__).parents[3] / "notebooks" / "checks"
TEXTS = sorted((FOLDER / "texts" / "en").glob("chapter_*.toml"))


@pytest.fixture
def sum_of(checks, monkeypatch):
    """A check of 2 + 2 = 4 in which 5 is a known mistake."""
    texts = {
        "question": "what is {a} + {a}?",
        "hint": "Count your {fingers:,} fingers.",
        "five": "One finger too many.",
        "why": "{a} and {a} is four.",
    }
    texts_of = checks.text.__globals__["_texts"]
    monkeypatch.setitem(
        checks.text.__globals__,
        "_texts",
        lambda language, chapter: {"sum": texts} if chapter == "chapter_99" else texts_of(language, chapter),
    )

    def check(answer):
        known = {"five": lambda given: float(given) == 5}
        return checks.check("chapter_99.sum", answer, lambda n: abs(n - 4) < 0.01, known, a=2, fingers=1000)

    return check


@pytest.mark.parametrize(
    ("answer", "passed", "mistake", "answered", "printed"),
    [
        (4, True, "", True, "✓ 2 and 2 is four."),
        ("4.0", True, "", True, "✓ 2 and 2 is four."),
        (..., False, "", False, "○ not answered yet: what is 2 + 2?"),
        (5, False, "five", True, "✗ not 5. One finger too many."),
        (7, False, "hint", True, "✗ not 7. Count your 1,000 fingers."),
        (
            "a lot",
            False,
            "hint",
            True,
            "✗ a lot is not the kind of answer asked for. Count your 1,000 fingers.",
        ),
        ([4, ...], False, "", False, "○ not answered yet: what is 2 + 2?"),
    ],
)
def test_the_result_says_what_is_printed(sum_of, capsys, answer, passed, mistake, answered, printed):
    result = sum_of(answer)
    assert capsys.readouterr().out == f"{printed}\n"
    assert (result.passed, result.points, result.mistake) == (passed, float(passed), mistake)
    assert result.answered == answered
    assert result.exercise == "chapter_99.sum"
    assert bool(result.hint) == (answered and not passed)
    assert result.hint in printed


@pytest.mark.parametrize(
    ("body", "passed", "mistake"),
    [
        ("2 * a[0] + b", True, ""),
        ("a[0] + b", False, "five"),
        ("b", False, "hint"),
        ("(2 * a[0] + b, a.fill(0))[0]", True, ""),  # each call gets arrays of its own
        ("None", False, "nothing"),
        ("'four'", False, "hint"),
        ("[1, 2]", False, "hint"),
        ("a.missing", False, "stopped"),
    ],
)
def test_a_function_is_judged_by_its_numbers(checks, sum_of, body, passed, mistake):
    array = np.array([1.0])
    cases, answers = [(array, 2), (array, 3.0)], {"": [4, 5], "five": [3, 4]}
    function = eval(f"lambda a, b: {body}")
    found = checks.check_function("chapter_99.sum", "mine", function, cases, answers, a=2, fingers=9)
    assert (found.passed, found.mistake) == (passed, mistake)
    assert not checks.check_function("chapter_99.sum", "mine", lambda a, b: ..., cases, answers, a=2).answered


def test_a_share_in_per_cent_is_said_to_be_one(checks, capsys):
    result = checks.check("chapter_00.last_one_standing", "91.7 %", lambda share: abs(share - 0.917) < 0.001)
    assert (result.passed, result.mistake) == (False, "per_cent")
    assert result.hint in capsys.readouterr().out.replace("\n", " ")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_every_exercise_has_its_texts_and_every_text_is_used(path):
    texts = tomllib.loads(path.read_text(encoding="utf-8"))
    source = (FOLDER / f"{path.stem}.py").read_text(encoding="utf-8")
    named = set(re.findall(rf'"{path.stem}\.(\w+)"', source))
    assert named == set(texts)
    for name, entries in texts.items():
        assert {"question", "why"} <= set(entries), name
        for entry in set(entries) - {"question", "hint", "why"}:
            assert f'"{entry}"' in source, f"{name}.{entry}"
