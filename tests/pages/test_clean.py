"""What a page takes over of a notebook's HTML: nothing that runs, fetches or ends something else."""

import pytest

from prunewidgets.pages.clean import cleaned


def clean(text):
    return cleaned(text, {}, lambda name: False)


REFRESH = '<meta http-equiv="refresh" content="0;url=https://elsewhere">'


@pytest.mark.parametrize(
    "text",
    [
        f"<noscript><!-- </noscript>{REFRESH} --></noscript>",
        f"<textarea><!-- </textarea>{REFRESH} --></textarea>",
        f"<svg><![CDATA[>{REFRESH}]]></svg>",
        f"<?php {REFRESH} ?>",
        f'<noscript><p title="</noscript>{REFRESH}"></p></noscript>',
        f"<form>{REFRESH}</form>",
    ],
)
def test_no_comment_or_attribute_hides_an_element(text):
    """A browser may see the end of a comment where the parser that made this HTML does not."""
    assert "<meta" not in clean(text).body


@pytest.mark.parametrize("address", ["http://[", "http://[::1", "java\tscript:run()", " javascript:run()"])
def test_an_address_that_is_none_is_plain_text(address):
    assert clean(f'<a href="{address}">here</a>').body == "<span>here</span>"


@pytest.mark.parametrize(
    "open_end", ["color: red; /*", "width: calc(1px", "content: '", "--a: {", "color: \\"]
)
def test_a_style_cannot_swallow_the_next_one(open_end):
    style = clean(f'<p style="{open_end}">a</p><p style="color: blue">b</p>').style
    rule = style.splitlines()[-1]
    assert "color: blue" in rule
    before = style.removesuffix(rule + "\n")
    assert "/*" not in before
    assert (
        all(before.count(first) == before.count(last) for first, last in ("{}", "()")) and "'" not in before
    )


def test_a_stylesheet_cannot_swallow_what_follows():
    style = clean('<style>p { color: red; /* </style><style>b{</style><p style="color: blue">c</p>').style
    assert style.startswith("p { color: red; }b{}") and "color: blue; }" in style


def test_styles_fetch_nothing_but_keep_what_is_in_the_page():
    text = """<style>@import "https://elsewhere/a.css"; p { background: url(https://elsewhere/b.png) }
    b { background: url('data:image/png;base64,AA') }</style>
    <p style="background: URL( 'b.png' ); color: red">a</p>"""
    style = clean(text).style
    assert "elsewhere" not in style and "b.png" not in style
    assert "data:image" in style and "color: red" in style


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<iframe src="https://elsewhere/a"></iframe>', "This is not in the page: https://elsewhere/a"),
        ('<img src="https://elsewhere/a.png">', "This is not in the page: https://elsewhere/a.png"),
        ('<img src="a.png" alt="a red square">', "This is not in the page: a red square"),
        ('<video><source src="a.mp4"></video>', "This is not in the page: a.mp4"),
        ('<iframe srcdoc="a map"></iframe>', "something that a script draws"),
        ('<div class="cell-html"><div id="plot"></div><script>draw()</script></div>', "a script draws"),
    ],
)
def test_what_is_not_in_the_page_is_named(text, said):
    body = clean(text).body
    assert said in body.replace('<a href="https://elsewhere/a">', "").replace("</a>", "").replace(
        '<a href="https://elsewhere/a.png">', ""
    )
    assert "src=" not in body


def test_what_is_in_the_page_stays():
    kept = '<img src="data:image/png;base64,AA"/><audio src="data:audio/wav;base64,AA"></audio>'
    assert clean(kept).body == kept
    table = '<div class="cell-html"><table><tr><td>1</td></tr></table></div>'
    assert clean(table.replace("</div>", "<script>sort()</script></div>")).body == table
    assert clean("<form>a <button>b</button></form>").body == "a <button>b</button>"
