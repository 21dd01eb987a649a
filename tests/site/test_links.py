"""Links between the pages of a folder."""

from tools.site.links import broken_links, pages_of

FIRST = """<h1 id="top"></h1><a href="a/second.html#below">fine</a> <a href="#top">fine</a>
<a href="https://example.org/">fine</a> <img src="data:image/png;base64,">
<a href="third.html">no file</a> <a href="a/second.html#above">no anchor</a> <a href="a/">a folder</a>
<a href="../outside.html">there, but not in the folder</a> <script src="https://example.org/a.js"></script>"""


def test_each_link_that_leads_nowhere_is_said_once(tmp_path):
    site = tmp_path / "site"
    (site / "a").mkdir(parents=True)
    (tmp_path / "outside.html").write_text("")
    (site / "first.html").write_text(FIRST)
    (site / "a" / "second.html").write_text('<p id="below"></p><a href="../first.html">fine</a>')
    pages = pages_of(site)
    assert [page.relative_to(site.resolve()).as_posix() for page in pages] == ["a/second.html", "first.html"]
    assert broken_links(site, pages) == [
        "first.html loads https://example.org/a.js",
        "first.html links to third.html, which is not there",
        "first.html links to a/second.html#above, which is not there",
        "first.html links to a/, which is not there",
        "first.html links to ../outside.html, which is not there",
    ]
