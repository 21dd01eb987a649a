"""What a page carries: JSON and bytes in one compressed block, as text that `static/payload.js` reads."""

import base64
import gzip
import json
from typing import Any


def packed(content: Any) -> str:
    """Return content for a page.

    Args:
        content: anything that JSON has, with bytes anywhere in it.

    Returns:
        Base 85 (with "," for "<"), which is a sixteenth shorter than base 64, of the compressed content: the
        length of the JSON (4 bytes), the JSON, in which {"bytes": [start, length]} stands for bytes, and all
        bytes, each part from a multiple of 8. Equal bytes are there once: labs share their examples.
    """
    blocks: dict[bytes, list[int]] = {}  # {content: its place}
    start = 0

    def plain(value: Any) -> Any:
        nonlocal start
        if isinstance(value, dict):
            return {str(name): plain(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [plain(part) for part in value]
        if not isinstance(value, bytes | memoryview):
            return value
        block = bytes(value)
        if block not in blocks:
            blocks[block] = [start, len(block)]
            start += len(_padded(block))
        return {"bytes": blocks[block]}

    text = json.dumps(plain(content), ensure_ascii=False, allow_nan=False).encode()
    text = _padded(b"0000" + text, b" ")[4:]  # with its length
    whole = len(text).to_bytes(4, "little") + text + b"".join(map(_padded, blocks))
    return base64.b85encode(gzip.compress(whole, 9, mtime=0)).decode().replace("<", ",")


def _padded(block: bytes, filling: bytes = b"\0") -> bytes:
    """Return a block whose length is a multiple of 8, as typed arrays need for the start of the next."""
    return block + filling * (-len(block) % 8)
