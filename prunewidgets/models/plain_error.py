"""Error messages of Keras and the converters, shortened to what a user needs."""

import re

from ..utils.terminal_codes import without_terminal_codes


def plain_error(error: BaseException) -> str:
    """Return its message without terminal colours, Keras's first line and its final list of arguments.

    Nor does it name TensorFlow's nodes.
    """
    text = re.sub(r"Exception encountered when calling [^\n]*\n+", "", without_terminal_codes(str(error)))
    text = re.sub(r"\{\{function_node [^}]*\}\} ?| \[Op:\w+\] name:", "", text)
    return text.partition("\n\nArguments received by")[0].strip()


def innermost(error: BaseException) -> str:
    """Return the innermost message where Keras wraps one error in another; 200 characters at most."""
    parts = re.split(r"(?:Exception|Error) encountered[^:]*: ", plain_error(error))
    return f"{parts[-1].strip()[:200]} ({type(error).__name__})"
