"""A PNG of few colours, small enough to be kept in every notebook."""

import struct
import zlib
from typing import NamedTuple

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SAME_AS_ABOVE = 2  # PNG's filter "up"


class Still(NamedTuple):
    """A still picture.

    Attributes:
        png: the file.
        width: in CSS pixels.
        height: in CSS pixels.
        text: what it shows, in one sentence.
    """

    png: bytes
    width: int
    height: int
    text: str


def to_png(pixels: np.ndarray, palette: list[tuple[int, int, int]], description: str) -> bytes:
    """Return a PNG file.

    Pillow leaves the rows of a picture with a palette as they are. Here a row that equals the one above it is
    stored as zeros, which halves the file.

    Args:
        pixels: (height, width) uint8, indices of the palette.
        palette: (red, green, blue) of each.
        description: what the picture shows, for whoever opens the file.
    """
    height, width = pixels.shape
    rows = np.zeros((height, width + 1), np.uint8)
    rows[:, 1:] = pixels
    same = np.flatnonzero((pixels[1:] == pixels[:-1]).all(axis=1)) + 1
    rows[same] = 0
    rows[same, 0] = SAME_AS_ABOVE
    colours = np.array(palette, np.uint8).tobytes()
    text = b"Description\0\0\0\0\0" + description.encode("utf-8", "replace")
    parts = [
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        _chunk(b"PLTE", colours),
        _chunk(b"iTXt", text),
        _chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)),
        _chunk(b"IEND", b""),
    ]
    return SIGNATURE + b"".join(parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
