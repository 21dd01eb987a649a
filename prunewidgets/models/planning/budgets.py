"""Budgets as people write them: "0.5 ms", "20 kB", "10 % of multiply-adds", "95.0 % accuracy"."""

import re
from typing import NamedTuple

_BYTES = {"b": 1, "byte": 1, "bytes": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "kib": 2**10, "mib": 2**20}
_MS = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "s": 1e3}
_COUNTS = {
    "weights": "weights",
    "weight": "weights",
    "parameters": "weights",
    "multiply-adds": "multiply_adds",
    "multiply_adds": "multiply_adds",
    "macs": "multiply_adds",
}
_SHARES = {**_COUNTS, "bytes": "bytes", "size": "bytes", "latency": "ms", "time": "ms"}
_TIMES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_FORM = re.compile(r"(?P<number>[0-9][0-9_,]*\.?[0-9]*|\.[0-9]+)\s*(?P<words>.*)")
_THOUSANDS = re.compile(r"[0-9]{1,3}(,[0-9]{3})*(\.[0-9]*)?|[0-9_]*\.?[0-9]*")
EXAMPLES = (
    '"20 kB", "10,000 weights", "95 % sparsity", "10 % of multiply-adds", "0.5 ms" or "95.0 % accuracy"'
)


class Budget(NamedTuple):
    """What a plan has to meet.

    Attributes:
        unit: "weights", "bytes", "multiply_adds" or "ms": what is limited; or "accuracy", which is reached.
        amount: How much of it; an accuracy is from 0 to 1.
        share: Whether the amount is a share of the unpruned model's.
    """

    unit: str
    amount: float
    share: bool = False


def parsed_budget(text: str) -> Budget:
    """Read a budget.

    Raises:
        TypeError: If it is no text.
        ValueError: If it cannot be read, or is nothing, or more than a whole.

    Example:
        >>> from prunewidgets.models.planning.budgets import parsed_budget
        >>> parsed_budget("20 kB")
        Budget(unit='bytes', amount=20000.0, share=False)
        >>> parsed_budget("95 % sparsity")
        Budget(unit='weights', amount=0.05, share=True)
    """
    if not isinstance(text, str):
        raise TypeError(f"budget is {text!r:.60}; write it with its unit: {EXAMPLES}.")
    match = _FORM.fullmatch(text.strip())
    if match is None or not _THOUSANDS.fullmatch(match["number"]):
        raise ValueError(f"budget {text!r} does not begin with a number; write it like {EXAMPLES}.")
    number = float(match["number"].replace(",", "").replace("_", ""))
    words = " ".join(match["words"].lower().replace("multiply adds", "multiply-adds").split())
    budget = _percent(words, number, text) if words[:1] == "%" else _plain(words, number)
    if budget is None:
        raise ValueError(f"budget {text!r} has no unit that is known; write it like {EXAMPLES}.")
    if budget.amount <= 0:
        raise ValueError(f"budget {text!r} leaves nothing of the model; it has to be above 0.")
    return budget


def _plain(words: str, number: float) -> Budget | None:
    if words in _BYTES:
        return Budget("bytes", number * _BYTES[words])
    if words in _MS:
        return Budget("ms", number * _MS[words])
    times, _, what = words.rpartition(" ")
    if what in _COUNTS and times in _TIMES:
        return Budget(_COUNTS[what], number * _TIMES[times])
    return None


def _percent(words: str, number: float, text: str) -> Budget | None:
    if number > 100:
        raise ValueError(f"budget {text!r} is more than 100 %.")
    what = words.removeprefix("%").strip().removeprefix("of ").removeprefix("the ")
    if what == "sparsity":
        return Budget("weights", round(1 - number / 100, 12), share=True)
    if what == "accuracy":
        return Budget("accuracy", number / 100)
    return Budget(_SHARES[what], number / 100, share=True) if what in _SHARES else None


def shown(amount: float, unit: str) -> str:
    """Return an amount with its unit, for a reader."""
    if unit == "ms":
        return f"{amount:.3g} ms"
    if unit == "bytes" and amount >= 10_000:
        return f"{amount / 1000:,.1f} kB"
    return f"{amount:,.0f} {unit.replace('_', '-')}"
