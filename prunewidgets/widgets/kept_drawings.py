"""What was drawn or counted in a view outlives it: when its cell runs again, the new view has it."""

import threading
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from .lifetimes import run_of_cell


@dataclass
class Drawing:
    """What is drawn in one view so far; the view updates it.

    Attributes:
        sparsities: where it asks for a drawing.
        span: the ends of its axis.
        guess: {sparsity: accuracy}.
        stage: "drawing", "locked" or "shown".
    """

    sparsities: list[float]
    span: tuple[float, float] = (0.0, 1.0)
    guess: dict[float, float] = field(default_factory=dict)
    stage: str = "drawing"

    @property
    def asks(self) -> Any:
        """What the view asks for; a view that asks for something else starts empty."""
        return self.sparsities, self.span


class _Kept(Protocol):
    """What is kept of a view, in place of which an earlier one of the same `asks` may be used."""

    @property
    def asks(self) -> Any: ...


Kept = TypeVar("Kept", bound=_Kept)


@dataclass
class _Cell:
    """What is kept of a cell's latest run, in the order in which it made its views, and of the run before."""

    run: str
    before: list[_Kept]
    now: list[_Kept] = field(default_factory=list)


_cells: dict[str, _Cell] = {}
_lock = threading.Lock()


def drawing_for(sparsities: list[float], span: tuple[float, float] = (0.0, 1.0)) -> Drawing:
    """Return what an earlier run of the running cell drew on the same axes, or an empty drawing."""
    return kept_for(Drawing(sparsities, span))


def kept_for(fresh: Kept) -> Kept:
    """Return what an earlier run of the running cell kept of a view that asks for the same, or `fresh`."""
    running = run_of_cell()
    if running is None:  # no notebook, or one that does not name its cells
        return fresh
    _, name, run = running
    with _lock:
        cell = _cells.get(name)
        if cell is None or cell.run != run:
            cell = _cells[name] = _Cell(run, cell.now if cell else [])
        place = len(cell.now)
        earlier = cell.before[place] if place < len(cell.before) else None
        kept = earlier if isinstance(earlier, type(fresh)) and earlier.asks == fresh.asks else fresh
        cell.now.append(kept)
    return kept
