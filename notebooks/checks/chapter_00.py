"""The checks of chapter 00: start here."""

from typing import Any

import numpy as np

from prunewidgets.data.example import W

from .verdicts import check, say


def frugal_lab(lab: Any) -> None:
    """Check that the lab removes at least 75 % and reads at least 97 % of the examples correctly."""
    question = "move the lab beyond 75 % and run this cell again."
    if lab.sparsity <= 0.5:  # where the chapter left it
        return say(f"○ not answered yet: {question}")
    accuracy = lab.accuracy
    now = f"{100 * lab.sparsity:.2f} % removed, accuracy {accuracy}"
    if lab.sparsity < 0.75:
        say(f"✗ {now}: fewer than 75 % are removed. Remove more.")
    elif accuracy < 0.97:
        say(f"✗ {now}: the accuracy is below 97 %. Give some weights back and watch it.")
    else:
        say(f"✓ {now}. The network could spare that many weights.")


def three_ways(density: Any, ratio: Any) -> None:
    """Check density and compression ratio at a sparsity of 0.95."""
    check(
        (density, ratio),
        lambda given: np.allclose(given, (0.05, 20), rtol=1e-6),
        "what are density and compression ratio at a sparsity of 0.95?",
        "What is not removed is kept; and if one weight in n is kept, the ratio is n.",
        "5 % are kept, one in twenty. The ratio makes the last per cents look large: 0.99 would be 100.",
    )


def last_one_standing(answer: Any) -> None:
    """Check the sparsity of the 3×4 matrix when only its largest weight is kept."""
    check(
        answer,
        lambda given: abs(given - np.mean(W < W.max())) < 0.005,
        "what is the sparsity when only 0.9 stays?",
        "Count the cells that go blank, and divide by all cells (a fraction, not per cent).",
        "eleven of twelve. Sparsity is always removed ÷ all, so it never says how large the matrix is.",
    )
