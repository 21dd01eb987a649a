"""The compact file: write and read pruned and quantized arrays in as few bytes as their entropy allows.

Layout of version 1, all numbers little-endian::

    offset  bytes
    0       3       b"PWC"
    3       1       the version, 1
    4       4       CRC-32 of everything that follows
    8       4       length of the header
    12      ...     the header: JSON, compressed by zlib with `preset_dictionary`
    ...     ...     tables: for each array in turn its codebook, scale or nonzero values
    ...     ...     positions and codes of all arrays, see `entropy_coder`

The header has "arrays", a list of [name, shape, kind, dtype of the table, its length, bits], and
"architecture", any JSON value or null. Kinds: "shared" (table: the codebook), "uniform" (table: the scales),
"plain" (table: the nonzero values, exact). The file holds everything, names and shapes too; nothing is
pickled, and nothing in it is ever executed. The reader rejects lengths that the file is too small for, and
checks names and shapes before anything else, so its memory use is limited in proportion to the file size.
"""

import json
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..core.arrays import named
from ..core.quantization import Shared, Uniform
from ..utils.atomic_file import whole_file
from ..utils.existing_file import check_file
from .entropy_coder import coded, decoded
from .preset_dictionary import WORDS

Stored = np.ndarray | Shared | Uniform
"""What the file stores under one name."""

_MAGIC = b"PWC\x01"
_LARGEST_HEADER = 1 << 24
_FREE_HEADER, _HEADER_GROWTH = 1 << 20, 200
"""Limit of the header's JSON in bytes: the first, plus the second times its compressed size."""
_FREE_PARTS, _PARTS_GROWTH = 100_000, 20
"""The same for its entries, lists and dictionaries: an empty list takes 2 bytes of JSON, but 56 in memory."""
_DTYPES = {"<f2", "<f4", "<f8", "|b1", "|i1", "|u1", *(f"<{k}{size}" for k in "iu" for size in (2, 4, 8))}
_KINDS = {"shared": (0, 15), "uniform": (2, 8), "plain": (0, 0)}
"""{kind of array: (fewest bits, most bits)}."""


class Content(NamedTuple):
    """The content of a compact file.

    Attributes:
        arrays: {name: array, `Shared` or `Uniform`}, in the order in which they were written.
        architecture: Any JSON value; `models.save_compact` writes the configuration of the model.

    Example:
        >>> size = pw.compact.write({"kernel": pw.example.W}, "example.pwc", architecture={"layers": 1})
        >>> content = pw.compact.read("example.pwc")
        >>> content.architecture, content.values["kernel"].shape
        ({'layers': 1}, (3, 4))
    """

    arrays: dict[str, Stored]
    architecture: Any

    @property
    def values(self) -> dict[str, np.ndarray]:
        """{name: array}, with codes decoded to values."""
        return {
            name: part.values if isinstance(part, Shared | Uniform) else part
            for name, part in self.arrays.items()
        }


def write(arrays: Any, path: str | os.PathLike[str], architecture: Any = None) -> int:
    """Write a compact file, completely or not at all.

    Args:
        arrays: {name: array, `Shared` or `Uniform`}, or one of them. Plain arrays are stored exactly, except
            for the sign of zeros; bfloat16 is stored as float32.
        path: An existing file there is replaced at the end.
        architecture: Any value that JSON can represent. Defaults to None.

    Returns:
        The size of the file in bytes.

    Raises:
        TypeError: An array does not hold real numbers.
        ValueError: The header (names and architecture) exceeds its size limits, at most 16 MiB of JSON.
        FileNotFoundError: The folder does not exist.

    Example:
        >>> pruned = pw.Masks.from_sparsity(pw.score(pw.example.W), 0.5).apply(pw.example.W)
        >>> size = pw.compact.write(pruned, "example.pwc")
        >>> np.array_equal(pw.compact.read("example.pwc").values["weights"], pruned["weights"])
        True
    """
    data = to_bytes(arrays, architecture)
    with whole_file(path) as temporary:
        temporary.write_bytes(data)
    return len(data)


