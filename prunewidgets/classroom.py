"""``python -m prunewidgets class DIR --chapters 01 05``: chapters copied, run and checked before a lesson.

They run in a temporary folder, and only a chapter that has reached its end is replaced by what it shows: so
nothing in DIR is half written, and nothing that the chapters save stays there.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from . import doctor, workbook
from .utils.machine import free_memory
from .utils.notebook_run import NotebookStopped, read_notebook, run_cells
from .utils.this_python import this_python

NEEDED = 2e9
"""Bytes of free memory that a chapter's kernel may need, most of it for TensorFlow."""

VIEW = "application/vnd.jupyter.widget-view+json"
FOLDED = "<details"


def main(folder: str, chapters: Sequence[str]) -> int:
    """Prepare the chapters in a folder and print a line for each thing checked.

    Args:
        folder: where the chapters go; made if it is not there.
        chapters: their numbers or names, such as "1", "06b" or "05_a_cnn_on_mnist".

    Returns:
        The exit status: 0; 1 if something that is needed does not work or a chapter failed; 130 after Ctrl-C.
    """
    broken = []
    try:
        names = named(workbook.source(), chapters)
        copied = workbook.copy(workbook.source(), Path(folder), lambda name: belongs(name, names))
        for check in checks(copied, names):
            print(check, flush=True)
            broken += [check.name] if check.needed and not check.ok else []
    except KeyboardInterrupt:
        print("Stopped. Every file there is whole; run this again for the rest.", file=sys.stderr)
        return 130
    except OSError as error:
        print(workbook.why_not(error), file=sys.stderr)
        return 1
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    if broken:
        print(f"The class is not ready: {', '.join(broken)}.")
        return 1
    print(f'The class is ready. Next: {this_python()} -m jupyterlab "{copied.folder / names[0]}"')
    return 0


def named(source: Path, chapters: Sequence[str]) -> list[str]:
    """Return the file names of chapters, each once.

    Raises:
        ValueError: there is no such chapter; see `workbook.chapter_number`.
    """
    known = workbook.numbered(source)
    return list({known[workbook.chapter_number(source, name)].name: None for name in chapters})


def belongs(name: str, chapters: Sequence[str]) -> bool:
    """Return whether a file of the workbook is copied for these chapters: no other chapters, no solutions."""
    return (
        name in chapters if name.endswith(".ipynb") and "/" not in name else not name.startswith("solutions/")
    )


def checks(copied: workbook.Copied, names: Sequence[str]) -> Iterator[doctor.Check]:
    """Yield what was found of the machine, then of each chapter as soon as it has run."""
    for check in (
        doctor.check_python,
        doctor.check_tensorflow,
        doctor.check_widgets,
        doctor.check_jupyterlab,
        doctor.check_data,
    ):
        yield check()
    yield check_kernel()
    yield from check_memory()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        room = Path(temporary) / "class"
        left = shutil.ignore_patterns(*workbook.LEFT_BEHIND, ".*")  # such as a whole .venv
        shutil.copytree(copied.folder, room, ignore=left, ignore_dangling_symlinks=True)
        for name in names:
            yield check_chapter(copied, name, room)


def check_kernel() -> doctor.Check:
    """Check for the kernel that the chapters name."""
    ok, said = doctor.probe(
        "from jupyter_client.kernelspec import KernelSpecManager\n"
        "print(KernelSpecManager().get_kernel_spec('python3').display_name)"
    )
    return doctor.Check("Kernel", ok, said, "Run 'pip install ipykernel'.")


def check_memory() -> Iterator[doctor.Check]:
    """Check for the memory of one kernel, where the system says how much is free."""
    free = free_memory()
    if free is not None:
        fix = f"A chapter needs up to {NEEDED / 1e9:g} GB: close other kernels and programs."
        yield doctor.Check("Memory", free >= NEEDED, f"{free / 1e9:.1f} GB free", fix)


def check_chapter(copied: workbook.Copied, name: str, room: Path) -> doctor.Check:
    """Run a chapter in another folder; if it reaches its end, keep what it shows.

    Args:
        copied: the copy of the chapters.
        name: the chapter's file.
        room: a folder with the same files, in which it runs.
    """
    path, start = room / name, monotonic()
    try:
        notebook = read_notebook(path)
        run_cells(notebook, room)
    except (NotebookStopped, ValueError, ModuleNotFoundError) as error:  # the last of nbformat or nbclient
        return doctor.Check(name, False, one_line(str(error).removeprefix(f"{name} ")), "")
    took = f"ran in {monotonic() - start:.0f} s"
    if name in copied.changed:
        return doctor.Check(name, True, f"{took}; not written, because you changed it", "")
    workbook.replace(copied.folder, name, content_of(notebook))
    return doctor.Check(name, True, took, "")


def content_of(notebook: Any) -> bytes:
    """Return a notebook that has run, without answers: what is folded, and what names a view of its kernel.

    A view leaves its still picture, and runs again with its cell.
    """
    import nbformat

    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop(VIEW, None)
            if data.get("text/html", "").lstrip().startswith(FOLDED):
                del data["text/html"]
    return nbformat.writes(notebook).encode()


def one_line(text: str) -> str:
    """Return a text without its line breaks."""
    return " ".join(text.split())
