"""Pruned weights held at zero, whatever writes to them, and set back when they are restored."""
