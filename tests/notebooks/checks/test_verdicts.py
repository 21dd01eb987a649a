"""The checks of chapters 00 to 02, and what all checks say of answers in another form."""

import numpy as np
import pytest

CHECKS = "checks"


class Lab:
    """A lab as `frugal_lab` reads it."""

    def __init__(self, sparsity: float, accuracy: float) -> None:
        self.sparsity, self.accuracy = sparsity, accuracy


@pytest.mark.parametrize(
    ("sparsity", "accuracy", "begins"),
    [
        (0.5, 0.99, "○"),
        (0.6, 0.9869, "✗ 60.00 % removed, accuracy 0.9869: fewer than 75 % are removed."),
        (0.9, 0.93, "✗ 90.00 % removed, accuracy 0.93: the accuracy is below 97 %."),
        (0.8, 0.975, "✓ 80.00 % removed"),
    ],
)
def test_the_frugal_lab_says_which_condition_fails(checks, capsys, sparsity, accuracy, begins):
    checks.frugal_lab(Lab(sparsity, accuracy))
    assert capsys.readouterr().out.startswith(begins)


@pytest.mark.parametrize("answer", [11 / 12, 0.917, "0.917", " 0.917 "])
def test_a_number_may_be_written_as_text(checks, capsys, answer):
    checks.last_one_standing(answer)
    assert capsys.readouterr().out.startswith("✓")


@pytest.mark.parametrize("answer", [91.7, "91.7", "91.7 %", "91.7%"])
def test_per_cent_for_a_fraction_is_named(checks, capsys, answer):
    checks.last_one_standing(answer)
    out = capsys.readouterr().out
    assert out.startswith("✗") and "in per cent. Write it as a fraction" in out


def test_per_cent_is_named_also_for_one_number_of_several(checks, capsys):
    checks.three_ways(5, 20)
    assert "in per cent. Write it as a fraction" in capsys.readouterr().out
    checks.three_ways(6, 20)
    assert "per cent" not in capsys.readouterr().out


@pytest.mark.parametrize("answer", ["many", None, [1, 2], {}, "nan"])
def test_another_kind_of_answer_is_wrong_and_no_traceback(checks, capsys, answer):
    checks.last_one_standing(answer)
    assert capsys.readouterr().out.startswith("✗")


def test_a_function_that_stops_is_one_line_without_the_expected_mask(checks, capsys):
    def keep(weights, tau):
        raise NameError("name 'absolute' is not defined")

    checks.keeps_by_size(keep)
    assert capsys.readouterr().out == "✗ keep stopped with NameError: name 'absolute' is not defined\n"


def test_a_guess_written_as_text_is_compared_as_a_number(checks, capsys):
    checks.reveal("0.1", 0.1, "fewest weights are left by τ", choice=True)
    assert "your guess: the same." in capsys.readouterr().out
    checks.reveal("0.75", 0.5, "accuracy", percent=True)
    assert "too high by 25.00 points" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("guess", "found"),
    [
        (" Worse", "worse"),
        ("l1", "L1"),
        ("dense_1", "dense_1/kernel"),
        ([9], np.int64(9)),
        ({9}, 9),
        ("True", True),
        ("no", np.bool(False)),
        (0, False),
    ],
)
def test_a_right_guess_written_in_another_way_is_the_same(checks, capsys, guess, found):
    checks.reveal(guess, found, "chosen", choice=True)
    assert "your guess: the same." in capsys.readouterr().out
    checks.reveal({"a": guess}, {"a": found}, "chosen", choice=True)
    assert "1 of 1 right" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("guess", "found"),
    [("yes", False), ("perhaps", True), ("kernel", "dense_1/kernel"), ([9, 9], 9), ("", "a")],
)
def test_a_wrong_guess_stays_wrong(checks, capsys, guess, found):
    checks.reveal(guess, found, "chosen", choice=True)
    assert "not that one" in capsys.readouterr().out


def test_one_guess_where_several_are_asked_for_is_named(checks, capsys):
    checks.reveal(0.9, {0.5: 0.98, 0.8: 0.97}, "accuracy", percent=True)
    out = capsys.readouterr().out
    assert "○ one guess for each is asked for, {0.5: ..., 0.8: ...}; you gave 0.9." in out
    checks.reveal(True, {2: False, 3: True}, "possible")
    assert "○ one guess for each is asked for, {2: ..., 3: ...}" in capsys.readouterr().out


def test_several_numbers_are_compared_one_by_one_and_what_was_not_measured_is_said(checks, capsys):
    checks.reveal({"a": 0.9, "c": ...}, {"a": 0.8, "b": None, "c": np.float64(0.5)}, "accuracy", percent=True)
    assert capsys.readouterr().out.splitlines() == [
        "a: accuracy: 80.00 %",
        "your guess: 90 %, too high by 10.00 points.",
        "b: accuracy: not measured; run the cells above to their end first.",
        "c: accuracy: 50.00 %",
        "○ no guess yet: replace the ... above, and run that cell and this one again.",
    ]


def test_true_and_false_by_name_are_counted(checks, capsys):
    checks.reveal({2: True, 3: True}, {2: False, 3: True}, "possible")
    assert "1 of 2 right" in capsys.readouterr().out
