"""The ledger: what is stored, computed and waited for, beside the dense model."""

import math
from typing import Any, NamedTuple

import numpy as np

from .cut import cut_sentence, threshold_of
from .png import Still
from .sheet import GROUND, INK, KEPT, LINE, PRUNED, SOFT, Box, Sheet, page
from .texts import grouped, say

ROW = 30
TIMES = ("keras_1", "tflite_1", "keras_32", "tflite_32")
FILES = ("compact_bytes", "gzip_bytes")
UNITS = {
    "bytes": ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "B")),
    "seconds": ((1, "s"), (1e-3, "ms"), (1e-6, "µs")),
}
WORDS = {"weights": ("fewer", "more"), "bytes": ("smaller", "larger"), "seconds": ("faster", "slower")}


class Row(NamedTuple):
    """A cost: its name, its value beside the dense model's, and its unit; or its state instead of a value."""

    name: str
    value: float | None
    base: float | None
    unit: str
    state: str = ""
    spread: bool = False
    """Whether the middle halves of both series of timings overlap."""


def draw(view: Any) -> Still:
    """Draw a `LedgerView` or a `LedgerLab`."""
    rows = rows_of(view)
    counts = rows[0]
    left = say(view, "still_ledger", left=grouped(counts.value or 0), total=grouped(counts.base or 0))
    sentence = f"{cut_sentence(view)} {left}"
    total = grouped(view._ranked.ordered.size)
    title = say(view, "ledger_of", model=view.title, total=total) if view.title else say(view, "ledger")
    sheet, box = page(title, sentence, ROW * len(rows) + 8, say(view, "still_mark"))
    for i, row in enumerate(rows):
        _draw_row(sheet, box, box.top + 4 + ROW * (i + 0.5), row, view)
    return sheet.still(sentence)


def rows_of(view: Any) -> list[Row]:
    """Return the costs that are known of the present cut, counted or measured."""
    arrays, scores, ordered, _ = view._ranked
    total, nonzeros, products, skipped = 0, 0, 0, 0
    for name, array in arrays.items():
        cut = ordered.dtype.type(threshold_of(view, name))
        left = int(np.count_nonzero((scores[name] >= cut) & (array != 0)))
        uses = (view.positions or {}).get(name, 0)
        total, nonzeros = total + array.size, nonzeros + left
        products, skipped = products + uses * array.size, skipped + uses * left
    dense = view.dense
    rows = [Row(say(view, "nonzeros"), nonzeros, dense.get("parameters", total), "weights")]
    rows += [_measured(view, names, unit) for names, unit in ((FILES, "bytes"),) if _offered(view, names)]
    if view.positions is not None:
        name, base = say(view, "computed_multiply_adds"), dense.get("multiply_adds", products)
        rows.append(Row(f"{name}, {say(view, 'multiply_adds')}", products, base, "weights"))
        rows.append(Row(f"{name}, {say(view, 'nonzero_multiply_adds')}", skipped, base, "weights"))
    return rows + ([_measured(view, TIMES, "seconds")] if _offered(view, TIMES) else [])


def _offered(view: Any, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name in view.offered]


def _measured(view: Any, names: tuple[str, ...], unit: str) -> Row:
    """Return a measured cost, if it belongs to the present cut; else its state."""
    name = _offered(view, names)[0]
    group = "stored" if unit == "bytes" else "time"
    label = f"{say(view, group)}, {say(view, f'{group}_{name}')}"
    cost = view.measured.get(name)
    removed = int(np.searchsorted(view._ranked.ordered, view._ranked.ordered.dtype.type(view.threshold)))
    here = {"generation": view.generation, "criterion": view.criterion, "removed": removed}
    if cost and all(cost.get(key) == value for key, value in here.items()):
        return Row(label, cost["value"], cost.get("base"), unit, spread=_overlap(cost))
    state = "measuring" if view.measuring else "old" if cost else "unmeasured"
    return Row(label, None, None, unit, say(view, state))


def _overlap(cost: dict[str, Any]) -> bool:
    low, high, other_low, other_high = (cost.get(name) for name in ("low", "high", "base_low", "base_high"))
    if low is None or high is None or other_low is None or other_high is None:
        return False
    return bool(low <= other_high and other_low <= high)


def _draw_row(sheet: Sheet, box: Box, y: float, row: Row, view: Any) -> None:
    sheet.text(box.left, y, row.name, INK)
    track = Box(box.left + 350, y - 6, box.left + 500, y + 6)
    if row.value is None:
        sheet.text(box.left + 338, y, row.state, SOFT, align=1)
        return
    sheet.text(box.left + 338, y, amount(row.value, row.unit), INK, align=1, bold=True)
    if not row.base:
        return
    share = row.value / row.base
    sheet.fill(track, GROUND)
    sheet.fill(
        Box(track.left, track.top, track.left + track.wide * min(share, 1), track.bottom),
        PRUNED if share > 1.0005 else KEPT,
    )
    sheet.outline(track, LINE)
    sheet.text(track.right + 12, y, compared(view, row), SOFT)


def amount(value: float, unit: str) -> str:
    """Return a cost in a unit that fits."""
    if unit == "weights":
        return grouped(value)
    size, name = next((u for u in UNITS[unit] if value >= u[0] * 0.9995), UNITS[unit][-1])
    return f"{grouped(value)} {name}" if size == 1 and unit == "bytes" else f"{_three(value / size)} {name}"


def compared(view: Any, row: Row) -> str:
    """Return how a cost compares with the dense model's."""
    less, more = WORDS[row.unit]
    if not row.value:
        return say(view, "nothing_left")
    times = max(row.value / (row.base or 1), (row.base or 1) / row.value)
    if row.spread:
        return say(view, "in_spread")
    if times < (1.05 if row.unit == "seconds" else 1.0005):
        return say(view, f"no_{less}")
    text = f"{times:.3f}" if times < 1.1 else f"{times:.1f}" if times < 10 else grouped(round(times))
    return say(view, f"times_{less if row.value < (row.base or 0) else more}", times=text)


def _three(value: float) -> str:
    return f"{value:.{max(0, 2 - math.floor(math.log10(max(value, 1e-9))))}f}"
