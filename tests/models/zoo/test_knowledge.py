"""DistMult against its definition; it learns, and the tools of the package work on it."""

import numpy as np
import pytest

import prunewidgets as pw


def test_a_score_is_the_sum_of_products_of_three_numbers():
    model = pw.models.distmult(5, 4, size=3, seed=1)
    tables = pw.LiveModel(model).weights
    entity, relation = tables["entity/embeddings"], tables["relation/embeddings"]
    questions = np.array([[0, 3], [4, 0], [2, 2]], np.int32)
    expected = [
        [sum(entity[e, k] * relation[r, k] * entity[a, k] for k in range(3)) for a in range(5)]
        for e, r in questions
    ]
    np.testing.assert_allclose(model.predict(questions, verbose=0), expected, rtol=1e-5, atol=1e-8)


def test_a_seed_repeats_the_initial_weights():
    one, same, other = (pw.models.distmult(5, 4, size=3, seed=seed).get_weights() for seed in (1, 1, 2))
    np.testing.assert_array_equal(one[0], same[0])
    assert not np.array_equal(one[0], other[0]) and not np.array_equal(one[0][:4], one[1])


@pytest.fixture(scope="module")
def trained():
    """A model of nations after a few rounds, with questions and the measure."""
    graph = pw.datasets.knowledge_graph("nations")
    questions = graph.questions(graph.train)
    model = pw.models.distmult(14, 110, size=8, seed=0)
    model.optimizer.learning_rate = 0.05
    model.fit(questions[:, :2], questions[:, 2], batch_size=320, epochs=5, shuffle=False, verbose=0)
    return model, graph.questions(graph.test), pw.ranking.RankMetric(graph.known)


def test_it_learns_what_no_untrained_model_knows(trained):
    model, test, mrr = trained
    chance = pw.LiveModel(pw.models.distmult(14, 110, size=8, seed=0)).evaluate(test[:, :2], test, metric=mrr)
    found = pw.LiveModel(model).evaluate(test[:, :2], test, metric=mrr)
    assert chance < 0.45 and found > chance + 0.1
    assert found == pytest.approx(mrr(test, model.predict(test[:, :2], verbose=0)))


def test_removed_numbers_can_be_cut_out(trained):
    model, test, mrr = trained
    masks = pw.Masks.from_sparsity(pw.unit_score(model, criterion="l2"), 0.25)
    small, zeros = pw.shrink(model, masks), pw.mask_units(model, masks)
    assert small.count_params() == 6 * (14 + 110)
    scores = [one.predict(test[:, :2], verbose=0) for one in (small, zeros)]
    np.testing.assert_allclose(*scores, rtol=1e-4, atol=1e-5)


def test_a_lab_measures_it_by_rank(trained):
    model, test, mrr = trained
    lab = pw.PruningLab(model, test[:, :2], test, metric=mrr)
    lab.sparsity = 0.5
    assert lab.measure == {"name": "mrr", "direction": "max", "share": False}
    assert lab.accuracy == pytest.approx(
        pw.LiveModel(model).evaluate(test[:, :2], test, lab.masks, metric=mrr)
    )
    lab.close()
