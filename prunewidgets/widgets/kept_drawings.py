"""What was drawn in a view outlives it: when its cell runs again in the same kernel, the new view has it."""

import threading
from dataclasses import dataclass, field

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


@dataclass
class _Cell:
    """The drawings of a cell's latest run, in the order in which it made its views, and of the run before."""

    run: str
    before: list[Drawing]
    now: list[Drawing] = field(default_factory=list)


_cells: dict[str, _Cell] = {}
_lock = threading.Lock()


def drawing_for(sparsities: list[float], span: tuple[float, float] = (0.0, 1.0)) -> Drawing:
    """Return what an earlier run of the running cell drew on the same axes, or an empty drawing."""
    running = run_of_cell()
    if running is None:  # no notebook, or one that does not name its cells
        return Drawing(sparsities, span)
    _, name, run = running
    with _lock:
        cell = _cells.get(name)
        if cell is None or cell.run != run:
            cell = _cells[name] = _Cell(run, cell.now if cell else [])
        place = len(cell.now)
        earlier = cell.before[place] if place < len(cell.before) else None
        same = earlier is not None and (earlier.sparsities, earlier.span) == (sparsities, span)
        drawing = earlier if earlier is not None and same else Drawing(sparsities, span)
        cell.now.append(drawing)
    return drawing
