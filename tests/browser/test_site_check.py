"""`python -m tools.site --check` on two small pages, of which one has every fault once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tools.site import opened
from tools.site.check import check

PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>a</title></head><body>{}</body></html>'
)
RIGHT = "<main><h1>Right</h1><p>A page.</p></main>"
WRONG = """<main><h1>Wrong</h1><img src="http://there.invalid/a.png"><a href="gone.html">gone</a>
<div style="width: 600px; height: 3000px">wide</div></main>
<script>setTimeout(() => { throw new Error("broken") })</script>"""
AXE = """window.axe = { run: async (page) => ({ violations: [...page.images].map((image) =>
    ({ id: "image-alt", nodes: [{ target: ["img"], any: [{ message: "no text" }] }] })) }) };"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Of axe, which needs Node, what it would find here."""
    monkeypatch.setattr(opened, "_axe", lambda: AXE)
    (tmp_path / "index.html").write_text(PAGE.format(RIGHT))
    return tmp_path


def checked(site) -> int:
    """Run the check in a thread of its own: in this one the other tests' browser may be open."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(check, site).result()


def test_each_fault_is_said_and_ends_the_check_with_status_1(site, capsys):
    (site / "wrong.html").write_text(PAGE.format(WRONG))
    assert checked(site) == 1
    said = capsys.readouterr().out
    rows = {line.split()[0]: line.split()[2:] for line in said.splitlines()[:3]}
    assert rows["index.html"] == ["0", "–", "–", "–", "–", "–"]
    assert rows["wrong.html"][:2] == ["2", "2"] and "–" not in rows["wrong.html"]
    assert "wrong.html links to gone.html, which is not there" in said
    assert "wrong.html: errors: broken" in said
    assert "wrong.html: requests: http://there.invalid/a.png" in said
    assert 'wrong.html: overflow: 390 px, light, the page has 608 px: <div style="width: 600px' in said
    assert "overflow: 1280" not in said
    assert "wrong.html: axe: 1280 px, dark, image-alt: img: no text" in said


def test_without_a_fault_the_status_is_0(site, capsys):
    assert checked(site) == 0
    assert "1 pages, at 390, 1280, 1920 px; 0 faults." in capsys.readouterr().out
    assert check(site / "nowhere") == 1
