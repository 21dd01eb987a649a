"""How a check speaks to the reader, and what several chapters' checks do before they measure."""

import textwrap
from typing import Any


def say(message: str) -> None:
    """Print a message in lines that fit beside a notebook's margin."""
    print(textwrap.fill(message, 100))


def restore_if_applied(live: Any) -> None:
    """Restore the network if masks are applied to it, and say so, so that what follows measures all of it."""
    if live.applied is not None:
        found = str(live.applied).removeprefix("Masks: ")
        say(f"Found applied: {found}. Restored, since the next steps are about the whole network.")
        live.restore()
