"""What a user does on a page: drag, type, look at pixels."""

import base64
from contextlib import contextmanager
from datetime import datetime, timedelta

import numpy as np
from playwright.sync_api import Locator, Page

THRESHOLD, SPARSITY = "input.pw-number >> nth=0", "input.pw-number >> nth=1"
PAUSE = 400
"""Milliseconds after which a view has sent changes by key presses to the kernel."""


@contextmanager
def dragging(page: Page, target: Locator, start: float, end: float, height: float = 0.5):
    """Drag from one share of the width to another; the body runs before the mouse button is released."""
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    y = box["y"] + height * box["height"]
    page.mouse.move(box["x"] + start * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], y, steps=8)
    try:
        yield
    finally:
        page.mouse.up()


def across(canvas: Locator, share: float) -> float:
    """Return the x on the page of a share of a plot's axis, 0 at its left end and 1 at its right."""
    box = canvas.bounding_box()
    size = canvas.evaluate("(canvas) => parseFloat(getComputedStyle(canvas.closest('.pw-view')).fontSize)")
    left, right = round(5.4 * size), round(1.8 * size)  # as `margins` of axes.js
    return box["x"] + left + share * (box["width"] - left - right)


def stop_clock(page: Page) -> None:
    """Let time pass only by `page.clock.run_for`; call `page.clock.install()` before opening the page."""
    page.clock.pause_at(datetime.now() + timedelta(hours=1))


def state_is(lab: Locator, state: str, timeout: int = 30_000) -> None:
    """Wait for a state to appear beside a lab's accuracy."""
    lab.locator(f".pw-state[data-state='{state}']").wait_for(timeout=timeout)


def drag(page: Page, target: Locator, start: float, end: float, height: float = 0.5) -> None:
    """Drag and release."""
    with dragging(page, target, start, end, height):
        pass


def type_into(field: Locator, text: str) -> None:
    """Replace the text of a field and press Enter."""
    field.fill(text)
    field.press("Enter")


def pixels(canvas: Locator) -> np.ndarray:
    """Return all pixels of a canvas at its own resolution, (height, width, 4) uint8."""
    height, width, values = canvas.evaluate(
        """(canvas) => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            const text = data.reduce((text, byte) => text + String.fromCharCode(byte), "");
            return [canvas.height, canvas.width, btoa(text)];
        }"""
    )
    return np.frombuffer(base64.b64decode(values), np.uint8).reshape(height, width, 4)


def blank_cells(canvas: Locator, rows: int, columns: int) -> np.ndarray:
    """Return which cells of a heatmap have the background colour near their upper left corner.

    The result is a boolean array of shape (rows, columns).
    """
    picture, ground = pixels(canvas), canvas.evaluate(
        """(canvas) => {
            const probe = document.createElement("canvas").getContext("2d");
            const style = getComputedStyle(canvas.closest(".pw-view"));
            probe.fillStyle = style.getPropertyValue("--pw-ground").trim();
            probe.fillRect(0, 0, 1, 1);
            return [...probe.getImageData(0, 0, 1, 1).data];
        }"""
    )  # fmt: skip
    side = picture.shape[0] / rows
    at = [
        [int((row + 0.2) * side), int((column + 0.2) * side)]
        for row in range(rows)
        for column in range(columns)
    ]
    return np.array([(picture[y, x] == ground).all() for y, x in at]).reshape(rows, columns)


def swipe(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a finger over the page, which must have touch; the browser may take the gesture to scroll."""
    fingers = page.context.new_cdp_session(page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in places]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", start)
    for step in range(1, 13):
        touch("touchMove", tuple(a + (b - a) * step / 12 for a, b in zip(start, end, strict=True)))
        page.wait_for_timeout(16)
    touch("touchEnd")
    page.wait_for_timeout(200)
