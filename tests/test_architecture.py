"""Who may import whom, read from the source; `test_loading.py` sees it in a fresh Python."""

import ast
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "prunewidgets"
SOURCES = sorted(PACKAGE.rglob("*.py"))
OUTSIDE = sorted(file for part in ("tests", "benchmarks", "research") for file in (ROOT / part).rglob("*.py"))

# Library -> the only places that import it.
HOMES = {
    "keras": ("models/",),
    "tensorflow": ("models/",),
    "scipy": ("models/", "experiments/report_table.py"),
    "threadpoolctl": ("models/", "experiments/worker.py"),
    "joblib": ("experiments/",),
    "distributed": ("experiments/",),
    "onnxruntime": ("models/",),
    "tf2onnx": ("models/",),
    "anywidget": ("widgets/",),
    "ipywidgets": ("widgets/",),
    "PIL": ("widgets/still/",),
    "IPython": ("homework/", "widgets/", "utils/progress_bar.py", "utils/starting.py"),
    "matplotlib": ("plots/", "data/letters.py"),
    "plotly": ("plots/",),
}
# Room of the package -> the other rooms that it may know. Arrows point one way: see the test of that.
ROOMS = {
    "core": set(),
    "utils": set(),
    "compact": {"core", "utils"},
    "data": {"core"},
    "experiments": {"core", "utils"},
    "plots": {"core", "experiments"},
    "widgets": {"core", "utils"},
    "models": {"core", "compact", "utils"},
    "labs": {"core", "compact", "models", "utils", "widgets"},
    "pages": {"core", "labs", "models", "utils", "widgets"},
    "homework": {"utils"},
}
# The same between the rooms of models/. Its files beside them are known by all and know none.
LIVE = {"layers", "data", "forward", "measuring", "holding", "live"}
MODEL_ROOMS = {
    "layers": set(),
    "data": {"layers"},
    "forward": {"layers", "data"},
    "measuring": {"layers", "data", "forward"},
    "holding": {"layers", "forward"},
    "live": {"layers", "data", "forward", "measuring", "holding"},
    "pruning": {*LIVE},
    "training": {*LIVE, "pruning"},
    "shrinking": {*LIVE, "pruning"},
    "compression": {*LIVE, "shrinking"},
    "formats": {*LIVE, "shrinking", "compression"},
    "costs": {*LIVE, "shrinking", "compression", "formats"},
    "planning": {*LIVE, "pruning", "shrinking", "compression", "formats", "costs"},
    "dynamic": {*LIVE},
    "zoo": {*LIVE},
}
# Imported late, and only where Keras is at work anyway.
LATE_ARROWS = {"data/keras_cache.py": {"models"}, "experiments/object_parts.py": {"models"}}
# Run by hand and imported by nothing: to train the networks that ship, it needs the data.
SCRIPTS = {"models/zoo/train.py": {"data"}}
THREADS = ("threading.Thread", "threading.Timer", "_thread", "concurrent.futures", "multiprocessing")
# Places that need more than NumPy when they are imported; all are imported late.
LATE = (
    "__init__.py",
    "__main__.py",
    "doctor.py",
    "data/keras_cache.py",
    "homework/",
    "labs/",
    "models/",
    "pages/",
    "plots/on_pages.py",
    "plots/sheet.py",
    "widgets/",
)


def place(source: Path) -> str:
    return source.relative_to(PACKAGE).as_posix()


def imports(source: Path, top_level: bool = False) -> set[str]:
    """Full names of the modules a file imports; with `top_level` only those imported when the file is."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    package = source.relative_to(ROOT).parts[:-1]
    found = set()
    for node in _statements(tree) if top_level else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*start, *([node.module] if node.module else [])])
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found


def _statements(node: ast.AST):
    """All nodes that run at import: not those in functions, nor those for type checkers alone."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _statements(child)


def libraries(source: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(source)} - {"prunewidgets"} - set(sys.stdlib_module_names)


def test_relative_and_hidden_imports_are_found():
    """The tests below stand on it: they could not fail if it saw nothing."""
    assert "prunewidgets.data.keras_cache" in imports(PACKAGE / "data" / "mnist.py")
    assert "prunewidgets.data.keras_cache" not in imports(PACKAGE / "data" / "mnist.py", top_level=True)
    assert "keras" in libraries(PACKAGE / "models" / "__init__.py")
    assert "anywidget" in libraries(PACKAGE / "widgets" / "lifetimes.py")


@pytest.mark.parametrize("source", SOURCES, ids=place)
def test_heavy_libraries_are_imported_only_in_their_room(source):
    for library in libraries(source) & HOMES.keys():
        assert place(source).startswith(HOMES[library]), f"{place(source)} imports {library}"


def strangers(place: str, names: set[str]) -> set[str]:
    """Of the names that a file imports those of rooms that it must not know."""
    room, inner = [*place.split("/")[:-1], "", ""][:2]
    known = ROOMS.get(room, ROOMS.keys()) | LATE_ARROWS.get(place, set()) | SCRIPTS.get(place, set()) | {room}
    if room == "models" and place != "models/__init__.py":
        inner_known = MODEL_ROOMS.get(inner, set()) | {inner}
    else:
        inner_known = MODEL_ROOMS.keys()
    found = set()
    for name in names:
        package, other, other_inner = [*name.split("."), "", ""][:3]
        if package == "prunewidgets" and (
            (other in ROOMS and other not in known)
            or (other == "models" and other_inner in MODEL_ROOMS and other_inner not in inner_known)
        ):
            found.add(name)
    return found


