"""Lines between the groups of a pattern in a heatmap."""

import numpy as np
import pytest

import prunewidgets as pw

from ..support.bare import set_traits, show
from ..support.hands import pixels

CANVAS = ".pw-heatmap canvas"
WEIGHTS = np.full((8, 8), 0.5)


def ink(page):
    """Where the picture is dark; all cells have the brightest colour, and between them it is transparent."""
    drawn = pixels(page.locator(CANVAS))
    return (drawn[..., :3].max(axis=-1) < 60) & (drawn[..., 3] == 255)


def lines(page):
    """After how many cells a line stands between two rows and two columns."""
    dark = ink(page)
    side = dark.shape[0] // 8
    tall = [n for n in range(1, 8) if dark[n * side - 1, : 8 * side - 2].mean() > 0.9]
    wide = [n for n in range(1, 8) if dark[: 8 * side - 2, n * side - 1].mean() > 0.9]
    return tall, wide


@pytest.mark.parametrize(
    ("groups", "tall", "wide"),
    [(None, [], []), ((4, 1), [4], []), ((4, 4), [4], [4]), ((3, 2), [3, 6], [2, 4, 6])],
)
def test_lines_stand_between_groups(bare, groups, tall, wide):
    show(bare, pw.SparsityHeatmap(WEIGHTS, groups=groups))
    assert lines(bare) == (tall, wide)


def test_each_layer_has_its_own_groups_and_small_cells_have_none(bare):
    shown = {"2:4": WEIGHTS, "blocks": WEIGHTS, "large": np.full((200, 200), 0.5)}
    view = pw.SparsityHeatmap(shown, groups={"2:4": (4, 1), "blocks": (4, 4), "large": (4, 4)})
    show(bare, view)
    assert lines(bare) == ([4], [])
    set_traits(bare, layer="blocks")
    assert lines(bare) == ([4], [4])
    set_traits(bare, layer="large")
    assert not ink(bare).any()


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        (4, "a group is 4; give two whole numbers"),
        ((4, 0.5), "two whole numbers"),
        ((4, 0), r"\(4, 0\); it has at least one"),
        ({"other": (4, 1)}, "other"),
    ],
)
def test_what_is_no_group_is_refused(groups, said):
    with pytest.raises((TypeError, ValueError), match=said):
        pw.SparsityHeatmap(WEIGHTS, groups=groups)
