"""The quiz for teachers: whole, new, and right wherever a number is in the answer."""

import difflib
import math
import re
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

import prunewidgets as pw
from tools.course import lessons

TEACHING = Path(__file__).parents[2] / "docs" / "teaching"
QUESTION = re.compile(
    r"^\*\*(\d+)\.\*\* \((\w+), (recall|compute|judge)\) (.*)\n((?:\n- .*)(?:\n- .*)*)?", re.MULTILINE
)
QUESTIONS = {
    int(number): (chapter, kind, asked, dict(re.findall(r"^- ([a-d])\) (.*)$", choices, re.MULTILINE)))
    for number, chapter, kind, asked, choices in QUESTION.findall((TEACHING / "quiz.md").read_text("utf-8"))
}
ANSWER = re.compile(r"^\| (\d+) \| (?:(open)|([a-d]): (.*?)) \| (.*) \|$", re.MULTILINE)
ANSWERS = {int(row[0]): row[1:] for row in ANSWER.findall((TEACHING / "quiz_answers.md").read_text("utf-8"))}


def removed_at(tau):
    weights = np.array([[0.4, -0.7, 0.6, 0.8], [0.5, 0.1, -0.9, 0.3]])
    return pw.Masks.from_threshold(pw.score(weights), tau).removed


def reachable():
    scores = np.array([0.1, 0.2, 0.2, 0.2, 0.5])
    *first, last = sorted({int((scores < tau).sum()) for tau in np.linspace(0, 1, 101)})
    return ", ".join(map(str, first)) + f" and {last}"


def k_means():
    weights, values = np.array([0.1, 0.2, 0.6, 0.9]), np.array([0.2, 0.8])
    for _ in range(9):
        nearest = abs(weights[:, None] - values).argmin(axis=1)
        values = np.array([weights[nearest == group].mean() for group in (0, 1)])
    return "{:.2f} and {:.2f}".format(*values)


def overlap():
    one, other = np.zeros((20, 20), bool), np.zeros((20, 20), bool)
    one[0:10, 0:10] = other[5:15, 0:10] = True
    return (one & other).sum() / (one | other).sum()


def lost_step():
    weight = np.asarray(2.5, ml_dtypes.bfloat16)
    steps = np.arange(1, 400) / 10_000
    moved = [np.asarray(float(weight) + step, ml_dtypes.bfloat16) != weight for step in steps]
    return steps[np.argmax(moved) - 1]


def shared_by_chance():
    rng = np.random.default_rng(0)
    masks = [[np.r_[rng.permutation(1000) < 200, np.ones(100, bool)] for _ in range(2)] for _ in range(2000)]
    return 10 * round(np.mean([(one & other).sum() for one, other in masks]) / 10)


def parameters(*sizes):
    return sum((before + 1) * after for before, after in zip(sizes, sizes[1:], strict=False))


def of_block(width, units):
    shapes = [(width, width)] * 4 + [(width,)] * 4 + [(width, units), (units,), (units, width), (width,)]
    return sum(math.prod(shape) for shape in shapes + [(width,)] * 4)


def columns(units, unit):
    *first, last = np.arange(4 * units).reshape(4, units)[:, unit]
    return ", ".join(map(str, first)) + f" and {last}"


COMPUTED = {
    1: lambda: f"{(40_000 - 1000) / 40_000:.3f}",
    2: lambda: f"{(1 / (1 - 0.99)) / (1 / (1 - 0.9)):.0f}",
    3: lambda: str(removed_at(0.5)),
    4: reachable,
    5: lambda: f"{pw.score(np.array([2.0, 2, 2, 6]), 'distribution')['weights'][3]:.2f}",
    7: lambda: f"{100 * 10 / (784 * 300 + 300 * 100 + 100 * 10):.4f}",
    10: lambda: f"{2 * sum(math.comb(12, k) for k in range(3)) / 2**12:.3f}",
    11: lambda: f"{1 - 0.95**20:.2f}",
    12: lambda: f"{(45_000 + 9_000) / 100_000:.2f}",
    15: lambda: f"{(1152 * 144 + 2_000) / (1152 * 144 + 20_000):.2f}",
    16: lambda: f"{np.mean([0.99] * 9 + [0.5]):.3f}",
    19: lambda: f"{pw.schedules.polynomial(200, final=0.9, begin=100, end=500):.2f}",
    21: lambda: f"{0.05 / (0.1 * 0.001):.0f}",
    23: lambda: f"{1 - np.prod([0.8] * 10):.3f}",
    25: lambda: f"{0.2 * 2 + 0.5 * 2**2 / 2:.1f}",
    28: lambda: f"{parameters(784, 150, 50, 10) / parameters(784, 300, 100, 10):.2f}",
    29: lambda: columns(16, 3),
    31: lambda: f"{math.log2(math.comb(20_000, 1000)) / 1000:.1f}",
    32: k_means,
    34: lambda: f"{2 + (10 - 2) / 4:.0f} ms",
    36: lambda: f"{1.5e6 * 8 / 25e6:.2f}",
    38: lambda: f"{of_block(64, 128):,}",
    40: lambda: f"{pw.ranking.ranks([[0.9, 0.9, 0.5, 0.9]], [0], [[0, 0, 0, 1]])[0]:g}",
    43: lambda: f"{overlap():.2f}",
    45: lambda: str(int(np.argmax(0.9 ** np.arange(100) <= 0.1))),
    47: lambda: f"{1 / (0.7 * 0.2 + 0.3 * 1.05):.1f}",
    48: lambda: str(shared_by_chance()),
    49: lambda: f"{lost_step():.4f}",
}


def test_there_are_fifty_of_every_kind_and_from_every_chapter():
    assert list(QUESTIONS) == list(ANSWERS) == list(range(1, 51))
    kinds = [kind for _, kind, _, _ in QUESTIONS.values()]
    assert all(kinds.count(kind) > 10 for kind in ("recall", "compute", "judge"))
    numbered = {lesson.number for lesson in lessons() if lesson.number[0].isdigit()}
    assert {chapter for chapter, *_ in QUESTIONS.values()} == numbered | {"PyTorch"}
    letters = [answer[1] for answer in ANSWERS.values() if answer[1]]
    assert all(letters.count(letter) > 8 for letter in "abcd")  # who always takes one letter gets no more


@pytest.mark.parametrize("number", QUESTIONS)
def test_an_answer_is_one_of_the_choices(number):
    _, kind, _, choices = QUESTIONS[number]
    without, letter, words, why = ANSWERS[number]
    assert why.endswith(".")
    assert (kind == "compute") == (number in COMPUTED)
    if without:
        assert kind == "judge" and not choices
        return
    assert len(set(choices.values())) == 4
    assert choices[letter] == words
    assert set(re.findall(r"\*([a-d])\*", why)) <= set("abcd") - {letter}


@pytest.mark.parametrize("number", COMPUTED)
def test_an_answer_with_a_number_is_right(number):
    assert COMPUTED[number]() == ANSWERS[number][2]


def test_none_is_among_the_ten_questions_of_a_chapter():
    known = []
    for lesson in lessons():
        text = lesson.path.read_text(encoding="utf-8")
        known += re.findall(r'"\d+\. (.*?)(?:\\n)?"', text)
    assert len(known) > 200
    for number, (_, _, asked, _) in QUESTIONS.items():
        near = difflib.get_close_matches(asked, known, n=1, cutoff=0.7)
        assert not near, f"{number}: {near[0]}"
