"""A report as Markdown and HTML. Names come from the user and are text, never markup."""

import html
import math
from typing import TYPE_CHECKING, Any

from ..core.measures import number_text
from .report_table import SETS

if TYPE_CHECKING:
    import pandas as pd

SOURCE = (
    "Columns and controls follow D. Blalock, J. J. Gonzalez Ortiz, J. Frankle and J. Guttag, "
    '"What is the state of neural network pruning?", MLSys 2020. Compression: parameters ÷ nonzeros; smaller '
    "file: dense ÷ stored bytes; fewer multiply-adds: before ÷ after, which is no measured speed. Intervals: "
    "95 %, Student's t over seeds; differences to a control are taken seed by seed."
)
STYLE = """<style>
.pw-report { font: 14px/1.5 system-ui, sans-serif; overflow-x: auto; }
.pw-report table { border-collapse: collapse; }
.pw-report th, .pw-report td { padding: 4px 10px; border-bottom: 1px solid #8886; text-align: right; }
.pw-report th { text-align: left; } .pw-report td.text { text-align: left; }
.pw-report td { font-variant-numeric: tabular-nums; white-space: nowrap; }
</style>"""


def cells(table: "pd.DataFrame", measure: str) -> tuple[list[str], list[list[str]]]:
    """Return the headings and the cells of a table as text."""
    scale, unit = (100, " (%)") if measure == "accuracy" else (1, "")

    def number(value: float) -> str:
        if math.isnan(value):
            return "–"
        return f"{scale * value:.2f}" if unit else number_text(value)

    def both(low: float, high: float) -> str:
        return "–" if math.isnan(low) else f"{number(low)} to {number(high)}"

    def difference(row: Any, control: str) -> str:
        mean, low, high = (row[f"{control}_{part}"] for part in ("difference", "low", "high"))
        return number(mean) + ("" if math.isnan(low) else f" ({both(low, high)})")

    columns: dict[str, Any] = {name: lambda row, name=name: str(row[name]) for name in (*SETS, "method")}
    columns = {name: shown for name, shown in columns.items() if name in table}
    columns["sparsity (%)"] = lambda row: f"{100 * row['sparsity']:.4g}"
    columns["runs"] = lambda row: f"{row['runs']}" + (f" ({row['failed']} failed)" if row["failed"] else "")
    if "before" in table:
        columns["before" + unit] = lambda row: number(row["before"])
    columns[measure + unit] = lambda row: number(row["mean"])
    columns["± sd"] = lambda row: number(row["sd"])
    columns["interval"] = lambda row: both(row["low"], row["high"])
    if "change" in table:
        columns["change"] = lambda row: number(row["change"])
    ratios = {
        "compression": "compression",
        "size_ratio": "smaller file",
        "multiply_adds_ratio": "fewer multiply-adds",
    }
    for name, heading in ratios.items():
        if name in table:
            columns[heading] = lambda row, name=name: _ratio(row[name])
    counts = {"nonzeros": "nonzeros", "stored_bytes": "bytes", "nonzero_multiply_adds": "multiply-adds"}
    for name, heading in counts.items():
        if name in table:
            columns[heading] = lambda row, name=name: "–" if math.isnan(row[name]) else f"{row[name]:,.0f}"
    for control in ("random", "dense"):
        if f"{control}_difference" in table:
            columns[f"against {control}"] = lambda row, control=control: difference(row, control)
    rows = [[shown(row) for shown in columns.values()] for _, row in table.iterrows()]
    return list(columns), rows


def _ratio(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3g}×"


def markdown(title: str, headings: list[str], rows: list[list[str]], warnings: list[str]) -> str:
    """Return a report as Markdown."""
    lines = [f"# {_plain(title)}", ""]
    if warnings:
        lines += ["## Before you trust this", "", *(f"- {_plain(warning)}" for warning in warnings), ""]
    text = sum(heading in (*SETS, "method") for heading in headings)
    rule = ["---"] * text + ["---:"] * (len(headings) - text)
    lines += [f"| {' | '.join(map(_plain, line))} |" for line in (headings,)] + [f"| {' | '.join(rule)} |"]
    lines += [f"| {' | '.join(map(_plain, row))} |" for row in rows]
    return "\n".join([*lines, "", SOURCE, ""])


def page(title: str, headings: list[str], rows: list[list[str]], warnings: list[str]) -> str:
    """Return a report as a piece of HTML."""
    parts = [STYLE, '<div class="pw-report">', f"<h1>{html.escape(title)}</h1>"]
    if warnings:
        entries = "".join(f"<li>{html.escape(warning)}</li>" for warning in warnings)
        parts.append(f"<h2>Before you trust this</h2><ul>{entries}</ul>")
    text = sum(heading in (*SETS, "method") for heading in headings)
    head = "".join(f'<th scope="col">{html.escape(heading)}</th>' for heading in headings)
    parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>")
    for row in rows:
        kinds = [' class="text"' if place < text else "" for place in range(len(row))]
        cells = zip(kinds, row, strict=True)
        parts.append(
            "<tr>" + "".join(f"<td{kind}>{html.escape(cell)}</td>" for kind, cell in cells) + "</tr>"
        )
    return "\n".join([*parts, f"</tbody></table><p>{html.escape(SOURCE)}</p></div>"])


def _plain(text: str) -> str:
    """Return text as Markdown that shows it verbatim, in a line and in a table."""
    text = html.escape(" ".join(str(text).split()), quote=False)
    for mark in "\\`*_[]|#":
        text = text.replace(mark, "\\" + mark)
    return text
