"""Every public name has an example in its docstring, and every example gives the output that it shows."""

import doctest
import re
from inspect import getdoc, isclass, isfunction, ismodule
from operator import attrgetter
from pathlib import Path

import keras
import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.widgets.view import View

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
PAGES = "\n".join(page.read_text(encoding="utf-8") for page in sorted(REFERENCE.glob("*.md")))
# What a reader finds; tests/docs/test_pages.py holds that this is every public name of the package.
NAMES = re.findall(r"^\.\. auto(?:function|class):: prunewidgets\.(\S+)", PAGES, re.MULTILINE)
MODULES = re.findall(r"^\.\. automodule:: prunewidgets\.(\S+)", PAGES, re.MULTILINE)
SECTION = re.compile(r"^Example:\n    >>> ", re.MULTILINE)
NEEDS = {"pw": pw, "np": np, "keras": keras}


def examples(name: str) -> list[doctest.DocTest]:
    """The examples in a docstring, with those of a class's methods but not of a module's functions."""
    value = attrgetter(name)(pw)
    return doctest.DocTestFinder(recurse=not ismodule(value)).find(value, name, globs=NEEDS)


def run(example: doctest.DocTest) -> str:
    """Run an example with nothing but the three usual imports, and return what differs."""
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    try:
        runner.run(example, out=report.append, clear_globs=False)
    finally:
        for view in example.globs.values():
            if isinstance(view, View):
                view.close()
    return "".join(report) if runner.failures else ""


@pytest.mark.parametrize("name", [*NAMES, *MODULES])
def test_the_examples_are_true(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where an example writes its files
    for example in examples(name):
        assert run(example) == ""


@pytest.mark.parametrize("name", NAMES)
def test_there_is_an_example(name):
    written = getdoc(attrgetter(name)(pw)) or ""
    assert SECTION.search(written), f"add a section 'Example:' to the docstring of pw.{name}"


@pytest.mark.parametrize("name", MODULES)
def test_the_reference_shows_what_a_module_exports(name):
    module = attrgetter(name)(pw)
    exported = getattr(module, "__all__", ())
    documented = {one.rpartition(".")[2] for one in NAMES}
    assert {
        one for one in exported if isfunction(getattr(module, one)) or isclass(getattr(module, one))
    } <= documented


def test_the_worked_example_shows_itself():
    assert examples("example")
