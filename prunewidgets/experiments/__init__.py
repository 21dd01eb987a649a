"""Runs of several methods, kept in a file, so that none is done twice."""
