"""What a reader of a comparison should know before trusting it: differences in set-up, missing controls."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .report_table import SETS

if TYPE_CHECKING:
    import pandas as pd

SEEDS, RATIOS, PAIRS = 3, 5, 3
"""The least that the paper asks for."""
KNOWN = ("epochs", "batch_size", "learning_rate", "optimizer", "augmentation", "examples", "n", "parameters")
"""Columns that describe a set-up and should not differ between methods; texts are taken too."""


def warnings_of(
    runs: "pd.DataFrame", measure: str, controls: dict[str, str], setup: list[str]
) -> Iterator[str]:
    """Yield a sentence for each thing to know about a comparison.

    Args:
        runs: one row per run, with the ratios.
        measure: the column of the measure.
        controls: {"random": method, "dense": method}, those there are.
        setup: the columns that describe the set-up.
    """
    yield from _runs(runs, measure)
    yield from _controls(runs, controls)
    yield from _columns(runs)
    yield from _set_ups(runs, setup)


def _runs(runs: "pd.DataFrame", measure: str) -> Iterator[str]:
    failed = runs[runs[measure].isna()]
    for method, count in failed["method"].value_counts(sort=False).items():
        noun = "run" if count == 1 else "runs"
        yield f"{count} {noun} of {method!r} failed, in no mean here; the rest may be the easier ones."
    done = runs.dropna(subset=[measure])
    sets = [name for name in SETS if name in runs]
    seeds = done.groupby([*sets, "method", "sparsity"], sort=False, dropna=False)["seed"].nunique()
    few = seeds[seeds < SEEDS].reset_index()["method"].unique()
    if len(few):
        yield f"Fewer than {SEEDS} seeds: {_list(few)}. One run, or two, do not show how much is chance."
    per_method = done.groupby("method", sort=False)
    own = per_method["seed"].unique().map(lambda seeds: tuple(sorted(seeds)))
    if own.nunique() > 1:
        yield "The methods have different seeds, so they started from different weights: " + _each(own)
    levels = per_method["sparsity"].unique().map(lambda levels: tuple(sorted(levels)))
    if levels.nunique() > 1:
        yield "The methods have different sparsities: " + _each(levels)
    if runs["sparsity"].nunique() < RATIOS:
        yield (
            f"Fewer than {RATIOS} sparsities: report at least {RATIOS}, over compressions such as 2, 4, 8, "
            "16 and 32 times."
        )
    if "code" in runs:
        versions = per_method["code"].nunique()
        for method in versions[versions > 1].index:
            yield f"The runs of {method!r} are of {versions[method]} versions of its code, averaged here."


def _controls(runs: "pd.DataFrame", controls: dict[str, str]) -> Iterator[str]:
    if "random" not in controls:
        yield (
            "No random control: add a method that removes weights at random, and name it: random='…'. "
            "Without it nobody sees what the criterion is worth."
        )
    if "dense" not in controls:
        yield (
            "No dense control: add a method that trains a smaller dense model of the same size, and name it: "
            "dense='…'. Without it nobody sees what pruning is worth."
        )
    if "before" not in runs:
        yield 'No value before pruning: let the methods return "before", measured on the same data.'


def _columns(runs: "pd.DataFrame") -> Iterator[str]:
    missing = {
        "compression": ("compression", '"parameters" and "nonzeros"'),
        "size_ratio": ("size ratio", '"dense_bytes" and "gzip_bytes" or another size'),
        "multiply_adds_ratio": ("ratio of multiply-adds", '"multiply_adds" and "nonzero_multiply_adds"'),
    }
    for ratio, (name, columns) in missing.items():
        if ratio not in runs or runs[ratio].isna().all():
            yield f"No {name}: let the methods return {columns}, from pw.costs(model, batches=())."
    pairs = runs[[name for name in SETS if name in runs]].drop_duplicates()
    if not pairs.shape[1]:
        yield 'The runs do not say what was pruned: let the methods return "dataset" and "model".'
    elif len(pairs) < PAIRS:
        noun = "pair" if len(pairs) == 1 else "pairs"
        yield f"{len(pairs)} {noun} of data set and model; a claim about methods in general needs {PAIRS}."


def _set_ups(runs: "pd.DataFrame", setup: list[str]) -> Iterator[str]:
    sets = [name for name in SETS if name in runs]
    for _, group in runs.groupby(sets, sort=False, dropna=False) if sets else [((), runs)]:
        which = f" ({', '.join(str(group[name].iloc[0]) for name in sets)})" if sets else ""
        for column in setup:
            values = group.dropna(subset=[column]).groupby("method", sort=False)[column].unique()
            values = values.map(lambda found: tuple(sorted(found, key=str)))
            if values.nunique() > 1:
                yield f"The set-ups differ in {column}{which}: {_each(values)}"
        if "before" in group:
            spread = group.groupby("seed")["before"].nunique()
            if (spread > 1).any():
                yield f"With the same seed, the methods started from models of different quality{which}."


def _each(values: "pd.Series") -> str:
    return "; ".join(f"{method}: {', '.join(map(str, own))}" for method, own in values.items()) + "."


def _list(names: "list[str]") -> str:
    return ", ".join(map(str, names))
