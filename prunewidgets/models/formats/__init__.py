"""File formats for models: Keras, compact, TFLite and ONNX."""
