"""Prune while training, follow training in views, and rewind to earlier weights."""
