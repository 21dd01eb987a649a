"""Former names of the public API keep working and warn; nothing of ours uses them."""

import ast
import re
import subprocess
import sys
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest

import prunewidgets as pw

from .support.networks import two_dense_layers

MODULES = {"prunewidgets": pw, "prunewidgets.models": pw.models, "prunewidgets.quantization": pw.quantization}
NAMES = [(module, name) for module in MODULES for name in MODULES[module]._RENAMED]
SOURCES = sorted((Path(__file__).parents[1] / "prunewidgets").rglob("*.py"))


def decorated(decorator: str) -> dict[str, list[str]]:
    """{function, or class of an __init__: the former names} of each use of a decorator in the package."""
    found = {}
    for source in SOURCES:
        tree = ast.parse(source.read_text(encoding="utf-8"))
        for owner in ast.walk(tree):
            for function in ast.iter_child_nodes(owner):
                for used in getattr(function, "decorator_list", []):
                    if isinstance(used, ast.Call) and ast.unparse(used.func) == decorator:
                        name = owner.name if isinstance(owner, ast.ClassDef) else function.name
                        found[name] = [n.arg for n in used.keywords if n.arg != "if_second"]
                        found[name] += [ast.literal_eval(former) for former in used.args]
    return found


ARGUMENTS = [(name, former) for name, each in decorated("former_arguments").items() for former in each]
ORDERS = decorated("former_order")


def test_all_former_arguments_and_orders_are_found():
    assert {*ARGUMENTS} >= {("GradualPruning", "begin_step"), ("LedgerView", "dense"), ("PruningLab", "data")}
    assert ORDERS["unit_score"] == ["model", "criterion", "x", "y"] and len(ORDERS) == 2


@pytest.mark.parametrize(("where", "former"), NAMES)
def test_a_former_name_is_the_same_object_and_warns_at_the_line_that_uses_it(where, former):
    module = MODULES[where]
    today = module._RENAMED[former]
    message = rf"^{where}\.{former} is deprecated; use {where}\.{today}\.$"
    with pytest.warns(DeprecationWarning, match=message) as warned:
        found = getattr(module, former)
    now = getattr(module, today)
    assert found is getattr(now, "in_former_order", now) and [w.filename for w in warned] == [__file__]
    with pytest.warns(DeprecationWarning, match=message) as warned:
        exec(compile(f"from {where} import {former} as found", "a cell", "exec"), scope := {})
    assert scope["found"] is found and [w.filename for w in warned] == ["a cell"]


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return two_dense_layers()


CLASH = (
    r"^unit_score got criterion twice: by its place in the former order .* and as criterion=; leave one out"
)
X, Y = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32), np.arange(8) % 2


@pytest.mark.parametrize(
    ("former", "today"),
    [
        (("l1",), {"criterion": "l1"}),
        (("random", None, None, 128, 7), {"criterion": "random", "seed": 7}),
        (("taylor", X, Y, 4), {"x": X, "y": Y, "criterion": "taylor", "batch_size": 4}),
        ((lambda rows: rows[:, 0],), {"criterion": lambda rows: rows[:, 0]}),
    ],
    ids=["l1", "random", "taylor", "function"],
)
def test_scores_of_units_take_the_criterion_second_as_before(model, former, today):
    order = (
        r"^prunewidgets\.unit_score\(model, criterion, x, y\) is deprecated; use .*\(model, x, y, criterion\)"
    )
    with pytest.warns(DeprecationWarning, match=order) as warned:
        found = pw.unit_score(model, *former)
    assert [w.filename for w in warned] == [__file__]
    np.testing.assert_array_equal(found["a"], pw.unit_score(model, **today)["a"])
    with warnings.catch_warnings(action="error"), pytest.raises(TypeError, match=CLASH):
        pw.unit_score(model, *former, criterion="l2")
    with pytest.warns(DeprecationWarning, match=r"^prunewidgets\.unit_scores is deprecated") as warned:
        same = pw.unit_scores(model, *former)
    assert [w.filename for w in warned] == [__file__]
    np.testing.assert_array_equal(same["a"], found["a"])


