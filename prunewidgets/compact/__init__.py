"""The compact file: pruned and quantized arrays in as few bytes as their entropy allows, and back."""

from .container import Content, Stored, from_bytes, read, to_bytes, write

__all__ = ["Content", "Stored", "from_bytes", "read", "to_bytes", "write"]
