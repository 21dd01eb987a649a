"""A model's layers and weights: what can be pruned, names, axes and uses, and what the model is built for."""
