"""Shown: a view that knows which cells show it, and that goes when none does any more.

ipywidgets keeps every widget for ever, in the kernel and in the page, and IPython keeps every result. A
cell that makes a view and is run again and again would pile them up.
"""

import threading
import types
import weakref
from collections.abc import Iterable
from typing import Any

import anywidget
from IPython import get_ipython
from ipywidgets.widgets.widget import _instances

LEVELS = 4
"""So deep in lists, dictionaries and objects of the user's a view is looked for."""

MOST_ENTRIES = 1000
"""A longer list holds data and no views."""

# view -> {cell that made or showed it: the run in which it did}
_cells: weakref.WeakKeyDictionary["Shown", dict[str, str]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()  # threads make views too


class Shown(anywidget.AnyWidget):
    """A widget that is closed when its cells have been run again without it and nobody holds it.

    Attributes:
        linked: the views that follow this one, itself among them; see `link`.
    """

    linked: tuple["Shown", ...] = ()

    def open(self) -> None:
        """Appear in the page, also once more after `close`."""
        if self.comm is None and self.layout.comm is None:
            self.layout.open()
        super().open()
        _note(self)

    def close(self) -> None:
        """Leave the page. The view can be shown again."""
        super().close()
        self.__dict__.pop("_repr_mimebundle_", None)  # ipywidgets has put None there

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self.open()
        return super()._repr_mimebundle_(**kwargs)


def _run_of_cell() -> tuple[Any, str, str] | None:
    """(shell, cell, run) that outputs go to now; None where there are no cells, as in a terminal."""
    shell = get_ipython()
    request = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cell = request.get("metadata", {}).get("cellId")
    return (shell, cell, request["header"]["msg_id"]) if cell else None


def _note(view: Shown) -> None:
    """The cell that runs now makes or shows this view."""
    now = _run_of_cell()
    if now:
        shell, cell, run = now
        with _lock:
            _cells.setdefault(view, {})[cell] = run
        shell.events.register("post_run_cell", _close_what_is_left)  # once: it knows its callbacks


def _close_what_is_left(*_: Any) -> None:
    """After a cell has run: what it showed in an earlier run, and nobody shows or holds now, goes."""
    now = _run_of_cell()
    if not now:
        return
    shell, cell, run = now
    with _lock:
        for runs in _cells.values():
            if runs.get(cell) != run:
                runs.pop(cell, None)
        alone = [view for view, runs in _cells.items() if not runs]
    if not alone:
        return
    held = _held(shell, {id(widget) for view in alone for widget in (view, view.layout)})
    for view in alone:
        if id(view) not in held:
            _let_go(shell, view, close_layout=id(view.layout) not in held)


def _held(shell: Any, wanted: set[int]) -> set[int]:
    """Ids of all that the user's names hold, and other widgets, a few levels deep."""
    hidden = shell.user_ns_hidden  # IPython's own names, such as _ and _3
    level = [value for name, value in list(shell.user_ns.items()) if hidden.get(name, shell) is not value]
    level += [widget for widget in list(_instances.values()) if id(widget) not in wanted]
    seen: set[int] = set()
    for _ in range(LEVELS):
        new = {id(value): value for value in level if id(value) not in seen}
        seen.update(new)
        level = [inner for value in new.values() for inner in _inside(value)]
    return seen


def _inside(value: Any) -> Iterable[Any]:
    """What a list, a dictionary or an object of the user's holds."""
    try:
        if isinstance(value, Shown):
            return (value.layout,)
        if isinstance(value, types.ModuleType | type):
            return ()
        if isinstance(value, dict):
            entries: Any = value.values()
        else:
            entries = value if isinstance(value, list | tuple | set | frozenset) else vars(value).values()
        return list(entries) if len(entries) <= MOST_ENTRIES else ()
    except Exception:  # it has no attributes, or it is a proxy of something that is gone
        return ()


def _let_go(shell: Any, view: Shown, close_layout: bool) -> None:
    """Close a view, and let go of it wherever IPython and other views hold it."""
    view.close()
    if close_layout:
        view.layout.close()
    for other in view.linked:
        other.linked = tuple(member for member in other.linked if member is not view)
    _cells.pop(view, None)
    for names in (shell.user_ns, shell.user_ns_hidden, shell.user_ns["_oh"]):
        for name in [name for name, value in list(names.items()) if value is view]:
            del names[name]
    for name in ("_", "__", "___"):
        if getattr(shell.displayhook, name) is view:
            setattr(shell.displayhook, name, "")
