"""What all tests share: a quiet TensorFlow, no plot windows, repeatable property tests."""

import os
import re
import signal
from pathlib import Path

import pytest
from hypothesis import settings

# A job in the background of a script is started with Ctrl-C ignored, and so are the processes that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["MPLBACKEND"] = "Agg"

# The same examples every time: a failing test means a change in the code, not chance.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root folder of the checkout."""
    return Path(__file__).parents[1]


ALONE = (
    "browser/test_jupyter_training.py",
    "utils/test_cell_interrupts.py",
    "utils/test_kernel_interrupts.py",
)
"""Tests that drag while a kernel trains, or wait for a signal to arrive, do not run beside others."""


HEAVY = re.compile(r"notebooks/test_chapters\.py::\w+\[(1[3-9]|2\d)_")
"""Running a chapter on applications; what it imports and its checks are tested each time."""

LONGEST = "notebooks/test_chapters.py"
"""Started first: one process runs all tests of a file, and the others would wait for this one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests in a browser, alone and heavy ones, and put those of the longest file first."""
    for item in items:
        if _path_of(item).startswith("browser/"):
            item.add_marker(pytest.mark.browser)
        if _path_of(item).startswith(ALONE):
            item.add_marker(pytest.mark.alone)
        if HEAVY.search(item.nodeid):
            item.add_marker(pytest.mark.heavy)
    items.sort(key=lambda item: _path_of(item) != LONGEST)


def _path_of(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).as_posix()
