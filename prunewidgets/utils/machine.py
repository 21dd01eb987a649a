"""Tell machines apart."""

import uuid
from functools import cache
from pathlib import Path


@cache
def this_machine() -> str:
    """Return a name for the running system, the same in every process and container on it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return f"{uuid.getnode():012x}"


def free_memory() -> int | None:
    """Return how many bytes programs may still take; None where the system does not say it in a file."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return None
