"""Show views on a bare page: only the AFM (anywidget front-end module) interface, no kernel, no network."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, Route

from prunewidgets.widgets.assets import STATIC

ORIGIN = "http://bare.test/"
_HOST = (Path(__file__).parent / "host.js").read_text(encoding="utf-8")
_PAGE = """<!doctype html><meta charset="utf-8"><title>bare page</title>
<style>body {{ margin: 12px; background: {ground}; }}
@media (prefers-color-scheme: dark) {{ body {{ background: #111; }} }}
.view {{ margin-bottom: 12px; }}</style><body></body>"""
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
HOST_THEMES = [
    ("body.className = 'dark dark-theme'", True),  # marimo
    ("body.className = 'light light-theme'", False),
    ("body.dataset.vscodeThemeKind = 'vscode-dark'", True),
    ("body.className = 'vscode-body vscode-high-contrast'", True),
    ("body.dataset.vscodeThemeKind = 'vscode-high-contrast-light'", False),
    ("body.dataset.jpThemeLight = 'false'", True),  # JupyterLab, Notebook 7, Voila
    ("documentElement.setAttribute('theme', 'dark')", True),  # Colab
    ("body.dataset.theme = 'light'", False),  # Sphinx
    ("documentElement.dataset.bsTheme = 'dark'", True),  # Shiny, Quarto
    ("body.className = 'darkroom'", None),
]
"""How hosts mark their pages, and whether those are dark; None where nothing is said."""
SHOW = """async ([esm, css, state, name, style]) => {
    const { show } = await import("/host.js");
    const el = document.createElement("div");
    el.className = "view";
    el.id = name;
    el.style = style;
    document.body.append(el);
    window.views ??= {};
    window.views[name] = await show(el, esm, css, state);
}"""

WRITTEN = """() => {
    window.written = [];
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
        window.written.push(text);
        fillText.call(this, text, ...place);
    };
}"""
"""Makes the page record the texts that are drawn from now on, in `written`."""


def open_page(page: Page, dark: bool = False) -> list[str]:
    """Open an empty page; return the growing list of requests to other addresses (all are refused).

    Its reader wants no motion, so that a picture is finished in the next frame.
    """
    page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
    elsewhere: list[str] = []

    def answer(route: Route) -> None:
        url = route.request.url
        script = url.removeprefix(ORIGIN + "static/")
        if url == ORIGIN:
            route.fulfill(content_type="text/html", body=_PAGE.format(ground="#111" if dark else "#fff"))
        elif url == ORIGIN + "host.js":
            route.fulfill(content_type="text/javascript", body=_HOST)
        elif script != url:
            route.fulfill(content_type="text/javascript", body=(STATIC / script).read_text(encoding="utf-8"))
        else:
            elsewhere.append(url)
            route.abort()

    page.route("**/*", answer)
    page.goto(ORIGIN)
    return elsewhere


def show(page: Page, view: Any, name: str = "view", style: str = "") -> None:
    """Render a view on the page; its model is then `window.views[name].model`."""
    page.evaluate(SHOW, parts(view, name, style))
    settle(page)


def parts(view: Any, name: str = "view", style: str = "") -> list[Any]:
    """Return what `SHOW` needs to render a view, ready for JSON."""
    state = {key: encoded(value) for key, value in view.get_state().items() if not key.startswith("_")}
    return [view._esm, view._css, state, name, style]


def settle(page: Page) -> None:
    """Wait until the page has drawn its changes."""
    page.evaluate(TWO_FRAMES)


def trait(page: Page, trait_name: str, name: str = "view") -> Any:
    """Return the value that the page's model has for a trait."""
    return page.evaluate("([name, trait]) => views[name].model.get(trait)", [name, trait_name])


def set_traits(page: Page, name: str = "view", **values: Any) -> None:
    """Set traits as the kernel would, and wait until the page has drawn them."""
    page.evaluate(
        """async ([name, values]) => {
            const { decoded } = await import("/host.js");
            for (const [trait, value] of Object.entries(values)) views[name].model.set(trait, decoded(value));
        }""",
        [name, {key: encoded(value) for key, value in values.items()}],
    )
    settle(page)


def saved(page: Page, name: str = "view") -> list[dict[str, float]]:
    """Return what the view sent to the kernel: threshold and sparsity at each `save_changes`."""
    return page.evaluate("(name) => views[name].model.saved", name)


def run(page: Page, module: str, body: str, argument: Any) -> Any:
    """Call `body`, the source of a function of (exports, argument), with a module from `static/`."""
    return page.evaluate(
        f'async (argument) => ({body})(await import("/static/{module}.js"), argument)', argument
    )


def encoded(value: Any) -> Any:
    """Return bytes and arrays as {"base64": …} for `decoded` of host.js; anything else unchanged."""
    if isinstance(value, np.ndarray):
        value = value.tobytes()
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
