"""An axis always has enough numbers to be read."""

import pytest

from ..support.bare import run


@pytest.mark.parametrize("reach", [0.0498, 0.0501, 0.074, 0.1, 0.249, 1.0, 3.3, 1e-6, 7e4])
@pytest.mark.parametrize("width", [213, 240, 600])
def test_a_symmetric_axis_has_three_round_ticks_or_more(bare, reach, width):
    body = "({ roundTicks }, [low, high, wanted]) => roundTicks(low, high, wanted)"
    ticks = run(bare, "page/axes", body, [-reach, reach, width / 60])
    assert 3 <= len(ticks) <= width / 30
    assert 0 in ticks
    assert all(-reach <= tick * (1 - 1e-9) and tick * (1 - 1e-9) <= reach for tick in ticks)
    steps = {
        round((after - before) / (ticks[1] - ticks[0]), 6)
        for before, after in zip(ticks, ticks[1:], strict=False)
    }
    assert steps == {1.0}
