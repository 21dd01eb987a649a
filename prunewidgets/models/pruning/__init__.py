"""Prune in one call, measure curves, and score weights by criteria that need data."""
