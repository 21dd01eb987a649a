"""A layer's name is text, whatever it says."""

import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw

from ..support.bare import set_traits, settle, show
from ..support.labs import named_lab

NAMES = [
    "<img src=x onerror=\"window.hacked=1\">",
    "</script><script>window.hacked=1</script>",
    "$x_1$ & {removed} $& $1",
    "'\"`",
    "long" * 60,
    "טבלה ‮ desrever",
    "层／卷积 ",
    "constructor",
    "__proto__",
    " ",
]  # fmt: skip
ARRAYS = {name: np.full((2, 3), 0.1 * (i + 1), np.float32) for i, name in enumerate(NAMES)}


def unharmed(page):
    """No markup came to life and the page is no wider than its window."""
    assert page.evaluate("window.hacked") is None
    assert page.locator(".pw-view img, .pw-view script").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("make", [pw.WeightHistogram, pw.SparsityHeatmap])
def test_in_a_view_of_weights(bare, make):
    show(bare, make(ARRAYS, threshold=0.15))
    for name in NAMES:
        bare.select_option(".pw-select", value=name)
        settle(bare)
        title = bare.text_content(".pw-title")
        assert name in title
        bare.hover(".pw-panel canvas")
        said = "(name) => document.querySelector('.pw-panel canvas').ariaLabel?.includes(name)"
        bare.wait_for_function(said, arg=name)
        unharmed(bare)
    options = bare.locator(".pw-select option").evaluate_all("(all) => all.map((o) => o.textContent)")
    assert options[-len(NAMES) :] == NAMES


def test_in_the_lab(bare):
    names = [name for name in NAMES if "/" not in name]
    view = named_lab(names)
    show(bare, view)
    set_traits(bare, settings_open=True)
    bare.check("text=one τ for each layer")
    assert {layer["name"] for layer in view.layers} == {f"{name}/kernel" for name in names}
    for name in (layer["name"] for layer in view.layers):
        bare.select_option(".pw-select >> nth=0", value=name)
        bare.press(".pw-range", "PageUp")
        assert f" in {name}; in all" in bare.text_content(".pw-count")
        settle(bare)
        assert bare.text_content(".pw-heatmap .pw-title").startswith(name)
        unharmed(bare)


@pytest.mark.parametrize("name", NAMES)
def test_in_errors_titles_lines_and_counts(bare, name):
    layer = [name] * 2 + ["other"] * 2
    frame = pd.DataFrame({"sparsity": [0, 0.5] * 2, "accuracy": [1, 0.5] * 2, "layer": layer})
    show(bare, pw.AccuracyCurve(frame))
    set_traits(bare, error=f"ValueError: '{name}' holds 3 NaN")
    assert name in bare.text_content(".pw-error")
    assert name in bare.text_content(".pw-legend")
    unharmed(bare)
