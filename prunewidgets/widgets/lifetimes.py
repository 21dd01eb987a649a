"""Lifetimes of views: which cells show a view, and closing it when no cell shows it any more.

ipywidgets keeps every widget forever, in the kernel and in the page, and IPython keeps every result. If a
cell that makes a view is run again and again, the old views pile up.
"""

import threading
import types
import weakref
from collections.abc import Iterable
from typing import Any

import anywidget
from IPython import get_ipython
from ipywidgets.widgets import widget as _widget_module

LEVELS = 4
"""How many levels deep a view is searched for in the user's lists, dictionaries and objects."""

MOST_ENTRIES = 1000
"""A longer list is taken to hold data, not views."""

# Every widget that is open, by its id. ipywidgets 7, which Colab has, keeps them in the class.
_instances: dict[str, Any] = (
    _widget_module._instances if hasattr(_widget_module, "_instances") else _widget_module.Widget.widgets
)

# view -> {cell that made or showed it: the run in which it did}
_cells: weakref.WeakKeyDictionary[anywidget.AnyWidget, dict[str, str]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()  # threads make views too


def run_of_cell() -> tuple[Any, str, str] | None:
    """Return the (shell, cell, run) that output goes to now; None without cells, as in a terminal."""
    shell = get_ipython()
    request = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cell = request.get("metadata", {}).get("cellId")
    return (shell, cell, request["header"]["msg_id"]) if cell else None


def record_cell(view: anywidget.AnyWidget) -> None:
    """Record that the cell that runs now makes or shows this view."""
    now = run_of_cell()
    if now:
        shell, cell, run = now
        with _lock:
            _cells.setdefault(view, {})[cell] = run
        shell.events.register("post_run_cell", _close_unused)  # IPython registers a callback only once


def _close_unused(*_: Any) -> None:
    """Close the views of a cell's earlier runs that no cell shows and nothing refers to any more."""
    now = run_of_cell()
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
    in_use = _ids_in_use(shell, {id(widget) for view in alone for widget in (view, view.layout)})
    for view in alone:
        if id(view) not in in_use:
            _close_and_forget(shell, view, close_layout=id(view.layout) not in in_use)


def _ids_in_use(shell: Any, wanted: set[int]) -> set[int]:
    """Return the ids of all that the user's names and other widgets refer to, a few levels deep."""
    hidden = shell.user_ns_hidden  # IPython's own names, such as _ and _3
    level = [value for name, value in list(shell.user_ns.items()) if hidden.get(name, shell) is not value]
    level += [widget for widget in list(_instances.values()) if id(widget) not in wanted]
    seen: set[int] = set()
    for _ in range(LEVELS):
        new = {id(value): value for value in level if id(value) not in seen}
        seen.update(new)
        level = [inner for value in new.values() for inner in _referred_to(value)]
    return seen


def _referred_to(value: Any) -> Iterable[Any]:
    """Return what a list, a dictionary or an object of the user's refers to."""
    try:
        if isinstance(value, anywidget.AnyWidget) and hasattr(value, "linked"):  # a view of ours
            return (value.layout,)
        if isinstance(value, types.ModuleType | type):
            return ()
        if isinstance(value, dict):
            entries: Any = value.values()
        else:
            entries = value if isinstance(value, list | tuple | set | frozenset) else vars(value).values()
        return list(entries) if len(entries) <= MOST_ENTRIES else ()
    except Exception:  # it has no attributes, or it is a proxy of a deleted object
        return ()


def _close_and_forget(shell: Any, view: anywidget.AnyWidget, close_layout: bool) -> None:
    """Close a view and drop every reference to it in IPython and in other views."""
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
