"""Pruning in one call, measured curves, and criteria that need data."""
