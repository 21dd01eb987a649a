"""How a guess and what was found are compared and printed."""

import numpy as np
import pandas as pd
import pytest

CHECKS = "checks"


def test_a_guess_written_as_text_is_compared_as_a_number(checks, capsys):
    checks.reveal("0.1", 0.1, "fewest weights are left by τ", choice=True)
    assert "your guess: the same." in capsys.readouterr().out
    checks.reveal("0.75", 0.5, "accuracy", percent=True)
    assert "too high by 25.00 points" in capsys.readouterr().out
    checks.reveal(100_000, 0, "exactly zero")
    assert "too high by 100,000." in capsys.readouterr().out


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
        "○ no guess yet: c: accuracy. Replace the ... above, and run that cell and this one again.",
    ]


def test_true_and_false_by_name_are_counted(checks, capsys):
    checks.reveal({2: True, 3: True}, {2: False, 3: True}, "possible")
    assert "1 of 2 right" in capsys.readouterr().out


def test_thousands_are_separated_in_what_is_found_and_in_the_guess(checks, capsys):
    checks.reveal(40000, np.int64(41230), "weights removed")
    found, guess = capsys.readouterr().out.splitlines()
    assert found == "weights removed: 41,230"
    assert guess.startswith("your guess: 40,000, too low by 1,230")


def test_without_a_guess_what_was_found_is_folded_away(checks, capsys, monkeypatch):
    folded = []
    monkeypatch.setattr("checks.predictions.display", folded.append)
    checks.reveal(..., 41230, "weights removed <b>")
    assert capsys.readouterr().out == ""
    assert "41" not in repr(folded[0])
    opened = folded[0]._repr_html_()
    assert "<details><summary" in opened and "<details open" not in opened
    summary, content = opened.split("</summary>")
    assert "41" not in summary and "41,230" in content
    assert "<b>" not in opened and "&lt;b&gt;" in summary


def test_show_me_shows_what_was_found_without_a_comparison(checks, capsys):
    checks.reveal("show me", {"a": 0.5, "b": 0.25}, "accuracy", percent=True)
    assert capsys.readouterr().out.splitlines() == ["a: accuracy: 50.00 %", "b: accuracy: 25.00 %"]


def test_a_table_that_gives_an_answer_away_waits_for_the_guess(checks, monkeypatch):
    shown = []
    monkeypatch.setattr("checks.predictions.display", lambda *things: shown.extend(things))
    table = pd.DataFrame({"kept": [41230]})
    checks.after(..., table, what="the weights kept")
    assert "41230" not in repr(shown[0])
    assert "41230" in shown.pop()._repr_html_()
    checks.after("show me", table, what="the weights kept")
    checks.after(7, table, what="the weights kept")
    assert shown == [table, table]


def test_what_waits_for_a_guess_is_said_in_lines_that_fit_a_notebook(checks, capsys, monkeypatch):
    monkeypatch.setattr("checks.predictions._as_html", lambda thing: None)  # a view
    checks.after(..., object(), what="tickets and controls, round after round")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert max(map(len, lines)) <= 100
    assert lines[1].endswith('"show me" is a guess too.')
