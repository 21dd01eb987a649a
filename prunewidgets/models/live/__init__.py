"""LiveModel: evaluate a Keras model with weights removed, and change it only on request."""
