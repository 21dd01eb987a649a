"""The checks of chapter 20: an optimizer for 16 bits, the least step that counts, when zeros pay."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ml_dtypes
import numpy as np
import pandas as pd

import prunewidgets as pw
from prunewidgets.models import keras  # its error says what to install

from .answers import unanswered
from .exercises import Result, check_function, right, still_open, stopped, wrong
from .pictures_20 import KINDS, bytes_left, moving, steps  # noqa: F401  drawn by the chapter
from .training_memory import trainings  # noqa: F401  called by the chapter


def kinds() -> pd.DataFrame:
    """Return what the three kinds of numbers can hold, one row each."""
    rows = {}
    for name, kind in KINDS.items():
        limits = ml_dtypes.finfo(kind)
        tenth = kind(0.1)
        rows[name] = {
            "bits": limits.bits,
            "binary digits": limits.nmant + 1,  # the first one is always 1 and is not stored
            "next after 0.1": float(np.nextafter(tenth, kind(1))) - float(tenth),
            "smallest above 0": float(limits.smallest_subnormal),
            "largest": float(limits.max),
        }
    frame = pd.DataFrame(rows).T
    whole = {"bits": int, "binary digits": int}
    return frame.astype(whole).map(lambda value: f"{value:.3g}" if isinstance(value, float) else value)


def how_it_went(
    network: keras.Model, before: Mapping[str, np.ndarray], losses: Sequence[float], x: Any, y: Any
) -> pd.Series:
    """Return how a training of a pruned network went.

    Args:
        network: after the training.
        before: {name: its weights before}, zero where they were removed.
        losses: after each round.
        x: test inputs.
        y: their labels.
    """
    after = pw.LiveModel(network).weights
    removed = np.concatenate([np.ravel(w == 0) for w in before.values()])
    first, last = (np.concatenate([np.ravel(w) for w in weights.values()]) for weights in (before, after))
    return pd.Series(
        {
            "weights in": network.trainable_variables[0].dtype,
            "first loss": losses[0],
            "last loss": losses[-1],
            "zeros held": bool((last[removed] == 0).all()),
            "weights that moved": float((first != last)[~removed].mean()),
            "accuracy": float(pw.LiveModel(network).evaluate(x, y)),
        }
    )


def learns(optimizer: Any, train: Callable[[str, Any], pd.Series], enough: float = 0.85) -> Result:
    """Check an optimizer by training the pruned network in bfloat16 with it.

    Args:
        optimizer: what the reader wrote.
        train: the chapter's function from policy and optimizer to how the training went.
        enough: the accuracy to reach.
    """
    exercise = "chapter_20.learns"
    if unanswered(optimizer):
        return still_open(exercise)
    if not isinstance(optimizer, keras.optimizers.Adam):
        return wrong(exercise, "other")
    if optimizer.built:
        return wrong(exercise, "used")
    try:
        run = train("bfloat16", optimizer)
    except Exception as error:
        return stopped(exercise, "the training", error)
    values = {"accuracy": 100 * run["accuracy"], "moved": 100 * run["weights that moved"]}
    if run["accuracy"] >= enough:
        return right(exercise, **values)
    if math.isnan(run["last loss"]):
        return wrong(exercise, "nan", **values)
    if float(ml_dtypes.bfloat16(optimizer.beta_2)) == 1:
        return wrong(exercise, "beta_2", **values)
    return wrong(exercise, "small_step" if run["weights that moved"] < 0.3 else "hint", **values)


def least_step(function: Callable[[float], Any]) -> Result:
    """Check a function from a weight above zero to half the way to the next number in bfloat16."""
    cases = [0.75, 0.1, 0.3, 1.5, 3.0, 0.01]
    # Found by looking, not by a formula: half the way from each weight to the next number that exists.
    half = np.array([_next(w, ml_dtypes.bfloat16) / 2 for w in cases])
    sixteen = np.array([_next(w, np.float16) / 2 for w in cases])
    answers = {
        "": half,
        "whole": 2 * half,
        "quarter": half / 2,
        "float16": sixteen,
        "relative": np.array(cases) / 256,
        "one_size": np.full(len(cases), half[0]),
    }
    return check_function("chapter_20.least_step", "least_step", function, [(w,) for w in cases], answers)


def _next(w: float, kind: type) -> float:
    """Return how far it is from w, rounded, to the next number above."""
    rounded = kind(w)
    return float(np.nextafter(rounded, kind(np.inf))) - float(rounded)


def pays_from(function: Callable[[float], Any]) -> Result:
    """Check a function from the bits of a number to the sparsity from which places and values are smaller."""
    bits = np.array([32, 16, 8, 4, 2, 1])
    answers = {"": 1 / bits, "percent": 100 / bits, "density": 1 - 1 / bits, "bits": bits}
    return check_function("chapter_20.pays_from", "pays_from", function, [(int(b),) for b in bits], answers)
