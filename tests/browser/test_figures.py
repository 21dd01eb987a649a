"""Figures on light and dark pages: the page shows the one of two pictures that suits it."""

import re

import numpy as np
import pytest

from prunewidgets import plots

from ..support.bare import HOST_THEMES

SHOWN = "() => [...document.images].filter((i) => i.checkVisibility()).map((i) => i.className)"
FIGURE = plots.histogram(np.float32([0.5, -1]), 0.7)._repr_html_()


def shown(page):
    return page.evaluate(SHOWN)


@pytest.mark.parametrize(("mark", "dark"), HOST_THEMES)
@pytest.mark.parametrize("system", ["light", "dark"])
def test_a_figure_follows_its_hosts_theme_before_the_systems(bare, mark, dark, system):
    bare.emulate_media(color_scheme=system)
    bare.set_content(FIGURE)
    bare.evaluate(f"document.{mark}")
    expected = system == "dark" if dark is None else dark
    assert shown(bare) == ["pw-on-dark" if expected else "pw-on-light"]
    # A page that says nothing may be white under a dark system: there the picture brings its ground along.
    ground = bare.locator(".pw-on-dark").evaluate("(image) => getComputedStyle(image).backgroundColor")
    assert (ground == "rgb(17, 17, 17)") == (dark is None and system == "dark")


@pytest.mark.parametrize("light", ["true", "false"])
def test_a_figure_is_shown_once_in_jupyterlab(bare, light):
    host = "<style>.jp-RenderedHTMLCommon > img { display: block }</style><div class='jp-RenderedHTMLCommon'>"
    bare.set_content(host + FIGURE)
    bare.evaluate(f"document.body.dataset.jpThemeLight = '{light}'")
    assert shown(bare) == ["pw-on-light" if light == "true" else "pw-on-dark"]


def test_a_figure_is_printed_on_white(bare):
    bare.emulate_media(color_scheme="dark")
    bare.set_content(FIGURE)
    bare.evaluate("document.body.dataset.jpThemeLight = 'false'")
    assert shown(bare) == ["pw-on-dark"]
    bare.emulate_media(media="print")
    assert shown(bare) == ["pw-on-light"]
    bare.emulate_media(media="screen")


def test_a_figure_without_its_style_sheet_shows_the_light_picture_alone(bare):
    bare.set_content(re.sub("<style>.*</style>", "", FIGURE, flags=re.DOTALL))
    assert shown(bare) == ["pw-on-light"]
