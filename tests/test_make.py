"""The Makefile and what it calls besides the environment: JupyterLab, the benchmarks, a browser."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from types import ModuleType

import pytest


def test_make_reports_a_missing_python_in_one_line(root):
    run = subprocess.run(
        ["make", "lab", "PYTHON=no-such-python"],
        cwd=root,
        capture_output=True,
        text=True,
        env=_without_make(),
    )
    assert run.returncode != 0
    assert run.stdout.strip().splitlines() == [
        "no-such-python is missing or too old. Install Python 3.11, 3.12 or 3.13, or name yours: "
        "make lab PYTHON=..."
    ]


def test_make_lab_passes_options_on(root):
    run = subprocess.run(
        ["make", "--dry-run", "lab", "ARGS=--no-browser --port 9999"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        env=_without_make(),
    )
    assert run.stdout.splitlines()[-1].endswith("python tools/lab.py --no-browser --port 9999")


def test_make_site_builds_or_with_an_option_checks(root):
    for options in ([], ["ARGS=--check"]):
        dry = ["make", "--dry-run", "site", *options]
        run = subprocess.run(dry, cwd=root, capture_output=True, text=True, check=True, env=_without_make())
        built = run.stdout.splitlines()[-1].rstrip()
        assert built.endswith("-m tools.site --check" if options else "-m tools.site")


def test_make_graders_takes_a_chapter(root):
    dry = ["make", "--dry-run", "graders", "ARGS=01"]
    run = subprocess.run(dry, cwd=root, capture_output=True, text=True, check=True, env=_without_make())
    assert run.stdout.splitlines()[-1].endswith("-m tools.graders 01")


@pytest.mark.parametrize("command", ["test", "bench", "hosts"])
def test_make_installs_a_browser_first(root, command):
    dry = ["make", "--dry-run", command]
    lines = subprocess.run(
        dry, cwd=root, capture_output=True, text=True, check=True, env=_without_make()
    ).stdout.splitlines()
    fetching = next(i for i, line in enumerate(lines) if "tools/browser.py" in line)
    assert fetching < next(
        i
        for i, line in enumerate(lines)
        if any(work in line for work in ("tools/tests.py", "-m benchmarks", "-m tools.hosts"))
    )


@pytest.mark.parametrize(
    ("command", "last"), [("test", "tools/tests.py"), ("test-all", "tools/tests.py --all")]
)
def test_make_test_checks_style_and_types_before_the_tests(root, command, last):
    dry = ["make", "--dry-run", command]
    run = subprocess.run(dry, cwd=root, capture_output=True, text=True, check=True, env=_without_make())
    steps = [line.split("python ")[-1].strip() for line in run.stdout.splitlines()]
    assert " ".join(steps[-1].split()) == last
    assert {"-m ruff check .", "-m ruff format --check .", "-m mypy"} <= set(steps)


@pytest.mark.parametrize(("asked", "code"), [("--help", 0), ("no_such_row", 2)])
def test_the_benchmarks_are_listed_without_running_one(root, asked, code):
    command = [sys.executable, "-m", "benchmarks", asked]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)
    assert run.returncode == code
    assert "opening" in run.stdout + run.stderr and "saved_notebook" in run.stdout + run.stderr


def test_a_benchmark_without_a_browser_ends_in_one_line(root):
    alone = {**os.environ, "PRUNEWIDGETS_CHROMIUM": "/nowhere"}
    row = [sys.executable, "-m", "benchmarks.many_views"]
    run = subprocess.run(row, cwd=root, capture_output=True, text=True, env=alone)
    assert run.returncode == 1
    (line,) = run.stderr.strip().splitlines()
    assert line == (
        "This row needs a browser. PRUNEWIDGETS_CHROMIUM is '/nowhere', which is not a program; correct it "
        "or unset it."
    )


def _check_javascript(root, folder) -> subprocess.CompletedProcess:
    """Run a copy of tools/javascript.py, with nothing fetched yet, where PATH holds `folder` alone."""
    (folder / "tools" / "npm").mkdir(parents=True)
    for name in ("javascript.py", "npm/package-lock.json"):
        shutil.copy(root / "tools" / name, folder / "tools" / name)
    command = [sys.executable, str(folder / "tools" / "javascript.py")]
    return subprocess.run(command, capture_output=True, text=True, env={"PATH": str(folder)})


def test_without_node_the_checks_of_javascript_are_skipped_in_one_line(root, tmp_path):
    run = _check_javascript(root, tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    (line,) = run.stdout.splitlines()
    assert line.startswith("Skipped the checks of the JavaScript: ") and "Node" in line


def test_without_network_the_checks_of_javascript_are_skipped_in_one_line(root, tmp_path):
    _program(tmp_path, "node", "")
    _program(tmp_path, "npm", "echo 'npm error code ENOTFOUND' >&2; exit 1")
    run = _check_javascript(root, tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    (line,) = run.stdout.splitlines()
    assert line.startswith("Skipped the checks of the JavaScript: ") and "(code ENOTFOUND)" in line


def test_findings_in_the_javascript_are_errors(root, tmp_path):
    (tmp_path / "put").mkdir()
    _program(tmp_path / "put", "tsc", "")
    _program(tmp_path / "put", "biome", "echo found; exit 1")
    _program(tmp_path, "node", "")
    _program(tmp_path, "npm", f"/bin/mkdir node_modules && /bin/cp -r {tmp_path}/put node_modules/.bin")
    run = _check_javascript(root, tmp_path)
    assert (run.returncode, run.stdout) == (1, "found\n")


@pytest.fixture
def lab(root) -> ModuleType:
    """tools/lab.py."""
    spec = importlib.util.spec_from_file_location("lab", root / "tools" / "lab.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@pytest.mark.parametrize("root_user", [True, False])
def test_only_root_gets_allow_root_and_listens_on_this_machine_only(lab, root, tmp_path, root_user):
    lab.write_settings(tmp_path, root_user)
    server = json.loads((tmp_path / "jupyter_server_config.json").read_text())["ServerApp"]
    assert server.pop("root_dir") == str(root / "workbook")
    assert server == ({"allow_root": True, "ip": "localhost"} if root_user else {})
    opened = json.loads((tmp_path / "jupyter_lab_config.json").read_text())["LabApp"]
    assert opened["default_url"] == "/lab/tree/00_start_here.ipynb"
    assert (root / "notebooks" / "00_start_here.ipynb").exists()


def test_git_ignores_the_folder_that_the_workbook_opens_in(lab, root):
    asked = [lab.WORKBOOK / "00_start_here.ipynb", root / "notebooks" / "00_start_here.ipynb"]
    command = ["git", "check-ignore", *map(str, asked)]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert run.stdout.splitlines() == [str(asked[0])]


def test_the_lab_says_in_one_line_where_its_copy_is(lab, tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "WORKBOOK", tmp_path / "workbook")
    (line,) = lab.copied().splitlines()
    assert str(tmp_path / "workbook") in line
    (tmp_path / "workbook" / "00_start_here.ipynb").write_text("changed")
    assert lab.copied() == line  # no new version, so nothing to say
    (tmp_path / "workbook" / ".prunewidgets.json").write_text("{}")
    assert "00_start_here.ipynb" in lab.copied() and "rename yours" in lab.copied()
    (tmp_path / "workbook" / ".prunewidgets.json").unlink()
    with pytest.raises(SystemExit, match="not overwritten"):
        lab.copied()


def test_ci_runs_what_a_contributor_runs(root):
    script = (root / ".ci" / "run").read_text()
    assert script.splitlines()[-1] == "make test"
    assert os.access(root / ".ci" / "run", os.X_OK)


def _without_make() -> dict[str, str]:
    """The environment without what an outer `make test ARGS=…` hands down."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in {"MAKEFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "ARGS"}
    }


