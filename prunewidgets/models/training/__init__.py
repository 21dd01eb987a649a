"""Pruning while training, training that is watched, and going back to earlier weights."""
