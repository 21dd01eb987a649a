"""Wrong arguments of public functions: one error that names the argument, and no widget left open."""

import keras
import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.widgets.lifetimes import _instances

from .support.networks import two_dense_layers

X, Y = np.zeros((4, 3), np.float32), np.arange(4) % 2
W = {"w": np.ones((3, 4))}


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return two_dense_layers()


@pytest.fixture(autouse=True)
def no_widget_is_left():
    before = {*_instances}
    yield
    assert {*_instances} <= before


@pytest.mark.parametrize("name", [(X, Y), 5, None], ids=["pair", "number", "none"])
def test_a_name_of_data_is_text(model, name):
    with pytest.raises(TypeError, match=r"^data_name has to be text, such as 'digits', not \w+\.$"):
        pw.PruningLab(model, X, Y, data_name=name)


@pytest.mark.parametrize(
    ("costs", "message"),
    [
        (5, "has to be the result of pw.ledger.ledger, not int; .* pw.LedgerLab"),
        ("abc", "not str"),
        (W["w"], "not ndarray"),
        (X[:0], "not ndarray"),
        (
            {"foo": 1},
            "has an entry for 'foo', but there is no such count of pw.ledger.ledger; there are: parameters",
        ),
        ({"parameters": "many"}, r"\['parameters'\] must be a number, not 'many'\."),
    ],
    ids=["number", "text", "array", "empty", "unknown", "count"],
)
def test_costs_to_compare_with_are_counts(costs, message):
    with pytest.raises((TypeError, ValueError), match=f"^dense_costs.*{message}"):
        pw.LedgerView(W, dense_costs=costs)


def test_a_model_is_not_costs(model):
    with pytest.raises(TypeError, match="^dense_costs has to be .*, not Sequential; .* pw.LedgerLab"):
        pw.LedgerView(W, dense_costs=model)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"begin": "a"}, "begin is 'a' and end is None; give whole numbers of steps"),
        ({"begin": None}, "begin is None and"),
        ({"begin": float("nan")}, "begin is nan and"),
        ({"end": "a"}, "begin is 0 and end is 'a'; give"),
        ({"end": 1.5}, "begin is 0 and end is 1.5; give"),
        ({"frequency": "x"}, "frequency is 'x'; it counts steps, so give a whole number"),
    ],
    ids=str,
)
def test_steps_are_whole_numbers(options, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        pw.GradualPruning(0.9, **options)


@pytest.mark.parametrize("batch", ["a", None, 1.5, -1, 0])
def test_a_batch_of_peak_memory_is_a_whole_number(model, batch):
    with pytest.raises(ValueError, match=f"^batch is {batch!r}; it has to be a whole number, 1 or more"):
        pw.peak_memory(model, batch=batch)


def test_peak_memory_takes_models_alone():
    with pytest.raises(TypeError, match=r"^An object of type builtins\.int is not a Keras 3 model"):
        pw.peak_memory({"a": 5})


@pytest.mark.parametrize("size", ["a", None, 2.5, 0])
def test_a_batch_of_scores_is_a_whole_number(model, size):
    with pytest.raises(ValueError, match=f"^batch_size is {size!r}; it has to be a whole number, 1 or more"):
        pw.unit_score(model, X, Y, "taylor", batch_size=size)


@pytest.mark.parametrize("stored", [None, 5, np.ones(3)], ids=["none", "number", "array"])
def test_other_weights_have_names(model, stored):
    with pytest.raises(TypeError, match=r"^stored has to be \{name: array\}, .*, not "):
        pw.copy_with_weights(model, stored)


@pytest.mark.parametrize("path", [5, None])
def test_a_path_is_the_name_of_a_file(model, path):
    for call in (lambda: pw.load_exported(path), lambda: pw.export(model, path)):
        with pytest.raises(TypeError, match=f"^path has to be the name of a file, .* not {path}"):
            call()


def test_the_gzip_size_takes_one_array_as_its_siblings_do():
    assert pw.ledger.gzip_bytes(W["w"]) == pw.ledger.gzip_bytes(W) == pw.ledger.ledger(W["w"])["gzip_bytes"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((X, "taylor"), "y has to be an array of targets, not 'taylor'; give a criterion as criterion="),
        ((X, np.abs), "y has to be an array of targets"),
        ((X, ["taylor"]), "y has to be an array of targets"),
        ((X, 5), "y has to be an array of targets, not 5"),
        ((["l2"],), r"x has to be an array of examples, not \['l2'\]"),
        ((5,), "x has to be an array of examples, not 5"),
    ],
    ids=["text", "function", "list", "number", "x as list", "x as number"],
)
def test_a_criterion_in_the_place_of_data_is_refused(model, data, message):
    """Criteria that need no data ignore it, and the default one would score the units."""
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        pw.unit_score(model, *data)


def test_a_criterion_given_as_x_by_name_is_refused(model):
    with pytest.raises(TypeError, match="^x has to be an array of examples"):
        pw.unit_score(model, x="l1")


def test_data_in_the_place_of_a_criterion_is_refused(model):
    with pytest.raises(ValueError, match="is not known for units; choose one of l1, l2"):
        pw.unit_score(model, X, Y, X)


def test_data_is_ignored_by_criteria_that_need_none(model):
    for data in ((X, Y), (X.tolist(), Y.tolist()), (X, None), (X, [Y, X])):
        np.testing.assert_array_equal(pw.unit_score(model, *data)["a"], pw.unit_score(model)["a"])


@pytest.mark.parametrize("frame", [5, None, [1]], ids=str)
def test_runs_to_summarize_are_a_frame(frame):
    with pytest.raises(TypeError, match=r"^frame has to be a DataFrame from pw\.compare_methods, not \w+\.$"):
        pw.summarize_runs(frame)
