"""`make dist`: what may be released, and the example that the wheel is tried with."""

import importlib.util
import re
from types import ModuleType

import pytest

import prunewidgets


@pytest.fixture(scope="module")
def dist(root) -> ModuleType:
    """tools/dist.py."""
    spec = importlib.util.spec_from_file_location("dist", root / "tools" / "dist.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


ADDRESS = "https://github.com/somebody/their-book"
DATED = "# Changes\n\n## 1.2.3 (2027-01-31)\n\n- New.\n\n## 1.2.2 (2026-12-24)\n\n- Old.\n"


def test_a_dated_version_with_its_tag_may_be_released(dist):
    assert dist.why_not("v1.2.3", "1.2.3", DATED, ADDRESS) is None


def test_a_release_asks_for_the_address_of_the_repository(dist):
    assert "Where is the repository?" in dist.why_not("v1.2.3", "1.2.3", DATED, None)


@pytest.mark.parametrize(
    ("tag", "version", "changelog", "reason"),
    [
        ("v1.2.4", "1.2.3", DATED, "has version 1.2.3"),
        ("1.2.3", "1.2.3", DATED, "The tag is 1.2.3"),
        ("v1.2.2", "1.2.2", DATED, "1.2.2 (YYYY-MM-DD)"),
        ("v1.2.3", "1.2.3", DATED.replace("2027-01-31", "unreleased"), "with the day"),
        ("v1.2.3", "1.2.3", "# Changes\n", "with the day"),
    ],
)
def test_a_wrong_tag_version_or_changelog_stops_a_release(dist, tag, version, changelog, reason):
    assert reason in dist.why_not(tag, version, changelog, ADDRESS)


def test_the_changelog_starts_with_this_version_and_has_one_heading_for_each(root):
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\d+\.\d+\.\d+) \((?:unreleased|\d{4}-\d\d-\d\d)\)$", text, re.MULTILINE)
    assert len(headings) == len(re.findall("^## ", text, re.MULTILINE))
    assert headings[0] == prunewidgets.__version__
    numbers = [tuple(map(int, heading.split("."))) for heading in headings]
    assert numbers == sorted(set(numbers), reverse=True)


def test_the_first_example_of_the_readme_needs_no_model_or_data(dist, root):
    names = {}
    exec(dist.first_example((root / "README.md").read_text(encoding="utf-8")), names)
    assert isinstance(names["steps"], prunewidgets.SortingSteps)
