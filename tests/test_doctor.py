"""The doctor: every line can be a ✗ with its fix, and the exit status says whether the workbook can run.

That it is content where the tests run, chapter 00 shows.
"""

import os
import stat
import subprocess
import sys

import pytest

from prunewidgets import __main__, doctor
from prunewidgets.data import clone


def fixed(ok: bool, needed: bool = True) -> doctor.Check:
    return doctor.Check("Thing", ok, "what was found", "How to fix it.", needed)


@pytest.mark.parametrize(
    ("checks", "status"),
    [
        ([fixed(True)], 0),
        ([fixed(True), fixed(False)], 1),
        ([fixed(True), fixed(False, needed=False)], 0),
    ],
)
def test_the_exit_status_is_1_only_if_something_needed_is_broken(checks, status, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "CHECKS", [lambda check=check: check for check in checks])
    assert doctor.main() == status
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(checks) + 1
    assert lines[-1].startswith("The workbook can run" if status == 0 else "The workbook cannot run")


def test_a_line_shows_the_fix_only_if_something_is_broken():
    assert str(fixed(True)) == "✓ Thing: what was found"
    assert str(fixed(False)) == "✗ Thing: what was found. How to fix it."
    assert str(fixed(False, needed=False)) == (
        "✗ Thing: what was found (the workbook runs without it). How to fix it."
    )


def test_it_prints_in_a_terminal_without_unicode():
    """A C locale or an old Windows console must not make the doctor fall ill itself."""
    code = (
        "from prunewidgets import __main__, doctor\n"
        "doctor.CHECKS = (doctor.check_python,)\n"
        "__main__.main(['doctor'])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert run.returncode == 0, run.stderr
    assert b"Python: 3." in run.stdout


def test_any_other_command_gets_the_usage(capsys):
    assert __main__.main(["cure"]) == __main__.main([]) == 2
    assert "python -m prunewidgets doctor" in capsys.readouterr().err
    run = subprocess.run([sys.executable, "-m", "prunewidgets", "cure"], capture_output=True)
    assert run.returncode == 2


@pytest.mark.parametrize("version", [(3, 10, 4), (3, 14, 0)])
def test_a_python_without_tensorflow_wheels_is_refused(version, monkeypatch):
    monkeypatch.setattr(sys, "version_info", version)
    check = doctor.check_python()
    assert not check.ok and check.needed
    assert ".".join(map(str, version)) in check.detail and "3.11" in check.fix


def test_two_tensorflow_wheels_are_reported(monkeypatch):
    monkeypatch.setattr(doctor, "version_of", lambda name: "2.21.0")
    check = doctor.check_tensorflow()
    assert not check.ok
    assert "overwrite each other" in check.detail
    assert "pip uninstall tensorflow tensorflow-cpu" in check.fix


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ((False, "ModuleNotFoundError: No module named 'tensorflow'"), "make lab"),
        ((True, "2.21.0 3.12.0 tensorflow"), "Keras 3.15"),
        ((True, "2.21.0 3.15.1 jax"), "KERAS_BACKEND=tensorflow"),
    ],
)
def test_what_is_wrong_with_tensorflow_and_keras_is_named_with_a_fix(said, word, monkeypatch):
    monkeypatch.setattr(doctor, "probe", lambda code: said)
    check = doctor.check_tensorflow()
    assert not check.ok
    assert word in check.fix


@pytest.mark.parametrize("version", ["3.15.0", "3.16.1", "4.0.0"])
def test_recent_keras_is_fine(version, monkeypatch):
    monkeypatch.setattr(doctor, "probe", lambda code: (True, f"2.21.0 {version} tensorflow"))
    assert doctor.check_tensorflow().ok


def test_an_altered_data_set_is_reported_with_a_fix(monkeypatch, tmp_path):
    (tmp_path / "build_mnist.py").touch()
    (tmp_path / "mnist.npz").write_bytes(b"not digits")
    monkeypatch.setattr(clone, "FOLDER", tmp_path)
    line = str(doctor.check_data())
    assert line.startswith("✗ MNIST")
    assert "git checkout" in line


