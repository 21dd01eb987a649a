"""ranking.js counts as NumPy does, to the weight."""

from decimal import Decimal

import numpy as np
import pytest

from prunewidgets.core.thresholds import nearest_threshold, short_threshold, sorted_scores

from ..support.bare import encoded, run
from ..support.scores import CASES, count_below, hard_thresholds, reachable_counts

OPEN = """const { Ranking, Travel, floats, thresholdText, shortestBetween, roundHalfEven } = module;
    const { decoded } = await import("/host.js");
    const { ascending } = await import("/static/numbers/order.js");
    const ranking = new Ranking(ascending(floats(decoded(a.scores), a.dtype)), a.dtype);"""


def in_browser(page, scores, expression, **values):
    """Evaluate an expression about the ranking of these scores; `a` holds the values."""
    argument = {"scores": encoded(scores), "dtype": scores.dtype.name, **values}
    return run(page, "numbers/ranking", f"async (module, a) => {{ {OPEN} return {expression}; }}", argument)


@pytest.mark.parametrize("case", CASES)
def test_removed_equals_numpys_count(functions, case):
    scores = CASES[case]
    thresholds = hard_thresholds(scores)
    counted = in_browser(
        functions, scores, "a.thresholds.map((t) => ranking.removed(t))", thresholds=thresholds
    )
    assert counted == [count_below(scores, threshold) for threshold in thresholds]


@pytest.mark.parametrize("case", CASES)
def test_the_threshold_for_a_count_reaches_the_nearest_count(functions, case):
    scores = CASES[case]
    wanted = sorted({*range(min(scores.size, 40) + 1), scores.size - 1, scores.size, scores.size // 2})
    found = in_browser(functions, scores, "a.wanted.map((n) => ranking.thresholdFor(n))", wanted=wanted)
    counts, ordered = reachable_counts(scores), sorted_scores(scores)
    for n, threshold in zip(wanted, found, strict=True):
        assert np.isfinite(threshold)
        reached = count_below(scores, threshold)
        assert reached == min(counts, key=lambda count: (abs(count - n), count)), (n, threshold)
        assert reached == count_below(scores, nearest_threshold(ordered, n)), (n, threshold)


@pytest.mark.parametrize("case", CASES)
def test_reachable_names_the_counts_around_a_wanted_one(functions, case):
    scores = CASES[case]
    wanted = list(range(min(scores.size, 60) + 1))
    found = in_browser(functions, scores, "a.wanted.map((n) => ranking.reachable(n))", wanted=wanted)
    counts = reachable_counts(scores)
    expected = [[max(c for c in counts if c <= n), min(c for c in counts if c >= n)] for n in wanted]
    assert found == expected


def test_two_and_four_of_the_articles_twelve_cannot_be_removed(functions):
    found = in_browser(functions, CASES["article, float64"], "[2, 3, 4].map((n) => ranking.reachable(n))")
    assert found == [[1, 3], [3, 3], [3, 5]]


@pytest.mark.parametrize("case", ["normal, float32", "normal, float64", "crowded, float32", "wide, float64"])
def test_a_threshold_has_as_few_digits_as_possible(functions, case):
    ordered = sorted_scores(CASES[case])
    wanted = list(range(1, ordered.size, max(1, ordered.size // 50)))
    found = in_browser(functions, CASES[case], "a.wanted.map((n) => ranking.thresholdFor(n))", wanted=wanted)
    digits = [len(Decimal(repr(threshold)).normalize().as_tuple().digits) for threshold in found]
    shortest = [short_threshold(ordered, float(ordered[n])) for n in wanted]
    assert digits == [len(Decimal(repr(threshold)).normalize().as_tuple().digits) for threshold in shortest]


@pytest.mark.parametrize("case", CASES)
def test_a_threshold_as_text_is_still_the_same_number(functions, case):
    scores = CASES[case]
    thresholds = hard_thresholds(scores)
    texts = in_browser(
        functions, scores, "a.thresholds.map((t) => thresholdText(t, ranking.round))", thresholds=thresholds
    )
    with np.errstate(over="ignore", under="ignore"):
        for threshold, text in zip(thresholds, texts, strict=True):
            assert scores.dtype.type(float(text)) == scores.dtype.type(threshold), text


def test_rounding_equals_pythons(functions):
    values = [*np.arange(0, 40, 0.25), 2**52 + 0.5, 0.49999999999999994, 12 * 0.375, 0.285 * 100]
    found = in_browser(
        functions, np.ones(1), "a.values.map(roundHalfEven)", values=[float(v) for v in values]
    )
    assert found == [round(float(value)) for value in values]


@pytest.mark.parametrize("case", CASES)
def test_the_slider_scale_rises_from_nothing_removed_to_everything(functions, case):
    scores = CASES[case]
    expression = """((way) => {
        const thresholds = Array.from({ length: way.steps + 1 }, (_, p) => way.threshold(p));
        return { thresholds, back: thresholds.map((t) => Math.round(way.position(t))) };
    })(new Travel(ranking))"""
    way = in_browser(functions, scores, expression)
    thresholds = way["thresholds"]
    assert 2 <= len(thresholds) <= 1001
    assert all(np.isfinite(thresholds))
    assert thresholds == sorted(thresholds)
    assert count_below(scores, thresholds[0]) == 0
    assert count_below(scores, thresholds[-1]) == scores.size
    assert way["back"] == list(range(len(thresholds)))


@pytest.mark.parametrize("case", ["normal, float32", "crowded, float64", "far from zero, float64"])
def test_the_slider_scale_is_widest_where_most_scores_are(functions, case):
    """No tenth of the way removes more than a third of all scores at once."""
    scores = CASES[case]
    expression = (
        "((w) => Array.from({ length: 11 }, (_, p) => w.threshold((p / 10) * w.steps)))(new Travel(ranking))"
    )
    counts = [count_below(scores, threshold) for threshold in in_browser(functions, scores, expression)]
    assert max(np.diff(counts)) <= scores.size / 3
