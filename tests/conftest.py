"""What all tests share: a quiet TensorFlow, no windows, repeatable property tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["MPLBACKEND"] = "Agg"

# The same examples every time: a red test is a change in the code, not luck.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).parents[1]


ALONE = ("browser/", "utils/test_cell_interrupts.py", "utils/test_kernel_interrupts.py")
"""What waits for a page, or for a signal to arrive, is not run beside other tests."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make test` runs by itself."""
    for item in items:
        if item.path.relative_to(Path(__file__).parent).as_posix().startswith(ALONE):
            item.add_marker(pytest.mark.alone)