@pytest.mark.parametrize("check", [doctor.check_widgets, doctor.check_jupyterlab])
def test_a_missing_library_is_reported(check, monkeypatch):
    monkeypatch.setattr(doctor, "version_of", lambda name: None)
    assert not check().ok


@pytest.mark.parametrize("host", doctor.TRAPS)
def test_a_host_is_named_with_its_trap_where_it_is_installed(host, monkeypatch):
    monkeypatch.setattr(doctor, "version_of", {host: "4.2", "ipykernel": "7.4"}.get)
    lines = [str(doctor.check_jupyterlab()), str(doctor.check_hosts())]
    assert doctor.TRAPS[host] in lines[host != "jupyterlab"]
    assert [trap for trap in doctor.TRAPS.values() if trap in "".join(lines)] == [doctor.TRAPS[host]]


@pytest.mark.parametrize("kernel", ["7.4.0", None])
def test_voila_without_a_kernel_is_reported(kernel, monkeypatch):
    installed = {"voila": "0.5.13", "marimo": "0.25.2", "ipykernel": kernel}
    monkeypatch.setattr(doctor, "version_of", installed.get)
    line = str(doctor.check_hosts())
    assert f"voila 0.5.13 {doctor.TRAPS['voila']}; marimo 0.25.2 {doctor.TRAPS['marimo']}" in line
    assert line.startswith("✓" if kernel else "✗")
    assert ("Run 'pip install ipykernel' for Voila." in line) == (kernel is None)


def test_where_there_is_no_other_host_the_doctor_says_so(monkeypatch):
    monkeypatch.setattr(doctor, "version_of", lambda name: None)
    assert str(doctor.check_hosts()) == "✓ Other hosts: none installed"


def test_missing_pretrained_weights_are_reported(monkeypatch):
    monkeypatch.setattr(doctor, "probe", lambda code: (False, "FileNotFoundError: small_cnn.npz is missing"))
    check = doctor.check_pretrained()
    assert not check.ok and "small_cnn.npz" in check.detail


def test_a_probe_that_crashes_is_reported():
    assert doctor.probe("print(6 * 7)") == (True, "42")
    assert doctor.probe("raise ValueError('no')") == (False, "ValueError: no")
    ok, said = doctor.probe("import os; os.abort()")
    assert not ok and "died" in said


def _program(folder, name):
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_the_browser_named_by_the_variable_comes_first(monkeypatch, tmp_path):
    on_path, chosen = _program(tmp_path, "chromium"), _program(tmp_path, "mine")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("PRUNEWIDGETS_CHROMIUM", raising=False)
    assert doctor.find_browser() == on_path
    monkeypatch.setenv("PRUNEWIDGETS_CHROMIUM", chosen)
    assert doctor.find_browser() == chosen
    monkeypatch.setenv("PRUNEWIDGETS_CHROMIUM", str(tmp_path / "gone"))
    assert doctor.find_browser() is None
    assert str(doctor.check_browser()) == (
        f"✗ Browser for the tests: PRUNEWIDGETS_CHROMIUM is '{tmp_path}/gone', which is not a program "
        "(the workbook runs without it). Correct it or unset it."
    )


def test_playwrights_browser_is_used_last(monkeypatch, tmp_path):
    monkeypatch.delenv("PRUNEWIDGETS_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    own = _program(tmp_path, "chrome")
    monkeypatch.setattr(doctor, "probe", lambda code: (True, own))
    assert doctor.find_browser() == own
    monkeypatch.setattr(doctor, "probe", lambda code: (True, str(tmp_path / "not-downloaded")))
    assert doctor.find_browser() is None
    assert not doctor.check_browser().needed


def test_in_colab_no_jupyterlab_is_asked_for_and_no_second_tensorflow(monkeypatch):
    versions = {"google-colab": "1.0.0"}
    monkeypatch.setattr(doctor, "version_of", versions.get)
    assert doctor.check_jupyterlab().ok
    assert "google-colab 1.0.0" in doctor.check_hosts().detail
    fix = doctor.check_widgets().fix
    assert "!pip install prunewidgets'" in fix and "[" not in fix
