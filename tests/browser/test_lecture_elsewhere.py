"""Where a Lecture finds no notebook around it, one sentence says what to do."""

import prunewidgets as pw

from ..support.bare import show

START, NOTE = "button:text-is('Start the lecture')", ".pw-view .pw-note"


def test_a_host_without_jupyterlabs_notebook_is_told_the_way_out(bare):
    show(bare, pw.Lecture())
    assert bare.inner_text(NOTE) == ""
    bare.click(START)
    said = bare.inner_text(NOTE)
    assert "JupyterLab 4 or Notebook 7" in said and "python -m prunewidgets lecture" in said
    assert bare.locator("html.lecture").count() == 0


def test_a_saved_page_names_its_own_button(open_saved):
    page = open_saved([pw.Lecture()])
    page.click(START)
    assert "“Lecture” at the top" in page.inner_text(NOTE)
    page.click("text=Lecture >> nth=0")
    page.wait_for_url("**#/1")
