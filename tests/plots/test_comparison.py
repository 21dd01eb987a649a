"""Figures of compared methods: means, bands and runs stand where hand-worked numbers say."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from prunewidgets.experiments.compare import compare_methods
from prunewidgets.plots.comparison import comparison, comparison_plotly

MARKUP = "<b>fine</b> $\\alpha$"


@pytest.fixture
def frame():
    """Means 0.8 and 0.7 with an sd of 0.1 √2 each; one method with a single run at each sparsity."""
    rows = [
        *((MARKUP, 0.5, seed, value) for seed, value in ((0, 0.7), (1, 0.9))),
        *((MARKUP, 0.9, seed, value) for seed, value in ((0, 0.6), (1, 0.8))),
        ("once", 0.5, 0, 0.4),
        ("once", 0.9, 0, 0.3),
    ]
    return pd.DataFrame(rows, columns=["method", "sparsity", "seed", "accuracy"])


def test_matplotlib_draws_means_bands_and_runs(frame):
    figure = comparison(frame)
    [axes] = figure.axes
    runs, means, single, line = (np.round(line.get_xydata(), 6).tolist() for line in axes.lines)
    assert runs == [[50, 70], [50, 90], [90, 60], [90, 80]]
    assert means == [[50, 80], [90, 70]]
    assert single == line == [[50, 40], [90, 30]]
    band = axes.collections[0].get_paths()[0].vertices
    assert band[:, 1].max() == pytest.approx(80 + 10 * 2**0.5)
    assert band[:, 1].min() == pytest.approx(70 - 10 * 2**0.5)
    assert axes.get_xlabel() == "sparsity (% of prunable weights removed)"
    assert axes.get_ylabel() == "accuracy (%)"
    [legend] = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [MARKUP, "once"]
    assert not any(text.get_parse_math() for text in legend.get_texts())
    figure._repr_png_()
    assert not plt.get_fignums()


def test_one_sparsity_has_a_bar_in_place_of_a_band(frame):
    [axes] = comparison(frame[frame["sparsity"] == 0.5]).axes
    [container, _] = axes.containers
    bar = container.lines[2][0].get_segments()[0]
    assert bar[:, 1].tolist() == pytest.approx([80 - 10 * 2**0.5, 80 + 10 * 2**0.5])


def test_plotly_draws_the_same(frame):
    figure = comparison_plotly(frame)
    lines = {trace.name: trace for trace in figure.data if trace.mode == "lines+markers"}
    assert list(lines) == ["&lt;b&gt;fine&lt;/b&gt; &#36;\\alpha&#36;", "once"]
    first, once = lines.values()
    assert list(first.x) == [50, 90] and list(first.y) == pytest.approx([80, 70])
    bands = [trace for trace in figure.data if trace.fill == "toself"]
    assert len(bands) == 1 and max(bands[0].y) == pytest.approx(80 + 10 * 2**0.5)
    dots = [trace for trace in figure.data if trace.mode == "markers"]
    assert [len(trace.x) for trace in dots] == [4, 2] and list(dots[0].customdata) == [0, 1, 0, 1]


def test_the_axis_names_the_number_of_examples(frame):
    measured = frame.assign(n=1000, low=0.1, high=0.9)
    assert comparison(measured).axes[0].get_ylabel() == "accuracy on 1,000 examples (%)"


@pytest.mark.parametrize("draw", [comparison, comparison_plotly])
def test_frames_that_cannot_be_drawn_are_refused(frame, draw):
    with pytest.raises(ValueError, match=r"lacks the columns \['seed'\]"):
        draw(frame.drop(columns="seed"))
    with pytest.raises(ValueError, match="no rows"):
        draw(frame[:0])


@pytest.mark.parametrize("draw", [comparison, comparison_plotly])
def test_another_measure_is_drawn_as_it_is(draw):
    def method(sparsity, seed):
        return 20 + sparsity + seed

    frame = compare_methods({"m": method}, [0.5, 0.9], [0, 1], measure="perplexity")
    figure = draw(frame)
    if draw is comparison:
        [axes] = figure.axes
        assert axes.get_ylabel() == "perplexity (lower is better)" and axes.lines[
            -1
        ].get_ydata().tolist() == [21, 21.4]
    else:
        assert figure.layout.yaxis.title.text == "perplexity (lower is better)"
        assert list(figure.data[-1].y) == [21, 21.4] and "5g} %" not in figure.data[-1].hovertemplate
