"""Scores that are hard to rank: ties, rounded decimals, subnormals, both zeros, signs."""

import numpy as np

_RNG = np.random.default_rng(7)


def _arrays() -> dict[str, np.ndarray]:
    decimals = np.array([0.5, 0.2, 0.8, 0.3, 0.1, 0.6, 0.9, 0.4, 0.2, 0.7, 0.3, 0.6])  # the article's |w|
    return {
        "article": decimals,
        "decimals": np.tile(np.arange(10) / 10, 30),
        "normal": np.abs(_RNG.normal(0, 0.05, 3_000)),
        "crowded": np.abs(_RNG.standard_cauchy(2_000)) * 1e-3,
        "neighbours": np.nextafter(np.float32(0.7), np.float32([0, 1, 0, 1, 0.7])).astype(float),
        "subnormal": np.array([0.0, 1e-45, 3e-45, 1e-40, 1.1754944e-38, 5e-324, 2e-308]),
        "zeros": np.array([0.0, -0.0, 0.0, -0.0]),
        "negative zero": np.array([-0.0]),
        "equal": np.full(7, 0.3),
        "one": np.array([0.25]),
        "one zero": np.zeros(1),
        "negative": _RNG.normal(-3, 1, 400).round(1),
        "all negative": -np.abs(_RNG.normal(5, 0.001, 50)),
        "far from zero": -np.linspace(1000, 1000.01, 90),
        "both signs": np.array([-1.5, -0.1, -0.0, 0.0, 0.1, 2.5, -0.1]),
        "wide": 10.0 ** np.arange(-30, 31, 3),
        "largest": np.array([1.0, 2.0, 3.4028234663852886e38]),
    }


CASES = {
    f"{name}, {dtype.__name__}": array.astype(dtype)
    for name, array in _arrays().items()
    for dtype in (np.float32, np.float64)
}


def hard_thresholds(scores: np.ndarray) -> list[float]:
    """Return scores with their float32 and float64 neighbours, midpoints, round numbers and extremes."""
    some = _RNG.choice(np.unique(scores), min(60, np.unique(scores).size), replace=False)
    values = [0.0, -0.0, 5e-324, 1e-45, 0.1, 0.3, 0.7, 1e39, 1e300, *_RNG.uniform(0, 1, 40)]
    for score in some:
        wide = float(score)
        with np.errstate(over="ignore", under="ignore"):
            narrow = np.float32(score)
            near = [np.nextafter(narrow, np.float32(side)) for side in (-np.inf, np.inf)]
        values += [wide, np.nextafter(wide, -np.inf), np.nextafter(wide, np.inf), *near, round(wide, 3)]
        values += [(float(narrow) + float(other)) / 2 for other in near]  # float32 rounds the tie to even
    return [float(value) for value in values if np.isfinite(value)]


def count_below(scores: np.ndarray, threshold: float) -> int:
    """Count with NumPy: round the threshold to the scores' dtype, then compare."""
    with np.errstate(over="ignore", under="ignore"):
        return int(np.count_nonzero(scores < scores.dtype.type(threshold)))


def reachable_counts(scores: np.ndarray) -> list[int]:
    """Return the counts that a threshold can remove: the scores below each distinct score, or all."""
    return [*(int(np.count_nonzero(scores < value)) for value in np.unique(scores)), scores.size]
