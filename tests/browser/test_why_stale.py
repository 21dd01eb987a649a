"""Why a measured number is stale, case by case."""

import pytest

from ..support.bare import run

LAB = {"generation": 2, "criterion": "square", "counts": [3, 0], "thresholds": [0.5, 0.1]}
LEDGER = {"generation": 2, "criterion": "square", "removed": 3, "threshold": 0.5}


@pytest.mark.parametrize(
    ("state", "change", "whole", "sampled"),
    [
        (LAB, {}, "", ""),
        (LEDGER, {}, "", ""),
        (LAB, {"generation": 1}, "weights", "weights"),
        (LEDGER, {"generation": 1, "criterion": "magnitude"}, "weights", "weights"),
        (LEDGER, {"criterion": "magnitude", "removed": 4}, "criterion", "criterion"),
        # A threshold between the same two scores removes the same weights: known only if all were counted.
        (LAB, {"thresholds": [0.4, 0.1]}, "", "removed"),
        (LEDGER, {"threshold": 0.4}, "", "removed"),
        (LAB, {"counts": [2, 1], "thresholds": [0.4, 0.2]}, "removed", "removed"),
        (LEDGER, {"removed": 4, "threshold": 0.6}, "removed", "removed"),
    ],
)
def test_the_reason(functions, state, change, whole, sampled):
    script = "({ whyStale }, { measured, shown }) => [false, true].map((s) => whyStale(measured, shown, s))"
    states = {"measured": state, "shown": {**state, **change}}
    assert run(functions, "numbers/why_stale", script, states) == [whole, sampled]
    assert run(functions, "numbers/why_stale", script, {**states, "measured": {}})[0] == "weights"
