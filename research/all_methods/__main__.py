"""Run what is missing, and write a CSV for each network and the tables of README.md."""

import argparse
from functools import partial

import pandas as pd

import prunewidgets as pw
from prunewidgets.utils.atomic_file import whole_file

from .networks import NETWORKS
from .recipes import dense, measured, methods_for
from .table import FOLDER, finished, markdown, write_readme

RATIOS = (0.5, 0.8, 0.9, 0.95, 0.98)
SEEDS = (0, 1, 2)


def run(network: str, jobs: int) -> None:
    """Do the runs of the methods that are not in a network's CSV, and write them there when all are done."""
    compare = partial(
        pw.compare_methods,
        seeds=SEEDS,
        store=FOLDER.with_name("runs.sqlite"),
        jobs=jobs,
        on_error="row",
    )
    file = FOLDER / f"{network}.csv"
    frame = pd.read_csv(file) if file.exists() else pd.DataFrame({"method": []})
    methods = methods_for(network)
    missing = {name: method for name, method in methods.items() if name not in set(frame.method)}
    if "dense" not in set(frame.method):  # first: it trains the dense halves
        frame = pd.concat([frame, compare({"dense": partial(measured, dense, network)}, 0.0)])
    if missing:
        frame = pd.concat([frame, compare(missing, RATIOS)])
    if "failure" in frame:
        print(frame[frame.failure.notna()][["method", "sparsity", "seed", "failure"]].to_string())
        raise SystemExit(f"{network}: these runs failed; the same command tries them again.")
    order = {name: place for place, name in enumerate(["dense", *methods])}
    columns = ["sparsity", "seed", "method"]
    frame = frame.sort_values(columns, key=lambda of: of.map(order) if of.name == "method" else of)
    frame["seconds"] = frame.seconds.round(1)
    FOLDER.mkdir(exist_ok=True)
    with whole_file(file) as unfinished:
        frame.to_csv(unfinished, index=False)
    write_readme()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m research.all_methods", description=__doc__)
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help=", ".join(NETWORKS))
    parser.add_argument("--jobs", type=int, default=2, help="worker processes, of one thread each (2)")
    parser.add_argument("--table", action="store_true", help="print the tables, and put them into README.md")
    chosen = parser.parse_args()
    if unknown := set(chosen.networks) - set(NETWORKS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(NETWORKS)}.")
    if chosen.table:
        write_readme()
        print(markdown(finished()))
        return
    for network in chosen.networks or NETWORKS:
        run(network, chosen.jobs)


if __name__ == "__main__":
    main()
