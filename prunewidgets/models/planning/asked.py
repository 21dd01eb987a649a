"""What a plan was asked for: the work on the model and the budget, before anything is measured."""

from typing import Any

import keras

from ..layers.weights import Layers
from ..live.live_model import LiveModel, as_live
from ..measuring.metric import Metric, chosen_metric
from .budgets import Budget, parsed_budget
from .examples import Judge, parted
from .work import Work


def asked(
    model: keras.Model | LiveModel,
    x: Any,
    y: Any,
    budget: str,
    structured: bool,
    criterion: Any,
    chosen: tuple[Layers, Layers],
    timing: tuple[str, int],
    metric: Metric | None,
    direction: str | None,
    sample_weight: Any,
    steps: int | None,
    rounds: int = 0,
) -> tuple[Work, Budget]:
    """Return the work on a model and the budget; the arguments are those of ``pw.plan``.

    Raises:
        TypeError: If the budget is no text.
        ValueError: A budget that cannot be read or does not fit the other arguments, or a metric of which it
            is not known which values are better.
    """
    if budget == "" and isinstance(y, str):
        raise ValueError(f"y is {y!r}. With a data set as x, give the budget by name: budget={y!r}.")
    wanted = parsed_budget(budget)
    if wanted.unit == "ms" and not structured:
        raise ValueError(
            "Single weights set to zero make no ordinary layer faster: plan milliseconds with "
            "structured=True, which removes whole units."
        )
    if structured:
        live = LiveModel(model.model if isinstance(model, LiveModel) else model, prunable="all")
    else:
        live = as_live(model, *chosen)
    judged = chosen_metric(metric, live.model, direction)
    if judged is not None and judged.measure.direction is None:
        raise ValueError(
            f"It is not known which values of {judged.measure.name!r} are better: pass direction='max' or "
            "direction='min'."
        )
    if judged is not None and wanted.unit == "accuracy":
        raise ValueError(
            f"budget {budget!r} is an accuracy, and metric is {judged.measure.name!r}. With another metric, "
            "give a size, a sparsity, multiply-adds or milliseconds."
        )
    search, held = parted(live.model, x, y, sample_weight, steps)
    return Work(live, search, held, Judge(judged), structured, criterion, chosen, rounds, timing), wanted
