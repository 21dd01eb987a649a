"""The checks of chapter 19: chance in two masks, room for tasks, and what a ticket is worth on other data.

As in all checks, the truth is computed from its definition, whenever an answer is checked.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from prunewidgets.models import Accuracy  # noqa: F401  keeps TensorFlow's greeting off the page

from .answers import near
from .exercises import Result, check, check_function
from .pictures_19 import follow, labelled, moved, pixels  # noqa: F401  drawn by the chapter


def lean(images: np.ndarray) -> np.ndarray:
    """Return how far each image leans: columns to the right for each row upwards; 0 is upright.

    It is the slope that fits the ink best, from its second moments.

    Args:
        images: (n, 28, 28, 1), from 0 to 1.
    """
    ink = images[..., 0].astype(float)
    total = ink.sum(axis=(1, 2))
    up, right = -np.arange(28.0)[:, None], np.arange(28.0)[None, :]
    up = up - (ink * up).sum(axis=(1, 2), keepdims=True) / total[:, None, None]
    right = right - (ink * right).sum(axis=(1, 2), keepdims=True) / total[:, None, None]
    return np.asarray((ink * up * right).sum(axis=(1, 2)) / (ink * up * up).sum(axis=(1, 2)))


def by_chance(function: Callable[[Any, Any], Any]) -> Result:
    """Check a function from two masks to the number of weights that chance would let both keep."""
    rng = np.random.default_rng(0)
    small = {"large": rng.random((50, 20)) < 0.1, "small": np.ones(10, bool)}
    cases = [
        (small, small),
        ({name: rng.random(mask.shape) < 0.4 for name, mask in small.items()}, small),
        ({"only": np.arange(100) < 20}, {"only": np.arange(100) % 2 == 0}),
    ]
    truth = [sum(expected(one[name], other[name]) for name in one) for one, other in cases]
    answers = {
        "": truth,
        "pooled": [expected(together(one), together(other)) for one, other in cases],
        "counted": [np.sum(together(one) & together(other)) for one, other in cases],
        "share": [number / together(one).sum() for number, (one, _) in zip(truth, cases, strict=True)],
    }
    return check_function("chapter_19.by_chance", "by_chance", function, cases, answers)


def expected(first: np.ndarray, second: np.ndarray) -> float:
    """Return how many places of one array two masks share by chance, in the mean."""
    return float(first.sum()) * float(second.sum()) / first.size


def together(masks: Any) -> np.ndarray:
    """Return all masks in one array."""
    return np.concatenate([mask.ravel() for mask in masks.values()])


def room(answer: Any, share: float = 0.25, tasks: int = 5) -> Result:
    """Check which share of all weights is free after some tasks that each take a share of the free ones."""
    free = 1.0
    for _ in range(tasks):
        free -= share * free
    return check(
        "chapter_19.room",
        answer,
        lambda given: near(given, free, 0.005),
        {
            "taken": lambda given: near(given, 1 - free, 0.005),
            "of_all": lambda given: float(given) <= 0,
            "one_less": lambda given: near(given, free / (1 - share), 0.005),
            "one_more": lambda given: near(given, free * (1 - share), 0.005),
            "last": lambda given: near(given, free / (1 - share) * share, 0.005),
        },
        truth=100 * free,
        share=100 * share,
        tasks=tasks,
    )


def worth(answer: Any, runs: pd.DataFrame) -> Result:
    """Check what the moved ticket wins against the random mask, in points at 95 %, and in how many seeds."""
    own = runs[(runs["sparsity"] == 0.95) & (runs["letters"] == 10_000)]
    table = own.pivot(index="seed", columns="kind", values="accuracy")
    gain = 100 * (table["ticket moved"] - table["random mask"])
    points, seeds = float(gain.mean()), int((gain > 0).sum())
    missed = 100 * float((table["own ticket"] - table["ticket moved"]).mean())

    def is_near(given: Any, wanted: float, count: int = seeds) -> bool:
        return abs(float(given[0]) - wanted) < 0.05 and int(given[1]) == count

    return check(
        "chapter_19.worth",
        answer,
        lambda given: is_near(given, points),
        {
            "fraction": lambda given: abs(float(given[0]) - points / 100) < 0.0005,
            "own": lambda given: abs(float(given[0]) - missed) < 0.05,
            "other_way": lambda given: abs(float(given[0]) + points) < 0.05,
            "seeds": lambda given: abs(float(given[0]) - points) < 0.05,
        },
        points=points,
        seeds=seeds,
        all=len(table),
        missed=missed,
    )
