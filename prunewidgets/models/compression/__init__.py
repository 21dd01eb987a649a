"""Fewer numbers for the same weights: low rank, shared and quantized values."""
