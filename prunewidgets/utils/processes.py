"""Tell processes and machines apart, for what several of them share."""

import os
import socket
import uuid
from functools import cache
from pathlib import Path


@cache
def this_host() -> str:
    """Return a name for the space in which the number of a process means something: machine, container."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return f"{this_machine()} {socket.gethostname()} {space}".strip()


@cache
def this_machine() -> str:
    """Return a name for the running system, the same in every process and container on it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return f"{uuid.getnode():012x}"


def is_running(pid: int) -> bool:
    """Return whether a process of this host exists; True where that cannot be found out."""
    if os.name != "posix":  # os.kill would end it on Windows
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
