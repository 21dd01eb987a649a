"""What all benchmarks share: interleaved timing, one JSON line per row, the machine they ran on."""

import json
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

ROOT = Path(__file__).resolve().parents[1]


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def alternate(runs: int, warm_up: int = 1, **work: Callable[[], object]) -> dict[str, list[float]]:
    """Return the seconds of each run; the functions alternate, so that a busy moment affects them all."""
    for function in work.values():
        for _ in range(warm_up):
            function()
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(runs):
        for name, function in work.items():
            taken[name].append(seconds(function))
    return taken


def percentile_95(values: list[float]) -> float:
    """Return the smallest value that at least 95 % of the values do not exceed."""
    return sorted(values)[-(-95 * len(values) // 100) - 1]


def row(
    bench: str,
    case: str,
    ours: float,
    peer: float | None = None,
    peer_name: str | None = None,
    limit: float | None = None,
    unit: str = "s",
    runs: int = 1,
) -> None:
    """Print one row: ratio = peer ÷ ours, limit_ratio = ours ÷ limit, null if missing."""
    line = {
        "bench": bench,
        "case": case,
        "ours": _short(ours),
        "peer": _short(peer),
        "peer_name": peer_name,
        "ratio": _short(peer / ours) if peer is not None else None,
        "limit_ratio": _short(ours / limit) if limit is not None else None,
        "unit": unit,
        "runs": runs,
    }
    print(json.dumps(line), flush=True)


def median_row(bench: str, case: str, taken: dict[str, list[float]], peer_name: str | None = None) -> None:
    """Print a row from `alternate` with functions named ours, peer and limit; the last two are optional."""
    medians = {name: statistics.median(times) for name, times in taken.items()}
    row(
        bench,
        case,
        medians["ours"],
        medians.get("peer"),
        peer_name,
        medians.get("limit"),
        runs=len(taken["ours"]),
    )


def peak_memory() -> int:
    """Return the largest resident size of this process so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def machine() -> str:
    """Return date, system, processors and load, to interpret the numbers."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    python = f"Python {platform.python_version()}"
    return f"{time.strftime('%Y-%m-%d')}, {platform.platform()}, {os.cpu_count()} CPUs, {python}, load {load}"


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