def test_imports_between_rooms_point_one_way():
    assert {*TopologicalSorter(ROOMS).static_order()} == set(ROOMS)
    assert {*TopologicalSorter(MODEL_ROOMS).static_order()} == set(MODEL_ROOMS)


def test_every_room_declares_what_it_may_import():
    folders = {file.parent.relative_to(PACKAGE).as_posix() for file in SOURCES} - {"."}
    assert folders == {*ROOMS, *(f"models/{room}" for room in MODEL_ROOMS), "widgets/still"}


@pytest.mark.parametrize("source", SOURCES, ids=place)
def test_no_file_imports_a_script(source):
    scripts = {"prunewidgets." + script.removesuffix(".py").replace("/", ".") for script in SCRIPTS}
    assert not imports(source) & scripts


@pytest.mark.parametrize("source", SOURCES, ids=place)
def test_no_file_imports_a_room_that_it_must_not_know(source):
    assert strangers(place(source), imports(source)) == set()


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("core/masks.py", "prunewidgets.models"),
        ("core/masks.py", "prunewidgets.utils.progress_bar"),
        ("data/mnist.py", "prunewidgets.models"),
        ("models/zoo/pretrained.py", "prunewidgets.data.mnist"),
        ("models/live/snapshot.py", "prunewidgets.widgets.view"),
        ("models/live/snapshot.py", "prunewidgets.labs"),
        ("models/live/snapshot.py", "prunewidgets.models.pruning"),
        ("models/live/snapshot.py", "prunewidgets.models.training.follow"),
        ("models/layers/weights.py", "prunewidgets.models.data.inputs"),
        ("models/data/source.py", "prunewidgets.models.forward.passes"),
        ("models/measuring/metric.py", "prunewidgets.models.holding.state"),
        ("models/holding/state.py", "prunewidgets.models.measuring.accuracy"),
        ("models/holding/state.py", "prunewidgets.models.live.snapshot"),
        ("models/formats/files.py", "prunewidgets.models.costs.latency"),
        ("models/plain_error.py", "prunewidgets.models.holding.state"),
        ("widgets/view.py", "prunewidgets.models.live.live_model"),
        ("widgets/view.py", "prunewidgets.labs.flips"),
        ("utils/latest_job.py", "prunewidgets.core"),
    ],
)
def test_a_planted_import_of_another_room_is_found(where, name):
    assert (PACKAGE / where).is_file()
    assert strangers(where, {name, "numpy", "prunewidgets"}) == {name}


def threads(source: Path) -> set[str]:
    """What a file names that starts threads or processes."""
    text = {
        ast.unparse(node)
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute | ast.Name)
    }
    named = text | imports(source)
    return {name for name in named if name.startswith((*THREADS, "prunewidgets.utils.latest_job"))}


@pytest.mark.parametrize(
    "source", [file for file in SOURCES if place(file).startswith("widgets/")], ids=place
)
def test_no_view_starts_a_thread(source):
    assert threads(source) == set()


def test_threads_are_found():
    assert threads(PACKAGE / "labs" / "background.py")
    assert "threading.Thread" in threads(PACKAGE / "utils" / "latest_job.py")


def unwelcome(part: str, names: set[str]) -> set[str]:
    """What tests import of benchmarks, and the other way round; both may use `tests.support`."""
    theirs = {"tests": "benchmarks", "benchmarks": "tests", "research": "tests"}[part]
    return {
        n
        for n in names
        if n.split(".")[0] == theirs and not f"{n}.".startswith("tests.support.") and n != "tests"
    }


@pytest.mark.parametrize("source", OUTSIDE, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_tests_and_benchmarks_do_not_import_each_other(source):
    assert unwelcome(source.relative_to(ROOT).parts[0], imports(source)) == set()


def test_a_planted_import_between_tests_and_benchmarks_is_found():
    assert unwelcome("tests", {"benchmarks.common"}) and unwelcome("benchmarks", {"tests.browser.bare"})
    assert unwelcome("tests", {"benchmarks"}) and not unwelcome("benchmarks", {"tests.support.jupyter"})


@pytest.mark.parametrize("source", SOURCES, ids=place)
def test_other_files_import_only_numpy_at_their_top(source):
    if place(source).startswith(LATE):
        return
    names = imports(source, top_level=True)
    third_party = {name.split(".")[0] for name in names} - {"prunewidgets"} - set(sys.stdlib_module_names)
    assert third_party <= {"numpy"}
    assert not {name for name in names if name.startswith(("prunewidgets.models", "prunewidgets.widgets"))}


@pytest.mark.parametrize("source", [file for file in SOURCES if place(file).startswith("core/")], ids=place)
def test_the_core_imports_only_numpy(source):
    assert libraries(source) <= {"numpy"}


def test_every_library_is_declared(root):
    with open(root / "pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    extras = project["optional-dependencies"]
    asked = [extras[name] for name in ("tensorflow", "onnx", "lab", "sweeps")]
    requirements = sum(asked, project["dependencies"])
    declared = {Requirement(requirement).name for requirement in requirements}
    # traitlets comes with, and is the public interface of, ipywidgets.
    # Only tools/ and tests/ use playwright; the doctor asks for it in a process of its own.
    used = set().union(*(libraries(source) for source in SOURCES))
    packages = {{"PIL": "pillow"}.get(library, library.lower()) for library in used}
    brought = {"bs4", "jinja2", "jupyter_client", "nbclient", "nbformat"}  # by nbconvert
    assert packages <= declared | {"traitlets"} | brought
