"""The documentation builds without a warning, names files that exist, and leaves out no public name."""

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import anywidget
import pytest

import prunewidgets as pw

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = "\n".join(page.read_text(encoding="utf-8") for page in sorted((DOCS / "reference").glob("*.md")))
DOCUMENTED = re.findall(
    r"^\.\. auto(?:function|class|module|data):: prunewidgets\.(\S+)", REFERENCE, re.MULTILINE
)
PATH = re.compile(r"`((?:\w+/)*\w*(?:\.(?:py|js|md)|/))`")
NAMES = [name for name in pw.__all__ if name != "__version__"]


def test_it_builds_without_a_warning_and_its_links_lead_somewhere(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "--quiet", DOCS, tmp_path / "built"]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "built" / "index.html").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_has_every_public_name_once(name):
    assert DOCUMENTED.count(name) == 1, (
        f"add `.. autofunction:: prunewidgets.{name}` to a page of docs/reference"
    )


def test_the_reference_has_nothing_else():
    public = {name.partition(".")[0] for name in DOCUMENTED}
    assert public == set(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if isinstance(getattr(pw, name), ModuleType)])
def test_the_reference_has_what_a_public_module_offers(name):
    """By its `__all__`; the other names in it are for the package itself."""
    offered = {what for what in getattr(pw, name).__all__ if not (name == "models" and what in NAMES)}
    found = [what.partition(".")[2] for what in DOCUMENTED if what.startswith(f"{name}.")]
    assert sorted(found) == sorted(offered)


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_shows_every_view(name):
    value = getattr(pw, name)
    if not (isinstance(value, type) and issubclass(value, anywidget.AnyWidget)):
        return
    assert (DOCS / "reference" / "pictures" / f"{name}.png").is_file(), "tests/support/reference_pictures.py"
    assert f"](pictures/{name}.png)" in REFERENCE


def test_every_file_that_the_architecture_names_is_there():
    named = PATH.findall((DOCS / "architecture.md").read_text(encoding="utf-8"))
    assert len(named) > 30
    places = {path: [ROOT / path, ROOT / "prunewidgets" / path] for path in named}
    assert [path for path, found in places.items() if not any(place.exists() for place in found)] == []


def test_every_function_that_the_architecture_names_is_in_its_file():
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w.]+)`\sin\s`([\w/]+\.(?:py|js))`", text)
    assert len(named) > 10
    for name, path in named:
        source = (ROOT / "prunewidgets" / path).read_text(encoding="utf-8")
        assert re.search(rf"(?:def|function|const) {name.split('.')[-1]}\b", source), f"{name} in {path}"
