"""The checks of the conformance notebook: the same in every host, all through its page."""

import json
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator

from .hosts import PATIENCE, Host

SLIDER, AGAIN, LARGE, LAB, CLOSING = range(5)
"""The views of the notebook, in the order of the page."""

PHONE = {"width": 390, "height": 6000}
"""Higher than any phone, so that JupyterLab draws all cells."""
SIZES = """(views) => views.map((view) => {
    const box = view.getBoundingClientRect();
    return [Math.round(box.width), Math.round(box.right), view.scrollWidth - view.clientWidth];
})"""
ANSWER = """(code) => Promise.race([
    globalThis.askKernel ? globalThis.askKernel(code) : Promise.resolve({ error: "no probe" }),
    new Promise((done) => setTimeout(() => done({ error: "the kernel did not answer in 20 s" }), 20000)),
])"""
CONTRAST = """(view) => {
    const pen = new OffscreenCanvas(1, 1).getContext("2d");
    const channels = (colour) => {
        pen.clearRect(0, 0, 1, 1);
        pen.fillStyle = colour;
        pen.fillRect(0, 0, 1, 1);
        return [...pen.getImageData(0, 0, 1, 1).data];
    };
    const light = (colour) => channels(colour).slice(0, 3)
        .map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (element) => {
        for (let el = element; el; el = el.parentElement ?? el.getRootNode().host) {
            const colour = getComputedStyle(el).backgroundColor;
            if (channels(colour)[3] > 127) return colour;
        }
        return "white";
    };
    const around = view.parentElement ?? view.getRootNode().host;
    const [inside, outside] = [ground(view), ground(around)].map(light);
    const text = light(getComputedStyle(view).color);
    return { text: Math.abs(text - inside), step: Math.abs(inside - outside), dark: outside < 0.2,
        marks: view.classList.contains("pw-dark") };
}"""
"""How far the text is from its ground, and the view's ground from the page's, as luminances; whether the
page is dark, and whether the view's marks are made for a dark one."""


class Failed(AssertionError):
    """What a check found, in words."""


def view(host: Host, number: int) -> Locator:
    return host.page.locator(".pw-view").nth(number)


def threshold_field(shown: Locator) -> Locator:
    return shown.locator("input.pw-number").first


def ask(host: Host, code: str) -> Any:
    """Evaluate an expression in the kernel, by a message from the page."""
    answer = host.page.evaluate(ANSWER, code)
    if "error" in answer:
        raise Failed(f"{code}: {answer['error']}")
    return answer.get("value")


