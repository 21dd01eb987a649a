"""Terminal escape codes (such as colours) in messages of Keras and TensorFlow, which a page cannot show."""

import re

_CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


def without_terminal_codes(message: str) -> str:
    """Return a message without terminal escape codes."""
    return _CODES.sub("", message)
