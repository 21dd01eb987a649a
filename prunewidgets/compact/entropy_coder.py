"""Entropy coding of pruned weights: the positions of the nonzeros and their values, in few bits.

This is an adaptive binary arithmetic coder. Every yes-or-no decision ("is this weight kept?") costs -log2(p)
bits, where p is the probability of the answer, estimated from earlier answers in the same *context*. So a
layer in which 1 % of the weights are left costs about 0.08 bits per weight, and regular patterns cost less.

The context of "is this weight kept?" is how many weights were kept above it in its column and before it in
its row, both in the ranges 0, 1, 2-3, 4-7, 8-15, …, because units and inputs of pruned networks differ in how
many weights they keep. One more context is for a weight whose column and whose left neighbour's column have
both been empty so far; if the units are ordered by where their columns begin, this one costs almost nothing.
The values are numbers from 1 to 2^bits, coded bit by bit from the highest; the context of each bit is the
bits before it.

Source: Witten, Neal and Cleary, "Arithmetic coding for data compression" (1987); the estimate of p:
Krichevsky and Trofimov, "The performance of universal encoding" (1981). Han et al., "Deep Compression"
(2016), section 4, use Huffman coding instead, whose estimates are fixed.
"""

import lzma
from collections import defaultdict
from collections.abc import Sequence
from math import prod
from typing import Protocol

import numpy as np

WEIGHTS_PER_BYTE = 91_000
"""The most weights that one byte can hold: each costs at least log2(16384 ÷ 16383) bits."""

_PATIENCE = 4_000_000  # weights; more would take too long at two microseconds each
_PER_LZMA_BYTE = 1000
"""Weights allowed per byte of LZMA on top of that; a file that expands more was built to exhaust memory."""
_LZMA_MEMORY = 1 << 25

_TOP = 0xFFFFFFFF
_LEAST = 4  # of 65536, so that no answer ever has probability 0


class Coder(Protocol):
    """An `Encoder` or a `Decoder`; both use the same function `code`, so they cannot disagree."""

    def bit(self, counts: list[int], value: int) -> int:
        """Code a bit: the encoder writes `value`, the decoder reads the bit instead; both return it."""


class Encoder:
    """Arithmetic encoder from bits to bytes, in integer arithmetic, so the same on every machine."""

    def __init__(self) -> None:
        """Start with an empty output."""
        self._low, self._high, self._out = 0, _TOP, bytearray()

    def bit(self, counts: list[int], value: int) -> int:
        """Write a bit.

        Args:
            counts: [zeros, ones] seen in this context; updated with the bit.
            value: 0 or 1.
        """
        low, high = self._low, self._high
        middle = low + ((high - low) * _chance_of_one(counts) >> 16)
        if value:
            high = middle
        else:
            low = middle + 1
        while not (low ^ high) & 0xFF000000:  # the first byte is final
            self._out.append(high >> 24)
            low, high = low << 8 & _TOP, high << 8 & _TOP | 0xFF
        self._low, self._high = low, high
        counts[value] += 1
        return value

    def finish(self) -> bytes:
        """Return the bytes written and one final byte; the decoder reads zeros after the end."""
        first = self._low >> 24
        return bytes(self._out + bytes([first + 1 if self._low & 0xFFFFFF else first]))


class Decoder:
    """Arithmetic decoder from the bytes of an `Encoder` to its bits."""

    def __init__(self, data: bytes) -> None:
        """Start at the first byte."""
        self._data, self._next = data, 4
        self._low, self._high = 0, _TOP
        self._code = int.from_bytes(data[:4].ljust(4, b"\0"), "big")

    def bit(self, counts: list[int], value: int = 0) -> int:
        """Read a bit, in the same context in which it was written; `value` is ignored.

        Raises:
            ValueError: The data end too early.
        """
        low, high = self._low, self._high
        middle = low + ((high - low) * _chance_of_one(counts) >> 16)
        value = int(self._code <= middle)
        if value:
            high = middle
        else:
            low = middle + 1
        while not (low ^ high) & 0xFF000000:
            low, high = low << 8 & _TOP, high << 8 & _TOP | 0xFF
            self._code = self._code << 8 & _TOP | self._following()
        self._low, self._high = low, high
        counts[value] += 1
        return value

    def _following(self) -> int:
        self._next += 1
        if self._next <= len(self._data):
            return self._data[self._next - 1]
        if self._next > len(self._data) + 4:
            raise ValueError("the coded weights end too early")
        return 0


