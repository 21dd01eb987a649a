"""A model too large to send: the page holds stops with exact counts, and never claims another."""

import numpy as np
import pytest

from prunewidgets.core.thresholds import sorted_scores
from prunewidgets.widgets import buffers

from ..support.bare import encoded, run
from ..support.scores import CASES, count_below, hard_thresholds

OPEN = """const { Ranking, floats } = module;
    const { decoded } = await import("/host.js");
    const below = floats(decoded(a.below), "float64");
    const ranking = new Ranking(floats(decoded(a.values), a.dtype), a.dtype, below, a.total);"""
SAMPLED = [
    "normal, float32",
    "decimals, float32",
    "decimals, float64",
    "crowded, float64",
    "negative, float32",
]


@pytest.fixture(params=SAMPLED)
def sampled(request, functions, monkeypatch):
    """(scores, a function that evaluates an expression about their ranking of 20 stops)."""
    monkeypatch.setattr(buffers, "STOPS", 20)
    scores = CASES[request.param]
    values, below, total = buffers.stops_of(sorted_scores(scores))
    stops = {"values": encoded(values), "below": encoded(below), "total": total, "dtype": scores.dtype.name}

    def ask(expression, **more):
        return run(
            functions,
            "numbers/ranking",
            f"async (module, a) => {{ {OPEN} return {expression}; }}",
            stops | more,
        )

    return scores, ask


def test_every_stop_counts_exactly(sampled):
    scores, ask = sampled
    thresholds = hard_thresholds(scores)
    expression = "a.thresholds.map((t) => [ranking.snap(t), ranking.removed(ranking.snap(t))])"
    for snapped, removed in ask(expression, thresholds=thresholds):
        assert removed == count_below(scores, snapped)


def test_a_threshold_moves_up_to_the_next_stop_and_no_further(sampled):
    scores, ask = sampled
    stops = np.array(ask("[...ranking.values]"))
    for threshold in np.linspace(stops[0], stops[-1], 57):
        snapped = ask("ranking.snap(a.threshold)", threshold=float(threshold))
        assert snapped == stops[stops >= scores.dtype.type(threshold)][0]


def test_thresholds_reported_as_exact_are_exact(sampled):
    scores, ask = sampled
    thresholds = hard_thresholds(scores)
    answers = ask("a.thresholds.map((t) => [ranking.exactAt(t), ranking.removed(t)])", thresholds=thresholds)
    said = [exact for exact, _ in answers]
    assert True in said and False in said
    for threshold, (exact, removed) in zip(thresholds, answers, strict=True):
        if exact:
            assert removed == count_below(scores, threshold), threshold


def test_stepping_down_ends_at_nothing_removed(sampled):
    scores, ask = sampled
    expression = """(() => {
        const seen = [ranking.top];
        while (seen.length < 30 && ranking.removed(seen.at(-1)) > 0) {
            seen.push(ranking.stopBelow(seen.at(-1)));
        }
        return seen;
    })()"""
    seen = ask(expression)
    assert all(lower < upper for upper, lower in zip(seen, seen[1:], strict=False))
    assert [count_below(scores, threshold) for threshold in (seen[0], seen[-1])] == [scores.size, 0]


def test_the_threshold_for_a_count_is_the_nearest_stop(sampled):
    scores, ask = sampled
    stops = ask("[...ranking.values]")
    counts = [*(count_below(scores, stop) for stop in stops), scores.size]
    for wanted in range(0, scores.size + 1, max(1, scores.size // 45)):
        threshold = ask("ranking.thresholdFor(a.wanted)", wanted=wanted)
        assert count_below(scores, threshold) == min(counts, key=lambda n: (abs(n - wanted), n))
