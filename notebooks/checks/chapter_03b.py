"""The checks of chapter 03b: keep it and trust it."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import prunewidgets as pw
from prunewidgets.models import lenet_300_100, save_model  # keeps TensorFlow's greeting off the page

# isort: split
import keras

from .exercises import Result, check, stopped


def smaller_file(answer: Any, size_of_copy: int) -> Result:
    """Check why the file of a pruned LeNet-300-100 is smaller: "zeros", "optimizer" or "rounding".

    The truth comes from an experiment: the same network without a single zero and without an optimizer.
    """
    unpruned = keras.Sequential.from_config(lenet_300_100(seed=0).get_config())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "unpruned.keras"
        save_model(unpruned, path)
        size = path.stat().st_size
    truth = "optimizer" if size_of_copy > 0.99 * size else "zeros"

    def word(given: str) -> str:
        return given.strip().casefold().removeprefix("the ").replace("optimiser", "optimizer")

    return check(
        "chapter_03b.smaller_file",
        answer,
        lambda given: word(given) in (truth, {"optimizer": "adam"}.get(truth)),
        {
            "zeros": lambda given: word(given) == "zeros",
            "rounding": lambda given: word(given) == "rounding",
        },
        size=size,
    )


def lost_and_won(function: Callable[[np.ndarray, np.ndarray, np.ndarray], Any]) -> Result:
    """Check a student's function (before, after, labels) -> how many were lost, how many won."""
    exercise = "chapter_03b.lost_and_won"
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 10, 500)
    before, after = (
        np.where(rng.random(500) < share, labels, rng.integers(0, 10, 500)) for share in (0.9, 0.8)
    )
    try:
        answer = function(before.copy(), after.copy(), labels.copy())
    except Exception as error:
        return stopped(exercise, "lost_and_won", error)
    right_before, right_after = before == labels, after == labels
    lost = int(np.sum(right_before & (after != labels)))
    won = int(np.sum((before != labels) & right_after))
    compared = pw.paired(before, after, labels)
    wrong = int(np.sum(~right_before)), int(np.sum(~right_after))
    return check(
        exercise,
        answer,
        lambda given: np.shape(given) == (2,) and list(given) == [lost, won] == [compared.lost, compared.won],
        {
            "turned": lambda given: np.shape(given) == (2,) and list(given) == [won, lost],
            "all_wrong": lambda given: set(given) <= {*wrong, 500 - wrong[0], 500 - wrong[1]},
            "changed": lambda given: int(np.sum(before != after)) in list(given),
            "each_digit": lambda given: np.shape(given) == (2, 500),
            "one": lambda given: np.ndim(given) == 0,
        },
    )
