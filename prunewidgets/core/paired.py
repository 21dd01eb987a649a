"""Compare two sets of answers to the same examples: which were lost, which won, and could that be chance?

Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
percentages", Psychometrika 12 (1947); here in its exact form, a sign test on the examples that differ.
"""

from dataclasses import dataclass
from math import ulp
from typing import Any

import numpy as np


@dataclass(frozen=True, repr=False)
class Paired:
    """How two sets of answers to the same examples differ; it prints as a sentence.

    Attributes:
        lost: Number of examples that the first answers correctly and the second does not.
        won: Number of examples that the second answers correctly and the first does not.
        n: Number of examples.
        p_value: Probability of a split of the examples that differ at least as uneven as lost : won, if each
            was as likely lost as won.
    """

    lost: int
    won: int
    n: int
    p_value: float

    def __repr__(self) -> str:
        """Return a sentence, such as ``34 of 10,000 lost, 16 won: 18 fewer right; exact p = 0.015``."""
        more = self.won - self.lost
        change = f"{abs(more):,} {'more' if more > 0 else 'fewer'} right" if more else "as many right"
        p = "< 0.0001" if self.p_value < 0.0001 else f"= {self.p_value:.2g}"
        return f"{self.lost:,} of {self.n:,} lost, {self.won:,} won: {change}; exact p {p}"


def paired(a: Any, b: Any, labels: Any = None) -> Paired:
    """Compare two sets of answers to the same examples with McNemar's exact test.

    Two accuracies on the same examples may have intervals that overlap and still differ by more than chance:
    examples that both answer alike say nothing about which is better. The test counts the others. If both
    were equally good, each of them would be as likely lost as won, like heads and tails.

    The test is about these two sets of answers. It does not show how much another seed would change. The
    classes that a model predicts are ``live.predict(x).argmax(axis=1)``, and with weights removed
    ``live.predict(x, masks).argmax(axis=1)``.

    Args:
        a: The first answers, one per example: True where right. Or the predicted classes, with ``labels``.
        b: The second answers to the same examples, in the same order; of the same kind as ``a``.
        labels: The right classes, if ``a`` and ``b`` are predicted classes. Defaults to None.

    Returns:
        Paired, with ``.lost``, ``.won``, ``.n`` and ``.p_value`` (two-sided); it prints as a sentence.

    Raises:
        ValueError: If they differ in length, are not one-dimensional or not of one kind, if labels are
            missing, or if a class is not a whole number.

    Example:
        >>> labels = np.array([7, 2, 1, 0, 4, 1])
        >>> whole, pruned = [7, 2, 1, 0, 4, 7], [7, 2, 8, 6, 9, 1]
        >>> pw.paired(whole, pruned, labels)
        3 of 6 lost, 1 won: 2 fewer right; exact p = 0.62
        >>> pw.paired(whole == labels, pruned == labels).p_value
        0.625
    """
    given = {"a": a, "b": b} if labels is None else {"a": a, "b": b, "labels": labels}
    arrays = {name: _one_each(name, values) for name, values in given.items()}
    if len({len(array) for array in arrays.values()}) > 1:
        lengths = ", ".join(f"{name} has {len(array):,}" for name, array in arrays.items())
        raise ValueError(f"The same examples are needed in each, but {lengths}.")
    kinds = {name: _kind(array) for name, array in arrays.items()}
    if len(set(kinds.values())) > 1:
        found = ", ".join(f"{name} holds {kind}" for name, kind in kinds.items())
        raise ValueError(
            f"{found}: give two arrays of right or wrong (True or False) and no labels, "
            "or predicted classes and labels of the same kind."
        )
    if labels is None and kinds["a"] != "booleans":
        raise ValueError(
            f"a and b hold {kinds['a']}, not True or False: give the right classes too, as labels."
        )
    if labels is None:
        right_a, right_b = arrays["a"], arrays["b"]
    else:
        right_a, right_b = arrays["a"] == arrays["labels"], arrays["b"] == arrays["labels"]
    lost, won = int(np.count_nonzero(right_a & ~right_b)), int(np.count_nonzero(~right_a & right_b))
    return Paired(lost, won, len(right_a), exact_p(lost, won))


def exact_p(lost: int, won: int) -> float:
    """Return the two-sided binomial probability of a split at least this uneven, at even chances.

    Each term of the distribution follows from its neighbour, from the middle outwards, so that neither
    factorials nor powers of two overflow. Never 0: what is too small for a float is the smallest float.
    """
    fewer, differ = min(lost, won), lost + won
    middle = differ // 2
    with np.errstate(under="ignore"):
        ratios = np.arange(middle, 0, -1) / np.arange(differ - middle + 1, differ + 1)
        terms = np.concatenate([[1.0], np.cumprod(ratios)])  # of middle, middle - 1, ..., 0
    total = 2 * terms.sum() - (differ % 2 == 0)  # by symmetry; an even number has its middle term once
    return min(1.0, max(ulp(0.0), float(2 * terms[middle - fewer :].sum() / total)))


def _one_each(name: str, values: Any) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(
            f"{name} has shape {array.shape}, but one value per example is needed; "
            "of the outputs of a model take the classes, outputs.argmax(axis=1)."
        )
    if array.dtype.kind == "f" and not (array == np.trunc(array)).all():
        raise ValueError(
            f"{name} holds {array[array != np.trunc(array)][0]:g}, which is no class: "
            "turn outputs into classes first, such as outputs > 0.5."
        )
    return array


def _kind(array: np.ndarray) -> str:
    return {"b": "booleans", "i": "numbers", "u": "numbers", "f": "numbers"}.get(array.dtype.kind, "text")
