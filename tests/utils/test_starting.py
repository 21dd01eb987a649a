"""The line under a cell that loads TensorFlow."""

import sys
from types import SimpleNamespace

import IPython.display
import pytest

from prunewidgets.utils.starting import STARTING, starting


@pytest.fixture
def shown(monkeypatch):
    """What a cell shows, in a kernel that has not loaded TensorFlow."""
    found = []

    def display(data, raw, display_id=None):
        found.append(data["text/plain"])
        return SimpleNamespace(update=display)

    monkeypatch.setattr(IPython.display, "display", display)
    monkeypatch.setitem(sys.modules, "ipykernel", SimpleNamespace())
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    return found


def test_the_line_is_there_while_it_loads_and_cleared_after_an_error_too(shown):
    with pytest.raises(ImportError), starting():
        assert shown == [STARTING]
        raise ImportError
    assert shown == [STARTING, ""]


def test_nothing_is_shown_if_it_is_loaded_or_outside_a_kernel(shown, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", SimpleNamespace())
    with starting():
        pass
    monkeypatch.delitem(sys.modules, "tensorflow")
    monkeypatch.delitem(sys.modules, "ipykernel")
    with starting():
        pass
    assert shown == []
