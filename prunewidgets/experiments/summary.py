"""Mean, deviation and number of the runs of each method."""

from typing import TYPE_CHECKING

from .measures import measure_in

if TYPE_CHECKING:
    import pandas as pd


def summarize_runs(frame: "pd.DataFrame", measure: str | None = None) -> "pd.DataFrame":
    """Return mean, standard deviation and number of runs of each method at each sparsity.

    Args:
        frame: from `compare_methods`; or frames of several seeds from `accuracy_curve`, combined with
            `pandas.concat`, where the criteria are the methods.
        measure: the column to summarise. Defaults to None: the measure that the frame was made with, or the
            accuracy.

    Returns:
        One row for each method and sparsity: method (or criterion and scope), sparsity, mean, sd (sample
        standard deviation; NaN for one run), n (number of runs; those that failed do not count).

    Raises:
        TypeError: it is not a frame.
        ValueError: the frame is empty, or lacks the column of methods, sparsities or the measure.

    Example:
        >>> def method(sparsity, seed):
        ...     return 0.98 - 0.1 * sparsity + 0.01 * seed  # in place of a training
        >>> frame = pw.compare_methods({"straight": method}, [0.5, 0.9], seeds=[0, 1, 2])
        >>> pw.summarize_runs(frame).round(3)
             method  sparsity  mean    sd  n
        0  straight       0.5  0.94  0.01  3
        1  straight       0.9  0.90  0.01  3
    """
    if not hasattr(frame, "groupby"):
        raise TypeError(f"frame has to be a DataFrame from pw.compare_methods, not {type(frame).__name__}.")
    kind = next((name for name in ("method", "criterion") if name in frame), None)
    measure = measure_in(frame, measure)
    missing = [name for name in ("sparsity", measure) if name not in frame]
    if kind is None or missing:
        raise ValueError(
            f"the frame has the columns {', '.join(map(str, frame.columns))}; needed are method (or "
            f"criterion), sparsity and {measure}, as pw.compare_methods returns them."
        )
    if frame.empty:
        raise ValueError("the frame has no rows; no run was finished.")
    kinds = [kind, "scope"] if kind == "criterion" and "scope" in frame else [kind]
    groups = frame.groupby([*kinds, "sparsity"], sort=False)[measure]
    return groups.agg(mean="mean", sd="std", n="count").reset_index()
