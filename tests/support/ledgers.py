"""Ledgers on a page: made with given numbers, and read as a user reads them."""

import numpy as np

import prunewidgets as pw
from prunewidgets.core.ledger import counted
from prunewidgets.labs.ledger_view import LedgerView
from prunewidgets.widgets.assets import module

from .bare import settle, show

RNG = np.random.default_rng(8)
WEIGHTS = {
    "conv": RNG.normal(0, 0.1, (3, 3, 4, 16)).astype(np.float32),
    "dense": RNG.normal(0, 0.1, (200, 40)).astype(np.float32),
}
POSITIONS = {"conv": 100, "dense": 1}
UNITS = {"bytes": "bytes", "adds": "multiply-adds", "parameters": "weights", "nonzeros": "weights"}


def view_at(threshold=0.1, slider=False, **numbers):
    """Return a ledger with measured gzip size, and with `numbers` as a live model's kernel sends them."""
    view = LedgerView(WEIGHTS, POSITIONS, threshold=threshold)
    assert view.wait(30)
    if slider:
        view.script = module("ledger_lab")
    view.offered = ["gzip_bytes", *numbers]
    belongs = belonging(view)
    view.measured = {**view.measured, **{name: {**number, **belongs} for name, number in numbers.items()}}
    return view


def show_all(page, view, name="view", style=""):
    """Show a ledger with all its numbers unfolded."""
    show(page, view, name, style)
    unfold(page.locator(f"#{name}"))
    settle(page)


def unfold(place):
    """Unfold all numbers of the ledgers at a place, as a click on the control does."""
    for control in place.locator(".pw-all:not([open]) > summary").all():
        control.click()


def belonging(view):
    names = ("generation", "criterion", "removed", "threshold")
    return {name: view.measured["gzip_bytes"][name] for name in names}


def row(page, cost, view="view"):
    return page.locator(f"#{view} [data-cost={cost}]")


def exact(page, cost, view="view"):
    """Return the number for screen readers, without thousands separators."""
    return row(page, cost, view).locator(".pw-spoken").text_content().replace(",", "")


def compared(page, cost, view="view"):
    return row(page, cost, view).locator(".pw-compared").text_content()


def state(page, cost):
    """Return the state that the section of a row shows."""
    return row(page, cost).locator("xpath=ancestor::section").locator(".pw-state").text_content()


def agrees(page, threshold, view="view"):
    """Check that every counted row shows what Python counts."""
    settle(page)
    expected = counted(WEIGHTS, pw.Masks.from_threshold(pw.score(WEIGHTS), threshold), POSITIONS)
    expected.pop("sparsity")
    for cost, value in expected.items():
        unit = UNITS[cost.rsplit("_", 1)[-1]]
        assert exact(page, cost, view) == f"{value} {unit}", cost
    return True


def timing(ms, base, spread=0.01):
    """Return a timing in seconds, with quartiles, from medians in ms of a model and of the dense one."""
    return {
        "value": ms / 1e3,
        "low": ms * (1 - spread) / 1e3,
        "high": ms * (1 + spread) / 1e3,
        "base": base / 1e3,
        "base_low": base * (1 - spread) / 1e3,
        "base_high": base * (1 + spread) / 1e3,
    }
