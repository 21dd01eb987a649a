"""Run a model forward on values that are passed in, without changing the model."""
