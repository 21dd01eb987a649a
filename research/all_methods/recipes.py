"""One short function for each family of methods: a network, a sparsity and a seed in, a pruned model out.

All have the same number of epochs, except where a function says otherwise.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import keras
import numpy as np

import prunewidgets as pw

from .networks import (
    NETWORKS,
    Setup,
    compile_again,
    dense_weights,
    fit,
    initial_weights,
    start,
    test_accuracy,
    training_digits,
)

SCORED = 256  # digits for scores and solvers that need data


class Run(NamedTuple):
    """What a recipe gets."""

    network: str
    sparsity: float
    seed: int

    @property
    def setup(self) -> Setup:
        return NETWORKS[self.network]

    def untrained(self) -> keras.Model:
        return start(self.network, initial_weights(self.network, self.seed))

    def dense(self) -> keras.Model:
        """Return the network after the dense half of the epochs."""
        return start(self.network, dense_weights(self.network, self.seed))

    def fit(self, model: keras.Model, epochs: int, *callbacks: Any) -> keras.Model:
        fit(model, self.network, self.seed, epochs, callbacks)
        return model

    def fine_tuned(self, model: keras.Model) -> keras.Model:
        """Train for the epochs that are left after the dense half."""
        return self.fit(model, self.setup.epochs - self.setup.dense_epochs)

    def digits(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        return training_digits(self.network, number)


Recipe = Callable[[Run], keras.Model]


def after_training(criterion: str, run: Run, scope: str = "global", data: bool = False) -> keras.Model:
    """Train dense, prune once, fine-tune."""
    model = run.dense()
    examples = run.digits(SCORED) if data else None
    pw.prune(model, run.sparsity, criterion, scope, seed=run.seed, data=examples)
    return run.fine_tuned(model)


def movement(run: Run) -> keras.Model:
    """The second quarter of the epochs is the training whose movements are the scores."""
    model, setup = run.dense(), run.setup
    scored = (setup.epochs - setup.dense_epochs) // 2
    x, y = training_digits(run.network)
    scores = pw.data_score(
        model, x, y, "movement", batch_size=setup.batch, steps=scored * setup.steps, seed=run.seed
    )
    pw.LiveModel(model).apply(pw.Masks.from_sparsity(scores, run.sparsity))
    return run.fit(model, setup.epochs - setup.dense_epochs - scored)


def solved(method: str, run: Run) -> keras.Model:
    """Train dense, solve layer after layer, fine-tune."""
    model = run.dense()
    pw.prune_and_update(model, run.digits(SCORED)[0], run.sparsity, method)
    return run.fine_tuned(model)


def thinet(run: Run) -> keras.Model:
    """As `solved`, whole inputs of each layer, of which one stays at least."""
    model = run.dense()
    inputs = {name: weight.shape[-2] for name, weight in pw.LiveModel(model).weights.items()}
    shares = {name: min(run.sparsity, 1 - 1 / n) for name, n in inputs.items() if n > 1}
    pw.prune_and_update(model, run.digits(SCORED)[0], shares, "thinet")
    return run.fine_tuned(model)


def at_start(criterion: str, run: Run, data: bool = True, rounds: int = 1) -> keras.Model:
    """Prune the untrained network, then train it for all epochs."""
    model = run.untrained()
    pw.prune(model, run.sparsity, criterion, data=run.digits(SCORED) if data else None, rounds=rounds)
    return run.fit(model, run.setup.epochs)


def gradual(run: Run) -> keras.Model:
    pruning = pw.GradualPruning(run.sparsity, frequency=run.setup.steps // 4)
    return run.fit(run.untrained(), run.setup.epochs, pruning)


def sparse(method: str, run: Run) -> keras.Model:
    """Two exchanges in an epoch; for AC/DC, phases of one epoch."""
    frequency = run.setup.steps // (1 if method == "acdc" else 2)
    data = training_digits(run.network) if method in ("rigl", "granet") else None
    training = pw.SparseTraining(run.sparsity, method, frequency=frequency, data=data, seed=run.seed)
    return run.fit(run.untrained(), run.setup.epochs, training)


def tickets(run: Run, rounds: int = 3) -> keras.Model:
    """Four trainings of all epochs: dense, and one for each round, rewound to the initial weights."""
    share = 1 - (1 - run.sparsity) ** (1 / rounds)
    model = run.untrained()

    def train(model: keras.Model, callbacks: list[Any]) -> None:
        run.fit(model, run.setup.epochs, *callbacks)

    pw.lottery_tickets(model, train, *run.digits(SCORED), sparsity=run.sparsity, share=share)
    return model


def learned_thresholds(run: Run) -> keras.Model:
    """The first half of the epochs learns the thresholds, the second trains what is left."""
    model = run.untrained()
    with pw.learned_thresholds(model, sparsity=run.sparsity):
        run.fit(model, run.setup.dense_epochs)
    return run.fine_tuned(model)


def variational_dropout(run: Run) -> keras.Model:
    """From the dense half, half of the rest with noise, half without what was removed."""
    model, setup = run.dense(), run.setup
    noisy = (setup.epochs - setup.dense_epochs) // 2
    with pw.variational_dropout(model, setup.digits, run.sparsity):
        run.fit(model, noisy)
    return run.fit(model, setup.epochs - setup.dense_epochs - noisy)


def sr_ste(run: Run) -> keras.Model:
    """2 of 4 at half, else 1 of as many as leave that share, such as 1 of 10."""
    model = run.untrained()
    group = round(1 / (1 - run.sparsity))
    with pw.sr_ste(model, (2, 4) if group == 2 else (1, group)):
        run.fit(model, run.setup.epochs)
    return model


@cache
def share_of_units(network: str, sparsity: float) -> float:
    """Return the share of each group's units whose removal comes closest to a sparsity of the weights."""
    model = NETWORKS[network].build(0)
    scores = pw.unit_score(model, criterion="random")
    low, high, found = 0.0, 1.0, {}
    for _ in range(8):
        share = (low + high) / 2
        reached = found[share] = weight_masks(model, pw.unit_masks(scores, share)).sparsity
        low, high = (share, high) if reached < sparsity else (low, share)
    return min(found, key=lambda share: abs(found[share] - sparsity))


