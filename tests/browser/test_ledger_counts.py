"""The page counts costs to the byte as `prunewidgets.ledger` does, for any weights, criterion and τ."""

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.core.ledger import counted
from prunewidgets.labs.ledger_view import LedgerView

from ..support.bare import encoded, run

RNG = np.random.default_rng(11)


def sparse(size: int, places: list[int], dtype=np.float32) -> np.ndarray:
    """Zeros but for some places."""
    array = np.zeros(size, dtype)
    array[places] = RNG.normal(0, 1, len(places))
    return array


# Gaps at the limits of one byte and of two, at the start, in the middle and at the end.
GAPS = {
    "one byte": sparse(2_000, [255, 511, 768, 1_025, 1_999]),
    "bridged": sparse(2_000, [256, 513, 1_400]),
    "two bytes": sparse(140_000, [65_535, 65_536, 131_072]),
    "two bytes, bridged": sparse(140_000, [65_536, 139_999]),
    "all zero": np.zeros(300, np.float32),
    "nothing": np.zeros((0, 3), np.float32),
}
MIXED = {
    "conv": RNG.normal(0, 0.1, (3, 3, 4, 5)).astype(np.float32),
    "dense": RNG.normal(0, 0.2, (70, 31)).astype(np.float32),
    "bias": np.float32([0.0, -0.0, 0.3, 1e-45, -0.2]),
}
# What float32 cannot hold is stored as zero or infinity; ties; both dtypes together.
DOUBLE = {
    "tiny": np.array([1e-46, -1e-50, 1e-45, 0.25, 1e300, 0.0, -0.5]),
    "ties": np.repeat([0.1, -0.2, 0.3], 50).reshape(10, 15).astype(np.float32),
}
CASES = {
    "gaps": (GAPS, None),
    "mixed": (MIXED, {"conv": 36, "dense": 1}),
    "double": (DOUBLE, {"tiny": 7, "ties": 0}),
    "no positions": (MIXED, {}),
}
PARTS = ("weights", "scores", "layers", "dtype", "criterion", "generation", "stops", "stops_below")
COUNT = """async ({ countCosts }, { state, thresholds, positions }) => {
    const { Layers } = await import("/static/numbers/layers.js");
    const { decoded } = await import("/host.js");
    const values = Object.fromEntries(Object.entries(state).map(([name, value]) => [name, decoded(value)]));
    const layers = Layers.of({ get: (name) => values[name] });
    return thresholds.map((threshold) => countCosts(layers, threshold, positions));
}"""


@pytest.mark.parametrize("criterion", ["magnitude", "squared", "distribution"])
@pytest.mark.parametrize("case", CASES)
def test_every_count_equals_pythons(bare, case, criterion):
    weights, positions = CASES[case]
    if criterion != "magnitude":
        weights = {name: array for name, array in weights.items() if 0 < array.size < 10_000}
        if case == "double":
            weights = weights | {"tiny": weights["tiny"][:4]}
        positions = positions and {name: uses for name, uses in positions.items() if name in weights}
    view = LedgerView(weights, positions, criterion)
    scores = pw.score(weights, criterion)
    together = np.concatenate([array.ravel() for array in scores.values()])
    thresholds = [0.0, 1e-45, 0.1, 0.2, 0.3, *RNG.choice(together, 12), float(together.max()), 1e30]
    thresholds = [float(threshold) for threshold in thresholds]
    state = {name: encoded(getattr(view, name)) for name in PARTS} | {"stop_lists": []}
    seen = run(
        bare,
        "numbers/ledger_counts",
        COUNT,
        {"state": state, "thresholds": thresholds, "positions": positions},
    )
    for threshold, costs in zip(thresholds, seen, strict=True):
        expected = counted(weights, pw.Masks.from_threshold(scores, threshold), positions)
        expected.pop("sparsity")
        assert costs == expected, threshold