def _get_browser(root, folder, **more) -> subprocess.CompletedProcess:
    """Run tools/browser.py where PATH holds `folder` alone and Playwright's module fails."""
    (folder / "playwright.py").write_text("raise SystemExit('no network')")
    alone = {"PATH": str(folder), "HOME": str(folder), "PYTHONPATH": str(folder), **more}
    command = [sys.executable, str(root / "tools" / "browser.py")]
    return subprocess.run(command, capture_output=True, text=True, env=alone)


def test_a_variable_that_names_no_browser_is_said_and_nothing_is_installed(root, tmp_path):
    _program(tmp_path, "apt-get", f"echo $@ >> {tmp_path}/log")
    run = _get_browser(root, tmp_path, PRUNEWIDGETS_CHROMIUM="/nowhere")
    said = "PRUNEWIDGETS_CHROMIUM is '/nowhere', which is not a program; correct it or unset it.\n"
    assert (run.returncode, run.stdout, run.stderr) == (1, "", said)
    assert not (tmp_path / "log").exists()


def _program(folder, name, script) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_an_installed_browser_is_used(root, tmp_path):
    _program(tmp_path, "chromium", "")
    _program(tmp_path, "apt-get", f"echo called >> {tmp_path}/log")
    run = _get_browser(root, tmp_path)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert not (tmp_path / "log").exists()


def test_debians_chromium_is_installed_as_root_or_with_sudo(root, tmp_path):
    browser = tmp_path / "chromium"
    made = f'[ "$1" = install ] && : > {browser} && /bin/chmod +x {browser}'
    _program(tmp_path, "apt-get", f'echo "$@" >> {tmp_path}/log\n{made}')
    _program(tmp_path, "sudo", 'shift; [ "$1" = true ] || exec "$@"')
    run = _get_browser(root, tmp_path)
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "log").read_text().splitlines() == [
        "update",
        "install --yes --no-install-recommends chromium",
    ]


def test_if_no_browser_can_be_installed_one_line_says_how_to_get_one(root, tmp_path):
    run = _get_browser(root, tmp_path)
    assert run.returncode == 1
    (line,) = run.stderr.strip().splitlines()
    assert "PRUNEWIDGETS_CHROMIUM" in line and "playwright install" in line
