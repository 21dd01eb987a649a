"""One run of each method: the network trained for ten epochs in all, pruned by the method, measured."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import keras
import numpy as np

import prunewidgets as pw

from .networks import DIGITS, NETWORKS, digits, of_as_many_weights

EPOCHS = 10
"""Of every run: 6 before pruning and 4 after, or 10 in one go."""
AFTER = 4
BATCH = 64
CALIBRATION = 256
"""Training digits for methods that look at data before they prune."""

SCORES = ("magnitude", "distribution", "random", "taylor", "obd", "lamp", "wanda")
SCOPES = ("layer", "output", "erk")
SOLVERS = ("obs", "obc", "sparsegpt", "thinet")
AT_START = ("snip", "grasp", "synflow")
CALLBACKS = ("gradual", "set", "rigl", "granet", "acdc")
SCALES = ("batch_norm", "slimming")
"""They rank units by the scales of batch normalisation."""
UNITS = ("l1", "geometric_median", "batch_norm", "slimming", "unit_taylor")

Prune = Callable[[keras.Model, float, int], Any]
_TRAINED: dict[tuple[str, int], list[np.ndarray]] = {}
"""Weights after the first six epochs by network and seed: each is trained once in a process."""


def fit(model: keras.Model, epochs: int, callbacks: Any = ()) -> None:
    """Train on the digits of the table, in an order that the run's seed decides."""
    (x, y), _ = digits()
    model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=0, callbacks=list(callbacks))


def accuracy(model: keras.Model) -> float:
    """Return the share of right answers on the 10,000 test digits."""
    _, (x, y) = digits()
    return float(model.evaluate(x, y, batch_size=1_000, verbose=0)[1])


def calibration() -> tuple[np.ndarray, np.ndarray]:
    """Return some training digits."""
    (x, y), _ = digits()
    return x[:CALIBRATION], y[:CALIBRATION]


def trained(network: str, seed: int) -> keras.Model:
    """Return the network after the first six epochs."""
    keras.utils.set_random_seed(seed)
    model = NETWORKS[network]()
    if (network, seed) not in _TRAINED:
        fit(model, EPOCHS - AFTER)
        _TRAINED[network, seed] = model.get_weights()
    model.set_weights(_TRAINED[network, seed])
    keras.utils.set_random_seed(seed)
    return model


def result(network: str, model: keras.Model, **more: Any) -> dict[str, Any]:
    """Return what a run reports: accuracy, sizes, multiply-adds, and the set-up."""
    whole = pw.costs(NETWORKS[network](), batches=()).iloc[0]
    sizes = pw.costs(model, batches=()).iloc[0]
    return {
        "accuracy": accuracy(model),
        "dataset": f"mnist, {DIGITS:,} digits",
        "model": network,
        "epochs": EPOCHS,
        "batch_size": BATCH,
        **{name: float(whole[name]) for name in ("parameters", "dense_bytes", "multiply_adds")},
        **{name: float(sizes[name]) for name in ("nonzeros", "gzip_bytes", "nonzero_multiply_adds")},
        **more,
    }


def smaller_dense(network: str, sparsity: float, seed: int) -> dict[str, Any]:
    """Train a smaller dense network with as many parameters as the pruned one keeps."""
    keras.utils.set_random_seed(seed)
    model = of_as_many_weights(network, round(NETWORKS[network]().count_params() * (1 - sparsity)))
    fit(model, EPOCHS)
    return result(network, model)


def after_training(prune: Prune, network: str, sparsity: float, seed: int) -> dict[str, Any]:
    """Train, prune, measure, train on with the zeros held, and measure again."""
    model = trained(network, seed)
    before = accuracy(model)
    prune(model, sparsity, seed)
    at_once = accuracy(model)
    fit(model, AFTER)
    return result(network, model, before=before, without_retraining=at_once)


def by_score(criterion: str, scope: str, model: keras.Model, sparsity: float, seed: int) -> None:
    """Remove the weights with the lowest scores."""
    data = calibration() if criterion in ("taylor", "obd") else None
    data = (calibration()[0], None) if criterion == "wanda" else data
    pw.prune(model, sparsity, criterion, scope, seed=seed, data=data)


def by_solver(method: str, model: keras.Model, sparsity: float, seed: int) -> None:
    """Remove weights layer after layer, and change the others."""
    pw.prune_and_update(model, calibration()[0], sparsity, method)


def at_initialisation(criterion: str, network: str, sparsity: float, seed: int) -> dict[str, Any]:
    """Prune the untrained network, and train what is left."""
    keras.utils.set_random_seed(seed)
    model = NETWORKS[network]()
    if criterion == "synflow":
        pw.prune(model, sparsity, "synflow", rounds=100)
    else:
        pw.prune(model, sparsity, criterion, data=calibration())
    fit(model, EPOCHS)
    return result(network, model)


