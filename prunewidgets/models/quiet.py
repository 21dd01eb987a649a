"""Keep TensorFlow's startup messages and advice out of the notebook."""

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet(even_errors: bool = False) -> Iterator[None]:
    """Hide what the process writes to stderr inside the block; print it if the block raises an exception.

    With `even_errors` it stays hidden even then: for code whose exceptions repeat what it writes to stderr.

    TensorFlow's C++ code writes startup messages past Python's `sys.stderr`, some of them at any
    ``TF_CPP_MIN_LOG_LEVEL``, and a notebook shows them as a red box under the first cell.
    """
    try:
        stderr = os.dup(2)
    except OSError:  # a process without stderr has nothing to hide
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
    """Hide what a library's logger logs below the level of errors inside the block."""
    log = logging.getLogger(logger)
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
