import subprocess
import sys

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from prunewidgets import plots

SPARSITIES = [0.0, 0.5, 0.9]
HOSTILE = ["<img src=x onerror=alert(1)>", "$x^2$", r"$\frac{1}$", "_hidden", "%{x}", "層 & co"]


def measured(accuracies=(0.98, 0.97, 0.6), **columns):
    accuracies = np.array(accuracies)
    return pd.DataFrame(
        {
            "sparsity": SPARSITIES,
            "threshold": np.nan,
            "accuracy": accuracies,
            "low": accuracies - 0.01,
            "high": accuracies + 0.02,
            "n": 10_000,
            "removed": [0, 500, 900],
            "total": 1000,
            "criterion": "magnitude",
            "seed": 0,
        }
        | columns
    )


def several():
    return pd.concat(
        [
            measured(scope="global").iloc[::-1],  # measured in any order
            measured((0.98, 0.9, 0.5), scope="layer"),
            measured((0.98, 0.8, 0.1), scope="global", criterion="random", seed=0),
            measured((0.98, 0.7, 0.2), scope="global", criterion="random", seed=1),
        ]
    )


def legend_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def draw(figure):
    picture, size = figure._repr_png_()
    assert picture.startswith(b"\x89PNG")
    assert size == {"width": 800, "height": 450}


def test_curve_has_a_colour_per_criterion_and_scope_and_a_line_per_random_seed():
    figure = plots.curve(several())
    lines = figure.axes[0].lines
    assert legend_of(figure) == [
        "magnitude, global",
        "magnitude, layer",
        "random, global",
        "unpruned 98.00 %",
    ]
    np.testing.assert_allclose(lines[0].get_xydata(), [[0, 98], [50, 97], [90, 60]])
    np.testing.assert_allclose(lines[3].get_xydata(), [[0, 98], [50, 70], [90, 20]])
    np.testing.assert_allclose(lines[4].get_ydata(), [98, 98])
    looks = [(line.get_color(), line.get_marker()) for line in lines]
    assert looks[2] == looks[3]
    assert len(set(looks)) == 4
    draw(figure)


def test_curve_axes_name_the_quantity_and_the_number_of_examples():
    axes = plots.curve(several()).axes[0]
    assert axes.get_xlabel() == "sparsity (% of prunable weights removed)"
    assert axes.get_ylabel() == "accuracy on 10,000 examples (%)"


def test_curve_bands_are_the_measured_intervals():
    figure = plots.curve(measured(scope="global"))
    band = figure.axes[0].collections[0].get_paths()[0].vertices
    at_half = band[band[:, 0] == 50][:, 1]
    assert (at_half.min(), at_half.max()) == pytest.approx((96, 99))


def test_no_unpruned_line_if_it_was_not_measured_or_is_ambiguous():
    assert legend_of(plots.curve(measured(scope="global").iloc[1:])) == ["magnitude, global"]
    two_models = pd.concat([measured(scope="global"), measured((0.9, 0.8, 0.5), scope="layer")])
    assert legend_of(plots.curve(two_models)) == ["magnitude, global", "magnitude, layer"]


@pytest.mark.parametrize("draw_curve", [plots.curve, plots.curve_plotly])
def test_a_custom_metric_is_not_called_accuracy(draw_curve):
    figure = draw_curve(measured((3.5, 4.0, 9.0), scope="global", low=np.nan, high=np.nan))
    if isinstance(figure, go.Figure):
        assert figure.layout.yaxis.title.text == "metric on 10,000 examples"
        assert list(figure.data[0].y) == [3.5, 4.0, 9.0]
        assert figure.data[0].error_y.array is None
    else:
        assert figure.axes[0].get_ylabel() == "metric on 10,000 examples"
        assert list(figure.axes[0].lines[0].get_ydata()) == [3.5, 4.0, 9.0]
        assert legend_of(figure)[-1] == "unpruned 3.5"
        draw(figure)


def test_sensitivity_has_one_line_per_layer_in_the_order_given():
    figure = plots.sensitivity(pd.concat([measured(layer="z/kernel"), measured(layer="a/kernel")]))
    assert legend_of(figure) == ["z/kernel", "a/kernel", "unpruned 98.00 %"]
    assert "of the layer" in figure.axes[0].get_xlabel()


def test_sensitivity_names_the_criterion_if_there_are_two():
    frame = pd.concat([measured(layer="a"), measured(layer="a", criterion="random", seed=3)])
    assert legend_of(plots.sensitivity(frame))[:2] == ["a, magnitude", "a, random"]


def test_names_are_shown_verbatim():
    figure = plots.sensitivity(pd.concat([measured(layer=name) for name in HOSTILE[:-1]]))
    assert legend_of(figure)[:-1] == HOSTILE[:-1]
    assert not any(text.get_parse_math() for text in figure.legends[0].get_texts())
    draw(figure)  # \frac{1} would fail if it were read as a formula


def test_plotly_does_not_read_names_as_markup():
    frame = pd.concat([measured(scope="global", criterion=name) for name in HOSTILE])
    names = [trace.name for trace in plots.curve_plotly(frame).data]
    assert names[0] == "&lt;img src=x onerror=alert(1)&gt;, global"
    assert names[1] == "&#36;x^2&#36;, global"
    assert names[-1] == "層 &amp; co, global"


