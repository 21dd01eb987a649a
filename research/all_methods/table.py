"""The table of the README, from the CSVs."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

import prunewidgets as pw

FOLDER = Path(__file__).with_name("runs")
README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- written by the command -->\n\n", "\n\n<!-- until here -->"
NETWORKS = ("lenet_300_100", "small_cnn", "residual_cnn")
SAME = {"squared": "magnitude", "global": "magnitude"}
"""Rows of ``pw.methods()`` that remove the same weights as another, and are not run twice."""
FAR = 0.005  # what is removed is shown where it differs by more from what was asked


def finished() -> dict[str, pd.DataFrame]:
    """Return {network: its runs} of those that have a CSV."""
    files = {network: FOLDER / f"{network}.csv" for network in NETWORKS}
    return {network: pd.read_csv(file) for network, file in files.items() if file.exists()}


def markdown(frames: Mapping[str, pd.DataFrame]) -> str:
    """Return a heading and a table for each network.

    Args:
        frames: {network: one row per run with method, sparsity, seed, accuracy, reached, multiply_adds}.
    """
    return "\n\n".join(_section(network, frame) for network, frame in frames.items())


def write_readme() -> None:
    """Put the tables of all finished networks between the two marks of the README."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    README.write_text(f"{before}{BEGIN}{markdown(finished())}{END}{after}", encoding="utf-8")


def _section(network: str, frame: pd.DataFrame) -> str:
    whole = frame[frame.method == "dense"]
    pruned = frame[frame.method != "dense"]
    levels = sorted(pruned.sparsity.unique())
    kinds = pw.methods().set_index("name").kind
    heads = ["method", "kind", *(f"{100 * level:g} %" for level in levels), "multiply-adds at 90 %"]
    lines = [f"### {network}", "", f"Unpruned: {_cell(whole)} %.", ""]
    lines += [_line(heads), _line(["---", "---", *["---:"] * (len(levels) + 1)])]
    for name in pruned.method.unique():
        own = pruned[pruned.method == name]
        cells = [_cell(own[own.sparsity == level]) for level in levels]
        share = own[own.sparsity == 0.9].multiply_adds.mean() / whole.multiply_adds.mean()
        label = ", ".join([name, *(other for other, one in SAME.items() if one == name)])
        lines.append(_line([label, kinds.get(name, "control"), *cells, f"{100 * share:.0f} %"]))
    return "\n".join(lines)


def _cell(runs: pd.DataFrame) -> str:
    """Return mean ± sample standard deviation in per cent, and what was removed if it is not as asked."""
    text = f"{100 * runs.accuracy.mean():.1f} ± {100 * runs.accuracy.std():.1f}"
    reached, asked = runs.reached.mean(), runs.sparsity.mean()
    return text if abs(reached - asked) <= FAR else f"{text} ({100 * reached:.1f} % removed)"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
