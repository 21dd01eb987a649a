"""Runs of several methods over sparsities and seeds, stored in a file so that no run is repeated."""

import operator
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..core.thresholds import checked_levels
from ..utils.interrupts import Interrupts, defer_interrupts
from ..utils.progress_bar import progress
from .attempt import OWN_COLUMNS, Attempt, Method
from .measures import checked_measure, direction_of
from .packed import packed
from .pools import Where, pool_for
from .settings import method_settings
from .store import RunStore
from .sweep import Planned, Sweep

if TYPE_CHECKING:
    import pandas as pd

ON_ERROR = ("raise", "row")


def compare_methods(
    methods: Mapping[str, Method],
    sparsities: Iterable[float] | float,
    seeds: Iterable[int] = (0, 1, 2),
    store: str | os.PathLike[str] | None = None,
    *,
    jobs: int | None = None,
    threads: int = 1,
    measure: str = "accuracy",
    direction: str | None = None,
    on_error: str = "raise",
) -> "pd.DataFrame":
    """Run every method at every sparsity with every seed, here or in worker processes.

    With a store, each run is saved as it ends, under a key made from everything that determines it: name and
    code of the method, sparsity and seed, and everything the code reads: arguments of `functools.partial`,
    defaults, enclosing variables, globals, functions and classes of the notebook and what those read, arrays
    and Keras models by their values, installed packages by their version. A stored run is read and not
    repeated; so after an interrupt or a killed process, the same call runs only what is missing. Not part of
    the key: files that a method reads, random numbers of layers without a seed of their own, and a list, set
    or dict that the method only adds to. (Python 3.12 compiles the same source to other bytecode than 3.11,
    and so on, so with another version all runs are missing.) Several calls with one store, in any processes
    of a machine, share the runs: each run is done by one of them, and all return the same rows.
    Ctrl-C keeps the finished rows, warns, and sets ``frame.attrs["complete"]`` to False.

    With ``jobs``, the runs are done in worker processes of this machine. In a ``with
    joblib.parallel_config(backend="dask")`` they are done by the workers of the Dask cluster of the current
    ``distributed.Client``. The methods are sent to the workers, with the code of the notebook and of your own
    modules. A run whose worker is killed is done again; one that kills its worker twice has failed. Workers
    on this machine store what they finish; those on others send it to the caller, which stores it.

    Before each run, Python's, NumPy's and Keras's generators are seeded with its seed. So the frame, except
    for the seconds, is the same bit for bit with any number of jobs and in a cluster, as long as ``threads``
    is the same: sums over other numbers of threads are rounded otherwise. A call without ``jobs`` uses the
    threads that TensorFlow was started with, usually one for each core.

    Args:
        methods: {name: function}, called as ``function(sparsity, seed)``. Each returns the measure, or a dict
            of numbers and strings that has it; its entries become columns.
        sparsities: each from 0 to 1; a single number stands for a list of one.
        seeds: a list of integers. Defaults to 0, 1 and 2.
        store: an SQLite file on a disk of this machine, created if it does not exist. Defaults to None, which
            stores nothing.
        jobs: the number of worker processes, -1 for one per core. Each takes 1 to 2 GB with TensorFlow.
            Defaults to None: in this process, or as `joblib.parallel_config` says.
        threads: how many threads each worker process uses. Defaults to 1.
        measure: the name of the number that counts, such as "loss" or "perplexity". Defaults to "accuracy",
            which is from 0 to 1.
        direction: "max" if more of the measure is better, "min" if less is. Defaults to None, which takes it
            from the name.
        on_error: "raise", or "row": a run that fails becomes a row with its error in the column ``failure``
            and no measure. With a store, the next call tries it again. Defaults to "raise".

    Returns:
        One row per run: method, sparsity, seed, the measure, seconds, and everything else that the methods
        returned; for an `Accuracy` also low and high (95 % interval) and n; ``failure`` if a run failed.
        ``attrs``: complete, measure and direction.

    Raises:
        ValueError: there is nothing to run, a sparsity is outside 0 to 1, a method returned no valid measure,
            the store is not a file of runs, or an argument has a value that does not exist.
        TypeError: methods is not a dict, or seeds is not a list of integers; with a store, a method reads
            something that cannot be described, such as a lock or a dataset; with workers, one cannot be sent.
        RuntimeError: a method failed; the message says at which sparsity and seed.
        OSError: the store cannot be read or written, or the cluster is gone. Once runs have begun, the error
            has the finished rows in ``frame``; so do the errors for a method that failed or returned an
            invalid result.

    Example:
        >>> from functools import partial
        >>> model = pw.models.pretrained("lenet_300_100")
        >>> _, (x, y) = pw.datasets.mnist()
        >>> def prune(criterion, sparsity, seed):
        ...     live = pw.LiveModel(model)
        ...     scores = pw.score(live.weights, criterion, seed)
        ...     return live.evaluate(x, y, pw.Masks.from_sparsity(scores, sparsity))
        >>> methods = {"magnitude": partial(prune, "magnitude"), "random": partial(prune, "random")}
        >>> frame = pw.compare_methods(methods, [0.5], seeds=[0, 1], store="runs.sqlite")
        >>> frame[["method", "sparsity", "seed", "accuracy"]].round(2)
              method  sparsity  seed  accuracy
        0  magnitude       0.5     0      0.98
        1     random       0.5     0      0.82
        2  magnitude       0.5     1      0.98
        3     random       0.5     1      0.72

        In two processes, and with what goes wrong as a row: ``pw.compare_methods(methods, [0.5], jobs=2,
        on_error="row")``.
    """
    if not isinstance(methods, Mapping):
        raise TypeError(f"methods must be a dict {{name: function}}, not {type(methods).__name__}.")
    levels = list(dict.fromkeys(checked_levels(sparsities)))
    seed_list = list(dict.fromkeys(_checked_seeds(seeds)))
    planned = [Planned(name, level, seed) for level in levels for seed in seed_list for name in methods]
    if not planned:
        raise ValueError("there is nothing to run: give at least one method, one sparsity and one seed.")
    attrs = {"measure": checked_measure(measure, OWN_COLUMNS), "direction": direction_of(measure, direction)}
    if on_error not in ON_ERROR:
        raise ValueError(f"on_error is {on_error!r}; give 'raise' or 'row'.")
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise ValueError(f"threads is {threads!r}; give a whole number from 1.")
    where = Where(jobs)
    run_store = None if store is None else RunStore(store)
    # Once, not before each run, because the source may be edited in the meantime.
    common = {}
    if run_store is not None:
        common = {name: method_settings(name, methods[name], measure) for name in methods}
    content = b"" if where.is_here else packed(methods)
    sweep = Sweep(methods, planned, measure, run_store, common)
    sweep.look_up(planned)

    def frame() -> "pd.DataFrame":
        ended = ((run, sweep.outcomes[run]) for run in planned if run in sweep.outcomes)
        rows = [(run, outcome) for run, outcome in ended if outcome.result is not None or on_error == "row"]
        return _frame(rows, len(planned), attrs)

    with defer_interrupts() as interrupts:  # except in methods, so that no finished row is lost
        try:
            with _done(sweep, where, interrupts, threads, content) as done:
                for run, outcome, cause in progress(done, "run", sweep.left):
                    sweep.keep(run, outcome)
                    if outcome.result is None and on_error == "raise":
                        raise outcome.error(str(run)) from cause
        except KeyboardInterrupt:
            interrupts.asked = True
        except (RuntimeError, ValueError, OSError) as error:
            error.frame = frame()  # type: ignore[union-attr]
            raise
        if interrupts.asked:
            text = f"Interrupted: {len(sweep.outcomes)} of {len(planned)} runs are finished."
            warnings.warn(text, stacklevel=2)
        return frame()