@pytest.mark.parametrize("criterion", [None, 5, ["l2"], "l3"], ids=str)
def test_the_former_name_of_the_scores_of_units_takes_a_criterion_and_no_data_second(model, criterion):
    with pytest.warns(DeprecationWarning):
        unit_scores = pw.unit_scores
    with pytest.raises(ValueError, match=r"^criterion .* is not known for units; choose one of l1, l2"):
        unit_scores(model, criterion)
    with pytest.raises(TypeError, match=CLASH):
        unit_scores(model, "l2", criterion="l1")
    with pytest.raises(TypeError, match="positional arguments"):
        unit_scores(*[model] * 20)


def test_gradual_pruning_takes_its_steps_by_their_former_names():
    with pytest.warns(DeprecationWarning) as warned:
        found = pw.GradualPruning(0.5, end_step=9, begin_step=3)
    message = "prunewidgets.GradualPruning(begin_step=, end_step=) is deprecated; use begin=, end=."
    assert [(str(w.message), w.filename) for w in warned] == [(message, __file__)]
    with pytest.warns(DeprecationWarning, match=r"GradualPruning\(end_step=\) is deprecated; use end=\."):
        pw.GradualPruning(0.5, begin=3, end_step=9)
    today = pw.GradualPruning(0.5, begin=3, end=9)
    assert (found._begin, found._end) == (today._begin, today._end) == (3, 9)
    with pytest.raises(TypeError, match="GradualPruning got begin_step= and begin="):
        pw.GradualPruning(0.5, begin_step=3, begin=4)


def test_ledgers_take_what_they_compare_with_by_its_former_name(model):
    costs = pw.ledger.ledger({"w": np.ones((3, 4))})
    with pytest.warns(
        DeprecationWarning, match=r"LedgerView\(dense=\) is deprecated; use dense_costs="
    ) as warned:
        view = pw.LedgerView({"w": np.ones((3, 2))}, dense=costs)
    with pytest.warns(
        DeprecationWarning, match=r"LedgerLab\(dense=\) is deprecated; use dense_model="
    ) as more:
        lab = pw.LedgerLab(model, dense=pw.models.lenet_300_100())
    assert [w.filename for w in [*warned, *more]] == [__file__] * 2
    assert view.dense == view.dense_costs == costs and lab.dense["parameters"] == 266_200
    assert lab.dense_model.name == "lenet_300_100"
    with pytest.raises(ValueError, match="^dense_costs has an entry for 'w'"):
        view.dense_costs = {"w": 1}
    view.dense_costs = {"dense_bytes": 100}
    assert view.wait(60) and view.measured["gzip_bytes"]["base"] == 100 and view.dense == {"dense_bytes": 100}
    for ledger in (view, lab):
        ledger.close()


def test_a_lab_takes_the_name_of_its_data_by_its_former_name(model):
    message = r"^prunewidgets\.PruningLab\(data=\) is deprecated; use data_name=\.$"
    with pytest.warns(DeprecationWarning, match=message) as warned:
        lab = pw.PruningLab(model, X, Y, data="eight points")
    assert [w.filename for w in warned] == [__file__] and lab.data == lab.data_name == "eight points"
    lab.data_name = "held-out points"
    assert lab.data == lab.data_name == "held-out points"
    lab.close()


@pytest.mark.parametrize(
    ("call", "former", "today"),
    [
        (lambda model: pw.PruningLab(model, X, Y, None, "a", data="b"), "data", "data_name"),
        (lambda model: pw.PruningLab(model, X, Y, data_name="a", data="b"), "data", "data_name"),
        (lambda model: pw.LedgerLab(model, X, model, dense=model), "dense", "dense_model"),
        (lambda model: pw.LedgerView(X, None, "magnitude", 0.0, {}, dense={}), "dense", "dense_costs"),
        (lambda model: pw.GradualPruning(0.9, "polynomial", 1, begin_step=2), "begin_step", "begin"),
    ],
    ids=["lab", "lab by name", "ledger lab", "ledger view", "gradual pruning"],
)
def test_one_argument_by_both_its_names_is_one_error_without_a_warning(model, call, former, today):
    message = (
        rf"^\w+ got {former}= and {today}=, which are one argument; leave out {former}=, its former name"
    )
    with warnings.catch_warnings(action="error"), pytest.raises(TypeError, match=message):
        call(model)


