"""Worker processes end when their caller is gone: one that was killed cannot stop them."""

import contextlib
import os
import sys
import threading
import time
from multiprocessing import parent_process
from pathlib import Path

LOOK = 1.0
"""Seconds between looks at whether the caller is still there."""
STORING = threading.Lock()
"""Held while a finished run is stored; that is waited for."""
_MOST = 30.0
_files: set[Path] = set()


def end_with(caller: int) -> None:
    """Watch the caller of this worker process in a thread, and end the process when the caller is gone.

    A run in hand is given up then, as it is at Ctrl-C: nobody waits for it, and it may take hours and
    gigabytes. What is finished is stored.

    Args:
        caller: The number of the process that started this one.
    """
    threading.Thread(target=_watch, args=(caller,), name="prunewidgets-caller", daemon=True).start()


def remove_at_the_end(file: Path) -> None:
    """Remove a file of the caller's, and its folder, in place of a caller that is gone."""
    _files.add(file)


def _watch(caller: int) -> None:
    if sys.platform == "win32":  # there a process keeps the number of its parent when that has ended
        parent = parent_process()
        assert parent is not None
        parent.join()
    else:
        while os.getppid() == caller:
            time.sleep(LOOK)
    STORING.acquire(timeout=_MOST)
    for file in _files:
        with contextlib.suppress(OSError):  # another worker was first
            file.unlink(missing_ok=True)
            file.parent.rmdir()
    os._exit(1)  # sys.exit would end this thread alone
