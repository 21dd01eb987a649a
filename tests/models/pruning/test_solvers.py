"""The layer-wise solvers, against every choice on tiny matrices and against the papers' plain loops."""

from itertools import combinations

import numpy as np
import pytest

from prunewidgets.models.pruning.solvers import (
    SOLVERS,
    Task,
    damped,
    inverse_factor,
    least_squares,
    obc,
    obs,
    sparsegpt,
    thinet,
)


def layer(inputs, outputs, seed=0, examples=40):
    """Weights and moments of inputs that depend on each other, as those of a network do."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(examples, inputs)) @ rng.normal(size=(inputs, inputs))
    return rng.normal(size=(inputs, outputs)), x.T @ x


def error(weights, new, moments):
    change = weights - new
    return float(np.einsum("ko,kl,lo->", change, moments, change))


def best_for(w, moments, stays):
    """The least squares of one output from its normal equations, by the pseudoinverse."""
    new = np.zeros_like(w)
    stays = list(stays)
    new[stays] = np.linalg.pinv(moments[np.ix_(stays, stays)]) @ moments[stays] @ w
    return new


def test_the_factor_is_that_of_the_inverse():
    _, moments = layer(7, 1)
    upper = inverse_factor(moments)
    np.testing.assert_allclose(upper.T @ upper, np.linalg.inv(moments), rtol=1e-6)
    np.testing.assert_allclose(upper, np.linalg.cholesky(np.linalg.inv(moments)).T, rtol=1e-6, atol=1e-9)


def test_dependent_inputs_need_damping():
    moments = np.ones((3, 3))
    with pytest.raises(ValueError, match="inputs of a layer depend on each other.*more damping"):
        inverse_factor(moments)
    inverse_factor(damped(moments, 0.01)[0])
    assert (moments == 1).all()


def test_least_squares_is_the_best_for_each_mask():
    weights, moments = layer(6, 3)
    kept = np.random.default_rng(1).random((6, 3)) < 0.5
    kept[:, 1] = False  # an output may lose everything
    new = least_squares(weights, moments, kept)
    assert (new[~kept] == 0).all()
    for output in range(3):
        expected = best_for(weights[:, output], moments, np.flatnonzero(kept[:, output]))
        np.testing.assert_allclose(new[:, output], expected, rtol=1e-6)


@pytest.mark.parametrize("solver", [obs, obc])
@pytest.mark.parametrize("seed", range(5))
def test_a_single_weight_is_the_best_of_all(solver, seed):
    """For one weight optimal brain surgeon is exact: no other choice has a smaller error."""
    weights, moments = layer(5, 1, seed)
    new, kept = solver(weights, moments, Task(removed=1))
    every = [best_for(weights[:, 0], moments, stays)[:, None] for stays in combinations(range(5), 4)]
    least = min(error(weights, other, moments) for other in every)
    assert error(weights, new, moments) == pytest.approx(least, rel=1e-6)
    assert kept.sum() == 4 and (new[~kept] == 0).all()


def obc_by_hand(w, inverse, allowed):
    """Algorithm 1: (index, error, weights after it) of each step of one output."""
    w, inverse, steps = w.copy(), inverse.copy(), []
    alive = list(range(len(w)))
    while alive:
        choice = [p for p in alive if allowed([s[0] for s in steps], p)]
        if not choice:
            break
        p = min(choice, key=lambda p: w[p] ** 2 / inverse[p, p])
        loss = w[p] ** 2 / inverse[p, p]
        w = w - inverse[:, p] * w[p] / inverse[p, p]
        inverse = inverse - np.outer(inverse[:, p], inverse[p]) / inverse[p, p]
        alive.remove(p)
        w[[i for i in range(len(w)) if i not in alive]] = 0
        steps.append((p, loss, w.copy()))
    return steps


@pytest.mark.parametrize("removed", [0, 1, 9, 17, 24])
def test_obc_is_the_paper_s_loop(removed):
    weights, moments = layer(6, 4, 2)
    inverse = np.linalg.inv(moments)
    traces = [obc_by_hand(weights[:, o], inverse, lambda gone, p: True) for o in range(4)]
    taken = [0] * 4
    for _ in range(removed):  # algorithm 2: the output whose next step costs least
        nearest = min((o for o in range(4) if taken[o] < 6), key=lambda o: traces[o][taken[o]][1])
        taken[nearest] += 1
    new, kept = obc(weights, moments, Task(removed=removed))
    assert (~kept).sum() == removed
    for o in range(4):
        expected = traces[o][taken[o] - 1][2] if taken[o] else weights[:, o]
        np.testing.assert_allclose(new[:, o], expected, rtol=1e-5, atol=1e-9)


def test_obc_two_of_four_is_the_paper_s_loop():
    weights, moments = layer(8, 3, 3)
    inverse = np.linalg.inv(moments)
    new, kept = obc(weights, moments, Task(0, n=2, m=4))
    assert (kept.reshape(2, 4, 3).sum(axis=1) == 2).all()
    for o in range(3):
        steps = obc_by_hand(weights[:, o], inverse, lambda gone, p: sum(g // 4 == p // 4 for g in gone) < 2)
        np.testing.assert_allclose(new[:, o], steps[-1][2], rtol=1e-5, atol=1e-9)


def sparsegpt_by_hand(weights, moments, sparsity=None, n=0, m=0, block=128):
    """Algorithm 1 as published: W is (outputs, inputs), the factor is that of the inverse of H."""
    w = weights.T.copy()
    factor = np.linalg.cholesky(np.linalg.inv(moments)).T
    gone, taken = np.zeros(w.shape, bool), 0
    for start in range(0, w.shape[1], block):
        stop = min(start + block, w.shape[1])
        if not m:
            ranked = w[:, start:stop] ** 2 / np.diag(factor)[start:stop] ** 2
            wanted = round(sparsity * w.shape[0] * stop) - taken
            taken += wanted
            order = np.argsort(ranked.T.ravel(), kind="stable")[:wanted]
            flat = np.zeros(ranked.size, bool)
            flat[order] = True
            gone[:, start:stop] = flat.reshape(stop - start, -1).T
        for i in range(start, stop):
            if m and i % m == 0:
                ranked = w[:, i : i + m] ** 2 / np.diag(factor)[i : i + m] ** 2
                lowest = np.argsort(ranked, axis=1, kind="stable")[:, : m - n]
                np.put_along_axis(gone[:, i : i + m], lowest, True, axis=1)
            left = np.where(gone[:, i], w[:, i] / factor[i, i], 0)
            w[:, i:] -= np.outer(left, factor[i, i:])
            w[gone[:, i], i] = 0
    return w.T, ~gone.T


@pytest.mark.parametrize("inputs", [5, 40, 300])
@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.9, 1.0])
def test_sparsegpt_is_the_paper_s_loop(inputs, sparsity):
    weights, moments = layer(inputs, 7, examples=4 * inputs)
    moments, _ = damped(moments, 0.01)
    new, kept = sparsegpt(weights, moments, Task(round(sparsity * weights.size)))
    expected, hers = sparsegpt_by_hand(weights, moments, sparsity)
    assert (~kept).sum() == round(sparsity * weights.size)
    assert (kept == hers).mean() > 0.999  # float32 beside float64
    if (kept == hers).all():
        np.testing.assert_allclose(new, expected, rtol=1e-2, atol=1e-2)
    assert (new[~kept] == 0).all()


def test_sparsegpt_two_of_four_is_the_paper_s_loop():
    weights, moments = layer(24, 5, examples=200)
    new, kept = sparsegpt(weights, moments, Task(0, n=2, m=4))
    expected, hers = sparsegpt_by_hand(weights, moments, n=2, m=4)
    assert np.array_equal(kept, hers)
    np.testing.assert_allclose(new, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("places", [1, 3])
def test_thinet_removes_the_best_of_each_step(places):
    weights, moments = layer(6 * places, 4, 5)
    channel = np.arange(6 * places) % 6
    stays = set(range(6))
    for _ in range(3):  # with no update: the outputs of what is removed, added up

        def rise(j, stays=stays):
            gone = np.isin(channel, [c for c in range(6) if c not in stays or c == j])
            return error(weights, np.where(gone[:, None], 0, weights), moments)

        stays = stays - {min(stays, key=rise)}
    new, kept = thinet(weights, moments, Task(3, places))
    assert np.array_equal(kept, np.repeat(np.isin(channel, list(stays))[:, None], 4, axis=1))
    for o in range(4):
        expected = best_for(weights[:, o], moments, np.flatnonzero(kept[:, o]))
        np.testing.assert_allclose(new[:, o], expected, rtol=1e-5)


def test_groups_of_the_window_and_the_rest():
    """Along the channels of each place; a rest of r keeps ⌈n·r/m⌉, as in pw.patterns.n_of_m."""
    assert list(Task(0, places=2, n=2, m=4).groups(12)) == [(0, 4, 2), (4, 6, 1), (6, 10, 2), (10, 12, 1)]


@pytest.mark.parametrize("seed", range(3))
def test_every_solver_beats_magnitude_and_the_better_beat_the_faster(seed):
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(24, 10))
    shared = rng.normal(size=(100, 3)) @ rng.normal(size=(3, 24))
    x = shared + rng.normal(size=(100, 24)) * rng.uniform(0.2, 2, 24)
    moments = x.T @ x
    size = np.sort(np.abs(weights).ravel())[120]
    magnitude = error(weights, np.where(np.abs(weights) >= size, weights, 0), moments)
    found = {}
    for name, solver in SOLVERS.items():
        removed = 12 if name == "thinet" else 120
        new, kept = solver(weights, moments, Task(removed))
        assert (~kept).sum() == 120
        found[name] = error(weights, new, moments)
    assert found["obc"] < found["sparsegpt"] < magnitude
    assert found["obc"] < found["obs"] < magnitude
    assert found["obc"] < found["thinet"]


@pytest.mark.parametrize("solver", SOLVERS.values())
def test_nothing_and_everything(solver):
    weights, moments = layer(6, 3)
    most = 6 if solver is thinet else 18
    new, kept = solver(weights, moments, Task(0))
    assert kept.all()
    np.testing.assert_allclose(new, weights, rtol=1e-6)
    new, kept = solver(weights, moments, Task(most))
    assert not kept.any() and not new.any()
