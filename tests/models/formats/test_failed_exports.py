"""What a format cannot hold is refused in one line that names it; the exact GELU is one that it can."""

import math
import os
import traceback

import keras
import numpy as np
import onnx
import pytest
import tensorflow as tf
from keras import layers

from prunewidgets.models.formats.export import export, load_exported
from prunewidgets.models.formats.onnx_file import OnnxModel


def test_an_operation_that_onnx_does_not_have_is_refused_by_name(tmp_path):
    model = keras.Sequential([keras.Input((4,)), layers.Discretization([0.0, 1.0]), layers.Embedding(3, 2)])
    with pytest.raises(ValueError, match="cannot express the model .*has no operation Bucketize"):
        export(model, tmp_path / "model.onnx")
    assert os.listdir(tmp_path) == []


def test_a_valid_onnx_file_that_cannot_be_run_is_not_called_damaged():
    node = onnx.helper.make_node("Round", ["x0"], ["y"])
    values = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.BFLOAT16, [2]) for name in ("x0", "y")
    ]
    graph = onnx.helper.make_graph([node], "g", values[:1], values[1:])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 22)], ir_version=9)
    with pytest.raises(ValueError, match="ONNX Runtime: it has what the runtime does not know [(]"):
        OnnxModel(model.SerializeToString())
    with pytest.raises(ValueError, match="ONNX Runtime: it is damaged [(]"):
        OnnxModel(b"not a model " * 50)


def test_the_exact_gelu_goes_to_onnx(tmp_path):
    """Right: x (1 + erf(x / sqrt 2)) / 2, worked out in Python; in float16 too."""
    x = np.linspace(-6, 6, 49, dtype="float32")[:, None]
    right = np.array([[value * (1 + math.erf(value / math.sqrt(2))) / 2] for value in x[:, 0].tolist()])
    for dtype, tolerance in (("float32", 1e-6), ("float16", 1e-2)):
        model = keras.Sequential([keras.Input((1,)), layers.Activation(exact_gelu, dtype=dtype)])
        found = load_exported(export(model, tmp_path / "model.onnx")).predict(x)
        assert np.abs(found - right).max() < tolerance


def exact_gelu(x):
    return keras.ops.gelu(x, approximate=False)


@pytest.mark.parametrize("name", ["model.tflite", "model.onnx"])
def test_a_failed_export_is_one_line(tmp_path, capfd, name):
    svd = layers.Lambda(lambda x: tf.linalg.svd(x, compute_uv=False))
    model = keras.Sequential([keras.Input((4, 4)), svd], name="singular")
    capfd.readouterr()
    with pytest.raises(ValueError, match=r"cannot express the model 'singular' .*Svd") as caught:
        export(model, tmp_path / name)
    assert capfd.readouterr() == ("", "")
    shown = "".join(traceback.format_exception(caught.value))
    assert len(str(caught.value)) < 300 and "MLIR" not in shown and "called from" not in shown
