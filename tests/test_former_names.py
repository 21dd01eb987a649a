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
    assert found is getattr(module, today) and [w.filename for w in warned] == [__file__]
    with pytest.warns(DeprecationWarning, match=message) as warned:
        exec(compile(f"from {where} import {former} as found", "a cell", "exec"), scope := {})
    assert scope["found"] is found and {w.filename for w in warned} == {"a cell"}


@pytest.fixture(scope="module")
def model() -> keras.Model:
    layers = keras.layers
    made = keras.Sequential([layers.Input((3,)), layers.Dense(4, name="a"), layers.Dense(2, name="b")])
    made.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return made


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
    with pytest.raises(TypeError, match="criterion"), pytest.warns(DeprecationWarning):
        pw.unit_score(model, *former, criterion="l2")


def test_gradual_pruning_takes_its_steps_by_their_former_names():
    with pytest.warns(DeprecationWarning) as warned:
        found = pw.GradualPruning(0.5, begin_step=3, end_step=9)
    assert {(str(w.message), w.filename) for w in warned} == {
        (f"prunewidgets.GradualPruning({name}_step=) is deprecated; use {name}=.", __file__)
        for name in ("begin", "end")
    }
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
    assert view.dense == costs and lab.dense["parameters"] == 266_200
    for ledger in (view, lab):
        ledger.close()


def test_a_lab_takes_the_name_of_its_data_by_its_former_name(model):
    message = r"^prunewidgets\.PruningLab\(data=\) is deprecated; use data_name=\.$"
    with pytest.warns(DeprecationWarning, match=message) as warned:
        lab = pw.PruningLab(model, X, Y, data="eight points")
    assert [w.filename for w in warned] == [__file__] and lab.data == "eight points"
    lab.close()


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
