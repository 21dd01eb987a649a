"""The site of two small chapters, of which one fails at first, and two pages of documentation."""

import pytest
from bs4 import BeautifulSoup

from prunewidgets.pages.document import digest, document
from tools import repository
from tools.site import build as building
from tools.site.build import build
from tools.site.chapters import listed
from tools.site.navigation import with_navigation

from .conftest import write_chapter


def write_list(site, chapters):
    """A first page without the measuring that the real one does."""
    links = "".join(f'<a href="chapters/{chapter.page}">{chapter.number}</a>' for chapter in chapters)
    (site / "index.html").write_text(f'{links}<a href="docs/index.html">docs</a>')


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "write_landing", write_list)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "old.html").write_text("from the last build")
    return tmp_path / "site"


def hrefs(page):
    return [link["href"] for link in BeautifulSoup(page.read_text(), "html.parser")("a")]


def test_one_failing_chapter_is_named_and_only_what_changed_is_run_again(sources, site, capfd):
    assert build(site, sources) == 1
    said = capfd.readouterr().out
    assert "02_small.ipynb has no page" in said and "stopped with ZeroDivisionError" in said
    assert "chapters/01_small.html links to 02_small.html, which is not there" in said
    assert [page.name for page in (site / "chapters").iterdir()] == ["01_small.html"]
    assert "2 of 2 chapters run" in said and not (site / "old.html").exists()

    write_chapter(sources.chapters[1].notebook.parent, "02", "2 + 3")
    assert build(site, sources) == 0
    said = capfd.readouterr().out
    assert "0 of them broken" in said and "1 of 2 chapters run" in said
    first, second = (site / "chapters" / f"0{n}_small.html" for n in (1, 2))
    assert ">4</pre>" in first.read_text() and ">5</pre>" in second.read_text()
    # Above, in its prose and below; the other links stay on the page.
    elsewhere = [href for href in hrefs(first) if not href.startswith(("#", "01_"))]
    assert elsewhere == ["../index.html", "02_small.html", "02_small.html", "../index.html", "02_small.html"]
    for page in ("index.html", "other.html"):
        assert "../index.html" in hrefs(site / "docs" / page)
    assert {path.name for path in sources.chapters[0].notebook.parent.iterdir()} == {
        "01_small.ipynb",
        "02_small.ipynb",
    }


def test_the_policy_of_a_page_allows_the_style_of_its_links(sources):
    page = document("a", "p { color: red }", "<main></main>\n<footer>b</footer>", "", {})
    text = with_navigation(page, sources.chapters, 1)
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert "site-links" in style and f"style-src '{digest(style)}'" in text
    assert text.count("← 01 · Small &lt;b&gt;</a>") == 2 and "→" not in text


def test_a_chapter_opens_elsewhere_only_if_the_repository_has_an_address(sources, monkeypatch):
    page = document("a", "p { color: red }", "<main></main>\n<footer>b</footer>", "", {})
    assert "Colab" not in with_navigation(page, sources.chapters, 0)
    monkeypatch.setattr(repository, "address", lambda root: "https://github.com/somebody/their-book")
    text = with_navigation(page, sources.chapters, 0)
    where = "https://colab.research.google.com/github/somebody/their-book/blob/main/notebooks/01_small.ipynb"
    assert text.count(f'<a href="{where}">Google Colab</a>') == 1
    assert text.count("Open this chapter in") == text.count(">Binder</a>") == 1


def test_the_site_lists_every_chapter_with_its_question():
    chapters = listed()
    assert [chapter.number for chapter in chapters][:5] == ["00", "01", "02", "03", "03b"]
    assert [chapter.number for chapter in chapters][-2:] == ["Appendix", "Appendix"]
    assert chapters[1].title == "The 3×4 matrix" and chapters[1].page == "01_the_3x4_matrix.html"
    assert all(chapter.question.endswith("?") and chapter.minutes for chapter in chapters)
