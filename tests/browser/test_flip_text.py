"""What a lab says of a flipped digit that is pointed at or has the focus."""

from ..support.bare import set_traits, show
from ..support.labs import lab


def test_a_flipped_digit_says_what_it_was_read_as(bare):
    view = lab(threshold=0.14)
    show(bare, view)
    flip = view.flips["shown"][2]
    text = (
        f"Example {flip['index']}, true label {flip['label']}: read as {flip['label']} before pruning "
        f"({flip['before']:.2%}), as {flip['read']} after it ({flip['after']:.2%})."
    ).replace("%", " %")
    tip = bare.locator(".pw-tip")
    assert tip.is_hidden()
    bare.hover(".pw-flip >> nth=2")
    assert tip.inner_text() == text
    bare.mouse.move(2, 2)
    assert tip.is_hidden()
    bare.focus(".pw-flip >> nth=0")
    for key in ("ArrowRight", "ArrowRight"):
        bare.keyboard.press(key)
    assert tip.inner_text() == text
    assert bare.get_attribute(":focus", "aria-label") == text
    assert bare.locator(".pw-flip[tabindex='0']").count() == 1
    bare.keyboard.press("End")
    assert bare.evaluate("document.activeElement === document.querySelector('.pw-flip:last-of-type')")


def test_without_probabilities_a_flipped_digit_says_only_what_it_was_read_as(bare):
    view = lab(threshold=0.14)
    show(bare, view)
    set_traits(bare, flips={**view.flips, "shown": [{"index": 5, "label": 1, "read": 7}]})
    bare.hover(".pw-flip")
    assert bare.inner_text(".pw-tip") == "Example 5, true label 1: read as 1 before pruning, as 7 after it."
