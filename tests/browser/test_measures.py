"""What a page shows of another metric than accuracy, and that it writes and draws it as Python does."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.core.measures import Measure, digits_apart
from prunewidgets.widgets.still.curve import value_range
from prunewidgets.widgets.still.texts import number

from ..support.bare import run, set_traits, show, trait
from ..widgets.test_measures import VALUES, of


def test_the_page_has_the_axes_of_the_still_pictures(bare):
    body = "({ valueRange }, all) => all.map(([values, share]) => valueRange(values, share))"
    cases = [[values, False] for values in VALUES] + [[[0.7, 0.9], True], [[0.2, 0.9], True], [[], True]]
    found = [[each["low"], each["high"]] for each in run(bare, "numbers/value_range", body, cases)]
    assert found == [list(value_range(values, share)) for values, share in cases]


def test_the_page_writes_the_numbers_of_the_still_pictures(bare):
    rng = np.random.default_rng(2)
    values = [0.0, 1.0, -2.5, 999.96, 9999.6, 1e9, *(rng.normal(size=60) * 10.0 ** rng.integers(-9, 13, 60))]
    body = "({ number }, all) => all.map((n) => number({ model: { get: () => ({ locale: 'en' }) } }, n))"
    assert run(bare, "page/text", body, values) == [number(value) for value in values]


def test_the_numbers_of_an_axis_differ_as_much_as_they_must(bare):
    cases = [[0, 1e5, 2e5], [16527.2, 16527.4, 16527.6], [469_199_800, 469_200_000], [7.0], []]
    body = "({ digitsApart }, all) => all.map(digitsApart)"
    assert run(bare, "page/text", body, cases) == [digits_apart(ticks) for ticks in cases]


def test_a_curve_names_its_metric(bare):
    show(bare, pw.AccuracyCurve(of(Measure("<b>mae</b>", "min", False), [12.5, 1340.0])))
    assert bare.inner_text(".pw-title") == "<b>mae</b> against sparsity · lower is better"
    label = bare.get_attribute(".pw-curve canvas", "aria-label")
    assert label.endswith("sparsity 0.00 %: <b>mae</b> 12.5; sparsity 90.00 %: <b>mae</b> 1,340")
    set_traits(bare, measure={"name": 3}, series=[])  # from a damaged notebook
    assert bare.inner_text(".pw-title").startswith("<b>mae</b> against sparsity")


@pytest.fixture(scope="module")
def houses():
    model = keras.Sequential([keras.Input((6,)), layers.Dense(8, "relu"), layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).normal(size=(50, 6)).astype("float32")
    lab = pw.PruningLab(model, x, 1000 + x.sum(axis=1, keepdims=True), metric="mae", data_name="houses")
    lab.wait(60)
    yield lab
    lab.close()


def test_a_lab_shows_any_metric(bare, houses):
    show(bare, houses)
    assert bare.locator(".pw-flips").count() == 0  # no house is right or wrong: no room is kept for those
    row = bare.inner_text(".pw-accuracy-row")
    assert bare.inner_text(".pw-measure") == "mae" and "%" not in row and "Accuracy" not in row
    assert bare.inner_text(".pw-accuracy") == number(float(houses.accuracy))
    assert "lower is better" in row and "(50 houses)" in row and f"unpruned: {number(houses.unpruned)}" in row


def test_an_error_is_drawn_on_its_own_axis(bare):
    view = pw.ExpectedCurve([0.5, 0.9], unpruned=18.5, measure="mae", span=(0, 300))
    show(bare, view)
    assert bare.inner_text(".pw-title") == "The mae that you expect · lower is better"
    handle = bare.locator(".pw-handle").first
    assert (handle.get_attribute("aria-valuemin"), handle.get_attribute("aria-valuemax")) == ("0", "300")
    assert handle.get_attribute("aria-label") == "mae that I expect at 50 % removed"
    handle.press("ArrowUp")
    assert trait(bare, "guess") == [[0.5, 20]]  # from where it rests, in steps of a two-hundredth of the axis
    handle.press("PageUp")
    bare.locator(".pw-handle").nth(1).press("End")
    assert trait(bare, "guess") == [[0.5, 50], [0.9, 300]]
    points = [{"sparsity": 0.5, "accuracy": 30.0}, {"sparsity": 0.9, "accuracy": 320.5}]
    set_traits(bare, stage="locked", series=[{"name": "", "points": points}])
    found = bare.locator(".pw-found")
    found.wait_for()
    said = "off by 20.25 on average, most at 90 % removed: you expected 300, measured 320.5."
    assert found.inner_text().endswith(said)
