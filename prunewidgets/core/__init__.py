"""What pruning is, in NumPy and the standard library alone."""
