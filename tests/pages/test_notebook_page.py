"""A notebook as a page, without opening it; `tests/browser/test_notebook_page.py` opens it."""

import html
import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

import prunewidgets as pw
import prunewidgets.__main__
from prunewidgets.pages import command
from prunewidgets.pages.clean import cleaned
from prunewidgets.pages.exporter import mathml

from .test_save_page import content

cell, prose = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell


def write(folder: Path, *cells) -> Path:
    path = folder / "small.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
    return path


CELLS = [
    prose("# A *small* one\n\n$$M_{ij} \\ge \\tau$$ and $x^2$, [next](there.ipynb), [gone](gone.ipynb)"),
    prose(
        "## Does it work?\n\n[below](#Does-it-work?), [bad](javascript:hacked()), <a href='data:,a'>worse</a>"
    ),
    cell(
        "import ipywidgets\nimport pandas as pd\nimport prunewidgets as pw\nW = pw.example.W\nprint('a < b')"
    ),
    cell("""
tau = pw.ThresholdSlider(pw.score(W))
picture = ipywidgets.HTML()

def draw(change=None):
    picture.value = f'<b style="color: red">{tau.sparsity:.0%} gone</b>'

draw()
tau.observe(draw, "threshold")
display(tau, picture)"""),
    cell("heatmap = pw.SparsityHeatmap(W)\npw.link(tau, heatmap)\nipywidgets.HBox([heatmap, tau])"),
    cell("tau.threshold = 0.5\npd.DataFrame({'a': [1]}).style.set_caption('a caption')"),
    cell("""
import sys
for n in range(3):
    print(f"\\r{n} of 2", end="", file=sys.stderr)
print("\\r      \\r", end="", file=sys.stderr)"""),
    cell('n = 2\nguess_1 = ...  # a "count"\nguess_2 = ...  # another\ndozen = ...'),
    cell("""
from IPython.display import HTML

word = "hac" + "ked"
HTML(f'<script>{word}</script><img src="https://{word}/a.png" onerror="{word}()">')"""),
    cell("ipywidgets.IntSlider()"),
    cell("""
captured = ipywidgets.Output()
with captured:
    display("captured text", tau)
box = ipywidgets.VBox([captured, ipywidgets.Button()])
ipywidgets.Tab([box, ipywidgets.Label("a < b")], titles=["One & all"])"""),
    cell("display({'application/vnd.plotly.v1+json': {}}, raw=True)\nfirst = W[..., 0]"),
    prose("![red](a%20r%C3%A9d.svg) ![lost](attachment:gone.png) <img src='a réd.svg'>"),
    cell(""),
]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The text of one page, whose notebook has everything once: a kernel takes seconds to start."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "there.html").write_text("a page")
    (folder / "a réd.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    notebook = write(folder, *CELLS)
    text = pw.save_page(notebook, folder / "small.html").read_text(encoding="utf-8")
    assert not (folder / "saved").exists() and nbformat.read(notebook, 4).cells[2].outputs == []
    return text


def test_prose_code_and_printed_outputs_are_in_the_page(page):
    assert "<title>A small one</title>" in page
    assert re.search(r"<h1[^>]*>A <em>small</em> one</h1>", page)
    assert "a &lt; b" in page and '<span class="kn">import</span>' in page


def test_maths_is_mathml(page):
    body = cells(page)
    assert body.count("<math ") == 2 and body.count('display="block"') == 1 and "$" not in body


def test_nothing_is_left_of_a_progress_bar(page):
    assert "cell-error" not in cells(page)


def cells(text):
    return text.partition("<main")[2].partition("</main>")[0]


def test_a_link_to_a_notebook_is_kept_only_if_there_is_a_page_of_it(page):
    assert '<a href="there.html">next</a>' in page
    assert "<span>gone</span>" in page and "<span>worse</span>" in page and "javascript:" not in cells(page)
    assert '<h2 id="Does-it-work?">' in page and '<a href="#Does-it-work?">below</a>' in page


def test_a_view_is_in_the_page_once_and_shown_wherever_the_notebook_shows_it(page):
    parts = content(page, "page")["parts"]
    assert [part["view"] for part in parts] == ["slider", "heatmap"]
    assert re.findall(r'data-part="(\d)"', cells(page)) == ["0", "1", "0", "0"]
    # As the notebook left them, linked.
    assert [part["state"]["threshold"] for part in parts] == [0.5, 0.5]
    assert parts[0]["state"]["group"] == parts[1]["state"]["group"] != ""


def test_a_picture_that_python_redraws_is_there_for_each_threshold(page):
    pictures = re.findall(r'<div data-above="([\d.]*)"[^>]*><b class="([\w-]*)">(\d+)%', cells(page))
    assert [above for above, _, _ in pictures] == ["", *(f"{n / 10:g}" for n in range(1, 10))]
    assert [int(gone) for *_, gone in pictures] == [0, 8, 25, 42, 50, 58, 75, 83, 92, 100]
    (name,) = {name for _, name, _ in pictures}
    assert f".{name}.{name} {{ color: red; }}" in page


def test_nothing_in_an_output_runs_or_is_fetched(page):
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src 'none'; ") and policy.endswith("; img-src data:; media-src data:")
    assert "http" not in policy and "unsafe-inline" not in policy
    soup = BeautifulSoup(cells(page), "html.parser")
    assert "hacked()" not in str(soup) and "a caption" in str(soup)
    assert "This is not in the page: https://hacked/a.png" in soup.get_text()
    assert soup(["script", "style", "link"]) == soup(style=True) == soup(onerror=True) == []


def test_a_guess_has_a_field_and_the_page_says_how_to_get_python(page):
    assert re.search(r"""data-guess="" placeholder='a "count"; another'""", cells(page))
    assert cells(page).count("data-guess") == 1
    assert 'id="needs-python"' in page and "python -m prunewidgets workbook pruning" in page


def test_the_page_begins_with_what_works_in_it(page):
    head = BeautifulSoup(cells(page), "html.parser").find()
    assert "that needs Python" in head.get_text() and head.a["href"] == "#needs-python"


def test_what_the_page_cannot_show_is_named(page):
    text = BeautifulSoup(cells(page), "html.parser").get_text()
    assert "Here the notebook shows a widget (IntSlider) that needs Python." in text
    assert "Here the notebook shows a Plotly figure, which this page cannot show." in text
    assert "This is not in the page: lost" in text


def test_what_boxes_tabs_and_output_widgets_hold_is_shown(page):
    soup = BeautifulSoup(cells(page), "html.parser")
    tab = soup.find(string="One & all").find_parent(class_="page-column")
    assert tab.find("pre").string == "'captured text'" and tab.find(class_="page-part")["data-part"] == "0"
    assert "a widget (Button) that needs Python" in tab.get_text() and "a < b" in tab.get_text()


def test_pictures_are_found_by_any_name(page):
    pictures = BeautifulSoup(cells(page), "html.parser")("img")
    assert [picture["src"].partition(";")[0] for picture in pictures] == ["data:image/svg+xml"] * 2


def test_an_index_is_no_guess_and_an_empty_cell_has_no_code(page):
    soup = BeautifulSoup(cells(page), "html.parser")
    assert len(soup("input")) == 1
    assert [code for code in soup(class_="cell-source") if not code.get_text().strip()] == []


def test_a_cell_that_ends_with_an_error_is_named_and_no_page_is_written(tmp_path, capsys):
    path = write(tmp_path, prose("# A"), cell("half = 1 / 0\nhalf"))
    message = (
        "small.ipynb cannot become a page: code cell 1, which begins with 'half = 1 / 0', stopped with "
        "ZeroDivisionError: division by zero"
    )
    with pytest.raises(RuntimeError, match=f"^{message}$"):
        pw.save_page(path, tmp_path / "a.html")
    assert [file.name for file in tmp_path.iterdir()] == ["small.ipynb"]


def test_the_command_says_in_one_line_why_there_is_no_page(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command.main("missing.ipynb") == 1
    assert capsys.readouterr().err == "There is no notebook missing.ipynb.\n"
    assert prunewidgets.__main__.main(["page", "notes.txt", "-o", "a.html"]) == 1
    assert "'.txt'; a notebook is an .ipynb file" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["{", "", "[]", "{}", '{"nbformat": 4, "cells": [{}]}', "\xff"])
def test_a_file_that_is_no_notebook_is_named(tmp_path, content):
    path = tmp_path / "small.ipynb"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(ValueError, match=r"^small\.ipynb is not a notebook that can be read: .+$"):
        pw.save_page(path, tmp_path / "a.html")


def test_ctrl_c_is_no_error_of_the_page(tmp_path, monkeypatch, capsys):
    def interrupted(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr("prunewidgets.pages.save.page_of_notebook", interrupted)
    path = write(tmp_path)
    assert command.main(str(path), str(tmp_path / "a.html")) == 130
    assert capsys.readouterr().err == "Stopped. No page was written.\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("formula", [r"\nosuch{x} < 1", "&", "_", "\\limits"])
def test_a_formula_that_is_not_known_stays_as_it_was_written(formula):
    assert mathml(formula, True) == f"<code>{html.escape(formula)}</code>"


def test_an_empty_corner_of_a_table_is_no_heading():
    table = "<table><tr><{0}></{0}><th>a</th><th><img/></th></tr></table>"
    assert cleaned(table.format("th"), {}, lambda name: False).body == table.format("td")


def test_a_table_of_the_prose_scrolls_by_itself():
    text = '<div class="cell-prose"><table></table></div><table></table>'
    wrapped = text.replace("<table></table>", '<div class="page-table"><table></table></div>', 1)
    assert cleaned(text, {}, lambda name: False).body == wrapped


def test_what_is_printed_in_colours_of_a_terminal_has_those_of_the_page():
    text = '<pre><b style="color: #00d7ff; font-weight: bold">None</b><i style="color: #00af00">28</i></pre>'
    result = cleaned(text, {}, lambda name: False)
    assert "#" not in result.style and result.style.count("font-weight: bold") == 1
    assert result.body == '<pre><b class="page-style-0">None</b><i>28</i></pre>'


def test_a_style_that_would_end_its_rule_is_dropped():
    result = cleaned('<p style="color: red} body { display: none">a</p>', {}, lambda name: False)
    assert (result.body, result.style) == ("<p>a</p>", "")
