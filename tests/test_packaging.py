"""The wheel: built here, installed by itself, and every view and pretrained network comes out of it."""

import email
import json
import os
import re
import subprocess
import sys
import zipfile

import pytest

import prunewidgets

# Run in an empty folder with the wheel first on the path: makes every view, says where it came from.
SHOW = """
import json, sys
import numpy as np, pandas as pd
import prunewidgets as pw

scores = pw.score(pw.example.W)
frame = pd.DataFrame({"sparsity": [0, 0.5], "threshold": [0.0, 0.5], "accuracy": [0.9, 0.8],
                      "low": [0.8, 0.7], "high": [1.0, 0.9], "n": 100, "removed": [0, 6], "total": 12,
                      "criterion": "magnitude", "scope": "global", "seed": 0})
model = pw.models.pretrained("small_cnn")
digits = np.zeros((4, 28, 28, 1), np.float32)
views = [pw.ThresholdSlider(scores), pw.WeightHistogram(pw.example.W), pw.SparsityHeatmap(pw.example.W),
         pw.AccuracyCurve(frame), pw.SortingSteps(pw.example.W),
         pw.PruningLab(model, digits, np.array([0, 1, 2, 3]))]
print(json.dumps({
    "file": pw.__file__,
    "version": pw.__version__,
    "views": {type(view).__name__: len(view._esm + view.script) for view in views},
    "styled": {type(view).__name__: len(view._css) for view in views},
    "networks": {name: pw.models.pretrained(name).count_params()
                 for name in ("lenet_300_100", "lenet_5", "small_cnn")},
    "loaded_from": sorted({m.__file__ for n, m in sys.modules.items() if n.split(".")[0] == "prunewidgets"}),
}))
"""


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    """The wheel, made with the installed hatchling, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(root)])
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def site(wheel, tmp_path_factory):
    """A folder with nothing but the wheel installed in it."""
    folder = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-index",
        "--target",
        str(folder),
        str(wheel),
    ]
    _run(command)
    return folder


@pytest.fixture(scope="module")
def shown(site, tmp_path_factory):
    empty = tmp_path_factory.mktemp("empty")
    run = _run([sys.executable, "-c", SHOW], cwd=empty, env={**os.environ, "PYTHONPATH": str(site)})
    return json.loads(run.stdout.splitlines()[-1])


def _run(command: list[str], **options) -> subprocess.CompletedProcess:
    run = subprocess.run(command, capture_output=True, text=True, **options)
    assert run.returncode == 0, run.stderr[-3000:]
    return run


def test_the_wheel_holds_each_file_of_the_package_and_nothing_else(root, wheel):
    listed = _run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "prunewidgets", "notebooks"],
        cwd=root,
    ).stdout
    names = {name for name in listed.split("\n") if name and (root / name).is_file()}
    expected = {re.sub("^notebooks/", "prunewidgets/notebooks/", name) for name in names}
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == expected
    assert any(name.endswith(".js") for name in held) and any(name.endswith(".npz") for name in held)


def test_the_wheel_marks_the_package_as_typed(wheel):
    assert "prunewidgets/py.typed" in zipfile.ZipFile(wheel).namelist()


def test_the_wheel_declares_version_licence_and_pythons(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        metadata = email.message_from_bytes(archive.read(name))
        assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())
    assert metadata["Version"] == prunewidgets.__version__
    assert metadata["License-Expression"] == "MIT"
    assert set(metadata["Requires-Python"].split(",")) == {">=3.11", "<3.14"}


def test_the_wheel_is_what_is_imported(site, shown):
    assert shown["version"] == prunewidgets.__version__
    assert [path for path in shown["loaded_from"] if not path.startswith(str(site))] == []


def test_every_view_ships_its_javascript_and_style(shown):
    assert shown["views"].keys() == {
        "ThresholdSlider",
        "WeightHistogram",
        "SparsityHeatmap",
        "AccuracyCurve",
        "SortingSteps",
        "PruningLab",
    }
    assert min(shown["views"].values()) > 1000
    assert min(shown["styled"].values()) > 100


def test_the_pretrained_networks_are_in_the_wheel(shown):
    networks = shown["networks"]
    assert networks["lenet_300_100"] == 266_610
    assert networks["lenet_5"] == 431_080  # Caffe's: 20 and 50 filters of 5×5, 500 and 10 units
    assert networks["small_cnn"] > 10_000


def test_the_wheel_brings_the_workbook(root, site, tmp_path):
    """Copied by the command, its chapters and checks are the clone's, and import the wheel."""
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "prunewidgets", "workbook", "mine"]
    said = _run(command, cwd=tmp_path, env=environment).stdout
    assert str(tmp_path / "mine" / "00_start_here.ipynb") in said
    for name in ("05_a_cnn_on_mnist.ipynb", "solutions/05_a_cnn_on_mnist.ipynb", "runs/how_far.csv"):
        assert (tmp_path / "mine" / name).read_bytes() == (root / "notebooks" / name).read_bytes()
    assert list((tmp_path / "mine").rglob("__pycache__")) == []
    code = "import checks.chapter_01, prunewidgets; print(checks.__file__, prunewidgets.__file__)"
    checks, package = _run(
        [sys.executable, "-c", code], cwd=tmp_path / "mine", env=environment
    ).stdout.split()
    assert checks.startswith(str(tmp_path / "mine")) and package.startswith(str(site))


def test_the_wheel_reports_that_it_has_no_data_set(site, tmp_path):
    code = "from prunewidgets.data import clone; print(clone.in_clone(), clone.__file__)"
    run = _run([sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(site)})
    has_data, file = run.stdout.split(maxsplit=1)
    assert has_data == "False" and file.startswith(str(site))
