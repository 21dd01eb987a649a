"""How a guess and what was found are written."""

import numpy as np

CHECKS = "checks"


def test_thousands_are_separated_in_what_is_found_and_in_the_guess(checks, capsys):
    checks.reveal(40000, np.int64(41230), "weights removed")
    found, guess = capsys.readouterr().out.splitlines()
    assert found == "weights removed: 41,230"
    assert guess.startswith("your guess: 40,000, too low by 1,230")
