"""Files joined into one module keep their names to themselves."""

from prunewidgets.widgets import assets

from ..support.bare import open_page

INNER = """
const SAME = "inner";
const files = [SAME];
export function inner() { return files[0]; }
"""
OUTER = """
import { inner } from "../numbers/inner.js";

const SAME = "outer";

export const outer = () => `${SAME} and ${inner()}`;
"""
IMPORTED = """async (source) => {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    return (await import(url)).default.render();
}"""


def test_two_files_may_declare_the_same_name(page, tmp_path, monkeypatch):
    for place, source in {"numbers/inner.js": INNER, "views/outer.js": OUTER}.items():
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).write_text(source)
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    open_page(page)
    assert page.evaluate(IMPORTED, assets.module("outer")) == "outer and inner"
