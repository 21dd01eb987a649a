"""What was finished before Ctrl-C or an error is kept."""

import pytest

from prunewidgets.utils.finished import keep_finished


def rows(error=None):
    yield from (1, 2)
    if error:
        raise error
    yield 3


def test_all_rows_are_kept():
    finished = []
    assert keep_finished(rows(), finished, "row", 3) is True
    assert finished == [1, 2, 3]


def test_an_interrupt_keeps_the_finished_rows_and_warns():
    finished = []
    with pytest.warns(UserWarning, match="Interrupted: 2 of 3 rows were finished and are kept."):
        assert keep_finished(rows(KeyboardInterrupt()), finished, "row", 3) is False
    assert finished == [1, 2]


def test_an_error_is_raised_and_the_finished_rows_are_in_the_list():
    finished = []
    with pytest.raises(ValueError, match="bad"):
        keep_finished(rows(ValueError("bad")), finished, "row", 3)
    assert finished == [1, 2]
