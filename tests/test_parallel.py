"""`tools/tests.py`, which `make test` calls."""

import subprocess
import sys
from pathlib import Path

TESTS = """
import os, pytest

@pytest.mark.parametrize("number", range(6))
def test_of_{name}(number):
    if "{name}" == "b" and number == 3:
        os.abort()
"""


def test_a_crashed_process_ends_the_run_and_names_its_test(tmp_path: Path, root: Path) -> None:
    for name in "abcd":
        (tmp_path / f"test_{name}.py").write_text(TESTS.format(name=name))
    command = [sys.executable, root / "tools/tests.py", "--rootdir", tmp_path, tmp_path]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0
    assert "crashed while running 'test_b.py::test_of_b[3]'" in ended.stdout


def test_heavy_tests_run_only_if_all_are_asked_for(tmp_path: Path, root: Path) -> None:
    (tmp_path / "test_one.py").write_text("import pytest\n@pytest.mark.heavy\ndef test_of_minutes(): pass\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = alone\n browser\n heavy\n")
    for options, said in (([], "1 deselected"), (["--all"], "1 passed")):
        command = [sys.executable, root / "tools/tests.py", *options, tmp_path]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert said in ended.stdout, ended.stdout
