"""Figures in notebooks: a picture for light pages and one for dark ones; saved and printed on white."""

import re
from base64 import b64decode, b64encode
from html import unescape
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread

from prunewidgets import plots
from prunewidgets.plots.comparison import comparison, comparison_plotly
from prunewidgets.plots.on_pages import for_dark_pages
from prunewidgets.plots.sheet import COLOURS, NotebookFigure

RUNS = pd.DataFrame(
    {"method": method, "seed": 0, "sparsity": sparsity, "accuracy": 0.9}
    for method in [f"<{number}>" for number in range(8)]
    for sparsity in (0.5, 0.9)
)
PAGES = {"white": 1.0, "dark": 0x11 / 255}


def contrast(colour, ground):
    """WCAG 2's ratio of two colours given as red, green and blue from 0 to 1."""
    lights = []
    for parts in (colour, ground):
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        lights.append(np.dot(linear, [0.2126, 0.7152, 0.0722]) + 0.05)
    return max(lights) / min(lights)


def both(figure):
    sources = re.findall('src="data:image/png;base64,([^"]*)"', figure._repr_html_())
    return [imread(BytesIO(b64decode(source))) for source in sources]


def test_one_picture_is_on_white_and_one_is_bright_on_clear_ground():
    light, dark = both(plots.histogram(np.float32([0.5, -1]), 0.7))
    assert light.shape == dark.shape == (900, 1600, 4)
    assert light[0, 0].tolist() == [1, 1, 1, 1] and dark[0, 0].tolist() == [1, 1, 1, 0]
    grey = np.ptp(dark[..., :3], axis=-1) == 0
    ink = dark[grey & (dark[..., 3] == 1), 0]
    assert np.isclose(ink, 0xEC / 255, atol=0.01).sum() > 2000  # text, frame and hatch
    assert (dark[..., 3] == 0).mean() > 0.3


def test_the_hatch_of_what_is_removed_is_bright():
    zone = for_dark_pages(plots.histogram(np.float32([0.5, -1]), 0.7)).axes[0].patches[1]
    np.testing.assert_allclose(
        zone.get_hatchcolor() if hasattr(zone, "get_hatchcolor") else zone._hatch_color,
        [0xEC / 255] * 3 + [1],
    )
    assert (zone.get_facecolor()[3], zone.get_edgecolor()[3]) == (0.25, 0)


@pytest.mark.parametrize(("dark", "least"), [(False, 1.3), (True, 3)])
def test_every_line_stands_out(dark, least):
    """Yellow is faint on white, and the last of the colours for that reason."""
    figure = comparison(RUNS)
    lines = (for_dark_pages(figure) if dark else figure).axes[0].lines
    ground = [PAGES["dark" if dark else "white"]] * 3
    assert {contrast(_rgb(line), ground) >= least for line in lines} == {True}


def test_showing_a_figure_does_not_change_it():
    figure = comparison(RUNS)
    figure.axes[0].set_title("kept", color="black", fontsize=20)
    before, _ = figure._repr_png_()
    figure._repr_html_()
    saved = BytesIO()
    figure.savefig(saved, format="png", dpi=200)
    assert saved.getvalue() == before == figure._repr_png_()[0]
    assert for_dark_pages(figure).axes[0].title.get_fontsize() == 20


def test_a_cell_renders_each_variant_once(monkeypatch):
    rendered, save = [], Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda self, *a, **k: rendered.append(self) or save(self, *a, **k))
    figure = plots.histogram(np.float32([0.5, -1]), 0.7)
    data, metadata = DisplayFormatter().format(figure)
    assert len(rendered) == 2
    assert metadata == {"image/png": {"width": 800, "height": 450}}
    assert data["text/html"] == figure._repr_html_()
    assert b64encode(data["image/png"]).decode() in data["text/html"]


def test_colours_stay_and_greys_turn():
    figure = NotebookFigure()
    axes = figure.add_subplot()
    axes.scatter([0, 1], [0, 1], c=["black", "#D55E00"])
    axes.bar([0], [1], color="white", edgecolor="black", alpha=0.5)
    axes.plot([0, 1], color="0.4", marker="o", markerfacecolor="white")
    axes.imshow(np.eye(2), cmap="gray", alpha=0.5)
    dark = for_dark_pages(figure).axes[0]
    points = dark.collections[0].get_facecolor()
    np.testing.assert_allclose(points[0], [0xEC / 255] * 3 + [1])
    np.testing.assert_allclose(points[1, :3], [0xD5 / 255, 0x5E / 255, 0])
    np.testing.assert_allclose(dark.patches[0].get_facecolor(), [0x11 / 255] * 3 + [0.5])
    [line] = dark.lines
    assert contrast(_rgb(line), [PAGES["dark"]] * 3) > 4.5
    np.testing.assert_allclose(line.get_markerfacecolor()[:3], [0x11 / 255] * 3)
    assert dark.images[0].get_alpha() == 0.5


def test_the_description_names_axes_and_legend_and_is_no_markup():
    html = comparison(RUNS)._repr_html_()
    descriptions = re.findall('alt="([^"]*)"', html)
    assert len(descriptions) == 2 and len(set(descriptions)) == 1
    said = unescape(descriptions[0])
    assert said.startswith("accuracy (%) against sparsity (% of prunable weights removed). <0>; <1>;")
    assert "<0>" not in html


@pytest.mark.parametrize("page", PAGES)
def test_plotly_reads_on_light_and_dark_pages(page):
    measured = {
        "threshold": 0.1,
        "n": 100,
        "criterion": "magnitude",
        "scope": "global",
        "low": 0.8,
        "high": 0.95,
    }
    frame = RUNS[:2].assign(removed=[0, 9], **measured)
    ground = [PAGES[page]] * 3
    for figure in (plots.curve_plotly(frame), comparison_plotly(RUNS)):
        layout = figure.layout
        assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
        inks = {layout.font.color, layout.xaxis.linecolor, *(shape.line.color for shape in layout.shapes)}
        assert min(contrast(_hex(ink), ground) for ink in inks) > 4.2
        lines = {trace.line.color for trace in figure.data if trace.line.color} - {COLOURS[-1]}
        assert min(contrast(_hex(line), ground) for line in lines) > 2


def _hex(colour):
    return [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]


def _rgb(line):
    return to_rgb(line.get_color())
