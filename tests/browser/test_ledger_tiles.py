"""The three numbers that a ledger leads with; all others are behind one control."""

import numpy as np

from prunewidgets.compact import to_bytes
from prunewidgets.labs.ledger_view import LedgerView

from ..support.bare import set_traits, show
from ..support.hands import dragging
from ..support.ledgers import WEIGHTS, belonging, row, timing, view_at


def tile(page, name):
    """Number, comparison and note of a tile; None if it is not there."""
    found = page.locator(f"[data-tile={name}]")
    if found.is_hidden():
        return None
    return [found.locator(f".pw-{part}").inner_text() for part in ("tile-number", "compared", "tile-note")]


def test_what_is_stored_computed_and_how_long_it_takes(bare):
    weights = np.concatenate([np.zeros(300, np.float32), np.full(100, 0.5, np.float32)])
    view = LedgerView(weights, {"weights": 10}, threshold=0.1)
    assert view.wait(30)
    view.offered = [*view.offered, "keras_1", "tflite_1"]
    view.measured = {**view.measured, "keras_1": {**timing(4.0, 4.0), **belonging(view)}}
    show(bare, view)
    size = len(to_bytes({"weights": weights}))
    assert tile(bare, "stored") == [f"{size} B", f"{1600 / size:.1f}× smaller", "dense model: 1.60 kB"]
    assert tile(bare, "computed") == ["4K", "no fewer", "1K if each zero were skipped"]
    assert tile(bare, "time") == ["4.00 ms", "no faster", "dense model: 4.00 ms"]
    assert bare.locator(".pw-scattered").is_visible()


def test_only_what_is_offered_has_a_tile(bare):
    view = LedgerView(WEIGHTS)
    assert view.wait(30)
    show(bare, view)
    assert tile(bare, "stored") is not None and tile(bare, "computed") is tile(bare, "time") is None
    set_traits(bare, offered=["gzip_bytes"])
    assert bare.inner_text("[data-tile=stored] .pw-tile-name") == "Stored packed by gzip"
    set_traits(bare, offered=[])
    assert tile(bare, "stored") is None


def test_all_other_numbers_unfold_by_key_and_by_mouse(bare):
    show(bare, view_at())
    assert not row(bare, "nonzeros").is_visible()
    bare.press(".pw-all > summary", "Enter")
    assert row(bare, "nonzeros").is_visible() and bare.locator(".pw-ledger .pw-legend").is_visible()
    bare.click(".pw-all > summary")
    assert not row(bare, "nonzeros").is_visible()


def test_tiles_say_which_numbers_are_old_and_keep_their_places(bare):
    view = view_at(slider=True, keras_1=timing(4.0, 4.0), compact_bytes={"value": 9_000, "base": 34_304})
    show(bare, view)
    places = "() => [...document.querySelectorAll('.pw-ledger > *, .pw-tile > *')].map((e) => e.offsetTop)"
    before, computed = bare.evaluate(places), tile(bare, "computed")
    assert tile(bare, "stored")[:2] == ["9.00 kB", "3.8× smaller"]
    with dragging(bare, bare.locator(".pw-range"), 0.5, 0.8):
        assert tile(bare, "stored")[:2] == ["9.00 kB", "stale"] and tile(bare, "time")[1] == "stale"
        assert tile(bare, "computed")[:2] == computed[:2] and tile(bare, "computed")[2] != computed[2]
        assert bare.evaluate(places) == before
    set_traits(bare, measuring=True)
    assert tile(bare, "time")[1] == "measuring…" and bare.evaluate(places) == before
    set_traits(bare, measured={}, measuring=False)
    assert tile(bare, "time") == ["–", "not measured yet", ""] and bare.evaluate(places) == before


def test_the_buttons_of_a_live_models_ledger(bare):
    show(bare, view_at(slider=True, keras_1=timing(4.0, 4.0)))
    again, cancel = (bare.locator(".pw-button", has_text=text) for text in ("Measure again", "Cancel"))
    assert again.is_enabled() and cancel.is_disabled()
    again.click()
    set_traits(bare, measuring=True)
    assert again.is_disabled()
    cancel.click()
    assert bare.evaluate("views.view.model.sent") == [{"do": "measure_again"}, {"do": "cancel"}]