def coded(grids: Sequence[tuple[np.ndarray, int]]) -> bytes:
    """Return matrices of integers, coded in few bytes.

    The first byte is the method: 0 is the coder above; 1, for more than four million entries in total, is
    LZMA (one bit for each entry, then the nonzero numbers), padded with zeros where the reader would
    otherwise reject so many weights in so few bytes.

    Args:
        grids: (cells, bits) for each; cells: shape (rows, columns), an integer dtype, values 0 to 2^bits.
    """
    if sum(cells.size for cells, _ in grids) <= _PATIENCE:
        encoder = Encoder()
        for cells, bits in grids:
            code(encoder, cells, bits)
        return b"\0" + encoder.finish()
    places = [np.packbits(cells != 0).tobytes() for cells, _ in grids]
    numbers = [(cells[cells != 0] - 1).astype("<u2").tobytes() for cells, bits in grids if bits]
    packed = b"\1" + lzma.compress(b"".join(places + numbers))
    total = sum(cells.size for cells, _ in grids)
    return packed.ljust((total - _PATIENCE) // _PER_LZMA_BYTE + 1, b"\0")


def decoded(data: bytes, wanted: Sequence[tuple[tuple[int, int], int]]) -> list[np.ndarray]:
    """Return the matrices from the bytes of `coded`, int16.

    Args:
        data: From `coded`.
        wanted: ((rows, columns), bits) of each matrix.

    Raises:
        ValueError: The data end too early, are too short for so many entries, or are damaged.
    """
    total = sum(prod(shape) for shape, _ in wanted)
    most = 0
    if data[:1] == b"\0":
        most = min(WEIGHTS_PER_BYTE * len(data), _PATIENCE)
    elif data[:1] == b"\1":
        most = _PATIENCE + _PER_LZMA_BYTE * len(data)
    elif data:
        raise ValueError("its weights are coded in an unknown way")
    if not data or total > most:
        raise ValueError(f"{len(data):,} bytes cannot hold {total:,} weights")
    grids = [np.zeros(shape, np.int16) for shape, _ in wanted]
    if data[0] == 0:
        decoder = Decoder(data[1:])
        for cells, (_, bits) in zip(grids, wanted, strict=True):
            code(decoder, cells, bits)
    else:
        _unpack(data[1:], grids, [bits for _, bits in wanted])
    return grids


def _unpack(data: bytes, grids: Sequence[np.ndarray], bits: Sequence[int]) -> None:
    longest = sum(cells.size // 8 + 1 + 2 * cells.size for cells in grids)
    try:
        plain = lzma.LZMADecompressor(lzma.FORMAT_XZ, _LZMA_MEMORY).decompress(data, longest)
    except (lzma.LZMAError, EOFError) as error:
        raise ValueError(f"the coded weights are damaged ({error})") from error
    place = sum((cells.size + 7) // 8 for cells in grids)
    begin = 0
    for cells, width in zip(grids, bits, strict=True):
        packed = np.frombuffer(plain, np.uint8, (cells.size + 7) // 8, begin)
        begin += packed.size
        kept = np.unpackbits(packed, count=cells.size).astype(bool).reshape(cells.shape)
        count = int(kept.sum())
        cells[kept] = np.frombuffer(plain, "<u2", count, place).astype(np.int32) + 1 if width else 1
        place += 2 * count if width else 0
        if cells.size and not 0 <= cells.min() <= cells.max() <= 1 << width:
            raise ValueError("a coded number is too large")


def code(coder: Coder, cells: np.ndarray, bits: int) -> None:
    """Code a matrix: which entries are nonzero, and their values. A decoder fills in the matrix.

    Args:
        coder: The encoder or decoder.
        cells: Shape (rows, columns), an integer dtype, values 0 to 2^bits. All zeros for a decoder.
        bits: Of the nonzero values; with 0, only the positions are coded, and all values are 1.
    """
    if not cells.size:
        return
    rows, columns = cells.shape
    kept = [[[0, 0] for _ in range(columns.bit_length() + 1)] for _ in range(rows.bit_length() + 1)]
    beyond = [0, 0]
    tree: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])  # created on first use
    in_column = [0] * columns
    for row in range(rows):
        line = cells[row].tolist()
        in_row, left_empty, found = 0, False, False
        for column, value in enumerate(line):
            above = in_column[column]
            counts = beyond if left_empty and not above else kept[above.bit_length()][in_row.bit_length()]
            if coder.bit(counts, 1 if value else 0):
                line[column] = _number(coder, tree, value, bits)
                in_column[column] = above = above + 1
                in_row += 1
                found = True
            left_empty = not above
        if found:
            cells[row] = line


def _number(coder: Coder, tree: dict[int, list[int]], value: int, bits: int) -> int:
    """Code a number from 1 to 2^bits, starting at the highest bit."""
    node = 1
    for place in range(bits - 1, -1, -1):
        node = 2 * node + coder.bit(tree[node], (value - 1) >> place & 1)
    return node - (1 << bits) + 1


def _chance_of_one(counts: list[int]) -> int:
    """Return the estimated probability of a one, times 65536, after this many zeros and ones."""
    zeros, ones = counts
    chance = ((2 * ones + 1) << 15) // (zeros + ones + 1)
    return _LEAST if chance < _LEAST else min(chance, 65536 - _LEAST)
