"""Models in files: Keras, compact, TFLite and ONNX."""
