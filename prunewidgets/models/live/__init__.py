"""Evaluate a Keras model with weights removed, and keep them removed once the masks are applied."""
