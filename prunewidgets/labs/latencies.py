"""Latencies: how long a model takes under masks, timed in turns with the dense model."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from ..core.masks import Masks
from ..models.costs.products import one_thread
from ..models.costs.runners import make_calls
from ..models.costs.timing import rounds, spread

Case = tuple[str, str, int]  # "left" or "dense", runner, batch

Attempt = Callable[[str, Callable[[], Any]], Any]
"""Takes a name and a function; returns its result, or reports its error under the name and returns None."""

BATCHES = (1, 32)

AGAINST = {"keras": "keras", "tflite": "tflite", "csr": "dense"}
"""{runner: the dense model's runner it is compared with}; a sparse product is compared with the dense one."""

SECONDS = 0.4
"""Seconds to time each case for."""


class Latencies:
    """Latencies beside those of one dense model, whose calls are kept for the next measurement."""

    def __init__(self, dense: Any, x: Any) -> None:
        """Prepare nothing yet.

        Args:
            dense: the Keras model to compare with.
            x: inputs to time with; None for random numbers.
        """
        self._dense, self._x = dense, x
        self._dense_calls: dict[str, dict[tuple[str, int], Callable[..., Any]]] = {}

    def measure(
        self,
        model: Any,
        masks: Masks | None,
        runners: Iterable[str],
        attempt: Attempt,
        outdated: Callable[[], bool],
    ) -> dict[str, dict[str, float]]:
        """Return {"keras_1": numbers in seconds, …} of a model under masks; {} if outdated.

        Args:
            model: a Keras model.
            masks: its masks, None for none.
            runners: what to run it with, see `AGAINST`.
            attempt: prepares each runner, so that the others are timed if it does not support this model.
            outdated: returns whether to stop.
        """
        calls: dict[Case, Callable[..., Any]] = {}
        for runner in runners:
            if outdated():
                return {}
            calls |= attempt(runner, partial(self._calls, runner, model, masks)) or {}
        seconds = _seconds_of_runs(calls, outdated)
        if seconds is None:
            return {}
        return {
            f"{runner}_{batch}": _timing(
                seconds["left", runner, batch], seconds["dense", AGAINST[runner], batch]
            )
            for which, runner, batch in calls
            if which == "left"
        }

    def _calls(self, runner: str, model: Any, masks: Masks | None) -> dict[Case, Callable[..., Any]]:
        """Return the calls to time for a model and the dense one; {} if this runner does not support them."""
        left = make_calls(model, BATCHES, self._x, masks, [runner])
        if left:  # what cannot run fails here, and the other runners are timed without it
            next(iter(left.values()))()
        if left and runner not in self._dense_calls:
            self._dense_calls[runner] = make_calls(self._dense, BATCHES, self._x, None, [AGAINST[runner]])
        dense = self._dense_calls[runner] if left else {}
        return {("left", *case): call for case, call in left.items()} | {
            ("dense", *case): call for case, call in dense.items()
        }


def _seconds_of_runs(
    calls: Mapping[Case, Callable[..., Any]], outdated: Callable[[], bool]
) -> dict[Case, list[float]] | None:
    """Return the seconds of each run, all cases in turns; None if outdated."""
    seconds: dict[Case, list[float]] = {}
    with one_thread():
        for seconds in rounds(calls, SECONDS):  # noqa: B007  only the last value is used
            if outdated():
                return None
    return seconds


def _timing(left: list[float], dense: list[float]) -> dict[str, float]:
    """Return what the page expects, in seconds, and the number of runs."""
    here, base = spread(left), spread(dense)
    parts = {"value": here.median, "low": here.low, "high": here.high}
    parts |= {"base": base.median, "base_low": base.low, "base_high": base.high}
    seconds = {name: milliseconds / 1000 for name, milliseconds in parts.items()}
    return seconds | {"runs": min(here.runs, base.runs)}