def by_callback(method: str, network: str, sparsity: float, seed: int) -> dict[str, Any]:
    """Train with a callback that prunes."""
    keras.utils.set_random_seed(seed)
    model = NETWORKS[network]()
    data = calibration() if method in ("rigl", "granet") else None
    if method == "gradual":
        callback = pw.GradualPruning(sparsity, frequency=20, seed=seed)
    else:
        callback = pw.SparseTraining(sparsity, method, frequency=20, seed=seed, data=data)
    fit(model, EPOCHS, [callback])
    return result(network, model)


def learned_thresholds(network: str, sparsity: float, seed: int) -> dict[str, Any]:
    """Train with thresholds that are learned, then with the zeros held."""
    keras.utils.set_random_seed(seed)
    model = NETWORKS[network]()
    with pw.learned_thresholds(model, sparsity=sparsity):
        fit(model, EPOCHS - AFTER)
    fit(model, AFTER)
    return result(network, model)


def variational_dropout(network: str, sparsity: float, seed: int) -> dict[str, Any]:
    """Train with noise on the weights, remove those that bear most, and train on with the zeros held."""
    keras.utils.set_random_seed(seed)
    model = NETWORKS[network]()
    steps = (EPOCHS - AFTER) * DIGITS // BATCH
    with pw.variational_dropout(model, DIGITS, sparsity, warm_up=steps // 3):
        fit(model, EPOCHS - AFTER)
    fit(model, AFTER)
    return result(network, model)


def tickets(network: str, sparsity: float, seed: int) -> dict[str, Any]:
    """Search for a winning ticket; each round trains anew, so it takes more epochs than the others."""
    keras.utils.set_random_seed(seed)
    model, (x, y) = NETWORKS[network](), calibration()
    rounds = max(1, round(math.log(1 - sparsity) / math.log(0.5)))
    share = 1 - (1 - sparsity) ** (1 / rounds)
    pw.lottery_tickets(model, lambda model, callbacks: fit(model, EPOCHS, callbacks), x, y, sparsity, share)
    return result(network, model, epochs=EPOCHS * (rounds + 1))


def units(criterion: str, network: str, sparsity: float, seed: int) -> dict[str, Any]:
    """Remove whole units until as many parameters are left, rewrite the network, and train on."""
    keras.utils.set_random_seed(seed)
    if criterion == "slimming":
        model = NETWORKS[network]()
        with pw.slimming(model):
            fit(model, EPOCHS - AFTER)
    else:
        model = trained(network, seed)
    before = accuracy(model)
    x, y = calibration()
    names = {"slimming": "batch_norm", "unit_taylor": "taylor"}
    scores = pw.unit_score(model, x, y, names.get(criterion, criterion))
    scope = "global" if criterion in ("unit_taylor", "slimming", "batch_norm") else "layer"
    small = as_small(model, scores, scope, round(model.count_params() * (1 - sparsity)))
    at_once = accuracy(small)
    fit(small, AFTER)
    return result(network, small, before=before, without_retraining=at_once)


def as_small(
    model: keras.Model, scores: Mapping[str, np.ndarray], scope: str, parameters: int
) -> keras.Model:
    """Return the model without the fewest units such that at most so many parameters are left.

    The best unit of each group stays, so a network may not get as small as asked.
    """
    scores = {name: np.where(units == units.max(), np.inf, units) for name, units in scores.items()}
    finite = {name: np.nan_to_num(units, posinf=np.finfo(float).max) for name, units in scores.items()}
    low, high = 0.0, 1.0
    small = model
    for _ in range(9):
        middle = (low + high) / 2
        masks = pw.Masks.from_sparsity(finite, middle, scope)
        masks = {name: kept | (scores[name] == np.inf) for name, kept in masks.items()}
        small = pw.shrink(model, masks)
        low, high = (low, middle) if small.count_params() <= parameters else (middle, high)
    masks = pw.Masks.from_sparsity(finite, high, scope)
    return pw.shrink(model, {name: kept | (scores[name] == np.inf) for name, kept in masks.items()})


def recipes(network: str) -> dict[str, Callable[[float, int], dict[str, Any]]]:
    """Return {name: function(sparsity, seed)} of all methods that the network can be pruned by."""
    runs: dict[str, Callable[..., dict[str, Any]]] = {"smaller dense": smaller_dense}
    for score in SCORES:
        scope = "output" if score == "wanda" else "global"
        runs[score] = partial(after_training, partial(by_score, score, scope))
    for scope in SCOPES:
        runs[f"magnitude, {scope}"] = partial(after_training, partial(by_score, "magnitude", scope))
    runs |= {method: partial(after_training, partial(by_solver, method)) for method in SOLVERS}
    runs |= {criterion: partial(at_initialisation, criterion) for criterion in AT_START}
    runs |= {method: partial(by_callback, method) for method in CALLBACKS}
    runs |= {"learned_thresholds": learned_thresholds, "variational_dropout": variational_dropout}
    runs["tickets"] = tickets
    normalised = network == "residual_cnn"
    runs |= {name: partial(units, name) for name in UNITS if normalised or name not in SCALES}
    return {name: partial(function, network) for name, function in runs.items()}
