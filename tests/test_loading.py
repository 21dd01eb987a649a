"""What a fresh Python loads with the package, and what is found in it by name."""

import importlib
import json
import subprocess
import sys

import pytest

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


def modules_after(code: str) -> set[str]:
    """Top-level modules that a fresh Python has loaded after running `code`."""
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys, json; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.split(".")[0] for name in json.loads(run.stdout.splitlines()[-1])}


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
    assert not loaded & {"keras", "tensorflow", "matplotlib", "PIL"}


def test_importing_the_package_takes_less_than_half_a_second():
    code = "import time; start = time.perf_counter(); import prunewidgets; print(time.perf_counter() - start)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True) for _ in range(3)]
    assert min(float(run.stdout) for run in runs) < 0.5


def test_an_unknown_name_is_an_attribute_error_that_lists_the_known_ones():
    import prunewidgets

    with pytest.raises(AttributeError, match="'prune_it'.*PruningLab"):
        prunewidgets.prune_it  # noqa: B018


def test_every_public_name_exists_and_is_listed_by_dir():
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


def test_a_name_that_is_not_a_public_module_is_not_found():
    with pytest.raises(ModuleNotFoundError, match="No module named 'prunewidgets.prune_it'"):
        importlib.import_module("prunewidgets.prune_it")
    with pytest.raises(ModuleNotFoundError, match="No module named 'prunewidgets.Masks'"):
        importlib.import_module("prunewidgets.Masks")
