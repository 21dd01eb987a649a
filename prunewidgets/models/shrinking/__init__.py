"""Structured pruning: which channels are coupled, how units are scored, and the smaller model."""
