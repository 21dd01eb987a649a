"""What is given as x, y and sample_weight: arrays, data sets and generators, as checked batches."""
