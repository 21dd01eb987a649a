"""What the tests of the chapters' checks share."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def checks(request: pytest.FixtureRequest) -> Iterator[ModuleType]:
    """The module of checks that a test file names in CHECKS, imported from the notebooks' folder."""
    folder = str(Path(__file__).parents[3] / "notebooks")
    sys.path.insert(0, folder)
    yield importlib.import_module(request.module.CHECKS)
    sys.path.remove(folder)
    for name in [name for name in sys.modules if name.partition(".")[0] == "checks"]:
        del sys.modules[name]
