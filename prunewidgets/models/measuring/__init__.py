"""Accuracies and other metrics, counted from a model's outputs."""
