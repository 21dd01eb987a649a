"""Networks whose work depends on the example: early exits, and channels chosen for each example."""