@contextmanager
def _done(
    sweep: Sweep, where: Where, interrupts: Interrupts, threads: int, content: bytes
) -> Iterator[Iterator[tuple[Planned, Attempt, BaseException | None]]]:
    """Give an iterator over the runs as they are done; end what is running if the block is left early."""
    try:
        if where.is_here or not sweep.left:
            yield sweep.here(interrupts)
            return
        with pool_for(where, threads, content) as pool:
            try:
                yield sweep.in_workers(interrupts, pool, threads)
            except BaseException:
                pool.stop()
                raise
    finally:
        sweep.close()


def _checked_seeds(seeds: Iterable[int]) -> list[int]:
    """Return the seeds as Python integers. A single number is refused: it may be meant as a count."""
    if not isinstance(seeds, Iterable):
        raise TypeError(f"seeds is {seeds!r:.60}; give a list of integers, such as [0, 1, 2].")
    checked = []
    for seed in seeds:
        try:
            checked.append(operator.index(seed))
        except TypeError:
            raise TypeError(
                f"seeds has {seed!r:.60}, which is not an integer; give integers such as [0, 1, 2]."
            ) from None
    return checked


def _frame(rows: list[tuple[Planned, Attempt]], planned: int, attrs: dict[str, str]) -> "pd.DataFrame":
    import pandas as pd

    table = [
        {"method": run.method, "sparsity": run.sparsity, "seed": run.seed}
        | (outcome.result or {"failure": outcome.failure})
        | {"seconds": outcome.seconds}
        for run, outcome in rows
    ]
    first = ("method", "sparsity", "seed", attrs["measure"], "seconds")
    columns = dict.fromkeys([*first, *(key for row in table for key in row)])
    frame = pd.DataFrame(table, columns=list(columns))
    frame.attrs |= {"complete": len(rows) == planned, **attrs}
    return frame
