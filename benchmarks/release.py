"""From setting the threshold of a lab on LeNet-5 to the first accuracy (1,000 digits) and the refined one."""

import statistics
import time

import prunewidgets as pw

from .common import percentile_95, row, seconds
from .passes import data, forward_pass

RUNS = 20


def answers(lab: pw.PruningLab, threshold: float) -> list[tuple[int, float]]:
    """(examples, seconds since the threshold was set) of each accuracy that the lab publishes."""
    published = []

    def note(change: dict) -> None:
        if change["new"]:
            published.append((change["new"]["n"], time.perf_counter()))

    lab.observe(note, "measured")
    start = time.perf_counter()
    lab.threshold = threshold
    lab.wait()
    lab.unobserve(note, "measured")
    return [(n, moment - start) for n, moment in published]


if __name__ == "__main__":
    x, y = data()
    model = pw.models.pretrained("lenet_5")
    once = forward_pass(model, x)
    lab = pw.PruningLab(model, x, y)
    lab.wait()
    first, refined, limit = [], [], []
    for run in range(-2, RUNS):  # two to warm up
        told = answers(lab, 0.01 + 0.001 * run)
        whole = seconds(once)
        if run >= 0:
            assert [n for n, _ in told] == [1_000, 10_000]
            first.append(told[0][1])
            refined.append(told[1][1])
            limit.append(whole)
    row("release", "first p95", percentile_95(first), limit=0.25, runs=RUNS)
    row("release", "first median", statistics.median(first), runs=RUNS)
    row("release", "refined", statistics.median(refined), limit=statistics.median(limit), runs=RUNS)
