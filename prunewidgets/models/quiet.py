"""TensorFlow's greeting and advice, kept off the reader's page."""

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet(even_errors: bool = False) -> Iterator[None]:
    """Hold back what is written to the process's stderr meanwhile; it is given out if an exception ends it.

    With `even_errors`, also then nothing is given out: for what says in its exception all that it says there.

    TensorFlow's C++ code greets past Python's `sys.stderr`, some of it whatever ``TF_CPP_MIN_LOG_LEVEL``
    says, and in a notebook that is a red box under the first cell.
    """
    try:
        stderr = os.dup(2)
    except OSError:  # a process without stderr has nothing to hold back
        yield
        return
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        except BaseException:
            said.seek(0)
            os.write(stderr, b"" if even_errors else said.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


@contextmanager
def errors_only(logger: str) -> Iterator[None]:
    """Hold back the advice that a library's logger gives meanwhile; errors come through."""
    log = logging.getLogger(logger)
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
