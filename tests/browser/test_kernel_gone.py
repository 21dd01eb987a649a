"""A host that says that the kernel is gone: the picture stays, with one sentence."""

import numpy as np
import pytest

from ..support.bare import set_traits, settle, show
from ..support.hands import pixels, type_into
from ..support.labs import VIEWS

GONE = ".pw-kernel-gone:visible"
SAID = f"{GONE}, .pw-silence:visible, .pw-error:visible"
RESTARTED = """(names) => names.forEach((name) => {
    for (const listener of views[name].model.listeners.get("comm_live_update") ?? []) listener();
})"""
MANAGER = """() => {
    const disposed = { works: new Set(), connect: (work) => disposed.works.add(work) };
    disposed.disconnect = (work) => disposed.works.delete(work);
    window.manager = { kernel: { disposed } };
}"""


def restart(page, *names):
    """As ipywidgets says it when a kernel restarts, or has died and restarts by itself."""
    page.evaluate(RESTARTED, names or ["view"])
    settle(page)


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_keeps_its_picture_and_says_which_cells_to_run(bare, name):
    show(bare, VIEWS[name]())
    assert bare.locator(GONE).count() == 0
    pictures = [pixels(canvas) for canvas in bare.locator("canvas.pw-canvas").all()]
    restart(bare)
    assert bare.inner_text(GONE).endswith("To go on, run the cells above, then this one.")
    assert bare.locator(SAID).count() == 1  # said once
    for before, canvas in zip(pictures, bare.locator("canvas.pw-canvas").all(), strict=True):
        assert np.array_equal(before, pixels(canvas))


@pytest.mark.parametrize("name", ["PruningLab", "LedgerView"])
def test_the_slider_still_moves_and_the_kernel_is_not_asked(bare, name):
    show(bare, VIEWS[name]())
    restart(bare)
    type_into(bare.locator(".pw-number").first, "0.2")
    bare.wait_for_timeout(400)
    assert bare.evaluate("[views.view.model.get('threshold'), views.view.model.saved]") == [0.2, []]
    assert bare.locator(SAID).count() == 1


def test_what_needs_the_kernel_cannot_be_pressed_and_waits_for_nothing(bare):
    show(bare, VIEWS["PruningLab"]())
    set_traits(bare, working="training", measuring=True, restorable=True, threshold=0.2)
    bare.click("text=Draw a digit")
    restart(bare)
    enabled = bare.locator(".pw-buttons button:enabled, .pw-handwriting button:enabled")
    assert enabled.count() == 0 and bare.locator(".pw-select:disabled").count() == 1
    assert bare.locator(".pw-progress:visible").count() == 0
    assert bare.inner_text(".pw-state") == "stale: measured at another setting"


def test_views_under_each_other_say_it_once(bare):
    names = ["slider", "bars"]
    for name, view in zip(names, ("ThresholdSlider", "WeightHistogram"), strict=True):
        show(bare, VIEWS[view](), name)
    restart(bare, *names)
    assert bare.locator(".pw-kernel-gone").count() == 2
    assert bare.locator(GONE).count() == 1


def test_a_kernel_that_is_shut_down_is_noticed_where_the_host_has_jupyterlabs_manager(bare):
    bare.evaluate(MANAGER)
    show(bare, VIEWS["ThresholdSlider"]())
    bare.evaluate("manager.kernel.disposed.works.forEach((work) => work())")
    assert bare.locator(GONE).count() == 1
    bare.evaluate("views.view.close()")
    assert bare.evaluate("manager.kernel.disposed.works.size") == 0


def test_until_misread_can_be_pressed_again_when_the_kernel_does_not_answer(bare):
    bare.clock.install()
    bare.reload()
    show(bare, VIEWS["PruningLab"]())
    bare.click("text=Draw a digit")
    set_traits(bare, drawn=np.full(784, 9, np.uint8))
    until = bare.locator("text=Prune until it is misread")
    until.click()
    set_traits(bare, working="looking for the sparsity")
    assert until.is_disabled()
    bare.click("button:text-is('Cancel')")
    bare.clock.run_for(4_500)
    settle(bare)
    assert until.is_enabled() and bare.locator("text=Measure curve").is_enabled()
    assert "No answer from the kernel" in bare.inner_text(".pw-lab")
