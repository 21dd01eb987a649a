"""The checks of chapter 11: what is in a file, where a sparse kernel wins, what a last layer does.

As in all checks, the truth is computed from its definition, whenever an answer is checked.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from prunewidgets.models import Accuracy  # noqa: F401  keeps TensorFlow's greeting off the page
from prunewidgets.plots.sheet import COLOURS, MARKERS

from .answers import number, read
from .pictures import INK, Picture, themed
from .pictures_11 import bars, times  # noqa: F401  drawn by the chapter
from .verdicts import FRACTION, check, stopped


@themed
def ratio_to_sparsity(curve: pd.DataFrame) -> Picture:
    """Draw per batch: time of the dense product ÷ time of the sparse one, against sparsity; 1 is a draw."""
    figure = Picture(height=4.5)
    said = []
    axes = figure.add_subplot(xlabel="sparsity", ylabel="dense time ÷ sparse time", yscale="log")
    for (batch, part), colour, marker in zip(curve.groupby("batch"), COLOURS, MARKERS, strict=False):
        axes.plot(part.sparsity, part.ratio, color=colour, marker=marker, label=f"batch {batch}")
        ratios = ", ".join(f"{r:.2g} at {s:g}" for s, r in zip(part.sparsity, part.ratio, strict=True))
        said.append(f"batch {batch}: {ratios}")
    axes.axhline(1, color=INK, linestyle=":", label="a draw")
    axes.legend()
    figure.description = f"Dense time ÷ sparse time against the sparsity. {'; '.join(said)}."
    return figure


def numbers_for_each_weight(answer: Any, model: Any) -> None:
    """Check how many numbers a `.keras` file holds for each trainable number of the model."""
    weights = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    beside = sum(int(np.prod(v.shape)) for v in model.optimizer.variables)
    truth = round(1 + beside / weights)
    trained = any(np.any(v.numpy()) for v in model.optimizer.variables if len(v.shape))
    zero = (
        ""
        if trained
        else "Nothing was trained, so all of them are zero, and take 4 bytes each all the same. "
    )
    answer = read(answer)
    hint = "Divide the file's bytes by 4 and by the number of parameters. Or look who else keeps arrays of "
    hint += "such shapes: zeros.optimizer.variables."
    if number(answer) and 0 < abs(float(answer) - truth) < 0.1:
        hint = "Nearly: a whole number is asked for. The rest is names and the like."
    check(
        answer,
        lambda given: given == truth,
        "how many numbers does the file hold for each parameter?",
        hint,
        f"{truth}: the weight itself, and two running means that Adam keeps, of its gradient and of the "
        f"gradient's square. {zero}`pw.prune` made them, in the copy that it pruned, because its zeros are "
        "to be held in training; the other copy has none yet. Who only predicts can leave them out.",
    )


def break_even_kernel(function: Callable[[float], Any], measured: float | None = None) -> None:
    """Check a function from k to the sparsity from which a sparse kernel wins.

    The sparse one takes k times as long for each weight that it does not skip: it wins once (1 − s)·k < 1.

    Args:
        function: from k to a sparsity.
        measured: a k that was measured; a right function is asked for it too.
    """
    ks = [1.0, 2.0, 4.0, 5.0, 10.0, 100.0]
    try:
        given = {f"k = {k:g}": function(k) for k in ks}
    except Exception as error:
        stopped("wins_from", error)
        return
    truth = [1 - 1 / k for k in ks]
    hint = "At sparsity s it does (1 − s)·n multiplications, each takes k times as long; the dense does n. "
    hint += "When are both equal?"
    if all(map(number, given.values())) and np.allclose(list(given.values()), np.multiply(100, truth)):
        hint = f"These are in per cent. {FRACTION}"
    yours = ""
    if measured is not None:
        yours = f", with your k = {measured:.1f} from {100 * max(0, 1 - 1 / measured):.0f} %"
    if None in given.values():
        hint = "The function returns nothing: begin its last line with `return`."
    check(
        given,
        lambda found: np.allclose(np.array(list(found.values()), float), truth),
        "from which sparsity does a product win that needs k times as long for each nonzero?",
        hint,
        f"1 − 1/k. With k = 2 from a half, with k = 10 only from 90 %{yours}. What a call costs before it "
        "begins to multiply is not in it; for small matrices that counts too.",
    )


def last_layer(answer: Any, sizes: Mapping[str, int], places: Mapping[str, int]) -> None:
    """Check the pair (share of the weights, share of the multiply-adds) that 90 % of the last kernel are."""
    *_, last = sizes
    share = 0.9 * sizes[last] / sum(sizes.values())
    done = 0.9 * sizes[last] * places[last] / sum(sizes[name] * places[name] for name in sizes)
    hint = "Both are shares of the whole: what 90 % of the last layer has, divided by what all layers have."
    pair = read(answer) if isinstance(answer, tuple | list) and len(answer) == 2 else (None, None)
    if not all(map(number, pair)):
        hint = "Two numbers are asked for, with a comma between them. " + hint
    elif np.allclose(pair, (100 * share, 100 * done), rtol=0.05, atol=0):
        hint = f"Both are in per cent. {FRACTION}"
    elif np.isclose(*map(float, pair), rtol=0.05):
        hint = "A weight of a convolution is used at many places, one of the last layer once. " + hint
    elif np.isclose(float(pair[0]), share, rtol=0.05):
        hint = "The first is right. For the second, count each weight as often as it is used."
    check(
        answer,
        lambda given: np.allclose(given, (share, done), rtol=0.05, atol=0),
        "which share of all weights goes, and which share of all multiply-adds?",
        hint,
        f"{share:.1%} of the weights and {done:.3%} of the multiply-adds. Storage and work sit in different "
        "layers: ask which of the two you want to save.".replace("%", " %"),
    )
