"""pw.plan: how much each layer gives up so that the whole model meets a budget."""

import warnings
from typing import Any

import keras

from ...core.arrays import is_whole
from ..layers.weights import Layers
from ..live.live_model import LiveModel
from ..measuring.metric import Metric
from .asked import asked
from .result import Plan, make


def plan(
    model: keras.Model | LiveModel,
    x: Any,
    y: Any = None,
    budget: str = "",
    structured: bool = False,
    criterion: Any = None,
    layers: Layers = None,
    exclude: Layers = None,
    rounds: int = 8,
    runner: str = "tflite",
    batch: int = 1,
    metric: Metric | None = None,
    direction: str | None = None,
    sample_weight: Any = None,
    steps: int | None = None,
) -> Plan:
    """Choose how much each layer gives up so that the model meets a budget and loses the least accuracy.

    First each layer is pruned alone at several levels, and what that costs in accuracy is measured: the
    tables. A knapsack over the tables gives the first choice; it competes with the same sparsity everywhere,
    one threshold for all layers, ERK and LAMP, measured. The best is refined: each layer is moved a little
    from it while the others stay pruned, measured, and the knapsack solved again around it.

    Four fifths of the examples are for this search. The others give the accuracy that the plan expects. Use
    training or validation examples: the test set is for ``Plan.measure``. The model is neither changed nor
    trained.

    Ctrl-C keeps the tables and the best choice so far, warns, and sets ``complete`` to False.

    Args:
        model: A built Keras 3 model, or a LiveModel with its own choice of prunable weights.
        x: Inputs, as for ``LiveModel.evaluate``; or a data set or generator of batches (x, y), which is read
            once, into memory; the batches may differ in length.
        y: Labels, with arrays.
        budget: What may be left: "20 kB" (of the compact file, see ``save_compact``), "10,000 weights",
            "95 % sparsity", "10 % of multiply-adds", "0.5 ms" (of the smaller model, measured; with
            ``structured=True``), "50 % of bytes"; or "95.0 % accuracy", which is reached with as few weights,
            or with ``structured=True`` as few multiply-adds, as the search finds.
        structured: Remove whole units, so that ``shrink`` makes a smaller model, instead of single weights.
        criterion: Which weights of a layer go first, see ``pw.prune``; for units see ``unit_score``. Defaults
            to None: "magnitude" and "wanda", for units "l2" and "taylor", whichever does better here.
        layers: Prune these only, see ``LiveModel``. Defaults to all.
        exclude: Do not prune these.
        rounds: The most rounds of refining; each measures the model about four times for each layer.
            Defaults to 8.
        runner: What a budget in milliseconds is measured with: "tflite" (the default), with one thread, or
            "keras", see ``latency``.
        batch: Examples at a time, for a budget in milliseconds. Defaults to 1.
        metric: What to lose least of instead of accuracy, such as "mae", see ``LiveModel.evaluate``.
        direction: "max" or "min", where the metric does not say which values are better.
        sample_weight: One weight per example or per answer, with arrays.
        steps: How many batches of a data set to read, at most.

    Returns:
        The plan: ``masks``, ``layers`` (a DataFrame), ``expected``, ``apply()`` and ``measure(x, y)``.

    Raises:
        TypeError: The budget is no text.
        ValueError: A budget that cannot be read or met, or milliseconds without ``structured=True``.

    Example:
        >>> model = pw.models.pretrained("lenet_300_100")
        >>> (x, y), (x_test, y_test) = pw.datasets.mnist()
        >>> plan = pw.plan(model, x[:500], y[:500], budget="95 % sparsity", criterion="magnitude", rounds=1)
        >>> plan.masks.sparsity >= 0.95
        True
        >>> len(plan.layers), plan.complete
        (3, True)

    Source: Shen et al., "Structural pruning via latency-saliency knapsack" (2022), for the knapsack over
        layers with measured latencies.
    """
    if not is_whole(rounds, 0, 1000):
        raise ValueError(f"rounds is {rounds!r}; it has to be a whole number, 0 or more.")
    chosen, timing = (layers, exclude), (runner, batch)
    given = (x, y, budget, structured, criterion, chosen, timing, metric, direction, sample_weight, steps)
    work, wanted = asked(model, *given, rounds)
    made = make(work, budget, wanted)
    if not made.complete:
        warnings.warn("Interrupted: the plan has what was measured so far.", stacklevel=2)
    return made
