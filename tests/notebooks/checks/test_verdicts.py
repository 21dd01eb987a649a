"""How a guess and what was found are compared and printed."""

import numpy as np
import pytest

CHECKS = "checks"


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


def test_several_numbers_are_compared_one_by_one_and_missing_ones_are_named(checks, capsys):
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


def test_thousands_are_separated_in_what_is_found_and_in_the_guess(checks, capsys):
    checks.reveal(40000, np.int64(41230), "weights removed")
    found, guess = capsys.readouterr().out.splitlines()
    assert found == "weights removed: 41,230"
    assert guess.startswith("your guess: 40,000, too low by 1,230")
