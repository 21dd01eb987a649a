"""The views' JavaScript: which folder may import which, and how the files are joined."""

import posixpath
import re

import pytest

from prunewidgets.widgets.assets import STATIC, joined, module

FILES = {
    path.relative_to(STATIC).as_posix(): path.read_text(encoding="utf-8") for path in STATIC.glob("*/*.js")
}
VIEWS = sorted(
    name
    for name in (posixpath.basename(place).removesuffix(".js") for place in FILES)
    if f"export const {name} = renderer(" in FILES.get(f"views/{name}.js", "")
)
MAY_IMPORT = {
    "numbers": {"numbers"},
    "page": {"numbers", "page"},
    "lecture": {"page", "lecture"},
    "views": {"numbers", "page", "lecture", "views"},
}
TYPES = "types.js"  # types.d.ts, which all of them share


def imported(place: str) -> set[str]:
    """The files that a file imports, those of its types included."""
    found = re.findall(r'(?:from |import\()"([^"]+)"', FILES[place])
    return {posixpath.normpath(posixpath.join(posixpath.dirname(place), path)) for path in found}


def test_the_views_are_found():
    assert {"slider", "histogram", "heatmap", "curve", "steps", "lab", "schedule", "ledger"} <= set(VIEWS)


@pytest.mark.parametrize("place", FILES)
def test_imports_between_javascript_folders_point_one_way(place):
    folders = {other.split("/")[0] for other in imported(place) - {TYPES}}
    assert folders <= MAY_IMPORT[place.split("/")[0]]


@pytest.mark.parametrize("place", [place for place in FILES if place.startswith("numbers/")])
def test_number_files_do_not_use_the_page(place):
    assert not re.search(r"\b(document|window|globalThis|\w+Observer|requestAnimationFrame)\b", FILES[place])


@pytest.mark.parametrize("view", VIEWS)
def test_a_joined_module_imports_nothing_and_exports_the_view_alone(view):
    lines = module(view).splitlines()
    assert [line for line in lines if line.startswith(("import ", "export "))] == [
        f'export default {{ render: files["views/{view}.js"].{view} }};'
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_takes_from_another_view_only_what_mounts_it(view):
    """What several views need is in page/ or numbers/."""
    for other in set(VIEWS) - {view}:
        taken = re.findall(rf'^import \{{([^}}]*)\}} from "\./{other}\.js";', FILES[f"views/{view}.js"], re.M)
        assert all(name.strip().startswith("mount") for names in taken for name in names.split(","))


def test_every_file_is_used():
    assert set(FILES) == {
        place for view in VIEWS for place in FILES if f'files["{place}"] = ' in module(view)
    }


SOURCE = """// What the file is.
/** @import { Word } from "./types.js" */

/**
 * A function, 2 * 3 ** 4.
 * @returns {Word}
 */
export const address = () => {
  // why
  return `http://${"/** kept */"}`; // beside code
};
"""


def test_lines_that_are_comments_stay_behind(tmp_path):
    (tmp_path / "a.js").write_text(SOURCE, encoding="utf-8")
    kept = ["", "const address = () => {", '  return `http://${"/** kept */"}`; // beside code', "};"]
    assert joined(["a.js"], tmp_path).splitlines()[2:-2] == kept


@pytest.mark.parametrize("place", FILES)
def test_no_text_over_several_lines_looks_like_a_comment(place):
    for text in re.findall(r"`[^`]*`", FILES[place]):
        assert not re.search(r"^[ \t]*/[/*]", text, re.MULTILINE)
