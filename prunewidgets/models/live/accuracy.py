"""A measured accuracy that remembers on how many examples it was measured."""

from math import sqrt

_Z = 1.959963984540054  # 97.5 % quantile of the normal distribution: 2.5 % are left out on each side


class Accuracy(float):
    """Correct answers ÷ answers, a plain float that also knows how sure it is.

    Attributes:
        correct: How many answers were right.
        n: How many answers were compared.
        effective: How many answers of equal weight would be as sure: n, fewer where weights differ.
    """

    correct: int
    n: int
    effective: float

    def __new__(
        cls, correct: int, n: int, weighted: float | None = None, effective: float | None = None
    ) -> "Accuracy":
        """Build it from the two counts, 0 <= correct <= n and n >= 1; with weights, from their shares too.

        Args:
            correct: How many answers were right.
            n: How many answers were compared.
            weighted: The weights of the right ones ÷ those of all, in place of correct ÷ n.
            effective: (Σ weight)² ÷ Σ weight², Kish's effective sample size, in place of n.
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
        """Let copy and pickle build it again from the counts."""
        return self.correct, self.n, float(self), self.effective

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval (low, high), within 0 and 1 also where every answer is right.

        Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal
        of the American Statistical Association 22 (1927).
        """
        n, share = self.effective, float(self)
        spread = _Z * _Z / n
        centre = (share + spread / 2) / (1 + spread)
        half = _Z / (1 + spread) * sqrt(max(0.0, share * (1 - share)) / n + spread / (4 * n))
        # The formula gives exactly 0 and 1 at the ends; rounding errors are cut off.
        low = 0.0 if self.correct == 0 else max(0.0, centre - half)
        high = 1.0 if self.correct == self.n else min(1.0, centre + half)
        return low, high

    def __repr__(self) -> str:
        """Per cent, interval and count, such as ``98.71 % (98.47–98.91 %, 10,000 examples)``."""
        low, high = self.interval
        noun = "example" if self.n == 1 else "examples"
        noun += "" if self.effective == self.n else ", weighted"
        return f"{float(self):.2%} ({low:.2%}–{high:.2%}, {self.n:,} {noun})".replace("%", " %").replace(
            " %–", "–"
        )

    __str__ = __repr__
