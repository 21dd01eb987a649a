"""The progress bar: what goes through it, and what it leaves behind."""

import os
import subprocess
import sys
import threading

import nbformat
import pytest
from nbclient import NotebookClient

from prunewidgets.utils.progress_bar import progress


def test_all_steps_are_yielded_and_quick_ones_show_no_bar(capsys):
    assert list(progress(iter("abc"), total=3)) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "")


IN_A_TERMINAL = """
import time
from prunewidgets.utils import progress_bar as module
module.DELAY = 1e-9
for step in module.progress(range(5), "row"):
    time.sleep(0.12)  # tqdm draws ten times a second at most
    if step == {last}:
        break
"""


@pytest.mark.parametrize("last", [2, 99], ids=["stopped early", "to the end"])
def test_in_a_terminal_the_bar_is_removed_at_the_end(last):
    """In a process of its own: tqdm puts a bar below any other that is still there."""
    code = IN_A_TERMINAL.format(last=last)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("TQDM_")}
    run = subprocess.run([sys.executable, "-c", code], env=plain, capture_output=True, check=True)
    words = run.stderr.decode()
    assert "row/s" in words or "s/row" in words
    assert words.endswith("\r") and words.rstrip("\r").rpartition("\r")[2].isspace()


LONG_STEP = """
import time
from prunewidgets.utils import progress_bar as module
module.DELAY = module.TICK = 0.05
for step in module.progress({steps}, "row"):
    time.sleep(0.5)
    print("end of the step")
    break
"""


@pytest.mark.parametrize("steps", ["range(3)", "iter(range(3))"], ids=["counted", "not counted"])
def test_the_bar_appears_during_a_long_first_step_and_is_removed(steps):
    plain = {name: value for name, value in os.environ.items() if not name.startswith("TQDM_")}
    code = [sys.executable, "-uc", LONG_STEP.format(steps=steps)]
    run = subprocess.run(code, env=plain, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
    before, _, after = run.stdout.decode().partition("end of the step")
    assert before.count("row/s") >= 3  # redrawn while the step runs
    assert after.rstrip("\r").rpartition("\r")[2].isspace()


def test_a_bar_that_is_never_finished_leaves_no_thread_behind():
    steps = progress(iter("ab"))
    next(steps)
    assert any(thread.name == "progress bar" for thread in threading.enumerate())
    del steps
    assert not any(thread.name == "progress bar" for thread in threading.enumerate())


CELLS = [
    "import time; from prunewidgets.utils import progress_bar as module; module.DELAY = 1e-9",
    "for _ in module.progress(range(3)): time.sleep(0.2)",
    "for step in module.progress(range(3)):\n    time.sleep(0.2)\n    if step: break",
    "for step in module.progress(iter(range(3)), total=7): print(step)",
]


def test_in_a_notebook_it_leaves_no_closed_widget_behind():
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(book, timeout=60, kernel_name="python3").execute()
    shown = [[dict(output.get("data", {})) for output in cell.outputs] for cell in book.cells[1:3]]
    assert shown == [[{"text/plain": ""}], [{"text/plain": ""}]]
    printed = [output.text for output in book.cells[3].outputs if output.output_type == "stream"]
    assert "".join(printed) == "0\n1\n2\n"
