"""Plans at 95 % sparsity without training: beside uniform, global, LAMP, random allocations and Optuna's TPE.

All of them search on the same 4,000 training digits, keep as many weights and rank the weights of a
layer by the plan's own criterion. The 10,000 test digits are read once at the end for each.
Optuna is no dependency: without it (pip install optuna) its row is left out.
"""

import sys
import time
from collections.abc import Callable

import numpy as np

import prunewidgets as pw
from prunewidgets.models.planning.search import fitted

from .common import row

NETWORKS = ("small_cnn", "lenet_5")
SPARSITY, DIGITS, RANDOM = 0.95, 4_000, 200

Densities = dict[str, float]


class Contest:
    """One network: allocations scaled to the same number of weights, measured on the same digits."""

    def __init__(self, name: str) -> None:
        (x, y), self._test = pw.datasets.mnist()
        self.x, self.y = x[-DIGITS:], y[-DIGITS:]
        self.name, self.live = name, pw.LiveModel(pw.models.pretrained(name))
        start = time.perf_counter()
        self.plan = pw.plan(self.live, self.x, self.y, f"{100 * SPARSITY:g} % sparsity")
        self.seconds = time.perf_counter() - start
        self.sizes = {n: array.size for n, array in self.live.weights.items()}
        self.limit = (1 - SPARSITY) * sum(self.sizes.values())
        data = (self.x, self.y)
        scores = {"magnitude": lambda: pw.score(self.live.weights)}
        self.scores = scores.get(
            self.plan.criterion, lambda: pw.data_score(self.live, *data, self.plan.criterion)
        )()
        self._whole = self.live.prepare(self.x)

    def masks(self, densities: Densities) -> pw.Masks:
        wanted = {n: max(1, round(d * self.sizes[n])) for n, d in densities.items()}
        kept = fitted(wanted, self.sizes, lambda one: float(sum(one.values())), self.limit)
        assert kept is not None
        return pw.Masks.from_sparsity(self.scores, {n: 1 - k / self.sizes[n] for n, k in kept.items()})

    def search_accuracy(self, densities: Densities) -> float:
        return float(self.live.evaluate(self._whole, self.y, self.masks(densities)))

    def test_accuracy(self, masks: pw.Masks) -> float:
        return float(self.live.evaluate(*self._test, masks))

    def random(self, seed: int) -> Densities:
        rng = np.random.default_rng(seed)
        return {n: float(np.exp(rng.uniform(np.log(0.005), 0))) for n in self.sizes}


def tpe(contest: Contest, trials: int) -> Densities | None:
    """Return the best densities of as many trials as the plan measured."""
    try:
        import optuna
    except ImportError:
        return None
    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(trial: optuna.Trial) -> float:
        return contest.search_accuracy({n: trial.suggest_float(n, 0.005, 1, log=True) for n in contest.sizes})

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(objective, n_trials=trials)
    return study.best_params


def report(contest: Contest, name: str, masks: pw.Masks, ours: float) -> None:
    theirs = contest.test_accuracy(masks)
    row("plan", contest.name, 100 * ours, 100 * theirs, name, unit="% of test digits")


def compete(name: str) -> None:
    contest = Contest(name)
    plan = contest.plan
    ours = contest.test_accuracy(plan.masks)
    kept = plan.masks.size - plan.masks.removed
    used = 100 * kept / contest.limit
    row("plan", f"{name}, share of the budget used", used, 100, "the budget", unit="%")
    row("plan", f"{name}, {plan.measurements} measurements", contest.seconds)
    print(plan, file=sys.stderr, flush=True)
    weights = contest.live.weights
    scopes: dict[str, Callable[[], pw.Masks]] = {
        "uniform magnitude": lambda: pw.Masks.from_sparsity(pw.score(weights), SPARSITY, "layer"),
        "global magnitude": lambda: pw.Masks.from_sparsity(pw.score(weights), SPARSITY),
        "ERK magnitude": lambda: pw.Masks.from_sparsity(pw.score(weights), SPARSITY, "erk"),
        "LAMP": lambda: pw.Masks.from_sparsity(pw.score(weights, "lamp"), SPARSITY),
        f"uniform {plan.criterion}": lambda: pw.Masks.from_sparsity(contest.scores, SPARSITY, "layer"),
        f"global {plan.criterion}": lambda: pw.Masks.from_sparsity(contest.scores, SPARSITY),
    }
    for rival, make in scopes.items():
        report(contest, rival, make(), ours)
    own = contest.search_accuracy({n: float(mask.mean()) for n, mask in plan.masks.items()})
    drawn = [contest.random(seed) for seed in range(RANDOM)]
    accuracies = [contest.search_accuracy(densities) for densities in drawn]
    better = sum(accuracy >= own for accuracy in accuracies)
    row("plan", f"{name}, as good or better of {RANDOM} random allocations", better, unit="allocations")
    report(
        contest,
        f"best of {RANDOM} random allocations",
        contest.masks(drawn[int(np.argmax(accuracies))]),
        ours,
    )
    best = tpe(contest, plan.measurements)
    if best is not None:
        report(contest, f"Optuna's TPE, {plan.measurements} measurements", contest.masks(best), ours)


def compete_units(name: str, share: str) -> None:
    """Plan whole units, beside the same share of each group by the same number of multiply-adds."""
    (x, y), test = pw.datasets.mnist()
    x, y = x[-DIGITS:], y[-DIGITS:]
    model = pw.models.pretrained(name)
    model.compile(loss="sparse_categorical_crossentropy")
    plan = pw.plan(model, x, y, f"{share} of multiply-adds", structured=True)
    ours = float(pw.LiveModel(plan.apply()).evaluate(*test))
    counts = pw.costs({"whole": model, "ours": plan.apply()}, batches=())["multiply_adds"]
    used = 100 * counts["ours"] / counts["whole"]
    row("plan", f"{name}, units, {share} of multiply-adds, used", used, unit="%")
    groups = {group: units.size for group, units in pw.unit_score(model).items()}
    for criterion in ("l2", "taylor"):
        scores = pw.unit_score(model, x, y, criterion)
        for kept in np.linspace(1, 0, 65):  # 64 units in the largest group
            shares = {group: 1 - max(1, round(kept * size)) / size for group, size in groups.items()}
            masks = pw.Masks.from_sparsity(scores, shares)
            small = pw.shrink(model, masks)
            if pw.costs(small, batches=())["multiply_adds"].item() <= counts["whole"] * used / 100 * 1.02:
                break
        theirs = float(pw.LiveModel(small).evaluate(*test))
        case = f"{name}, units, {share} of multiply-adds"
        row("plan", case, 100 * ours, 100 * theirs, f"uniform {criterion}", unit="% of test digits")


if __name__ == "__main__":
    for part in ("50 %", "25 %"):
        compete_units("small_cnn", part)
    for network in NETWORKS:
        compete(network)
