"""A saved page in a browser that cannot run or measure it: it says so, and keeps what Python measured."""

import pytest

import prunewidgets as pw

from ..support.hands import SPARSITY, THRESHOLD, type_into
from ..support.labs import lab
from ..support.saved_pages import NOTE, ready


@pytest.fixture(scope="module")
def measured():
    """One lab for all tests: saving it changes nothing."""
    return lab()


WORKER_WITH = """
    const Plain = Blob;
    window.Blob = class extends Plain {
        constructor(parts, options) {
            const script = options?.type === "text/javascript";
            super(script ? [FIRST, ...parts] : parts, options);
        }
    };
"""
NO_WEBASSEMBLY = "delete self.WebAssembly;"
ENDS = """const post = self.postMessage;
self.postMessage = (said, given) => {
    if (said.flips) throw new Error("no memory is left");
    post.call(self, said, given);
};"""


def open_with(page, first):
    """Open the page again, with a worker that begins with this script."""
    page.add_init_script(WORKER_WITH.replace("FIRST", repr(first)))
    page.reload()


def test_without_webassembly_the_page_says_so_and_keeps_what_was_measured(open_saved, measured):
    page = open_saved(measured)
    ready(page)  # it does measure here
    open_with(page, NO_WEBASSEMBLY)
    page.locator(NOTE, has_text="This browser cannot measure here").wait_for(timeout=30_000)
    assert page.inner_text(".pw-state") == "measured in Python, when this page was saved"
    assert page.locator(".pw-buttons button:visible").count() == 0


def test_a_worker_that_ends_leaves_what_was_measured_in_python(open_saved, measured):
    page = open_saved(measured)
    saved = page.inner_text(".pw-accuracy")
    open_with(page, ENDS)
    ready(page)
    before = page.input_value(THRESHOLD)
    type_into(page.locator(SPARSITY), "97")
    page.locator(NOTE, has_text="cannot measure here: no memory is left.").wait_for(timeout=30_000)
    assert page.inner_text(".pw-accuracy") == saved and "stale" in page.inner_text(".pw-state")
    type_into(page.locator(THRESHOLD), before)
    assert page.inner_text(".pw-state") == "measured in Python, when this page was saved"


def test_a_worker_that_does_not_start_is_said(open_saved, measured):
    page = open_saved(measured)
    ends = "postMessage() { setTimeout(() => this.onerror(new Event('error'))); } terminate() {}"
    page.add_init_script(f"window.Worker = class {{ {ends} }};")
    page.reload()
    page.locator(NOTE, has_text="cannot measure here: it does not start the worker that measures.").wait_for()


def test_a_browser_that_is_too_old_says_so(browser, tmp_path):
    path = pw.save_page(pw.SparsityHeatmap(pw.example.W), tmp_path / "page.html")
    page = browser.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(path.as_uri())
    page.get_by_role("alert").get_by_text("This page could not start").wait_for()
    page.close()