def test_many_layers_and_long_names_still_draw():
    frame = pd.concat([measured(layer=f"block_{number}/" + "x" * 200) for number in range(30)])
    figure = plots.sensitivity(frame)
    assert all(len(name) <= 40 for name in legend_of(figure))
    marks = {(line.get_color(), line.get_marker()) for line in figure.axes[0].lines[:30]}
    assert len(marks) == 30
    draw(figure)


def test_plotly_shows_the_same_numbers():
    figure = plots.curve_plotly(several())
    assert type(figure) is go.Figure
    assert [trace.name for trace in figure.data if trace.showlegend] == legend_of(plots.curve(several()))[:3]
    assert "seed 1" in figure.data[3].hovertemplate
    line = figure.data[0]
    np.testing.assert_allclose(line.x, [0, 50, 90])
    np.testing.assert_allclose(line.y, [98, 97, 60])
    np.testing.assert_allclose(line.error_y.array, [2, 2, 2])
    np.testing.assert_allclose(line.error_y.arrayminus, [1, 1, 1])
    assert [trace.marker.symbol for trace in figure.data][1:] == ["square", "triangle-up", "triangle-up"]
    assert figure.layout.shapes[0].y0 == 98
    assert figure.layout.annotations[0].text == "unpruned 98.00 %"


def test_frames_may_be_plain_data():
    assert legend_of(plots.curve(measured(scope="global").to_dict("records")))[0] == "magnitude, global"


@pytest.mark.parametrize("draw_frame", [plots.curve, plots.sensitivity, plots.curve_plotly])
@pytest.mark.parametrize("empty", [[], measured(scope="global", layer="a").iloc[:0]])
def test_an_empty_frame_is_refused(draw_frame, empty):
    with pytest.raises(ValueError, match="has no rows.*measure at least one sparsity"):
        draw_frame(empty)


def test_a_frame_of_the_other_kind_is_refused():
    with pytest.raises(
        ValueError, match=r"lacks the columns \['scope'\]; give what `accuracy_curve` returns"
    ):
        plots.curve(measured(layer="a"))
    with pytest.raises(ValueError, match=r"lacks the columns \['layer'\]; give what `sensitivity` returns"):
        plots.sensitivity(measured(scope="global"))


def test_histogram_counts_every_weight_and_marks_the_removed_range():
    weights = {"a": np.float32([[0.7, -0.7], [0.1, -0.2]]), "b": np.float16([1.0])}
    figure = plots.histogram(weights, 0.7)
    bars, zone = figure.axes[0].patches
    assert bars.get_data().values.sum() == 5
    assert (zone.get_x(), zone.get_width()) == pytest.approx((-0.7, 1.4))
    assert zone.get_hatch()  # distinguished by texture, not only by colour
    assert figure.axes[0].get_legend().get_texts()[0].get_text() == "removed: |w| < 0.7\n2 of 5 (40.00 %)"
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == ("weight w", "number of weights")
    draw(figure)


def test_histogram_without_a_threshold_marks_no_range():
    assert len(plots.histogram(np.ones(3)).axes[0].patches) == 1


@pytest.mark.parametrize(
    "weights", [{}, np.float32(3), np.zeros((2, 2)), np.float32([1e-45, 0]), np.float64([1e300])]
)
def test_histogram_of_unusual_weights_is_drawn(weights):
    draw(plots.histogram(weights, 1e-45))


def test_a_threshold_beyond_all_weights_shades_up_to_the_largest():
    zone = plots.histogram(np.float32([-2, 1]), np.inf).axes[0].patches[1]
    assert (zone.get_x(), zone.get_width()) == (-2, 4)


def test_importing_plots_loads_no_plotting_library_and_drawing_no_pyplot():
    program = """
import sys
import prunewidgets as pw
pw.plots, pw.score, pw.Masks, pw.ledger, pw.thresholds
heavy = set(sys.modules) & {"matplotlib", "plotly", "pandas", "keras", "tensorflow", "anywidget"}
assert not heavy, heavy
pw.plots.histogram([1.0, 2.0], 1.5)._repr_png_()
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("draw_curve", [plots.curve, plots.curve_plotly])
def test_a_named_metric_has_its_unit_and_direction_on_the_axis(draw_curve):
    def drawn(values, **attrs):
        frame = measured(values, scope="global", low=np.nan, high=np.nan)
        frame.attrs = attrs
        figure = draw_curve(frame)
        if isinstance(figure, go.Figure):
            return figure.layout.yaxis.title.text, list(figure.data[0].y)
        return figure.axes[0].get_ylabel(), list(figure.axes[0].lines[0].get_ydata())

    assert drawn((3.5, 4.0, 9.0), measure="mae") == ("mae (lower is better)", [3.5, 4.0, 9.0])
    assert drawn((0.5, 0.25, 0.0), measure="miou", direction="max", share=True) == (
        "miou (%, higher is better)",
        [50.0, 25.0, 0.0],
    )
    assert drawn((3.5, 4.0, 9.0), measure="depth")[0] == "depth"


def test_large_values_are_written_as_in_the_views():
    frame = measured((16_527.48, 83_741.0, 246_256.0), scope="global", low=np.nan, high=np.nan)
    frame.attrs = {"measure": "mae"}
    figure = plots.curve(frame)
    figure.draw_without_rendering()
    assert "200,000" in [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert legend_of(figure)[-1] == "unpruned 16,527"
    large = plots.curve(frame.assign(accuracy=frame["accuracy"] * 1e5))
    large.draw_without_rendering()
    assert "2 × 10¹⁰" in [text.get_text() for text in large.axes[0].get_yticklabels()]
    assert large.axes[0].yaxis.get_offset_text().get_text() == ""
