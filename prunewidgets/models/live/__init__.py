"""A Keras model looked at with weights removed, and what keeps them removed once that is applied."""
