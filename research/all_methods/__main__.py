"""Fill in and print the table: python -m research.all_methods. What is stored is not run again."""

import argparse
from pathlib import Path

import pandas as pd

import prunewidgets as pw
from prunewidgets.utils.atomic_file import whole_file

from .networks import NETWORKS
from .recipes import recipes

HERE = Path(__file__).parent
RUNS = HERE / "runs.csv"
STORE = HERE / "runs.sqlite"  # of this machine: keys depend on the versions of all packages
SPARSITIES = (0.5, 0.8, 0.9, 0.95, 0.98)
SEEDS = (0, 1, 2)


def main() -> None:
    """Do the runs that are missing, store them all as text, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", nargs="*", default=list(NETWORKS), choices=list(NETWORKS))
    parser.add_argument("--jobs", type=int, help="worker processes; by default the runs are done in this one")
    parser.add_argument(
        "--table", action="store_true", help="print the table of the stored runs; run nothing"
    )
    asked = parser.parse_args()
    if not asked.table:
        run(asked.networks, asked.jobs)
    for network, runs in pd.read_csv(RUNS).groupby("model", sort=False):
        print(f"\n{network}\n{table(runs)}")


def run(networks: list[str], jobs: int | None) -> None:
    """Do the runs of these networks and put them in place of the earlier ones."""
    for network in networks:
        frame = pw.compare_methods(recipes(network), SPARSITIES, SEEDS, STORE, jobs=jobs, on_error="row")
        earlier = pd.read_csv(RUNS) if RUNS.exists() else pd.DataFrame({"model": []})
        frame["model"] = network  # a failed run does not say it
        with whole_file(RUNS) as file:
            both = [part for part in (earlier[earlier["model"] != network], frame) if len(part)]
            pd.concat(both).round(6).to_csv(file, index=False)


def table(runs: pd.DataFrame) -> str:
    """Return mean ± sd of the accuracy in per cent over seeds: a line a method, a column a sparsity."""
    shares = 100 * runs.groupby(["method", "sparsity"], sort=False)["accuracy"].agg(["mean", "std"])
    cells = shares.apply(lambda row: f"{row['mean']:.1f} ± {row['std']:.1f}", axis=1).unstack()
    cells.columns = [f"{100 * sparsity:.0f} %" for sparsity in cells.columns]
    lines = [["method", *cells.columns], ["---"] * (1 + cells.shape[1])]
    lines += [[name, *cells.loc[name]] for name in runs["method"].unique()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
