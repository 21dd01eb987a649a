"""What a wrong answer is worth, by its mistake: a table that an instructor may change, `points.toml`."""

import tomllib
from functools import cache
from pathlib import Path


def partial_points(exercise: str, mistake: str) -> float:
    """Return the points for a mistake, from 0 to 1; those of `[every]` hold where the exercise has none."""
    chapter, _, name = exercise.partition(".")
    table = _table()
    own = table.get(chapter, {}).get(name, {})
    return float(own.get(mistake, table["every"].get(mistake, 0.0)))


@cache
def _table() -> dict[str, dict]:
    return tomllib.loads(Path(__file__).with_name("points.toml").read_text(encoding="utf-8"))
