"""Keys on a bare page: what a view uses ends in it, all else reaches the page, as Jupyter needs.

JupyterLab 4.6 listens at the document on the way up, Notebook 7 on the way down, before the view's elements.
"""

import pytest

import prunewidgets as pw

from ..support.bare import show, trait
from ..support.labs import VIEWS, guessed
from ..support.ledgers import view_at

ALL = VIEWS | {
    "ScheduleView": lambda: pw.ScheduleView(total=2000, final=0.95, begin=100),
    "LedgerLab": lambda: view_at(slider=True),
    "drawing": lambda: guessed("drawing"),
}
LISTEN = """() => {
    document.addEventListener("keydown", () => { reached.down += 1; }, true);
    document.addEventListener("keydown", (event) => { reached.up += 1; event.preventDefault(); });
}"""
# As Notebook 7 does: the key is taken and the next cell gets the focus.
TAKE_ARROWS = """() => document.addEventListener("keydown", (event) => {
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    event.stopPropagation();
    document.activeElement.blur();
}, true)"""
FOCUSABLE = "button:enabled, input, select, summary, [tabindex='0']"
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
    "button": ("button, summary", "Space Enter", "Control+s ArrowDown Escape b Control+Shift+ArrowUp"),
    "flag": (".pw-flag", "ArrowUp ArrowDown Home End PageUp", "Control+s Enter b Control+Shift+ArrowUp"),
    "handle": (
        ".pw-handle",
        "ArrowUp ArrowDown Home End PageUp Space Control+z",
        "Control+s Enter b Control+Shift+ArrowUp",
    ),
    "row": (".pw-ledger-row", "ArrowUp ArrowDown Home End", "Control+s Enter b Control+Shift+ArrowUp"),
    "flip": (".pw-flip", "ArrowLeft ArrowRight", "Control+s Enter b Control+Shift+ArrowRight"),
    "picture": ("canvas, .pw-stage", "ArrowLeft ArrowRight", "Control+s Enter b Control+Shift+ArrowRight"),
}


@pytest.mark.parametrize("name", ALL)
def test_keys_that_a_view_uses_stop_there_and_all_others_reach_the_page(bare, name):
    show(bare, ALL[name]())
    bare.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    bare.evaluate(LISTEN)
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
            bare.evaluate("window.reached = { down: 0, up: 0 }")
            bare.keyboard.press(key)
            # Control and Shift are keys too, and reach the page.
            modifiers = key.count("+")
            expected = passes + modifiers
            assert bare.evaluate("reached") == {"down": expected, "up": expected}, f"{key} in a {kind}"
    assert seen


def test_arrow_keys_work_where_the_page_takes_them_before_any_element_sees_them(bare):
    show(bare, VIEWS["ThresholdSlider"]())
    bare.evaluate(TAKE_ARROWS)
    bare.focus("input[type=range]")
    before = trait(bare, "threshold")
    for key, sign in {"ArrowRight": 1, "ArrowLeft": -1, "ArrowUp": 1, "ArrowDown": -1}.items():
        bare.keyboard.press(key)
        now = trait(bare, "threshold")
        assert (now - before) * sign > 0, key
        before = now
    assert bare.evaluate("document.activeElement.type") == "range"


def test_escape_leaves_the_view_for_the_cell_that_holds_it(bare):
    show(bare, VIEWS["ThresholdSlider"](), "first")
    bare.evaluate("document.querySelector('#first').parentElement.setAttribute('tabindex', '-1')")
    inside = "document.querySelector('#first').contains(document.activeElement)"
    bare.focus("input[type=text]")
    bare.keyboard.press("Escape")
    assert bare.evaluate(inside)  # a field drops what was typed
    bare.focus("input[type=range]")
    bare.keyboard.press("Escape")
    assert not bare.evaluate(inside)
    assert bare.evaluate("document.activeElement.contains(document.querySelector('#first'))")


def test_the_keys_of_one_view_are_left_alone_by_another(bare):
    for name in ("first", "second"):
        show(bare, VIEWS["ThresholdSlider"](), name)
    before = trait(bare, "threshold", "first")
    bare.focus("#second input[type=range]")
    bare.keyboard.press("ArrowRight")
    assert trait(bare, "threshold", "first") == before < trait(bare, "threshold", "second")
    bare.evaluate("views.second.close()")
    bare.evaluate(LISTEN)
    bare.evaluate("window.reached = { down: 0, up: 0 }")
    bare.focus("#second input[type=range]")
    bare.keyboard.press("ArrowRight")
    assert bare.evaluate("reached") == {"down": 1, "up": 1}  # a closed view keeps no keys
