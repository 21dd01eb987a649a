"""What a plan chooses among: criteria with their measurements, and a choice for the whole model."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from .knapsack import Kept
from .parts import Parts
from .search import Measurements, Row, Tables, levels


@dataclass
class Candidate:
    """One criterion: its ranking of weights or units, its measurements and its table."""

    criterion: Any
    parts: Parts
    measure: Measurements
    rows: list[Row] = field(default_factory=list)

    @property
    def planned(self) -> int:
        """How many rows a complete table has."""
        return sum(len(levels(size)) for size in self.parts.sizes.values())

    @cached_property
    def tables(self) -> Tables:
        """The table, once it is complete."""
        return Tables(self.rows)


class Choice(NamedTuple):
    """A choice for the whole model, and where it comes from."""

    candidate: Candidate
    start: str
    kept: Kept
