"""Runs of several methods, stored in a file so that no run is repeated."""
