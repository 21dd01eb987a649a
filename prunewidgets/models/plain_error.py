"""What went wrong, in the words of Keras or a converter that matter to a reader."""

import re


def plain_error(error: BaseException) -> str:
    """Its message without terminal colours, and without Keras's first line and last list of arguments."""
    text = re.sub(r"\x1b\[[\d;]*m|Exception encountered when calling [^\n]*\n+", "", str(error))
    return text.partition("\n\nArguments received by")[0].strip()


def innermost(error: BaseException) -> str:
    """What went wrong at last, where Keras wraps one error in another; 200 characters at most."""
    parts = re.split(r"(?:Exception|Error) encountered[^:]*: ", plain_error(error))
    return f"{parts[-1].strip()[:200]} ({type(error).__name__})"
