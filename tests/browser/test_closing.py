"""A closed view leaves nothing behind: no listener, timer or observer."""

import pytest

from ..support.bare import open_page, saved, set_traits, show
from ..support.labs import VIEWS

COUNT = """() => {
    const live = new Set();
    window.live = () => [...live].filter((entry) => !entry.signal?.aborted).map((entry) => entry.what);
    const add = EventTarget.prototype.addEventListener;
    EventTarget.prototype.addEventListener = function (type, listener, options) {
        // Listeners on elements of a view go with them; these would stay.
        if ([document, window, document.body].includes(this) || this instanceof MediaQueryList) {
            live.add({ what: `listener ${type}`, signal: options?.signal });
        }
        return add.call(this, type, listener, options);
    };
    for (const [start, stop, once] of [["setTimeout", "clearTimeout", true], ["setInterval", "clearInterval"],
                                       ["requestAnimationFrame", "cancelAnimationFrame", true]]) {
        const [begin, end, known] = [window[start], window[stop], new Map()];
        window[start] = (work, ...rest) => {
            const entry = { what: start };
            const id = begin((...args) => { if (once) live.delete(entry); work(...args); }, ...rest);
            known.set(id, entry);
            live.add(entry);
            return id;
        };
        window[stop] = (id) => { live.delete(known.get(id)); end(id); };
    }
    for (const name of ["ResizeObserver", "MutationObserver", "IntersectionObserver"]) {
        window[name] = class extends window[name] {
            entry = { what: name };
            observe(...args) { live.add(this.entry); super.observe(...args); }
            disconnect() { live.delete(this.entry); super.disconnect(); }
        };
    }
}"""


@pytest.mark.parametrize("name", VIEWS)
def test_no_listeners_or_timers_remain(new_page, name):
    page = new_page()
    page.add_init_script(f"({COUNT})()")
    open_page(page)
    page.emulate_media(reduced_motion="no-preference")
    show(page, VIEWS[name]())
    left = page.evaluate(
        """() => {
            views.view.model.set("threshold", 0.2);
            views.view.model.set("sparsity", 0.4); // timers and frames are under way
            const during = live().length;
            views.view.close();
            return [during, live(), [...views.view.model.listeners.values()].flat().length];
        }"""
    )
    assert left[0] >= 5
    assert left[1:] == [[], 0]


@pytest.mark.parametrize("name", ["ThresholdSlider", "PruningLab"])
def test_a_move_just_before_closing_still_reaches_the_kernel(bare, name):
    show(bare, VIEWS[name]())
    sent = bare.evaluate(
        """() => {
            const range = document.querySelector(".pw-range");
            range.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
            const before = views.view.model.saved.length;
            views.view.close();
            return [before, views.view.model.saved.length];
        }"""
    )
    assert sent == [0, 1]
    bare.wait_for_timeout(400)
    assert len(saved(bare)) == 1


def test_a_closed_view_no_longer_follows_its_link(bare):
    view = VIEWS["ThresholdSlider"]()
    view.group = "g"
    show(bare, view)
    bare.evaluate("views.view.close()")
    bare.evaluate(
        """document.dispatchEvent(new CustomEvent("prunewidgets:threshold",
            { detail: { group: "g", source: "other", threshold: 0.3, sparsity: 0.1 } }))"""
    )
    assert bare.evaluate("views.view.model.get('threshold')") == 0.1
    set_traits(bare, threshold=0.2)
    assert bare.input_value(".pw-number >> nth=0") == "0.1"
