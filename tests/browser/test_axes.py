"""An axis always has enough numbers to be read."""

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.core.measures import ACCURACY, Measure

from ..support.bare import WRITTEN, run, show
from ..widgets.test_measures import of

NARROW = "width: 19em"


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


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        (of(ACCURACY, [0.9, 0.8, 0.5]), "sparsity: weights removed"),
        (of(Measure("mse", "min", False), [469_199_968.0, 469_200_500.0, 469_201_024.0]), "sparsity"),
        (of(ACCURACY, [0.9, 0.8]), "sparsity (stretched)"),
    ],
    ids=["accuracy", "mse", "stretched"],
)
def test_no_name_of_an_axis_is_cut_in_a_narrow_view(bare, frame, name):
    bare.evaluate(WRITTEN)
    show(bare, pw.AccuracyCurve(frame), style=NARROW)
    written = set(bare.evaluate("written"))
    assert name in written and not [text for text in written if "…" in text]


def test_a_narrow_histogram_has_a_scale_to_read(bare):
    bare.evaluate(WRITTEN)
    weights = np.linspace(-0.18, 0.18, 50, dtype=np.float32)
    show(bare, pw.WeightHistogram({"w": weights}), style=NARROW)
    assert {"−0.1", "0", "0.1"} <= set(bare.evaluate("written"))
