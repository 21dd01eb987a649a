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

from .answers import number, read, unanswered
from .pictures import INK, Picture, themed
from .verdicts import check, say, stopped

TAU = 0.5
ENOUGH = 10_000
"""So many weights the rescaled network has to keep; before, it keeps fewer than ten."""


def rescaled_network(function: Callable[[list, float], Any], model: Any, x: np.ndarray) -> None:
    """Check a function that rescales the arrays of LeNet-300-100 by a factor without changing its answers.

    Args:
        function: from the list of arrays (kernel, bias, kernel, bias, …) and a factor to a new list.
        model: the network.
        x: examples on which the answers are compared.
    """
    before = model.predict(x, verbose=0)
    again = type(model).from_config(model.get_config())
    try:
        arrays = function([array.copy() for array in model.get_weights()], 16.0)
        if arrays is ...:
            say("○ not answered yet: which arrays are multiplied by c, which are divided by c?")
            return
        again.set_weights(arrays)
    except Exception as error:
        stopped("rescaled", error)
        return
    kept = {name: _kept(network) for name, network in (("before", model), ("after", again))}
    total = sum(array.size for array in model.get_weights() if array.ndim > 1)
    off = float(abs(again.predict(x, verbose=0) - before).max())
    if not off < 1e-3:
        say(
            f"✗ another network: with c = 16 an output differs by {off:.2g}. Everything that is added up in "
            "a neuron of the first layer has to grow by the same factor, its bias too; and what multiplies "
            "its output in the next layer has to shrink by it."
        )
    elif kept["after"] < ENOUGH:
        say(
            f"✗ the same answers, but τ = {TAU} keeps {kept['after']:,} weights with c = 16. Most weights "
            "are in the first layer: which way do they have to go?"
        )
    else:
        say(
            f"✓ the same answers for {len(x):,} digits, and τ = {TAU} now keeps {kept['after']:,} of "
            f"{total:,} weights where it kept {kept['before']:,}. It is the same network in another scale: a "
            "fixed τ measures in a unit that each network chooses for itself."
        )


def _kept(model: Any) -> int:
    return sum(int((abs(array) >= TAU).sum()) for array in model.get_weights() if array.ndim > 1)


def without_the_table(answer: Any, parts: Mapping[str, int]) -> None:
    """Check the size in GiB of a float32 file without one of its parts, the table of words."""
    bytes_left = 4 * (sum(parts.values()) - parts["word table"])
    given = read(answer)
    hint = "Add up the parts that are left; each number takes 4 bytes, and a GiB has 2**30 bytes."
    if number(given):
        if np.isclose(float(given), bytes_left / 1e9, rtol=0.01):
            hint = "That is in GB, of 10**9 bytes. A GiB has 2**30 bytes."
        elif np.isclose(float(given), 4 * parts["word table"] / 2**30, rtol=0.01):
            hint = "That is the table itself. How large is what is left?"
    check(
        answer,
        lambda found: np.isclose(float(found), bytes_left / 2**30, rtol=0.01),
        "how many GiB are left of BERT-large without any word table?",
        hint,
        f"{bytes_left / 2**30:.2f} GiB. With the *whole* table gone, BERT-large is still above 1 GiB, and it "
        "would not know a single word. So pruning this table alone cannot be what led from 1.2 to 1.",
    )


KINDS = {
    "a": ("measured here", "you set τ = 0.5 in this chapter and counted."),
    "b": ("cannot be", "it has more parameters than 2.6 MB has bits."),
    "c": ("known elsewhere", "TensorFlow's makers measured it on ImageNet, which you have not done here."),
    "d": ("not shown", "no deadline, no machine and no measurement is given."),
    "e": ("cannot be", "without the whole table more than 1 GiB is left."),
    "f": ("measured here", "you wrote both files in this chapter."),
}


def kinds_of_evidence(answer: Any) -> None:
    """Check which kind of evidence there is for each of six statements."""
    given = {}
    if isinstance(answer, Mapping):
        given = {name: str(answer.get(name)).strip().casefold() for name in KINDS}
    wrong = [name for name, (kind, _) in KINDS.items() if given.get(name) != kind]
    names = ", ".join(sorted({kind for kind, _ in KINDS.values()}))
    check(
        "these" if not unanswered(answer) else ...,
        lambda _: not wrong,
        "what kind of evidence is there for each?",
        f"Look again at {', '.join(wrong)}. The kinds are: {names}. Ask of each: who has seen it, and where?",
        " ".join(f"{name}: {kind}; {why}" for name, (kind, why) in KINDS.items()),
    )


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
            "Han, Pool, Tran, Dally (2015): train, prune, train again",
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
