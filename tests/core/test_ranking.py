"""Ranks of right answers against a loop that counts them one by one, and against sorted places."""

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.core.measures import measure_named


def rank_by_loop(scores, answer, left_out):
    """The mean of the best and the worst place that the answer can take among equals ("realistic")."""
    best = worst = 1
    for candidate, score in enumerate(scores):
        if candidate == answer or left_out[candidate]:
            continue
        if score > scores[answer]:
            best, worst = best + 1, worst + 1
        elif score == scores[answer]:
            worst += 1
    return (best + worst) / 2


@pytest.fixture
def graph():
    """200 facts about 11 entities in 4 relations, some of them asked for; scores of few different values."""
    rng = np.random.default_rng(0)
    known = np.unique(np.stack([rng.integers(0, high, 200) for high in (11, 4, 11)], axis=1), axis=0)
    questions = known[rng.permutation(len(known))[:60]]
    return known, questions, rng.integers(0, 5, (60, 11)).astype(np.float32)


def test_ranks_are_those_of_a_loop_with_ties_and_known_answers(graph):
    known, questions, scores = graph
    facts = {tuple(fact) for fact in known.tolist()}
    expected = [
        rank_by_loop(scores[row], answer, [(entity, relation, other) in facts for other in range(11)])
        for row, (entity, relation, answer) in enumerate(questions.tolist())
    ]
    metric = pw.ranking.RankMetric(known)
    assert metric.ranks(questions, scores).tolist() == expected
    assert metric(questions, scores) == pytest.approx(sum(1 / rank for rank in expected) / 60)
    for k in (1, 3, 10):
        hits = sum(rank <= k for rank in expected) / 60
        assert pw.ranking.RankMetric(known, hits=k)(questions, scores) == pytest.approx(hits)


def test_without_ties_a_rank_is_the_place_in_the_sorted_row():
    rng = np.random.default_rng(1)
    scores = rng.permuted(np.tile(np.arange(9.0), (30, 1)), axis=1)
    answers = rng.integers(0, 9, 30)
    places = [list(np.argsort(-row)).index(answer) + 1 for row, answer in zip(scores, answers, strict=True)]
    assert pw.ranking.ranks(scores, answers).tolist() == places


def test_where_all_scores_are_equal_an_answer_is_in_the_middle():
    """A model without weights must not look good, whichever way it breaks ties."""
    assert pw.ranking.ranks(np.zeros((2, 9)), [0, 8]).tolist() == [5, 5]


def test_known_answers_leave_out_another_relation_and_another_entity(graph):
    known, questions, _ = graph
    found = pw.ranking.known_answers(questions[:, :2], known, 11)
    expected = np.zeros((60, 11), bool)
    for row, (entity, relation, _) in enumerate(questions):
        for subject, kind, answer in known:
            expected[row, answer] |= (subject, kind) == (entity, relation)
    np.testing.assert_array_equal(found, expected)
    assert 0 < found.mean() < 1
    assert not pw.ranking.known_answers([[0, 0]], np.empty((0, 3), int), 4).any()


def test_infinite_scores_have_a_rank():
    assert pw.ranking.ranks([[np.inf, 1.0, -np.inf]], [1]).tolist() == [2]


QUESTION, KNOWN = np.array([[0, 0, 1]]), np.array([[0, 0, 1], [0, 0, 2]])
MRR, EMPTY = pw.ranking.RankMetric(KNOWN), np.empty((0, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(lambda: pw.ranking.ranks([0.1, 0.2], [1]), "do not fit", id="one row"),
        pytest.param(lambda: pw.ranking.ranks([[0.1, 0.2]], [1, 0]), "do not fit", id="two answers"),
        pytest.param(lambda: pw.ranking.ranks([[0.1, np.nan]], [0]), "NaN has no rank", id="nan"),
        pytest.param(lambda: pw.ranking.ranks([[0.1, 0.2]], [2]), "from 0 to 1", id="answer too high"),
        pytest.param(lambda: pw.ranking.ranks([[0.1, 0.2]], [-1]), "from 0 to 1", id="negative"),
        pytest.param(lambda: pw.ranking.ranks([[0.1, 0.2]], [0], [[True]]), "left_out has", id="left out"),
        pytest.param(lambda: pw.ranking.RankMetric(KNOWN, hits=0), "1 or more", id="no hits"),
        pytest.param(lambda: pw.ranking.RankMetric(KNOWN[:, :2]), "known is an array", id="no answers"),
        pytest.param(lambda: pw.ranking.RankMetric(KNOWN / 2), "whole numbers", id="fractions"),
        pytest.param(
            lambda: MRR(QUESTION[:, 2], [[0.1, 0.2, 0.3]]),
            "questions is an array",
            id="answers alone as y",
        ),
        pytest.param(lambda: MRR(QUESTION[:0], EMPTY), "0 questions", id="none"),
        pytest.param(lambda: MRR(QUESTION, [[0.1, 0.2]]), "answers in known", id="two"),
    ],
)
def test_what_has_no_rank_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_more_is_better():
    for metric in (pw.ranking.RankMetric(KNOWN), pw.ranking.RankMetric(KNOWN, hits=10)):
        assert measure_named(metric.name).direction == "max"
    assert measure_named("hits_at_10").share
