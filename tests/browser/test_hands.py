"""A show of hands on a bare page: typed counts, two rounds, and nothing found before it is shown."""

import random

import pytest

import prunewidgets as pw
from prunewidgets.widgets.hands import moved

from ..support.bare import run, set_traits, show, trait

EDGES = [0, 0.5, 0.8, 0.9, 1]
RESULT, REVEAL, AGAIN = ".pw-hands-result", "button[data-do=hands_reveal]", "button[data-do=hands_again]"


def view(found=0.8731):
    return pw.ShowOfHands("Accuracy at <b>90 %</b>?", EDGES, found)


def field(page, row, round="before"):
    return page.locator(f".pw-hands-{round} .pw-hands-count").nth(row)


def all_that_is_said(page):
    return page.inner_text("body") + page.locator(".pw-hands").evaluate("(e) => e.outerHTML")


def test_hands_are_typed_and_what_was_found_shows_only_when_asked_for(bare):
    show(bare, view())
    field(bare, 0).fill("2")
    for text in ("8", "15", "5"):
        bare.keyboard.press("Enter")  # to the next answer, whose text is selected
        bare.keyboard.type(text)
    bare.keyboard.press("Enter")
    assert trait(bare, "before") == [2, 8, 15, 5]
    widths = bare.locator(".pw-hands-before .pw-hands-bar").evaluate_all(
        "(all) => all.map((e) => e.style.width)"
    )
    assert [float(width[:-1]) for width in widths] == pytest.approx(
        [100 * n / 15 for n in (2, 8, 15, 5)], abs=0.01
    )
    assert bare.inner_text(RESULT) == "30 hands. What was found stays hidden until you show it."
    assert "87.31" not in all_that_is_said(bare) and bare.locator(".pw-hands-right").count() == 0
    assert bare.locator(".pw-hands-mark >> visible=true").count() == 0
    bare.click(AGAIN)
    assert trait(bare, "after") == [0, 0, 0, 0]
    bare.keyboard.type("1")  # the cursor is in the first field of the second round
    field(bare, 2, "after").fill("26")
    field(bare, 2, "after").press("ArrowUp")
    field(bare, 3, "after").press("ArrowDown")
    assert trait(bare, "after") == [1, 0, 27, 0]
    bare.click(REVEAL)
    assert trait(bare, "revealed") is True
    said = (
        "Found: 87.31 %. 15 of 30 hands were there before the discussion, 27 of 28 after it. "
        "At least 12 moved nearer."
    )
    assert bare.inner_text(RESULT) == said
    assert bare.inner_text(".pw-hands-right .pw-hands-answer").split("◆")[0].strip() == "80 – 90 %"
    bare.wait_for_function("document.querySelector('.pw-spoken').textContent.startsWith('Found: 87.31 %')")


def test_what_is_no_count_is_said_and_not_taken(bare):
    show(bare, view(None))
    for typed in ("-1", "2.5", "10000", "many"):
        field(bare, 1).fill(typed)
        field(bare, 1).press("Enter")
        assert typed in bare.inner_text(".pw-hands .pw-note") and trait(bare, "before") == [0, 0, 0, 0]
    field(bare, 1).fill("3")
    field(bare, 1).press("Enter")
    assert bare.inner_text(".pw-hands .pw-note") == "" and trait(bare, "before") == [0, 3, 0, 0]
    assert bare.locator(REVEAL).is_disabled()
    set_traits(bare, found={"answer": 1, "text": "<i>0.7</i>"}, revealed=True)
    assert bare.inner_text(RESULT) == "Found: <i>0.7</i>. 3 of 3 hands were there."


def test_text_is_never_markup(bare):
    show(bare, pw.ShowOfHands("<img src=x>", ["<b>yes</b>", "no"], found="no"))
    assert bare.locator(".pw-hands img, .pw-hands b").count() == 0
    assert "<b>yes</b>" in bare.inner_text(".pw-hands")


def test_the_page_counts_as_python_does(bare):
    chance, cases = random.Random(0), []
    for _ in range(200):
        rows = chance.randint(2, 6)
        counts = [[chance.randint(0, 9) for _ in range(rows)] for _ in range(2)]
        cases.append([*counts, chance.randrange(rows), chance.random() < 0.5])
    found = run(bare, "numbers/hands", "({ moved }, cases) => cases.map((each) => moved(...each))", cases)
    assert found == [moved(*case)._asdict() for case in cases]


def test_a_saved_page_counts_and_reveals_without_python(new_page, tmp_path):
    file = pw.save_page(view(), tmp_path / "hands.html")
    assert "87.31" not in file.read_text(encoding="utf-8")
    page = new_page()
    page.goto(file.as_uri())
    field(page, 2).fill("4")
    field(page, 2).press("Enter")
    assert "87.31" not in all_that_is_said(page)
    page.click(REVEAL)
    assert page.inner_text(RESULT) == "Found: 87.31 %. 4 of 4 hands were there."
