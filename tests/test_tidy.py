"""tools/tidy.py, the hook that clears notebooks and ends files with one newline."""

import json
import subprocess
import sys

import pytest


def tidy(root, *paths) -> subprocess.CompletedProcess:
    command = [sys.executable, str(root / "tools" / "tidy.py"), *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True)


def notebook(outputs, count) -> dict:
    code = {
        "cell_type": "code",
        "execution_count": count,
        "metadata": {},
        "outputs": outputs,
        "source": ["τ = 0.5"],
    }
    prose = {"cell_type": "markdown", "metadata": {}, "source": ["Why?"]}
    return {"cells": [prose, code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def test_a_notebook_that_has_run_is_cleared(root, tmp_path):
    path = tmp_path / "chapter.ipynb"
    ran = notebook([{"name": "stdout", "output_type": "stream", "text": ["0.5"]}], 7)
    path.write_text(json.dumps(ran), encoding="utf-8")
    first = tidy(root, path)
    assert (first.returncode, first.stdout) == (1, f"tidied {path}\n")
    assert json.loads(path.read_text(encoding="utf-8")) == notebook([], None)
    assert "τ" in path.read_text(encoding="utf-8")
    assert tidy(root, path).returncode == 0


@pytest.mark.parametrize(("before", "after"), [("a", "a\n"), ("a\n\n\n", "a\n"), ("\n", "")])
def test_a_file_ends_with_one_newline(root, tmp_path, before, after):
    path = tmp_path / "a.md"
    path.write_text(before)
    assert tidy(root, path).returncode == 1
    assert path.read_text() == after
    assert tidy(root, path).returncode == 0


def test_a_clean_notebook_is_not_changed(root, tmp_path):
    path = tmp_path / "chapter.ipynb"
    path.write_text(json.dumps(notebook([], None), indent=4) + "\n", encoding="utf-8")
    before = path.read_bytes()
    assert tidy(root, path).returncode == 0
    assert path.read_bytes() == before
