"""What is written on the process's stderr while something is imported."""

import os

import pytest

from prunewidgets.models.quiet import quiet


def test_a_startup_message_is_hidden_and_later_output_is_not(capfd):
    with quiet():
        os.write(2, b"hello from C++\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_hidden_output_is_printed_when_an_import_fails(capfd):
    with pytest.raises(ImportError, match="no such wheel"), quiet():
        os.write(2, b"the reason\n")
        raise ImportError("no such wheel")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "the reason\nafter\n"
