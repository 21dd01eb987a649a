"""The compact file: write and read pruned and quantized arrays in as few bytes as their entropy allows."""

from typing import TYPE_CHECKING, Any

from ..deprecation import warn_former
from . import container
from .container import Content, from_bytes, read, to_bytes, write

__all__ = ["Content", "from_bytes", "read", "to_bytes", "write"]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name != "Stored":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        today = "numpy.ndarray | prunewidgets.quantization.Shared | prunewidgets.quantization.Uniform"
        warn_former(f"{__name__}.Stored", today)
        return container.Stored


def __dir__() -> list[str]:
    return sorted(__all__)
