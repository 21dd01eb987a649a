"""Which Python the commands tell a user to call."""

import sys
from pathlib import Path

import pytest

from prunewidgets.utils.this_python import this_python


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a space in its name, whose environment runs this."""
    own = tmp_path / "my clone" / ".venv" / "bin" / "python"
    own.parent.mkdir(parents=True)
    own.write_text("")
    own.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(own))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "my clone"


def test_the_environment_of_a_clone_is_named_by_its_path_from_there(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert this_python() == str(Path(".venv", "bin", "python"))


def test_from_elsewhere_it_is_the_whole_path_quoted_if_need_be(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert this_python() == str(Path("my clone", ".venv", "bin", "python")).join('""')


def test_an_activated_environment_is_called_python(folder, monkeypatch):
    monkeypatch.setenv("PATH", str(folder / ".venv" / "bin"))
    assert this_python() == "python"
