"""Files joined into one module keep their names to themselves."""

import pytest

from prunewidgets.widgets import assets

from ..support.bare import open_page

INNER = """
var SAME = "inner";
const files = () => SAME;
export function inner() { return files(); }
"""
VIEW = """
import { inner } from "../numbers/inner.js";

var SAME = "NAME";

export const NAME = () => `${SAME} and ${inner()}`;
"""
FILES = {"numbers/inner.js": INNER} | {
    f"views/{name}.js": VIEW.replace("NAME", name) for name in ("one", "two")
}
RENDERED = """async (source) => {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    return (await import(url)).default.render();
}"""


def concatenated(name: str) -> str:
    """A joiner that puts the files one after the other in one scope."""
    sources = [INNER, FILES[f"views/{name}.js"].split(";\n", 1)[1]]
    return "".join(sources).replace("export ", "") + f"export default {{ render: {name} }};"


@pytest.fixture
def planted(page, tmp_path, monkeypatch):
    """A page; what is joined are two views and a file that both import, all of which declare SAME."""
    for place, source in FILES.items():
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text(source)
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    open_page(page)
    return page


def rendered(page, module):
    return [page.evaluate(RENDERED, module(name)) for name in ("one", "two")]


def test_files_may_declare_the_same_name(planted):
    assert rendered(planted, assets.module) == ["one and inner", "two and inner"]


def test_the_planted_names_do_collide_in_one_scope(planted):
    assert rendered(planted, concatenated) == ["one and one", "two and two"]