def weight_masks(model: keras.Model, units: pw.Masks) -> pw.Masks:
    """Return masks of the weights that make or read removed units."""
    return pw.Masks.from_zeros(pw.LiveModel(pw.mask_units(model, units)).weights)


def without_units(model: keras.Model, criterion: str, run: Run) -> None:
    """Remove the same share of the units of each group; held zeros, which compute as the smaller model."""
    units = pw.unit_masks(
        pw.unit_score(model, criterion=criterion), share_of_units(run.network, run.sparsity)
    )
    pw.LiveModel(model).apply(weight_masks(model, units))


def units(criterion: str, run: Run) -> keras.Model:
    """Train dense, remove whole channels and neurons, fine-tune."""
    model = run.dense()
    without_units(model, criterion, run)
    return run.fine_tuned(model)


def slimming(run: Run) -> keras.Model:
    """As `units` by the scales of batch normalisation, which are penalised in the first half."""
    model = run.untrained()
    with pw.slimming(model):
        run.fit(model, run.setup.dense_epochs)
    without_units(model, "batch_norm", run)
    return run.fine_tuned(model)


def smaller_dense(run: Run) -> keras.Model:
    """Control: an untrained network of as many weights, each layer narrower, trained for all epochs."""
    model = NETWORKS[run.network].build(run.seed)
    share = share_of_units(run.network, run.sparsity)
    small = pw.shrink(model, pw.unit_masks(pw.unit_score(model, criterion="random", seed=run.seed), share))
    keras.utils.set_random_seed(run.seed)
    small = keras.models.clone_model(small)  # with weights drawn for its own widths
    compile_again(small, run.network)
    return run.fit(small, run.setup.epochs)


def dense(run: Run) -> keras.Model:
    """Control: nothing removed."""
    return run.fine_tuned(run.dense())


RECIPES: dict[str, Recipe] = {
    **{name: partial(after_training, name) for name in ("magnitude", "distribution", "random")},
    **{name: partial(after_training, name, data=True) for name in ("taylor", "obd")},
    "movement": movement,
    "wanda": partial(after_training, "wanda", scope="output", data=True),
    **{scope: partial(after_training, "magnitude", scope=scope) for scope in ("layer", "output", "erk")},
    "lamp": partial(after_training, "lamp"),
    **{name: partial(solved, name) for name in ("obs", "obc", "sparsegpt")},
    "thinet": thinet,
    **{name: partial(at_start, name) for name in ("snip", "grasp")},
    "synflow": partial(at_start, "synflow", data=False, rounds=10),
    "gradual": gradual,
    "tickets": tickets,
    **{name: partial(sparse, name) for name in ("set", "rigl", "granet", "acdc")},
    "learned_thresholds": learned_thresholds,
    "sr_ste": sr_ste,
    "slimming": slimming,
    "variational_dropout": variational_dropout,
    **{name: partial(units, name) for name in ("l1", "geometric_median", "batch_norm")},
    "smaller dense": smaller_dense,
}
LEFT_OUT = {
    "lenet_300_100": ("slimming", "batch_norm", "obc"),
    "small_cnn": ("slimming", "batch_norm"),
}
"""No batch normalisation; and obc would take half of the time of all methods together."""


def measured(recipe: Recipe, network: str, sparsity: float, seed: int) -> dict[str, float]:
    """Return the test accuracy of a recipe's model, and what is left of it."""
    model = recipe(Run(network, sparsity, seed))
    counts = pw.costs(model, batches=()).iloc[0]
    reached = counts["sparsity"]
    if counts["prunable"] < (whole := _prunable(network)):  # a smaller network
        reached = 1 - counts["prunable"] / whole
    return {
        "accuracy": test_accuracy(model),
        "reached": round(float(reached), 6),
        "multiply_adds": int(counts["nonzero_multiply_adds"]),
    }


@cache
def _prunable(network: str) -> int:
    weights = pw.LiveModel(NETWORKS[network].build(0)).weights
    return sum(weight.size for weight in weights.values())


def methods_for(network: str) -> dict[str, Any]:
    """Return {name: function of sparsity and seed} for ``pw.compare_methods``; "dense" is not among them."""
    left_out = LEFT_OUT.get(network, ())
    return {
        name: partial(measured, recipe, network) for name, recipe in RECIPES.items() if name not in left_out
    }
