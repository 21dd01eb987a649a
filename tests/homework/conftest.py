"""Submissions for the tests of hand-outs and marks, made from the hand-out of chapter 01."""

import json
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from prunewidgets.homework import record
from prunewidgets.homework.chapter import Cell, Chapter, chapter
from prunewidgets.homework.handout import notebook
from prunewidgets.homework.repaired import repaired
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
def verdicts(
    first: Chapter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Callable[[dict[str, Any]], dict[str, dict[str, Any]]]]:
    """What the checks say of a notebook of chapter 01; its steps run here, which is fast."""
    monkeypatch.syspath_prepend(str(NOTEBOOKS))

    def run(handed_in: dict[str, Any]) -> dict[str, dict[str, Any]]:
        path = tmp_path / "anna.ipynb"
        path.write_text(json.dumps(handed_in), encoding="utf-8")
        cells: list[Cell] = Submission("anna", path).cells()
        found: list[dict[str, Any]] = []
        monkeypatch.setattr(record, "display", lambda shown, raw: found.append(shown[record.KIND]))
        space: dict[str, Any] = {"display": lambda *views: None}
        for step in repaired(first, cells):
            try:
                exec(step.source, space)
            except Exception:  # a student's cell that fails
                assert step.exercise and not step.check
        return {verdict["exercise"]: verdict for verdict in found}

    yield run
    for name in [name for name in sys.modules if name.partition(".")[0] == "checks"]:
        del sys.modules[name]
