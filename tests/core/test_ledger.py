import gzip
import struct

import numpy as np
import pytest
from hypothesis import given

from prunewidgets import example
from prunewidgets.core.ledger import index_coded_bytes, ledger, multiply_adds
from prunewidgets.core.masks import Masks

from .strategies import models


def test_the_articles_matrix_by_hand():
    masks = Masks.from_threshold(example.W, example.TAU)
    counts = ledger(example.W, masks, positions={"weights": 2})
    del counts["gzip_bytes"]
    assert counts == {
        "parameters": 12,
        "nonzeros": 6,
        "sparsity": 0.5,
        "dense_bytes": 48,
        "bitmask_bytes": 2 + 24,  # 12 bits in 2 bytes
        "index_coded_bytes": 6 * (4 + 1),
        "multiply_adds": 24,
        "nonzero_multiply_adds": 12,
    }
    assert example.W.min() == 0.1  # untouched


def with_gaps(*gaps, tail=0):
    array = np.zeros(sum(gaps) + len(gaps) + tail, np.float32)
    array[np.cumsum(np.array(gaps) + 1) - 1] = 1
    return array


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.zeros(1000, np.float32), 0),
        (with_gaps(0), 5),
        (with_gaps(255), 5),  # the longest gap one byte can say
        (with_gaps(256), 6),  # two bytes (6) beat a stored zero and one byte (5 + 5)
        (with_gaps(*[0] * 9, 256), 55),  # ten nonzeros and one stored zero in one byte each beat 10 × 6
        (with_gaps(*[0] * 9, 512), 60),  # two stored zeros (60) are no better than two bytes (60)
        (with_gaps(*[0] * 9, 768), 60),  # three are worse
        (with_gaps(65_535), 6),
        (with_gaps(65_536), 8),  # four bytes (8) beat a stored zero and two bytes (12)
        (with_gaps(3, tail=10_000), 5),  # zeros at the end cost nothing
        (np.zeros((3, 0)), 0),
    ],
)
def test_index_coding(array, expected):
    assert index_coded_bytes(array) == expected


def decode(stream, size):
    """Undo the one-byte coding: (gap, value) pairs back to the dense array."""
    dense, place = np.zeros(size, np.float32), -1
    for gap, value in struct.iter_unpack("<Bf", stream):
        place += gap + 1
        dense[place] = value
    return dense


def test_index_coding_can_be_decoded():
    array = with_gaps(0, 3, 255, 256, 0, 511, 512, 700, tail=50) * np.float32(0.1)
    stream, gap = b"", 0
    for value in array:
        if value or gap == 255:
            stream += struct.pack("<Bf", gap, value)
            gap = 0
        else:
            gap += 1
    trailing = stream[: np.flatnonzero([value for _, value in struct.iter_unpack("<Bf", stream)])[-1] * 5 + 5]
    np.testing.assert_array_equal(decode(trailing, array.size), array)
    assert len(trailing) == 5 * (8 + 0 + 1 + 1 + 2 + 2)  # stored zeros for 256, 511, 512 and 700
    assert index_coded_bytes(array) == min(len(trailing), 6 * 8)


@given(models())
def test_gzip_bytes_are_those_of_gzip(weights):
    if any(array.dtype == np.float64 and abs(array).max(initial=0) > 1e38 for array in weights.values()):
        return
    dense = b"".join(array.astype(np.float32).tobytes() for array in weights.values())
    assert abs(ledger(weights)["gzip_bytes"] - len(gzip.compress(dense, 6, mtime=0))) <= 8
    assert ledger(weights)["dense_bytes"] == len(dense)


def test_gzip_sees_the_zeros():
    weights = np.random.default_rng(0).normal(size=(300, 100)).astype(np.float32)
    dense = ledger(weights)
    sparse = ledger(weights, Masks.from_sparsity(np.abs(weights), 0.9))
    assert sparse["dense_bytes"] == dense["dense_bytes"] == 120_000
    assert sparse["nonzeros"] == 3_000
    assert sparse["gzip_bytes"] < 0.25 * dense["gzip_bytes"]


def test_all_weights_are_counted_but_only_those_with_positions_multiply():
    weights = {"conv/kernel": np.ones((3, 3, 1, 2)), "conv/bias": np.zeros(2)}
    masks = Masks({"conv/kernel": np.arange(18).reshape(3, 3, 1, 2) >= 9})
    counts = ledger(weights, masks, {"conv/kernel": 26 * 26})
    assert (counts["parameters"], counts["nonzeros"], counts["sparsity"]) == (20, 9, 11 / 20)
    assert counts["bitmask_bytes"] == 3 + 1 + 36
    assert counts["multiply_adds"] == 18 * 676
    assert counts["nonzero_multiply_adds"] == multiply_adds(weights, {"conv/kernel": 676}, masks) == 9 * 676


def test_no_weights_cost_nothing():
    counts = ledger({}, positions={})
    assert counts.pop("gzip_bytes") == 20  # an empty gzip file
    assert set(counts.values()) == {0}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ledger({"w": [np.nan]}), "'w' holds 1 NaN weights"),
        (
            lambda: ledger({"w": [1.0]}, positions={"v": 1}),
            "positions has an entry for 'v', but there is no such weight; there are: w",
        ),
        (lambda: ledger({"w": [1.0]}, Masks({"v": [True]})), "mask for 'v' but no weights"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
