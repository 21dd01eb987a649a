"""A measured accuracy that records how many examples it was measured on."""

from math import nan, sqrt
from typing import Any

_Z = 1.959963984540054  # 97.5 % quantile of the normal distribution: 2.5 % in each tail


class Accuracy(float):
    """Correct answers ÷ answers: a plain float that also has a confidence interval.

    Attributes:
        correct: Number of correct answers.
        n: Number of answers compared.
        effective: Effective sample size: n if all answers have equal weight, less if their weights differ.

    Example:
        >>> accuracy = pw.models.Accuracy(correct=9871, n=10_000)
        >>> accuracy
        98.71 % (98.47–98.91 %, 10,000 examples)
        >>> accuracy > 0.98
        True
    """

    correct: int
    n: int
    effective: float

    def __new__(
        cls, correct: int, n: int, weighted: float | None = None, effective: float | None = None
    ) -> "Accuracy":
        """Build it from the two counts, 0 <= correct <= n and n >= 1, and from the weights if there are any.

        Args:
            correct: Number of correct answers.
            n: Number of answers compared.
            weighted: Total weight of the correct answers ÷ total weight of all. Defaults to correct ÷ n.
            effective: Kish's effective sample size, (Σ weight)² ÷ Σ weight². Defaults to n.
        """
        if not 0 <= correct <= n or n < 1:
            raise ValueError(
                f"{correct} correct answers of {n}: an accuracy needs 0 <= correct <= n and n >= 1."
            )
        if effective is None or weighted is None or abs(effective - n) < 1e-9 * n:
            weighted, effective = correct / n, n
        self = super().__new__(cls, weighted)
        self.correct, self.n, self.effective = int(correct), int(n), float(effective)
        return self

    def __getnewargs__(self) -> tuple[int, int, float, float]:  # type: ignore[override]
        """Return the arguments from which copy and pickle rebuild it."""
        return self.correct, self.n, float(self), self.effective

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval (low, high), which stays within 0 and 1 even if every answer is correct.

        Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal
        of the American Statistical Association 22 (1927).
        """
        n, share = self.effective, float(self)
        spread = _Z * _Z / n
        centre = (share + spread / 2) / (1 + spread)
        half = _Z / (1 + spread) * sqrt(max(0.0, share * (1 - share)) / n + spread / (4 * n))
        # At the ends the formula is exactly 0 and 1; this removes rounding errors.
        low = 0.0 if self.correct == 0 else max(0.0, centre - half)
        high = 1.0 if self.correct == self.n else min(1.0, centre + half)
        return low, high

    def __repr__(self) -> str:
        """Return percentage, interval and count, such as ``98.71 % (98.47–98.91 %, 10,000 examples)``."""
        low, high = self.interval
        noun = "example" if self.n == 1 else "examples"
        noun += "" if self.effective == self.n else ", weighted"
        return f"{float(self):.2%} ({low:.2%}–{high:.2%}, {self.n:,} {noun})".replace("%", " %").replace(
            " %–", "–"
        )

    __str__ = __repr__


def as_columns(value: Accuracy | float, missing: Any = nan) -> dict[str, Any]:
    """Return the columns "accuracy", "low", "high" and "n" of a measured value.

    Args:
        value: An accuracy, or the value of a metric, which has no interval.
        missing: What a metric has for "low", "high" and "n". Defaults to NaN.
    """
    if not isinstance(value, Accuracy):
        return {"accuracy": float(value), "low": missing, "high": missing, "n": missing}
    low, high = value.interval
    return {"accuracy": float(value), "low": low, "high": high, "n": value.n}
