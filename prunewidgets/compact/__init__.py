"""The compact file: write and read pruned and quantized arrays in as few bytes as their entropy allows."""

from .container import Content, from_bytes, read, to_bytes, write

__all__ = ["Content", "from_bytes", "read", "to_bytes", "write"]
