"""The results in a file, and as the table of docs/hosts.md."""

import json
from pathlib import Path
from typing import Any

from prunewidgets.doctor import TRAPS

from .every import HOSTS

RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).parents[2] / "docs" / "hosts.md"
START, END = "<!-- made by make hosts -->\n", "<!-- end -->\n"

Results = dict[str, dict[str, Any]]


def read_results() -> Results:
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def write_results(results: Results) -> None:
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def table(results: Results) -> str:
    """Return the rows of all hosts with a result, in Markdown."""
    rows = ["| host | version | date | result | traps |", "|---|---|---|---|---|"]
    for name, kind in HOSTS.items():
        if name in results:
            entry = results[name]
            found, trap = result(entry["checks"]), TRAPS[name]
            rows.append(f"| {kind.title} | {entry['version']} | {entry['date']} | {found} | {trap} |")
    return "".join(f"{row}\n" for row in rows)


def result(checks: dict[str, str]) -> str:
    """Return how many checks passed, and what the others found."""
    offered = {check: found for check, found in checks.items() if found != "not offered"}
    wrong = {check: found for check, found in offered.items() if found != "passed"}
    parts = [f"{len(offered) - len(wrong)} of {len(offered)} passed"]
    parts += [f"not “{check}”: {found.removeprefix('failed: ')}" for check, found in wrong.items()]
    missing = [check for check in checks if check not in offered]
    if missing:
        parts.append(f"not offered: {', '.join(missing)}")
    return "; ".join(parts).replace("|", "\\|")


def write_table(results: Results) -> None:
    """Replace the table of the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(START)
    PAGE.write_text(
        before + START + "\n" + table(results) + "\n" + END + rest.split(END)[1], encoding="utf-8"
    )