def read(path: str | os.PathLike[str]) -> Content:
    """Read a compact file.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: It is not a compact file, is of another version, or is damaged.

    Example:
        >>> stored = pw.quantization.round_values([0.0, -0.3, 0.75], bits=3)
        >>> size = pw.compact.write({"kernel": stored}, "kernel.pwc")
        >>> content = pw.compact.read("kernel.pwc")
        >>> content.arrays["kernel"].bits, content.values["kernel"].tolist()
        (3, [0.0, -0.25, 0.75])
    """
    path = Path(path)
    check_file(path)
    return from_bytes(path.read_bytes(), str(path))


def to_bytes(arrays: Any, architecture: Any = None) -> bytes:
    """Return the bytes of a compact file; the arguments and errors are those of `write`.

    Example:
        >>> data = pw.compact.to_bytes({"kernel": pw.example.W})
        >>> data[:3]
        b'PWC'
    """
    entries, tables, grids = [], [], []
    for name, part in named(arrays).items():
        kind, table, cells, bits = _to_cells(name, part)
        entries.append([name, list(cells.shape), kind, table.dtype.str, table.size, bits])
        tables.append(table.tobytes())
        grids.append((_as_matrix(cells), bits))
    header = json.dumps({"arrays": entries, "architecture": architecture}, separators=(",", ":")).encode()
    packer = zlib.compressobj(9, zdict=WORDS)
    head = packer.compress(header) + packer.flush()
    if len(header) > _header_limit(head):
        raise ValueError(
            f"names and architecture take {len(header):,} bytes, and the file allows "
            f"{_header_limit(head):,}; give fewer or shorter ones."
        )
    if _parts(header) > _parts_limit(head):
        raise ValueError(
            f"names and architecture have {_parts(header):,} parts, and the file allows "
            f"{_parts_limit(head):,}; give fewer."
        )
    rest = b"".join([struct.pack("<I", len(head)), head, *tables, coded(grids)])
    return _MAGIC + struct.pack("<I", zlib.crc32(rest)) + rest


def from_bytes(data: bytes, source: str = "the data") -> Content:
    """Read the bytes of a compact file.

    Args:
        data: From `to_bytes`.
        source: A name for the data in error messages.

    Raises:
        ValueError: It is not a compact file, is of another version, or is damaged.

    Example:
        >>> data = pw.compact.to_bytes({"kernel": pw.example.W})
        >>> pw.compact.from_bytes(data).values["kernel"][0].tolist()
        [0.5, 0.2, 0.8, 0.3]
    """
    if data[:3] != _MAGIC[:3]:
        raise ValueError(f"{source} is not a compact file: it does not begin with {_MAGIC[:3]!r}.")
    if data[3:4] != _MAGIC[3:]:
        raise ValueError(
            f"{source} is a compact file of another version than 1; read it with a newer prunewidgets."
        )
    try:
        if struct.unpack("<I", data[4:8])[0] != zlib.crc32(data[8:]):
            raise ValueError("its checksum does not match")
        return _content(data[8:])
    except (
        ValueError,
        TypeError,
        KeyError,
        OverflowError,
        MemoryError,
        RecursionError,
        struct.error,
        zlib.error,
    ) as error:
        raise ValueError(f"{source} is damaged or cut off ({error}); save it again.") from error


def _to_cells(name: str, part: Stored) -> tuple[str, np.ndarray, np.ndarray, int]:
    """Return kind, table, cells (integers from 0 to 2^bits) and bits."""
    if isinstance(part, Shared):
        bits = max(len(part.codebook) - 1, 0).bit_length()
        return "shared", _shortest_floats(part.codebook), part.codes, bits
    if isinstance(part, Uniform):
        most = 2 ** (part.bits - 1) - 1
        codes = part.codes.astype(np.int16)
        # -most, ..., -1, 1, ..., most become 1, 2, ..., 2 most.
        cells = np.where(codes < 0, codes + most + 1, np.where(codes > 0, codes + most, 0))
        return "uniform", _shortest_floats(part.scale.ravel()), cells, part.bits
    array = np.asarray(part)
    if array.dtype.name == "bfloat16":  # not a dtype of NumPy itself
        array = array.astype(np.float32)
    array = array.astype(array.dtype.newbyteorder("<"))
    if array.dtype.str not in _DTYPES:
        raise TypeError(f"'{name}' has dtype {array.dtype}; a compact file holds real numbers.")
    return "plain", array[array != 0], (array != 0).astype(np.int16), 0


