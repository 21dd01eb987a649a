"""tools/environment.py and the Makefile: one clear line when something is missing, nothing half-made."""

import importlib.util
import json
import os
import subprocess
import sys
from types import ModuleType

import pytest


@pytest.fixture
def environment(root, tmp_path, monkeypatch) -> ModuleType:
    """The script, working in an empty folder, with nothing really installed."""
    spec = importlib.util.spec_from_file_location("environment", root / "tools" / "environment.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name)
    venv = tmp_path / ".venv"
    monkeypatch.setattr(script, "ROOT", str(tmp_path))
    monkeypatch.setattr(script, "VENV", str(venv))
    monkeypatch.setattr(script, "STAMP", str(venv / "stamp"))
    monkeypatch.setattr(script, "LOG", str(venv / "install.log"))
    monkeypatch.setattr(script, "INSIDE", str(venv / "python"))
    script.done = []

    def make_venv():
        script.done.append("venv")
        venv.mkdir(exist_ok=True)
        (venv / "python").touch()
        (venv / "stamp").unlink(missing_ok=True)

    monkeypatch.setattr(script, "make_venv", make_venv)
    monkeypatch.setattr(script, "install", lambda: script.done.append("install"))
    return script


def test_the_second_start_does_nothing(environment):
    environment.main()
    assert environment.done == ["venv", "install"]
    environment.main()
    assert environment.done == ["venv", "install"]


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_changed_pins_are_installed_into_the_same_environment(environment, tmp_path, name):
    environment.main()
    (tmp_path / name).write_text("other")
    environment.main()
    assert environment.done == ["venv", "install", "install"]


def test_jupyterlab_is_told_not_to_ask_about_news(environment, tmp_path):
    environment.main()
    (told,) = (tmp_path / ".venv").rglob("overrides.json")
    assert json.loads(told.read_text())["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_a_moved_folder_gets_a_new_environment(environment, monkeypatch, tmp_path):
    environment.main()
    (tmp_path / ".venv" / "stamp").write_text("/elsewhere\nabc")
    environment.main()
    assert environment.done == ["venv", "install"] * 2


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("updating", [False, True])
def test_an_interrupted_install_leaves_no_stamp(environment, monkeypatch, tmp_path, interruption, updating):
    if updating:
        environment.main()
        (tmp_path / "requirements.lock").write_text("other")

    def install():
        raise interruption

    with monkeypatch.context() as patch:
        patch.setattr(environment, "install", install)
        with pytest.raises(interruption):
            environment.main()
    assert not (tmp_path / ".venv" / "stamp").exists()
    environment.done.clear()
    environment.main()
    assert environment.done == ["venv", "install"]


@pytest.mark.parametrize("version", [(3, 10, 1), (3, 14, 0), (3, 6, 15)])
def test_a_wrong_python_is_told_in_one_line(environment, monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit) as caught:
        environment.main()
    assert "3.11, 3.12 or 3.13" in str(caught.value) and "PYTHON=" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert environment.done == []


def test_a_python_without_venv_is_told_in_one_line(environment, monkeypatch):
    monkeypatch.setitem(
        sys.modules, "ensurepip", None
    )  # what Debian's python3 without python3-venv looks like
    with pytest.raises(SystemExit, match="no venv module.*-venv"):
        environment.main()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError", "No network"),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "disk is full",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "DO NOT MATCH"),
        ("Killed", "no reason given"),
    ],
)
def test_a_failed_install_is_told_in_one_line(environment, said, told):
    reason = environment.reason(["Collecting numpy", said])
    assert told in reason
    assert "\n" not in reason


def test_a_failing_pip_stops_with_its_log_named(environment, monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "INSIDE", sys.executable)
    log = tmp_path / "install.log"
    monkeypatch.setattr(environment, "LOG", str(log))
    with open(log, "w") as file, pytest.raises(SystemExit) as caught:
        environment.pip(file, "--no-index", "--dry-run", "there-is-no-such-package")
    assert str(log) in str(caught.value)
    assert "there-is-no-such-package" in log.read_text()


def test_make_tells_of_a_missing_python_in_one_line(root):
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
    assert run.stdout.splitlines()[-1].endswith(
        "jupyter lab notebooks/00_start_here.ipynb --no-browser --port 9999"
    )


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


def _get_browser(root, folder) -> subprocess.CompletedProcess:
    """Run tools/browser.py where PATH holds `folder` alone and Playwright's module fails."""
    (folder / "playwright.py").write_text("raise SystemExit('no network')")
    alone = {"PATH": str(folder), "HOME": str(folder), "PYTHONPATH": str(folder)}
    command = [sys.executable, str(root / "tools" / "browser.py")]
    return subprocess.run(command, capture_output=True, text=True, env=alone)


def _program(folder, name, script) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_browser_that_is_there_is_left_alone(root, tmp_path):
    _program(tmp_path, "chromium", "")
    _program(tmp_path, "apt-get", f"echo called >> {tmp_path}/log")
    run = _get_browser(root, tmp_path)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert not (tmp_path / "log").exists()


def test_debian_s_chromium_is_fetched_where_sudo_or_root_may(root, tmp_path):
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


def test_without_any_way_to_a_browser_one_line_says_how(root, tmp_path):
    run = _get_browser(root, tmp_path)
    assert run.returncode == 1
    (line,) = run.stderr.strip().splitlines()
    assert "PRUNEWIDGETS_CHROMIUM" in line and "playwright install" in line
