"""The checks of chapter 12: a rescaled network, the size of a network without a table, kinds of evidence.

The truth is computed from its definition whenever an answer is checked.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import FormatStrFormatter, LogLocator, NullFormatter

from prunewidgets.models import Accuracy  # noqa: F401  keeps TensorFlow's greeting off the page
from prunewidgets.plots.sheet import COLOURS

from .answers import unanswered
from .exercises import Result, check, right, still_open, stopped, wrong
from .pictures import INK, Picture, themed

TAU = 0.5
ENOUGH = 10_000
"""So many weights the rescaled network has to keep; before, it keeps fewer than ten."""


def rescaled_network(function: Callable[[list, float], Any], model: Any, x: np.ndarray) -> Result:
    """Check a function that rescales the arrays of LeNet-300-100 by a factor without changing its answers.

    Args:
        function: from the list of arrays (kernel, bias, kernel, bias, …) and a factor to a new list.
        model: the network.
        x: examples on which the answers are compared.
    """
    exercise = "chapter_12.rescaled_network"
    before, old = model.predict(x, verbose=0), model.get_weights()
    again = type(model).from_config(model.get_config())
    try:
        arrays = function([array.copy() for array in old], 16.0)
        if unanswered(arrays):
            return still_open(exercise)
        again.set_weights(arrays)
    except Exception as error:
        return stopped(exercise, "rescaled", error)
    kept = {"before": _kept(model), "after": _kept(again)}
    values = {
        **kept,
        "total": sum(array.size for array in old if array.ndim > 1),
        "examples": len(x),
        "tau": TAU,
    }
    values["off"] = float(abs(again.predict(x, verbose=0) - before).max())
    if not values["off"] < 1e-3:
        scaled = [not np.allclose(new, array) for new, array in zip(again.get_weights(), old, strict=True)]
        mistakes = {
            "bias": scaled == [True, False, True, False, False, False],
            "not_back": scaled[:4] == [True, True, False, False],
            "second_bias": scaled[:4] == [True, True, True, True],
        }
        return wrong(exercise, next((name for name, holds in mistakes.items() if holds), "another"), **values)
    if kept["after"] >= ENOUGH:
        return right(exercise, **values)
    same = all(np.allclose(new, array) for new, array in zip(again.get_weights(), old, strict=True))
    return wrong(exercise, "unchanged" if same else "wrong_way", **values)


def _kept(model: Any) -> int:
    return sum(int((abs(array) >= TAU).sum()) for array in model.get_weights() if array.ndim > 1)


def without_the_table(answer: Any, parts: Mapping[str, int]) -> Result:
    """Check the size in GiB of a float32 file without one of its parts, the table of words."""
    words, total = parts["word table"], sum(parts.values())
    left = total - words

    def near(size: float) -> Callable[[Any], bool]:
        return lambda given: bool(np.isclose(float(given), size, rtol=0.01))

    return check(
        "chapter_12.without_the_table",
        answer,
        near(4 * left / 2**30),
        {
            "gigabytes": near(4 * left / 1e9),
            "table": near(4 * words / 2**30),
            "whole": near(4 * total / 2**30),
            "mebibytes": near(4 * left / 2**20),
            "bytes": near(4 * left),
            "count": lambda given: near(left)(given) or near(left / 2**30)(given),
            "share": near(left / total),
        },
        size=4 * left / 2**30,
    )


KINDS = {
    "a": ("measured here", "you set τ = 0.5 in this chapter and counted."),
    "b": ("cannot be", "it has more parameters than 2.6 MB has bits."),
    "c": ("known elsewhere", "TensorFlow's makers measured it on ImageNet, which you have not done here."),
    "d": ("not shown", "no deadline, no machine and no measurement is given."),
    "e": ("cannot be", "without the whole table more than 1 GiB is left."),
    "f": ("measured here", "you wrote both files in this chapter."),
}


def kinds_of_evidence(answer: Any) -> Result:
    """Check which kind of evidence there is for each of six statements."""
    exercise = "chapter_12.kinds_of_evidence"
    if unanswered(answer):
        return still_open(exercise)
    named = answer if isinstance(answer, Mapping) else {}
    given = {name: " ".join(str(named.get(name, "")).casefold().split()) for name in KINDS}
    missed = [name for name, (kind, _) in KINDS.items() if given.get(name) != kind]
    kinds = {kind for kind, _ in KINDS.values()}
    if not missed:
        return right(exercise, each=" ".join(f"{name}: {kind}; {why}" for name, (kind, why) in KINDS.items()))
    values = {"missed": ", ".join(missed), "kinds": ", ".join(sorted(kinds))}
    if not set(given.values()) <= kinds:
        return wrong(exercise, "other_words", **values)
    confused = {("cannot be", "not shown"): "impossible", ("known elsewhere", "measured here"): "where"}
    pairs = {tuple(sorted((given[name], KINDS[name][0]))) for name in missed}
    return wrong(exercise, confused.get(next(iter(pairs)), "hint") if len(pairs) == 1 else "hint", **values)


def papers() -> pd.DataFrame:
    """The five papers that the article lists, and what was found under these titles in November 2026."""
    rows = [
        (
            "Pruning Neural Networks Using Optimality Criteria",
            "no trace",
            "perhaps Optimal Brain Damage (LeCun, Denker, Solla, 1989): second derivatives, no factorization",
        ),
        (
            "Learning both Weights and Connections for Efficient Neural Networks",
            "found",
            "Han, Pool, Tran, Dally (2015): train, prune, train again; the proceedings write “Network”",
        ),
        ("Neural Network Weight Pruning as a Reachability Problem", "no trace", ""),
        ("Neural Network Pruning: An Optimal Algorithm", "no trace", ""),
        (
            "Efficient Computation for Deep Neural Networks",
            "too vague",
            "perhaps Efficient Processing of Deep Neural Networks (Sze, Chen, Yang, Emer, 2017): a survey",
        ),
    ]
    return pd.DataFrame(rows, columns=["title", "under this title", "what it is, or may be"])


@themed
def stored(networks: Mapping[str, Mapping[str, int]], limit: float = 1.0) -> Picture:
    """Bars: the float32 bytes of networks in GiB, part by part, and a line at a limit."""
    picture = Picture(height=2.2)
    axes = picture.add_subplot(xlabel="GiB, 4 bytes for each parameter")
    said = []
    for row, (name, parts) in enumerate(networks.items()):
        left = 0.0
        for (part, count), colour, hatch in zip(parts.items(), COLOURS, ("//", ""), strict=False):
            size = 4 * count / 2**30
            label = part if not row else None
            axes.barh(row, size, left=left, color=colour, hatch=hatch, edgecolor=INK, label=label)
            left += size
        axes.text(left, row, f" {left:.2f}", va="center")
        table = 4 * parts["word table"] / 2**30
        said.append(f"{name} takes {left:.2f} GiB, {table:.2f} of it the word table")
    axes.axvline(limit, color=INK, linestyle=":")
    axes.set_yticks(range(len(networks)), list(networks))
    axes.set_xlim(0, 1.15 * left)
    axes.invert_yaxis()
    axes.legend(loc="upper right")
    picture.description = f"A bar for each network. {'; '.join(said)}. A dotted line stands at {limit:g} GiB."
    return picture


@themed
def frame_times(frames: pd.DataFrame) -> Picture:
    """A row of marks for each network: the time of every frame, its median and its slowest."""
    picture = Picture()
    axes = picture.add_subplot(xlabel="milliseconds for one picture", xscale="log")
    shift = np.random.default_rng(0).uniform(-0.25, 0.25, len(frames))
    said = []
    for row, (name, colour) in enumerate(zip(frames, COLOURS, strict=False)):
        times = frames[name]
        axes.plot(times, row + shift, ".", color=colour, alpha=0.7, markersize=4)
        axes.plot(times.median(), row, "|", color=INK, markersize=26, markeredgewidth=3)
        axes.plot(times.max(), row, "D", color=INK, markersize=6)
        said.append(f"{name}: median {times.median():.2f}, slowest {times.max():.2f} ms")
    axes.set_yticks(range(frames.shape[1]), list(frames))
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_title("each dot a picture; line: median, diamond: the slowest")
    picture.description = f"Times of {len(frames)} pictures for each network. {'; '.join(said)}."
    return picture
