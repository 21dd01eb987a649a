"""Run the cells of a notebook in a kernel of its own, one after another."""

import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .progress_bar import progress


class NotebookStopped(RuntimeError):
    """A notebook did not reach its end; the message is the rest of a sentence that begins with its name."""


def read_notebook(path: Path) -> Any:
    """Return a notebook in version 4 of its format.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file is not a notebook.
    """
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except OSError:
        raise
    except Exception as error:  # of nbformat, jsonschema or json; or what it meets where a key is missing
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{path.name} is not a notebook that can be read: {reason}") from None


def run_cells(
    notebook: Any,
    folder: Path,
    variables: Mapping[str, str] | None = None,
    last: Callable[[], str] | None = None,
) -> None:
    """Run all cells of a notebook, which then holds their outputs, with a progress bar.

    Args:
        notebook: what `read_notebook` returns; changed in place.
        folder: where its kernel runs.
        variables: environment variables of the kernel beside those of this process.
        last: returns code to run after the last cell, which leaves nothing in the notebook.

    Raises:
        NotebookStopped: a cell ends with an error, the kernel dies, or there is no such kernel.
    """
    import nbformat
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    client = NotebookClient(
        notebook,
        timeout=None,  # a chapter may train for minutes
        store_widget_state=False,
        extra_arguments=["--log-level=50"],  # what the kernel says of its transport is not about the cells
        resources={"metadata": {"path": str(folder)}},
    )
    cells = list(enumerate(notebook.cells))
    at = "its start,"
    try:
        with client.setup_kernel(env={**os.environ, **(variables or {})}):
            client.widget_state = defaultdict(dict)  # nbclient takes it for granted at an Output widget
            for number, cell in progress(cells, unit="cell"):
                at = _name_of(notebook.cells[: number + 1])
                client.execute_cell(cell, number)
            if last is not None:
                at = "collecting its views"
                notebook.cells.append(nbformat.v4.new_code_cell(last()))
                client.execute_cell(notebook.cells[-1], len(cells))
                notebook.cells.pop()
    except NoSuchKernel as error:
        raise NotebookStopped(f"it needs the kernel {error.name!r}, which is not installed.") from None
    except CellExecutionError as error:
        raise NotebookStopped(f"{at} stopped with {error.ename}: {error.evalue}") from None
    except DeadKernelError:
        raise NotebookStopped(f"its kernel died at {at.rstrip(',')}.") from None


def _name_of(cells: list[Any]) -> str:
    """Return how a reader finds the last of these cells."""
    count = sum(cell.cell_type == "code" for cell in cells)
    return f"code cell {count}, which begins with {cells[-1].source.strip().partition(chr(10))[0]!r:.60},"
