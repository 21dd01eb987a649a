"""Compression of weights: low-rank layers, shared values and quantized values."""
