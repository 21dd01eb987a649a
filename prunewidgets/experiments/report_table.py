"""The numbers of a report: a row for each method and sparsity, from one row per run."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

SETS = ("dataset", "model")
"""Columns that say what was pruned; runs that differ in them are never averaged."""
STORED = ("compact_bytes", "gzip_bytes", "index_coded_bytes", "bitmask_bytes", "bytes")
"""Columns with the size of a pruned model; the smallest of them counts."""


def table(runs: "pd.DataFrame", measure: str, controls: dict[str, str]) -> "pd.DataFrame":
    """Return the rows of a report.

    Args:
        runs: one row per run, with "bytes" from `with_ratios`.
        measure: the column of the measure.
        controls: {"random": method, "dense": method}, those there are.
    """
    import pandas as pd

    sets = [name for name in SETS if name in runs]
    rows = []
    for key, group in runs.groupby([*sets, "method", "sparsity"], sort=False, dropna=False):
        values = group[measure].dropna()
        row: dict[str, Any] = dict(zip([*sets, "method", "sparsity"], key, strict=True))
        row |= {"runs": len(values), "failed": len(group) - len(values)}
        row |= {"mean": values.mean(), "sd": values.std(), **interval(values, "")}
        if "before" in group:
            row |= {"before": group["before"].mean(), "change": (group[measure] - group["before"]).mean()}
        names = ("compression", "size_ratio", "multiply_adds_ratio", "parameters", "nonzeros", "stored_bytes")
        for name in (*names, "multiply_adds", "nonzero_multiply_adds"):
            if name in group:
                row[name] = group[name].mean()
        for control, method in controls.items():
            if method != row["method"]:
                theirs = runs[runs["method"] == method]
                for name in (*sets, "sparsity"):
                    theirs = theirs[theirs[name] == row[name]]
                differences = (
                    group.groupby("seed")[measure].mean() - theirs.groupby("seed")[measure].mean()
                ).dropna()
                row |= {f"{control}_difference": differences.mean(), **interval(differences, f"{control}_")}
        rows.append(row)
    return pd.DataFrame(rows)


def with_ratios(runs: "pd.DataFrame") -> "pd.DataFrame":
    """Return the runs with their ratios and stored bytes, where they have what these are made of."""
    runs = runs.copy()
    stored = [name for name in STORED if name in runs]
    if stored:
        runs["stored_bytes"] = runs[stored].min(axis=1)
    for name, whole, part in (
        ("compression", "parameters", "nonzeros"),
        ("size_ratio", "dense_bytes", "stored_bytes"),
        ("multiply_adds_ratio", "multiply_adds", "nonzero_multiply_adds"),
    ):
        if whole in runs and part in runs:
            runs[name] = runs[whole] / runs[part].replace(0, np.nan)
    return runs


def interval(values: "pd.Series", prefix: str) -> dict[str, float]:
    """Return the 95 % interval of a mean, by Student's t; NaN for fewer than two values."""
    from scipy.special import stdtrit

    n = len(values)
    half = stdtrit(n - 1, 0.975) * values.std() / n**0.5 if n > 1 else np.nan
    return {f"{prefix}low": values.mean() - half, f"{prefix}high": values.mean() + half}
