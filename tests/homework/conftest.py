"""Submissions for the tests of hand-outs and marks, made from the hand-out of chapter 01."""

import json
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from prunewidgets.homework import record
from prunewidgets.homework.chapter import Cell, Chapter, chapter
from prunewidgets.homework.handout import notebook
from prunewidgets.homework.repaired import repaired
from prunewidgets.homework.statements import python
from prunewidgets.homework.submission import Submission
from tests.support.homework import NOTEBOOKS


@pytest.fixture(scope="session")
def first() -> Chapter:
    return chapter("01")


@pytest.fixture
def handed_out(first: Chapter) -> dict[str, Any]:
    """The notebook that students get; a test may change it."""
    return deepcopy(notebook(first))


@pytest.fixture
def verdicts_of(
    first: Chapter, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., dict[str, dict[str, Any]]]]:
    """What the checks say of the cells of chapter 01; its steps run here, which is fast."""
    monkeypatch.syspath_prepend(str(NOTEBOOKS))

    def run(cells: list[Cell], given: Chapter = first) -> dict[str, dict[str, Any]]:
        found: list[dict[str, Any]] = []
        monkeypatch.setattr(record, "display", lambda shown, raw: found.append(shown[record.KIND]))
        space: dict[str, Any] = {"display": lambda *views: None, "get_ipython": Mock()}
        for step in repaired(given, cells):
            try:
                exec(python(step.source)[0], space)
            except Exception:  # a student's cell that fails
                assert step.exercise and not step.check
        return {verdict["exercise"]: verdict for verdict in found}

    yield run
    for name in [name for name in sys.modules if name.partition(".")[0] == "checks"]:
        del sys.modules[name]


@pytest.fixture
def verdicts(
    verdicts_of: Callable[[list[Cell]], dict[str, dict[str, Any]]], tmp_path: Path
) -> Callable[[dict[str, Any]], dict[str, dict[str, Any]]]:
    """The same of a notebook."""

    def run(handed_in: dict[str, Any]) -> dict[str, dict[str, Any]]:
        path = tmp_path / "anna.ipynb"
        path.write_text(json.dumps(handed_in), encoding="utf-8")
        return verdicts_of(Submission("anna", path, path.name).cells())

    return run
