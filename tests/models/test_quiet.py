"""What is written on the process's stderr while something is imported."""

import os

import pytest

from prunewidgets.models.quiet import quiet


def test_a_greeting_is_held_back_and_what_comes_after_is_not(capfd):
    with quiet():
        os.write(2, b"hello from C++\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_what_was_said_is_given_out_when_an_import_fails(capfd):
    with pytest.raises(ImportError, match="no such wheel"), quiet():
        os.write(2, b"the reason\n")
        raise ImportError("no such wheel")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "the reason\nafter\n"
