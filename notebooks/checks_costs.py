"""The immediate checks of chapter 11: what is in a file, where a sparse kernel wins, what a last layer does.

As in `checks.py`, the truth is computed here from its definition, whenever an answer is checked.
"""

from collections.abc import Callable, Mapping
from typing import Any

import checks
import numpy as np
import pandas as pd

from prunewidgets.figures import COLOURS, NotebookFigure
from prunewidgets.models import Accuracy  # noqa: F401  keeps TensorFlow's greeting off the page


def ratio_to_sparsity(curve: pd.DataFrame) -> NotebookFigure:
    """For each batch: time of the dense product ÷ time of the sparse one, against sparsity; 1 is a draw."""
    figure = NotebookFigure()
    axes = figure.add_subplot(xlabel="sparsity", ylabel="dense time ÷ sparse time", yscale="log")
    for (batch, part), colour in zip(curve.groupby("batch"), COLOURS, strict=False):
        axes.plot(part.sparsity, part.ratio, color=colour, marker="o", label=f"batch {batch}")
    axes.axhline(1, color="grey", linestyle=":", label="a draw")
    axes.legend()
    return figure


def numbers_for_each_weight(answer: Any, model: Any) -> None:
    """Check how many numbers a `.keras` file holds for each trainable number of the model."""
    weights = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    beside = sum(int(np.prod(v.shape)) for v in model.optimizer.variables)
    truth = round(1 + beside / weights)
    checks.check(
        answer,
        lambda given: given == truth,
        "how many numbers does the file hold for each weight?",
        "Divide the file's bytes by 4 and by the number of weights. Or look who else keeps arrays of that "
        "shape: model.optimizer.variables.",
        f"{truth}: the weight itself, and two running means that Adam keeps of its gradient. They are not "
        "zero where the weight is. They are there to go on training; who only predicts can leave them out.",
    )


def break_even_kernel(function: Callable[[float], Any]) -> None:
    """Check a function from k to the sparsity from which a sparse kernel wins.

    The sparse one takes k times as long for each weight that it does not skip: it wins once (1 − s)·k < 1.
    """
    ks = [1.0, 2.0, 4.0, 5.0, 10.0, 100.0]
    checks.check(
        [function(k) for k in ks],
        lambda given: np.allclose(np.array(given, float), [1 - 1 / k for k in ks]),
        "from which sparsity does a kernel win that needs k times as long for each nonzero?",
        "At sparsity s it does (1 − s)·n multiplications, each k times as dear; the dense one does n. When "
        "are both equal?",
        "1 − 1/k. With k = 2 from a half, with k = 10 only from 90 %. What a call costs before it begins to "
        "multiply is not in it; for small matrices that counts too.",
    )


def last_layer(weights: Any, work: Any, sizes: Mapping[str, int], places: Mapping[str, int]) -> None:
    """Check the share of the weights and of the multiply-adds that 90 % of the last kernel make up."""
    *_, last = sizes
    share = 0.9 * sizes[last] / sum(sizes.values())
    done = 0.9 * sizes[last] * places[last] / sum(sizes[name] * places[name] for name in sizes)
    hint = "Both are shares of the whole: what 90 % of the last layer has, divided by what all layers have."
    if checks.number(weights) and checks.number(work) and np.isclose(float(weights), float(work), rtol=0.05):
        hint = "A weight of a convolution is used at many places, one of the last layer once. " + hint
    checks.check(
        (weights, work),
        lambda given: np.isclose(given[0], share, rtol=0.05) and np.isclose(given[1], done, rtol=0.05),
        "which share of all weights goes, and which share of all multiply-adds?",
        hint,
        f"{share:.1%} of the weights and {done:.3%} of the multiply-adds. Storage and work sit in different "
        "layers: ask which of the two you want to save.".replace("%", " %"),
    )
