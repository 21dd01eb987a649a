"""Shows views on a bare page: the AFM contract, no kernel, no network."""

import base64
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route

ORIGIN = "http://bare.test/"
_HOST = (Path(__file__).parent / "host.js").read_text(encoding="utf-8")
_PAGE = """<!doctype html><meta charset="utf-8"><title>bare page</title>
<style>body {{ margin: 12px; background: {ground}; }} .view {{ margin-bottom: 12px; }}</style><body></body>"""


def open_page(page: Page, dark: bool = False) -> list[str]:
    """Open an empty page; return the list of requests to anywhere else (all are refused)."""
    page.emulate_media(color_scheme="dark" if dark else "light")
    elsewhere: list[str] = []

    def answer(route: Route) -> None:
        url = route.request.url
        if url == ORIGIN:
            route.fulfill(content_type="text/html", body=_PAGE.format(ground="#111" if dark else "#fff"))
        elif url == ORIGIN + "host.js":
            route.fulfill(content_type="text/javascript", body=_HOST)
        else:
            elsewhere.append(url)
            route.abort()

    page.route("**/*", answer)
    page.goto(ORIGIN)
    return elsewhere


def show(page: Page, view: Any, name: str = "view") -> None:
    """Render a view on the page; its model is then `window.views[name].model`."""
    state = {key: _encoded(value) for key, value in view.get_state().items() if not key.startswith("_")}
    page.evaluate(
        """async ([esm, css, state, name]) => {
            const { show } = await import("/host.js");
            const el = document.createElement("div");
            el.className = "view";
            el.id = name;
            document.body.append(el);
            window.views ??= {};
            window.views[name] = await show(el, esm, css, state);
        }""",
        [view._esm, view._css, state, name],
    )
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def trait(page: Page, trait_name: str, name: str = "view") -> Any:
    """Return the value that the page's model has for a trait."""
    return page.evaluate("([name, trait]) => views[name].model.get(trait)", [name, trait_name])


def set_trait(page: Page, trait_name: str, value: Any, name: str = "view") -> None:
    """Set a trait as the kernel would, and let the page draw."""
    page.evaluate("([name, trait, value]) => views[name].model.set(trait, value)", [name, trait_name, value])
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def _encoded(value: Any) -> Any:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
