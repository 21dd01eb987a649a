"""What holds for the files of the project: one version, one set of pins, no host, tidy notebooks."""

import hashlib
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 300


def _files() -> list[Path]:
    """Committed files and those about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = listed.stdout.decode().split("\0")
    return [ROOT / name for name in sorted(names) if name and (ROOT / name).is_file()]


FILES = _files()
TEXTS = [path for path in FILES if path.suffix not in {".npz", ".png", ".keras", ".h5", ".woff2", ".wasm"}]
VENDOR = ROOT / "prunewidgets" / "pages" / "vendor"  # others' files, unchanged
OUR_TEXTS = [path for path in TEXTS if path.parent != VENDOR]
NOTEBOOKS = [path for path in FILES if path.suffix == ".ipynb"]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lock() -> str:
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_the_version_is_in_one_place(pyproject):
    assert pyproject["project"]["dynamic"] == ["version"]
    assigned = re.compile(r"""^\s*["']?_*version_*["']?\s*[:=]\s*["']?\d+\.\d+\.\d+""", re.MULTILINE)
    holders = [
        name_of(path)
        for path in TEXTS
        if path.suffix in {".py", ".toml", ".cff", ".yml", ".js"}
        and assigned.search(path.read_text(encoding="utf-8").replace("cff-version", ""))
    ]
    assert holders == ["prunewidgets/__init__.py"]


def test_environment_yml_requires_the_same_python_and_only_this_package(pyproject):
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    entries = re.findall(r"^ +- (.+)$", text, re.MULTILINE)
    assert entries[:3] == ["conda-forge", "python " + pyproject["project"]["requires-python"], "pip"]
    (package,) = [entry for entry in entries[3:] if entry != "pip:"]
    extras = re.fullmatch(r"-e \.\[(.+)\]", package).group(1).split(",")
    assert set(extras) <= set(pyproject["project"]["optional-dependencies"])
    assert {"tensorflow", "lab"} <= set(extras)


def test_the_lock_pins_every_requirement_within_its_bounds(pyproject, lock):
    pins = {
        canonicalize_name(name): pin for name, pin in re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE)
    }
    project = pyproject["project"]
    asked = project["dependencies"] + [
        r for extra in project["optional-dependencies"].values() for r in extra
    ]
    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), requirement


def test_the_lock_has_a_digest_for_each_package(lock):
    entries = re.split(r"\n(?=\w)", lock)[1:]
    assert len(entries) > 100
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_chooses_one_tensorflow_on_every_platform(lock):
    lines = re.findall(r"^(tensorflow(?:-cpu)?==.*?) \\$", lock, re.MULTILINE)
    platforms = {
        ("linux", "x86_64"): "tensorflow-cpu",
        ("linux", "aarch64"): "tensorflow",
        ("darwin", "arm64"): "tensorflow",
        ("win32", "AMD64"): "tensorflow-cpu",
    }
    for (system, machine), wheel in platforms.items():
        here = {"sys_platform": system, "platform_machine": machine}
        chosen = [r.name for r in map(Requirement, lines) if r.marker.evaluate(here)]
        assert chosen == [wheel], (system, machine)


def test_ruff_and_mypy_are_pinned_only_in_the_lock():
    pinned = re.compile(r"(ruff|mypy) *(==|~=|>=|@)|ruff-pre-commit|mirrors-mypy|required-version")
    me = Path(__file__)
    holders = [name_of(p) for p in TEXTS if p != me and pinned.search(p.read_text(encoding="utf-8"))]
    assert holders == ["requirements.lock"]


def test_the_checkers_of_javascript_are_pinned_in_one_place_and_never_shipped():
    package = json.loads((ROOT / "tools" / "npm" / "package.json").read_text(encoding="utf-8"))
    assert package["private"] and "dependencies" not in package
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", pin) for pin in package["devDependencies"].values())
    lock = json.loads((ROOT / "tools" / "npm" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert lock.pop("")["devDependencies"] == package["devDependencies"]
    assert [name for name, entry in lock.items() if "resolved" in entry or "integrity" not in entry] == []


def test_no_file_names_a_registry_or_an_index():
    # Put together here, so that this file does not name them either.
    hosts = ["pypi" + ".org", "python" + "hosted", "npmjs" + ".", "anaconda" + ".org", "yarn" + "pkg.com"]
    words = re.compile("|".join([*map(re.escape, hosts), "--" + "(extra-)?index-url", "--" + "find-links"]))
    holders = [name_of(path) for path in TEXTS if words.search(path.read_text(encoding="utf-8"))]
    assert holders == []


def test_the_views_fetch_nothing_from_the_network():
    scripts = [
        p for p in OUR_TEXTS if p.suffix in {".js", ".css"} and "prunewidgets" in p.relative_to(ROOT).parts
    ]
    assert scripts
    for path in scripts:
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(
            r"(https?:)?//[\w-]+\.\w|\bfetch\(|XMLHttpRequest|WebSocket|\bimport\((?!\"\.\.?/|blob\))", text
        ), path


@pytest.mark.parametrize("path", [p for p in OUR_TEXTS if p.suffix in {".py", ".js", ".css"}], ids=name_of)
def test_no_file_is_over_the_line_limit(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_pictures_are_where_readers_see_them():
    """A screenshot that somebody looked at while working does not stay."""
    folders = {path.parent.relative_to(ROOT).as_posix() for path in FILES if path.suffix == ".png"}
    assert folders == {"docs/reference/pictures", "notebooks/pictures"}


def test_the_files_of_others_are_those_of_the_table_beside_them():
    """And of the script that takes them from their packages."""
    readme = (VENDOR / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| ([\w.-]+) \| ([\d.]+) \| ([0-9a-f]{64}) \|$", readme, re.MULTILINE)
    present = {p for p in FILES if p.parent == VENDOR and p.name not in ("README.md", "LICENSE.txt")}
    assert {VENDOR / name for name, _, _ in listed} == present
    for name, version, digest in listed:
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name
        assert f'VERSION = "{version}"' in (ROOT / "tools" / "tensorflowjs.py").read_text(encoding="utf-8")
    assert "Apache License" in (VENDOR / "LICENSE.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_notebooks_are_stored_without_outputs_and_name_their_kernel(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"  # else JupyterLab asks the reader for one
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell for cell in code if cell["outputs"] or cell["execution_count"] is not None] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_notebooks_use_nothing_that_hangs_when_run_headless(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    assert not re.search(r"\binteract(ive|_manual)?\b|\bOutput\(|\binput\(", code)
