"""Keys on a bare page: what a view uses ends in it, all else reaches the page, as JupyterLab needs."""

import pytest

import prunewidgets as pw

from ..support.bare import show
from ..support.labs import VIEWS
from ..support.ledgers import view_at

ALL = VIEWS | {
    "ScheduleView": lambda: pw.ScheduleView(total=2000, final=0.95, begin=100),
    "LedgerLab": lambda: view_at(slider=True),
}
FOCUSABLE = "button:enabled, input, select, [tabindex='0']"
RUNS = ("Shift+Enter", "Control+Enter", "Alt+Enter")
KINDS = {  # the first that matches: (selector, keys that stay, more that pass)
    "text": (
        "input[type=text]",
        "d 5 . ArrowLeft ArrowDown Home Backspace Delete Enter Escape Control+a Control+z Control+ArrowLeft",
        "Control+s F2",
    ),
    "range": (
        "input[type=range]",
        "ArrowUp ArrowDown ArrowLeft ArrowRight Home End PageUp PageDown",
        "Control+s Escape b Control+Shift+ArrowUp",
    ),
    "radio": ("input[type=radio]", "ArrowUp ArrowDown Space", "Control+s Enter b Control+Shift+ArrowUp"),
    "checkbox": ("input[type=checkbox]", "Space", "Control+s Enter ArrowDown b"),
    "select": ("select", "ArrowUp ArrowDown Home End d", "Control+s Control+Shift+ArrowUp"),
    "button": ("button", "Space Enter", "Control+s ArrowDown Escape b Control+Shift+ArrowUp"),
    "flag": (".pw-flag", "ArrowUp ArrowDown Home End PageUp", "Control+s Enter b Control+Shift+ArrowUp"),
    "row": (".pw-ledger-row", "ArrowUp ArrowDown Home End", "Control+s Enter b Control+Shift+ArrowUp"),
    "picture": ("canvas, .pw-stage", "ArrowLeft ArrowRight", "Control+s Enter b Control+Shift+ArrowRight"),
}


@pytest.mark.parametrize("name", ALL)
def test_what_a_view_uses_stays_and_all_else_reaches_the_page(bare, name):
    show(bare, ALL[name]())
    bare.evaluate(
        "document.addEventListener('keydown', (event) => { window.reached += 1; event.preventDefault(); })"
    )
    seen = set()
    for element in bare.query_selector_all(FOCUSABLE):
        if not element.is_visible():
            continue
        kind = next(kind for kind in KINDS if element.evaluate(f"(e) => e.matches('{KINDS[kind][0]}')"))
        if kind in seen:
            continue
        seen.add(kind)
        _, stay, others = KINDS[kind]
        for key, passes in [(key, 1) for key in (*RUNS, *others.split())] + [
            (key, 0) for key in stay.split()
        ]:
            element.focus()
            bare.evaluate("window.reached = 0")
            bare.keyboard.press(key)
            # Control and Shift are keys too, and reach the page.
            modifiers = key.count("+")
            assert bare.evaluate("window.reached") == passes + modifiers, f"{key} in a {kind}"
    assert seen
