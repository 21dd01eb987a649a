"""A comparison of pruning methods as papers should report it."""

import os
from typing import TYPE_CHECKING, Any

from ..utils.atomic_file import whole_file
from .measures import direction_of, measure_in
from .report_checks import KNOWN, warnings_of
from .report_table import SETS, table, with_ratios
from .report_text import cells, markdown, page

if TYPE_CHECKING:
    import pandas as pd


class Report:
    """Means, intervals, ratios and controls of a comparison, and what to know before trusting them.

    In a notebook it shows itself as a table.

    Attributes:
        table: one row for each method and sparsity, as numbers.
        warnings: a sentence for each thing that is missing or differs.
        measure: the name of what was measured.
        direction: "max" if more of it is better, "min" if less is.

    Example:
        >>> import pandas as pd
        >>> runs = {"method": "magnitude", "sparsity": 0.5, "seed": [0, 1, 2], "loss": [0.1, 0.2, 0.3]}
        >>> report = pw.report(pd.DataFrame(runs), "loss")
        >>> report.table[["sparsity", "runs", "mean", "sd"]].round(2)
           sparsity  runs  mean   sd
        0       0.5     3   0.2  0.1
        >>> report.direction
        'min'
    """

    def __init__(self, table: "pd.DataFrame", warnings: list[str], measure: str, direction: str) -> None:
        """Store the parts; `report` makes them."""
        self.table, self.warnings = table, warnings
        self.measure, self.direction = measure, direction

    @property
    def _title(self) -> str:
        better = "more" if self.direction == "max" else "less"
        return f"Pruning methods by {self.measure} ({better} is better)"

    def to_markdown(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the report as Markdown; with a path, write it there too."""
        return _written(markdown(self._title, *cells(self.table, self.measure), self.warnings), path)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return the report as a piece of HTML; with a path, write it there as a page."""
        text = page(self._title, *cells(self.table, self.measure), self.warnings)
        if path is not None:
            head = '<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
            _written(f"{head}<title>{self._title}</title>\n{text}", path)
        return text

    def to_parquet(self, path: str | os.PathLike[str]) -> None:
        """Write the table as a Parquet file, for other programs.

        Raises:
            ImportError: neither pyarrow nor fastparquet is installed; ``prunewidgets[sweeps]`` has pyarrow.
        """
        try:
            with whole_file(path) as file:
                self.table.to_parquet(file)
        except ImportError as error:
            raise ImportError(
                "Parquet files need pyarrow: pip install 'prunewidgets[sweeps]', or write CSV with "
                "report.table.to_csv(path)."
            ) from error

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        """Return the Markdown."""
        return self.to_markdown()


def _written(text: str, path: str | os.PathLike[str] | None) -> str:
    if path is not None:
        with whole_file(path) as file:
            file.write_text(text, encoding="utf-8")
    return text


def report(
    frame: "pd.DataFrame",
    measure: str | None = None,
    direction: str | None = None,
    *,
    random: str | None = None,
    dense: str | None = None,
    setup: list[str] | None = None,
) -> Report:
    """Report a comparison as a paper should: ratios, controls, before and after, intervals, and warnings.

    Source: D. Blalock, J. J. Gonzalez Ortiz, J. Frankle, J. Guttag, "What is the state of neural network
    pruning?", MLSys 2020, whose authors found that of 81 papers hardly two could be compared.

    For each method and sparsity: the mean over seeds with its sample standard deviation s and its interval
    mean ± t(n - 1) · s ÷ √n (95 %); compression = parameters ÷ nonzeros, size_ratio = dense ÷ stored bytes,
    multiply_adds_ratio = multiply-adds before ÷ after, which is no measured speed; and the difference to each
    control, seed by seed, with its interval. Let the methods return what this is made of, beside the measure:

    - ``before``: the measure of the model before pruning, on the same data;
    - ``parameters``, ``nonzeros``, ``dense_bytes``, ``gzip_bytes``, ``multiply_adds`` and
      ``nonzero_multiply_adds``, under these names from ``pw.costs(model, batches=())``;
    - ``dataset`` and ``model``; runs that differ in them are not averaged;
    - ``epochs``, ``batch_size``, ``learning_rate`` and anything else that could differ between methods.

    Args:
        frame: from `compare_methods` or `load_runs`.
        measure: the column to report. Defaults to None: the measure that the frame was made with, or the
            accuracy.
        direction: "max" if more of it is better, "min" if less is. Defaults to None: as the frame or the name
            says.
        random: the method that removes weights at random. Defaults to None: the one with this word in its
            name, if there is just one.
        dense: the method that trains a smaller dense model. Defaults to None: as for ``random``.
        setup: the columns in which methods should not differ. Defaults to None: texts, and those with usual
            names, such as "epochs".

    Returns:
        Report: ``.table``, ``.warnings``, ``.to_markdown(path)``, ``.to_html(path)``, ``.to_parquet(path)``.

    Raises:
        TypeError: it is not a frame.
        ValueError: the frame has no rows or lacks a column, or a control is not one of its methods.

    Example:
        >>> def method(sparsity, seed, loss):
        ...     size = {"parameters": 1000, "nonzeros": round(1000 * (1 - sparsity))}
        ...     return {"accuracy": 0.98 - loss * sparsity + 0.01 * seed, "before": 0.98 + 0.01 * seed} | size
        >>> from functools import partial
        >>> methods = {"magnitude": partial(method, loss=0.1), "random": partial(method, loss=0.5)}
        >>> report = pw.report(pw.compare_methods(methods, [0.5, 0.9], seeds=[0, 1, 2]))
        >>> report.table[["method", "sparsity", "mean", "compression", "random_difference"]].round(3)
              method  sparsity  mean  compression  random_difference
        0  magnitude       0.5  0.94          2.0               0.20
        1     random       0.5  0.74          2.0                NaN
        2  magnitude       0.9  0.90         10.0               0.36
        3     random       0.9  0.54         10.0                NaN
        >>> report.warnings[0]
        'Fewer than 5 sparsities: report at least 5, over compressions such as 2, 4, 8, 16 and 32 times.'
        >>> text = report.to_html("report.html")
    """
    if not hasattr(frame, "groupby"):
        raise TypeError(f"frame has to be a DataFrame from pw.compare_methods, not {type(frame).__name__}.")
    measure = measure_in(frame, measure)
    missing = [name for name in ("method", "sparsity", "seed", measure) if name not in frame]
    if missing:
        raise ValueError(f"the frame lacks the columns {', '.join(missing)}; pw.compare_methods gives them.")
    if frame.empty:
        raise ValueError("the frame has no rows; no run was finished.")
    own = measure == frame.attrs.get("measure")
    direction = direction_of(measure, direction or (frame.attrs.get("direction") if own else None))
    names = list(map(str, frame["method"].unique()))
    found = {role: _control(role, name, names) for role, name in (("random", random), ("dense", dense))}
    controls = {role: name for role, name in found.items() if name is not None}
    runs = with_ratios(frame)
    if setup is None:
        setup = [name for name in runs if _is_setup(runs, name)]
    elif absent := [name for name in setup if name not in runs]:
        raise ValueError(f"setup has {', '.join(absent)}, which the frame does not have.")
    sentences = list(warnings_of(runs, measure, controls, setup))
    return Report(table(runs, measure, controls), sentences, measure, direction)


def _control(role: str, name: str | None, names: list[str]) -> str | None:
    """Return the method that is a control: the one named, or the only one with the word in its name."""
    if name is not None and name not in names:
        raise ValueError(f"{role} is {name!r}, which is not a method of the frame: {', '.join(names)}.")
    likely = [other for other in names if role in other.lower().replace("_", " ").split()]
    return name or (likely[0] if len(likely) == 1 else None)


def _is_setup(runs: "pd.DataFrame", name: Any) -> bool:
    """Return whether a column describes how the runs were done: a text, or a number with a usual name."""
    if name in (*SETS, "method", "failure", "date", "code"):
        return False
    texts = runs[name].dropna().map(lambda value: isinstance(value, str))
    return name in KNOWN or (len(texts) > 0 and bool(texts.all()))
