"""tools/environment.py: one clear line when something is missing, nothing half-made, and how far it is."""

import importlib.util
import json
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


def test_jupyterlab_is_set_not_to_fetch_news_or_versions(environment, tmp_path):
    environment.main()
    (settings,) = (tmp_path / ".venv").rglob("overrides.json")
    said = {"fetchNews": "false", "checkForUpdates": False}
    assert json.loads(settings.read_text()) == {"@jupyterlab/apputils-extension:notification": said}
    settings.write_text("{}")  # as an earlier version left it
    environment.main()
    assert environment.done == ["venv", "install"]
    assert json.loads(settings.read_text()) == {"@jupyterlab/apputils-extension:notification": said}


@pytest.fixture
def lock(environment, tmp_path) -> list[str]:
    """What pip says of five packages, one of them for another system, one here already."""
    names = ["appnope", "jedi", "numpy", "tensorflow-cpu", "wheel"]
    (tmp_path / "requirements.lock").write_text("".join(f"{name}==1.0\\\n    --hash=x\n" for name in names))
    packages = tmp_path / ".venv" / "lib" / "python3.12" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "pip-24.0.dist-info").mkdir()
    (tmp_path / ".venv" / "fetched").mkdir()
    environment.FETCHED = str(tmp_path / ".venv" / "fetched")
    return [
        "Ignoring appnope: markers 'sys_platform == \"darwin\"' don't match your environment",
        "Requirement already satisfied: jedi==1.0 in /somewhere (from -r requirements.lock (line 3)) (1.0)",
        "Collecting numpy==1.0 (from -r requirements.lock (line 5))",
        "Processing /wheels/tensorflow_cpu-1.0-py3-none-any.whl (from -r requirements.lock (line 7))",
        "Collecting wheel==1.0",  # so says the pip of Debian 12
        "Requirement already satisfied: numpy>=0.9 in /somewhere (from jedi==1.0) (1.0)",
        "Installing collected packages: wheel, numpy, tensorflow-cpu",
    ]


def test_the_share_done_counts_packages_found_and_installed(environment, lock, tmp_path):
    progress = environment.Progress(environment.count_packages())
    assert progress.state() == (0, "found 0 of 5 packages, fetched 0 MB")
    (tmp_path / ".venv" / "fetched" / "numpy.whl").write_bytes(bytes(3_000_000))
    for line in lock[:3]:
        progress.read_line(line)
    assert progress.state() == (0.25, "found 2 of 4 packages, fetched 3 MB")
    for line in lock[3:]:
        progress.read_line(line)
    assert progress.state() == (0.5, "installed 0 of 3 packages")
    for name in ("numpy", "wheel", "tensorflow_cpu"):
        (tmp_path / ".venv" / "lib" / "python3.12" / "site-packages" / f"{name}-1.0.dist-info").mkdir()
    progress.read_line("Installing collected packages: prunewidgets")  # itself, at the end
    assert progress.state() == (1, "installed 3 of 3 packages")


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_a_bar_in_a_terminal_and_occasional_lines_elsewhere(
    environment, lock, monkeypatch, capsys, terminal
):
    now = [1000.0]
    monkeypatch.setattr(environment.time, "time", lambda: now[0])
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    progress = environment.Progress(5)
    for line in lock[:4]:
        progress.read_line(line)
    for _ in range(31):
        progress.show()
        now[0] += 1
    progress.end()
    said = capsys.readouterr().out
    if terminal:
        states = said.split("\r")[1:32]
        assert len(set(states)) == 31  # the clock ticks at least
        assert all("[###########-------------------]  38 %" in state for state in states)
        assert not said.split("\r")[-1].strip()  # nothing is left of it
    else:
        assert said.splitlines() == [
            " 38 %  found 3 of 4 packages, fetched 0 MB, 0:15 min",
            " 38 %  found 3 of 4 packages, fetched 0 MB, 0:30 min",
        ]


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
def test_a_wrong_python_is_reported_in_one_line(environment, monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit) as caught:
        environment.main()
    assert "3.11, 3.12 or 3.13" in str(caught.value) and "PYTHON=" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert environment.done == []


def test_a_python_without_venv_is_reported_in_one_line(environment, monkeypatch):
    monkeypatch.setitem(
        sys.modules, "ensurepip", None
    )  # what Debian's python3 without python3-venv looks like
    with pytest.raises(SystemExit, match="no venv module.*-venv"):
        environment.main()


@pytest.mark.parametrize(
    ("output", "expected"),
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
def test_a_failed_install_is_reported_in_one_line(environment, output, expected):
    reason = environment.reason(["Collecting numpy", output])
    assert expected in reason
    assert "\n" not in reason


def test_a_failing_pip_stops_and_names_its_log(environment, monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "INSIDE", sys.executable)
    log = tmp_path / "install.log"
    monkeypatch.setattr(environment, "LOG", str(log))
    with open(log, "w") as file, pytest.raises(SystemExit) as caught:
        environment.pip(file, environment.Progress(1), "--no-index", "--dry-run", "there-is-no-such-package")
    assert str(log) in str(caught.value)
    assert "there-is-no-such-package" in log.read_text()
