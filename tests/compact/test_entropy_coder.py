"""The coder gives back what it was given, in about as many bytes as information theory allows."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prunewidgets.compact import entropy_coder
from prunewidgets.compact.entropy_coder import Decoder, Encoder, coded, decoded


def sparse(shape: tuple[int, int], density: float, bits: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(shape) < density, rng.integers(1, 2**bits + 1, shape), 0).astype(np.int16)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), max_size=300))
def test_every_row_of_bits_is_decoded_again(pairs):
    encoder, counts = Encoder(), [[0, 0] for _ in range(4)]
    for context, value in pairs:
        encoder.bit(counts[context], value)
    decoder, counts = Decoder(encoder.finish()), [[0, 0] for _ in range(4)]
    assert [decoder.bit(counts[context]) for context, _ in pairs] == [value for _, value in pairs]


@pytest.mark.parametrize("ones", [0, 1, 50, 5000, 9999, 10_000])
def test_the_size_in_bits_is_close_to_the_entropy(ones):
    """The estimate of Krichevsky and Trofimov costs at most 0.5 log2(n) + 1 bits more than the entropy."""
    bits = np.random.default_rng(1).permutation(np.arange(10_000) < ones)
    encoder, counts = Encoder(), [0, 0]
    for bit in bits:
        encoder.bit(counts, int(bit))
    entropy = -sum(n * math.log2(n / 10_000) for n in (ones, 10_000 - ones) if n)
    assert entropy / 8 - 1 <= len(encoder.finish()) <= entropy / 8 + (0.5 * math.log2(10_000) + 1) / 8 + 2


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.floats(0, 1), st.integers(0, 4)), max_size=4),
    st.booleans(),
)
def test_matrices_are_decoded_in_both_orders(shapes, large):
    grids = [(sparse((r, c), density, bits), bits) for r, c, density, bits in shapes]
    before, entropy_coder._PATIENCE = entropy_coder._PATIENCE, -1 if large else entropy_coder._PATIENCE
    try:
        data = coded(grids)
    finally:
        entropy_coder._PATIENCE = before
    assert data[0] == int(large)
    found = decoded(data, [(cells.shape, bits) for cells, bits in grids])
    assert all(np.array_equal(cells, again) for (cells, _), again in zip(grids, found, strict=True))


def test_a_pruned_layer_costs_about_its_entropy_and_structure_makes_it_cheaper():
    scattered = sparse((500, 100), 0.1, 3)
    kept = np.count_nonzero(scattered)
    p = kept / scattered.size
    entropy = scattered.size * (-p * math.log2(p) - (1 - p) * math.log2(1 - p)) + 3 * kept
    assert 0.98 * entropy < 8 * len(coded([(scattered, 3)])) < 1.08 * entropy
    busy = scattered.copy()
    busy[:, 10:] = 0  # as dense as before in ten columns, silent in ninety
    p = np.count_nonzero(busy) / busy.size
    alone = busy.size * (-p * math.log2(p) - (1 - p) * math.log2(1 - p)) + 3 * np.count_nonzero(busy)
    assert 8 * len(coded([(busy, 3)])) < 0.85 * alone


def test_sorting_columns_by_their_beginning_saves_bytes():
    cells = np.minimum(sparse((100, 80), 0.02, 1), 1)
    first = np.where(cells.any(axis=0), (cells != 0).argmax(axis=0), 100)
    assert len(coded([(cells[:, np.argsort(first)], 0)])) < 0.9 * len(coded([(cells, 0)]))


@pytest.mark.parametrize("large", [False, True])
def test_cut_off_or_too_few_bytes_are_an_error(monkeypatch, large):
    if large:
        monkeypatch.setattr(entropy_coder, "_PATIENCE", 0)
    cells = sparse((60, 50), 0.3, 4)
    data = coded([(cells, 4)])
    for cut in (b"", data[:1], data[: len(data) // 2], b"\7" + data[1:]):
        with pytest.raises(ValueError):
            decoded(cut, [(cells.shape, 4)])
    with pytest.raises(ValueError, match="cannot hold"):
        decoded(data, [((10**9, 10**9), 4)])


def test_a_large_empty_matrix_passes_the_readers_limits():
    assert (
        400_000 <= entropy_coder.WEIGHTS_PER_BYTE * len(coded([(np.zeros((800, 500), np.int16), 3)])) < 10**7
    )


def test_contexts_are_created_at_their_first_use():
    """2^15 of them for each array would be 4 MB and 10 ms a piece, however small the array is."""
    tracemalloc.start()
    data = coded([(np.ones((1, 1), np.int16), 15)] * 20)
    decoded(data, [((1, 1), 15)] * 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000
