"""Who may import whom: read from the source, and seen in a fresh Python."""

import ast
import importlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PACKAGE = Path(__file__).parents[1] / "prunewidgets"
SOURCES = sorted(PACKAGE.rglob("*.py"))

# Library -> the only places that import it.
HOMES = {
    "keras": ("models/",),
    "tensorflow": ("models/",),
    "scipy": ("models/",),
    "threadpoolctl": ("models/",),
    "onnxruntime": ("models/",),
    "tf2onnx": ("models/",),
    "anywidget": ("widgets/",),
    "ipywidgets": ("widgets/",),
    "IPython": ("widgets/", "utils/progress_bar.py"),
    "matplotlib": ("plots/",),
    "plotly": ("plots/",),
}
# Part of the package -> the parts it must not know.
STRANGERS = {
    "models/": ("widgets", "labs", "plots"),
    "widgets/": ("models", "labs"),
}
# Where the parts meet, and the sheet that plots/ draws on: imported late, so they may import more.
LATE = (
    "__init__.py",
    "__main__.py",
    "labs/",
    "doctor.py",
    "data/keras_cache.py",
    "plots/sheet.py",
)
HEAVY = (
    "keras",
    "tensorflow",
    "anywidget",
    "ipywidgets",
    "pandas",
    "matplotlib",
    "plotly",
    "scipy",
    "onnxruntime",
)


def place(source: Path) -> str:
    return source.relative_to(PACKAGE).as_posix()


def imports(source: Path, top_level: bool = False) -> set[str]:
    """Full names of the modules a file imports; with `top_level` only those imported when the file is."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    package = ["prunewidgets", *source.relative_to(PACKAGE).parts[:-1]]
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


def modules_after(code: str) -> set[str]:
    """Top-level modules that a fresh Python has loaded after running `code`."""
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys, json; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in json.loads(run.stdout.splitlines()[-1])}


def test_the_reader_of_imports_sees_relative_and_hidden_ones():
    """The tests below stand on it: they could not fail if it saw nothing."""
    assert "prunewidgets.data.keras_cache" in imports(PACKAGE / "data" / "mnist.py")
    assert "prunewidgets.data.keras_cache" not in imports(PACKAGE / "data" / "mnist.py", top_level=True)
    assert "keras" in libraries(PACKAGE / "models" / "__init__.py")
    assert "anywidget" in libraries(PACKAGE / "widgets" / "lifetimes.py")


@pytest.mark.parametrize("source", SOURCES, ids=place)
def test_heavy_libraries_are_imported_in_their_home_alone(source):
    for library in libraries(source) & HOMES.keys():
        assert place(source).startswith(HOMES[library]), f"{place(source)} imports {library}"


@pytest.mark.parametrize("source", SOURCES, ids=place)
def test_models_and_views_do_not_know_each_other(source):
    for part, strangers in STRANGERS.items():
        if place(source).startswith(part):
            known = {name.split(".")[1] for name in imports(source) if name.startswith("prunewidgets.")}
            assert not known & set(strangers), f"{place(source)} imports {known & set(strangers)}"


@pytest.mark.parametrize("source", SOURCES, ids=place)
def test_the_core_needs_numpy_alone_when_it_is_imported(source):
    if place(source).startswith(("models/", "widgets/")) or place(source).startswith(LATE):
        return
    names = imports(source, top_level=True)
    third_party = {name.split(".")[0] for name in names} - {"prunewidgets"} - set(sys.stdlib_module_names)
    assert third_party <= {"numpy"}
    assert not {name for name in names if name.startswith(("prunewidgets.models", "prunewidgets.widgets"))}


def test_every_library_is_declared(root):
    with open(root / "pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    extras = project["optional-dependencies"]
    requirements = project["dependencies"] + extras["tensorflow"] + extras["onnx"]
    declared = {Requirement(requirement).name for requirement in requirements}
    # traitlets comes with, and is the public interface of, ipywidgets.
    # Only tools/ and tests/ use playwright; the doctor asks for it in a process of its own.
    used = set().union(*(libraries(source) for source in SOURCES))
    assert {library.lower() for library in used} <= declared | {"traitlets"}


def test_importing_the_package_loads_nothing_heavy():
    assert not modules_after("import prunewidgets") & {*HEAVY, "numpy"}


def test_the_core_at_work_loads_nothing_heavy():
    code = (
        "import prunewidgets as pw\n"
        "scores = pw.score(pw.example.W)\n"
        "masks = pw.Masks.from_threshold(scores, pw.example.TAU)\n"
        "pw.thresholds, pw.ledger, pw.datasets, pw.plots, masks.apply({'weights': pw.example.W})"
    )
    loaded = modules_after(code)
    assert "numpy" in loaded
    assert not loaded & set(HEAVY)


def test_the_views_at_work_load_no_model_library():
    loaded = modules_after("import prunewidgets as pw; pw.ThresholdSlider(pw.score(pw.example.W))")
    assert "anywidget" in loaded
    assert not loaded & {"keras", "tensorflow", "matplotlib"}


def test_importing_the_package_takes_less_than_half_a_second():
    code = "import time; start = time.perf_counter(); import prunewidgets; print(time.perf_counter() - start)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True) for _ in range(3)]
    assert min(float(run.stdout) for run in runs) < 0.5


def test_an_unknown_name_is_an_attribute_error_that_tells_the_known_ones():
    import prunewidgets

    with pytest.raises(AttributeError, match="'prune_it'.*PruningLab"):
        prunewidgets.prune_it  # noqa: B018


def test_every_public_name_is_there_and_shown_by_dir():
    import prunewidgets

    for name in prunewidgets.__all__:
        assert getattr(prunewidgets, name) is not None
        assert name in dir(prunewidgets)


def test_a_public_module_is_found_by_its_short_name_and_is_the_same_module():
    code = (
        "import prunewidgets.comparison_plots, sys\n"
        "from prunewidgets.comparison_plots import comparison\n"
        "from prunewidgets.plots import comparison as room\n"
        "assert room is prunewidgets.comparison_plots is sys.modules['prunewidgets.plots.comparison']\n"
        "assert room.comparison is comparison and room.__spec__.name == room.__name__ == "
        "'prunewidgets.plots.comparison'"
    )
    modules_after(code)


def test_a_name_that_is_no_public_module_is_not_found():
    with pytest.raises(ModuleNotFoundError, match="No module named 'prunewidgets.prune_it'"):
        importlib.import_module("prunewidgets.prune_it")
    with pytest.raises(ModuleNotFoundError, match="No module named 'prunewidgets.Masks'"):
        importlib.import_module("prunewidgets.Masks")