def _shortest_floats(table: np.ndarray) -> np.ndarray:
    """Return the table as float16 if that is exact, otherwise as float32."""
    with np.errstate(over="ignore"):
        half = table.astype("<f2")
    return half if np.array_equal(half.astype(np.float32), table) else table.astype("<f4")


def _as_matrix(cells: np.ndarray) -> np.ndarray:
    """Return a matrix whose columns are the outputs, the last axis."""
    return cells.reshape(_matrix_shape(cells.shape))


def _matrix_shape(shape: tuple[int, ...]) -> tuple[int, int]:
    return math.prod(shape[:-1]), shape[-1] if shape else 1


def _header_limit(head: bytes) -> int:
    return min(_LARGEST_HEADER, _FREE_HEADER + _HEADER_GROWTH * len(head))


def _parts_limit(head: bytes) -> int:
    return _FREE_PARTS + _PARTS_GROWTH * len(head)


def _parts(header: bytes) -> int:
    """Return an upper bound for the number of values in the JSON, without parsing it."""
    return sum(map(header.count, (b",", b"[", b"{")))


def _content(rest: bytes) -> Content:
    (length,) = struct.unpack("<I", rest[:4])
    header = _header(rest[4 : 4 + length])
    place, tables, wanted = 4 + length, [], []
    names: set[str] = set()
    for name, shape, kind, dtype, count, bits in header["arrays"]:
        if type(name) is not str or name in names:
            raise ValueError(f"{name!r:.60} is not a name, or is used twice")
        known = kind in _KINDS and dtype in _DTYPES
        if not known or not _are_counts(shape) or not _are_counts([count, bits]):
            raise ValueError(f"the entry of {name!r:.60} is not valid")
        if not _KINDS[kind][0] <= bits <= _KINDS[kind][1]:
            raise ValueError(f"{name!r:.60} has {bits} bits, which no array of its kind has")
        names.add(name)
        tables.append(np.frombuffer(rest, dtype, count, place))
        place += tables[-1].nbytes
        wanted.append((_matrix_shape(shape), bits))
    grids = decoded(rest[place:], wanted)
    arrays: dict[str, Stored] = {}
    for (name, shape, kind, *_, bits), table, cells in zip(header["arrays"], tables, grids, strict=True):
        arrays[name] = _from_cells(kind, table, cells.reshape(shape), bits)
    return Content(arrays, header["architecture"])


def _header(head: bytes) -> dict[str, Any]:
    most = _header_limit(head)
    header = zlib.decompressobj(zdict=WORDS).decompress(head, most + 1)
    if len(header) > most or _parts(header) > _parts_limit(head):
        raise ValueError("its header is larger than any that is written")
    return json.loads(header)


def _from_cells(kind: str, table: np.ndarray, cells: np.ndarray, bits: int) -> Stored:
    if kind == "shared":
        if cells.max(initial=0) > table.size:
            raise ValueError("a code has no value in the codebook")
        return Shared(cells, table.astype(np.float32))
    if kind == "uniform":
        most = 2 ** (bits - 1) - 1
        if cells.max(initial=0) > 2 * most:
            raise ValueError("a code is too large")
        codes = np.where(cells > 0, cells - most - (cells <= most), 0).astype(np.int8)
        scale = table.astype(np.float32).reshape(() if table.size == 1 else cells.shape[-1:])
        return Uniform(codes, scale, bits)
    array = np.zeros(cells.shape, table.dtype)
    array[cells != 0] = table
    return array


def _are_counts(numbers: Any) -> bool:
    return all(type(number) is int and number >= 0 for number in numbers)
