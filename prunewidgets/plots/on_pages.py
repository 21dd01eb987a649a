"""Figures on pages that are light or dark: a picture for each, of which the page shows one.

A page that says which it is decides, as for the views (see `widgets/static/page/theme.js`); on others the
system's setting does. What is saved or printed stays on white.
"""

import pickle
from base64 import b64encode
from html import escape
from typing import Any

import numpy as np
from matplotlib.colors import to_rgba_array
from matplotlib.figure import Figure

INK = "#787878"
"""A grey with a contrast of more than 4 to 1 with white and with JupyterLab's dark page."""
STYLE = {
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "legend.facecolor": "none",
    "legend.framealpha": 0,
    "legend.edgecolor": "none",
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 12,
    "axes.titlesize": 12,
    "axes.labelsize": 12,
    "legend.fontsize": 12,
    "xtick.labelsize": 12,
    "ytick.labelsize": 12,
}
"""For `matplotlib.rc_context`: one picture that reads on both."""

GROUND, BRIGHT = 0x11 / 255, 0xEC / 255
"""White and black on a dark page."""
COLOURED = ("color", "facecolor", "edgecolor", "hatchcolor", "markerfacecolor", "markeredgecolor")


def _marked(theme: str, jupyter: str, contrast: str) -> str:
    kinds = (f"vscode-{theme}", contrast)
    marks = [
        f'[data-jp-theme-light="{jupyter}"]',
        f".{theme}",
        f'[data-theme="{theme}"]',
        f'[data-bs-theme="{theme}"]',
        f'[theme="{theme}"]',
    ]
    marks += [mark for kind in kinds for mark in (f".{kind}", f'[data-vscode-theme-kind="{kind}"]')]
    return f":is({', '.join(marks)})"


LIGHT = _marked("light", "true", "vscode-high-contrast-light")
DARK = _marked("dark", "false", "vscode-high-contrast")
# JupyterLab gives every picture of an output a `display`, which alone would show a hidden one.
CSS = f"""
.pw-on-dark[hidden] {{ display: none; }}
@media screen {{
  body{DARK} .pw-on-light, html{DARK} body:not({LIGHT}) .pw-on-light {{ display: none !important; }}
  body{DARK} .pw-on-dark, html{DARK} body:not({LIGHT}) .pw-on-dark {{ display: inline !important; }}
}}
@media screen and (prefers-color-scheme: dark) {{
  html:not({LIGHT}, {DARK}) body:not({LIGHT}, {DARK}) .pw-on-light {{ display: none !important; }}
  html:not({LIGHT}, {DARK}) body:not({LIGHT}, {DARK}) .pw-on-dark {{
    display: inline !important; background: #111; /* such a page may be white all the same */
  }}
}}
"""


def image(png: bytes, width: int, description: str, mark: str = "") -> str:
    """Return HTML of a picture; `mark` is what else its tag says."""
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    return f'<img {mark} width="{width}" alt="{escape(description)}" src="{source}">'


def either(light: bytes, dark: bytes, width: int, description: str) -> str:
    """Return HTML that shows one of two pictures.

    Where a page takes the style sheet away, as JupyterLab does in a notebook that is not trusted, the
    dark one stays hidden.
    """
    on_light = image(light, width, description, 'class="pw-on-light"')
    on_dark = image(dark, width, description, 'class="pw-on-dark" hidden')
    return f"<style>{CSS}</style>{on_light}{on_dark}"


def for_dark_pages(figure: Figure) -> Figure:
    """Return a copy of a figure with light greys for dark ones and the other way round; colours stay."""
    copy: Figure = pickle.loads(pickle.dumps(figure))
    copy.draw_without_rendering()  # makes the ticks
    artists: list[Any] = copy.findobj()
    for artist in artists:
        names = [
            name for name in COLOURED if hasattr(artist, f"get_{name}") and hasattr(artist, f"set_{name}")
        ]
        now = {name: getattr(artist, f"get_{name}")() for name in names}  # all, before one changes another
        # matplotlib before 3.11, such as Colab's, can neither get nor set the colour of a hatch
        hatch = None if "hatchcolor" in now else _turned(getattr(artist, "_hatch_color", "auto"))
        if "hatchcolor" in now or hatch is not None:
            artist.set_alpha(None)  # it is in the other colours, and would go to the hatch as well
        turned = {name: _turned(colours) for name, colours in now.items()}
        for name, rgba in turned.items():
            if rgba is not None:
                getattr(artist, f"set_{name}")(rgba[0] if len(rgba) == 1 else rgba)
        if hatch is not None:
            artist._hatch_color = tuple(hatch[0])
    return copy


def _turned(colours: Any) -> np.ndarray | None:
    """Return the colours for a dark page; None for a word such as "auto": another colour of this artist."""
    try:
        rgba = to_rgba_array(colours)
    except ValueError:
        return None
    grey = (rgba[:, :3] == rgba[:, :1]).all(axis=1) & (rgba[:, 3] > 0)
    rgba[grey, :3] = BRIGHT - (BRIGHT - GROUND) * rgba[grey, :3]
    return rgba
