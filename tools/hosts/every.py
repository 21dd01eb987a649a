"""All hosts of `make hosts`, and what is checked in each."""

from collections.abc import Callable
from typing import Any

from . import colab, hosts
from .checks import LIVE, STILL

HOSTS: dict[str, type[hosts.Host]] = hosts.HOSTS | {"google-colab": colab.Colab}


def checks_of(name: str) -> dict[str, Callable[[Any], None]]:
    """Return {check: function} of a host."""
    return {"nbconvert": STILL, "google-colab": colab.CHECKS}.get(name, LIVE)
