"""Structured pruning: which channels hang together, what a unit is worth, and the smaller model."""