def test_memory_by_both_orders_is_one_error_without_a_warning(model):
    message = r"^peak_memory got batch twice: by its place in the former order \(models, batch, x, masks\)"
    with warnings.catch_warnings(action="error"), pytest.raises(TypeError, match=message):
        pw.peak_memory(model, 1, batch=2)


def test_the_type_of_what_a_compact_file_stores_is_still_there():
    message = r"^prunewidgets\.compact\.Stored is deprecated; use numpy\.ndarray \| prunewidgets\.quant"
    with pytest.warns(DeprecationWarning, match=message) as warned:
        from prunewidgets.compact import Stored
    assert [w.filename for w in warned] == [__file__]
    assert Stored == np.ndarray | pw.quantization.Shared | pw.quantization.Uniform
    with pytest.raises(AttributeError, match="no attribute 'other'"):
        pw.compact.other  # noqa: B018


@pytest.mark.parametrize("name", ["models", "quantization", "compact"])
def test_a_list_of_what_is_in_a_module_has_what_it_offers_alone(name):
    module = getattr(pw, name)
    assert dir(module) == sorted(module.__all__)


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_former_names_are_not_listed_and_unknown_names_are_errors(module):
    assert not {*module.__all__, *dir(module)} & module._RENAMED.keys()
    assert {*module._RENAMED.values()} <= {*module.__all__}
    with pytest.raises(AttributeError, match="prune_it"):
        module.prune_it  # noqa: B018
    with warnings.catch_warnings(action="error"):
        for name in module.__all__:
            getattr(module, name)


def test_our_own_use_of_a_former_name_is_an_error():
    """By the filter in pyproject.toml, which knows our warnings by how they start."""
    with pytest.raises(DeprecationWarning, match=r"^prunewidgets\.reload is deprecated"):
        pw.reload  # noqa: B018


def test_notebooks_and_documentation_use_todays_names(root):
    """They run in kernels or not at all, where the filter does not hold."""
    names = "|".join({name for _, name in NAMES})
    calls = "|".join(rf"\b{name}\((?:[^()]|\([^()]*\))*\b{former}=" for name, former in ARGUMENTS)
    former = re.compile(rf"\b(?:pw|prunewidgets|models|quantization)\.(?:{names})\b|{calls}")
    assert former.search("lab = pw.PruningLab(model, *first(100), data=1)") and former.search(
        "pw.reload(path)"
    )
    assert not former.search("pw.LedgerLab(model, dense_model=d); pw.data_score(model, data=d)")
    listed = subprocess.run(["git", "ls-files", "*.ipynb", "*.md"], cwd=root, capture_output=True, text=True)
    files = [root / name for name in listed.stdout.splitlines() if name != "CHANGELOG.md"]
    assert len(files) > 30
    found = {file.name: former.findall(file.read_text(encoding="utf-8")) for file in files if file.exists()}
    assert {name: uses for name, uses in found.items() if uses} == {}


def test_the_changelog_has_every_former_name(root):
    table = (root / "CHANGELOG.md").read_text(encoding="utf-8").split("### Renamed")[1].split("\n#")[0]
    for module, former in NAMES:
        home, today = "pw.quantization" if "quant" in module else "pw", MODULES[module]._RENAMED[former]
        assert f"| `{home}.{former}` | `{home}.{today}`" in table
    for name, former in ARGUMENTS:
        (row,) = (line for line in table.splitlines() if f"pw.{name}(" in line)
        assert f"{former}=" in row.split("|")[1]
    for name, order in ORDERS.items():
        (row,) = (line for line in table.splitlines() if f"`pw.{name}" in line and "former order" in line)
        assert name == "unit_score" or f"({', '.join(order)}" in row


def test_importing_the_package_does_not_import_what_warns():
    code = "import sys, prunewidgets; sys.exit('prunewidgets.deprecation' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