def until(host: Host, what: str, holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise Failed(what)
        host.page.wait_for_timeout(200)


def type_threshold(shown: Locator, text: str) -> None:
    field = threshold_field(shown)
    field.scroll_into_view_if_needed()
    field.fill(text)
    field.press("Enter")


def wait_for_views(host: Host) -> None:
    """Wait for all views, and for the probe that asks the kernel."""
    until(host, "the views did not come", lambda: host.page.evaluate("Boolean(globalThis.askKernel)"), 120)
    until(host, "not all five views are on the page", lambda: host.page.locator(".pw-view").count() == 5, 60)


def same_threshold(host: Host, name: str, number: int) -> None:
    """Wait until kernel and page have the same threshold."""
    until(
        host,
        f"the page shows τ = {threshold_field(view(host, number)).input_value()}, "
        f"the kernel has {ask(host, f'{name}.threshold')}",
        lambda: float(threshold_field(view(host, number)).input_value()) == ask(host, f"{name}.threshold"),
    )


def opens(host: Host) -> None:
    host.open()
    host.run()
    wait_for_views(host)


def messages_both_ways(host: Host) -> None:
    answer = host.page.evaluate(ANSWER, "slider.threshold")
    if answer.get("value") != 0.3 or answer.get("bytes") != 1000:
        raise Failed(f"the answer to a message was {json.dumps(answer)}")


def buffer_of_14_megabytes(host: Host) -> None:
    shown = view(host, LARGE)
    type_threshold(shown, "1")
    same_threshold(host, "large", LARGE)
    count = f"{round(ask(host, 'large.sparsity') * 3_500_000):,} of 3,500,000 weights removed"
    until(host, f"the page does not show {count!r}", lambda: count in shown.inner_text())


def a_drag_reaches_the_kernel(host: Host) -> None:
    handle = view(host, SLIDER).locator(".pw-range")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    if box is None:
        raise Failed("the slider is not on the page")
    y = box["y"] + box["height"] / 2
    before = ask(host, "slider.threshold")
    host.page.mouse.move(box["x"] + 0.3 * box["width"], y)
    host.page.mouse.down()
    host.page.mouse.move(box["x"] + 0.8 * box["width"], y, steps=8)
    host.page.mouse.up()
    until(host, "the kernel's threshold did not move", lambda: ask(host, "slider.threshold") > before)
    same_threshold(host, "slider", SLIDER)


def two_views_of_one_model(host: Host) -> None:
    ask(host, "setattr(slider, 'threshold', 0.45)")
    for number in (SLIDER, AGAIN):
        same_threshold(host, "slider", number)
    type_threshold(view(host, AGAIN), "0.65")
    same_threshold(host, "slider", SLIDER)


def keys(host: Host) -> None:
    handle = view(host, SLIDER).locator(".pw-range")
    before = ask(host, "slider.threshold")
    handle.focus()
    host.page.keyboard.press("ArrowRight")
    until(host, "→ did not move the slider", lambda: ask(host, "slider.threshold") > before)
    if not handle.evaluate("(el) => el.getRootNode().activeElement === el"):
        raise Failed("the host took the focus from the slider")


def the_lab_measures(host: Host) -> None:
    """The misread digits come as a list and a buffer. More of them the second time: both have to arrive."""
    shown = view(host, LAB)
    for threshold in ("0.06", "0.08"):
        type_threshold(shown, threshold)
        same_threshold(host, "lab", LAB)
        until(host, "the lab is still measuring", lambda: ask(host, "lab.wait(5)"), 90)
        digits = ask(host, "len(lab.flips.get('shown', ()))")
        until(
            host,
            f"{digits} misread digits are not shown at τ = {threshold}",
            lambda digits=digits: shown.locator(".pw-flip canvas").count() == digits > 0,
        )
        shown.locator(".pw-state[data-state='measured']").wait_for(timeout=PATIENCE)
    ink = shown.locator(".pw-flip canvas").first.evaluate(
        "(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data"
        ".reduce((sum, value, i) => sum + (i % 4 === 0 ? value : 0), 0)"
    )
    expected = ask(host, "sum(lab.flip_images[:784])")
    if ink != expected:
        raise Failed(f"the first misread digit has {ink} of ink in the page, {expected} in the kernel")


def a_button_of_the_lab(host: Host) -> None:
    view(host, LAB).locator("button:has-text('Measure curve')").click()
    until(host, "the curve was not measured", lambda: ask(host, "len(lab.series)") > 0, 90)


def light_and_dark(host: Host) -> None:
    """Text can be read, and a view is as dark as its page, whatever the system's theme is."""
    wrong = []
    for system in ("light", "dark"):
        host.page.emulate_media(color_scheme=system)
        for dark in host.themes:
            host.set_dark(dark)
            host.page.wait_for_timeout(2_500)
            found = view(host, SLIDER).evaluate(CONTRAST)
            if found["text"] < 0.3 or found["step"] > 0.3 or found["dark"] != found["marks"]:
                theme = {True: "dark", False: "light", None: "only"}[dark]
                wrong.append(f"the host's {theme} theme with the system's {system} one")
    host.page.emulate_media(color_scheme="light")
    host.set_dark(False)
    host.page.wait_for_timeout(1_000)
    if wrong:
        raise Failed("a view does not match the page: " + ", ".join(wrong))


def text_can_be_read(host: Host) -> None:
    size = view(host, SLIDER).evaluate("(view) => parseFloat(getComputedStyle(view).fontSize)")
    if size < 12:
        raise Failed(f"text is {size:g} px high")


def phone_width(host: Host) -> None:
    """On a phone, all views have most of its width and do not run over its edge."""
    before = host.page.viewport_size
    host.page.set_viewport_size(PHONE)
    host.make_room()
    host.page.wait_for_timeout(2_000)
    sizes = host.page.locator(".pw-view:visible").evaluate_all(SIZES)
    host.page.set_viewport_size(before)
    host.page.wait_for_timeout(1_000)
    if len(sizes) != 5:
        raise Failed(f"{len(sizes)} of five views are shown")
    if any(right > PHONE["width"] or too_wide for _, right, too_wide in sizes):
        raise Failed("a view runs over the edge")
    if (narrowest := min(width for width, _, _ in sizes)) < 240:
        raise Failed(f"the narrowest view has {narrowest} of {PHONE['width']} pixels")


def closing_removes_the_view(host: Host) -> None:
    ask(host, "closing.close()")
    until(
        host, "a closed view is still on the page", lambda: host.page.locator(".pw-view:visible").count() == 4
    )


def run_again(host: Host) -> None:
    host.page.evaluate("globalThis.askKernel = undefined")
    host.run_again()
    wait_for_views(host)
    messages_both_ways(host)
    same_threshold(host, "slider", SLIDER)


def reload(host: Host) -> None:
    host.page.evaluate("globalThis.askKernel = undefined")
    host.reload()
    wait_for_views(host)
    type_threshold(view(host, SLIDER), "0.55")
    same_threshold(host, "slider", SLIDER)


def no_script_error(host: Host) -> None:
    if host.errors:
        raise Failed("; ".join(sorted(set(host.errors))))


def nothing_from_the_network(host: Host) -> None:
    if host.elsewhere:
        raise Failed("the page asks for " + ", ".join(sorted(set(host.elsewhere))))


LIVE: dict[str, Callable[[Host], None]] = {
    "opens": opens,
    "messages both ways": messages_both_ways,
    "a buffer of 14 MB": buffer_of_14_megabytes,
    "a drag reaches the kernel": a_drag_reaches_the_kernel,
    "two views of one model": two_views_of_one_model,
    "keyboard": keys,
    "a lab measures and shows misread digits": the_lab_measures,
    "a lab's button": a_button_of_the_lab,
    "text can be read": text_can_be_read,
    "light and dark": light_and_dark,
    "phone width": phone_width,
    "reload": reload,
    "close": closing_removes_the_view,
    "run again": run_again,
    "no script error": no_script_error,
    "nothing from the network": nothing_from_the_network,
}


def still_pictures(host: Host) -> None:
    host.open()
    sizes = host.page.eval_on_selector_all(
        ".jp-OutputArea-output img", "(pictures) => pictures.map((picture) => picture.naturalWidth)"
    )
    if len(sizes) != 5 or 0 in sizes:
        raise Failed(f"there should be five still pictures; their widths are {sizes}")


STILL: dict[str, Callable[[Host], None]] = {
    "still pictures": still_pictures,
    "no script error": no_script_error,
    "nothing from the network": nothing_from_the_network,
}
