"""Every format read back answers as Keras does, holds the zeros, and is whole or not there."""

import os
import sys
import warnings

import keras
import numpy as np
import onnx
import pytest
import tensorflow as tf
from keras import layers

import prunewidgets as pw
from prunewidgets.models.formats.export import export, load_exported
from prunewidgets.models.formats.onnx_file import to_onnx
from prunewidgets.models.formats.tflite import TFLiteModel, to_tflite

TOLERANCE = 1e-5  # of 32-bit formats, for outputs of about 1
IN_EIGHT_BITS = 0.03


@pytest.fixture(scope="module")
def cnn():
    """Convolution and dense layers, 80 % of the weights removed."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(6, 3, activation="relu", name="conv"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(20, activation="relu", name="hidden"),
            layers.Dense(4, name="out"),
        ],
        name="cnn",
    )
    pw.prune(model, 0.8, scope="layer")
    return model


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).normal(size=(7, 8, 8, 1)).astype("float32")


@pytest.mark.parametrize(
    ("name", "optimize", "tolerance"),
    [
        ("model.keras", None, 0),
        ("model.pwc", None, 0),
        ("model.tflite", None, TOLERANCE),
        ("model.tflite", "sparse", TOLERANCE),
        ("model.tflite", "dynamic", IN_EIGHT_BITS),
        ("model.tflite", "int8", IN_EIGHT_BITS),
        ("model.tflite", "sparse int8", IN_EIGHT_BITS),
        ("model.onnx", None, TOLERANCE),
    ],
)
def test_an_exported_model_has_the_outputs_of_keras(cnn, images, tmp_path, name, optimize, tolerance):
    before = [array.copy() for array in cnn.get_weights()]
    path = export(cnn, tmp_path / name, optimize, examples=images)
    read = load_exported(path)
    expected = cnn.predict(images, verbose=0)
    assert expected.std() > 0.1  # else any answer would do
    assert np.abs(read.predict(images) - expected).max() <= tolerance
    one = cnn.predict(images[:1], verbose=0)  # some processors round a row otherwise than a batch
    assert np.abs(read.predict(images[:1]) - one).max() <= tolerance
    assert os.listdir(tmp_path) == [name]
    assert all(map(np.array_equal, before, cnn.get_weights()))


def zeros(arrays):
    """{number of elements: zeros}, of the kernels."""
    return {array.size: int(array.size - np.count_nonzero(array)) for array in arrays if array.size > 50}


def test_removed_weights_are_zeros_in_the_files(cnn, images):
    expected = zeros(pw.LiveModel(cnn).weights.values())
    proto = onnx.load_from_string(to_onnx(cnn))
    assert zeros(map(onnx.numpy_helper.to_array, proto.graph.initializer)) == expected
    for optimize in (None, "int8"):
        interpreter = tf.lite.Interpreter(
            model_content=to_tflite(cnn, optimize, images),
            experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF,
        )
        details = [d for d in interpreter.get_tensor_details() if len(d["shape"]) > 1 and d["shape"][0] > 1]
        found = zeros(interpreter.get_tensor(d["index"]) for d in details)
        assert all(found[size] >= count for size, count in expected.items())  # rounding may make more


def test_the_sparse_file_is_smaller_only_with_zeros(cnn):
    dense, sparse = len(to_tflite(cnn)), len(to_tflite(cnn, "sparse"))
    assert sparse < 0.6 * dense
    unpruned = keras.models.clone_model(cnn)  # with new random weights
    assert len(to_tflite(unpruned, "sparse")) == len(to_tflite(unpruned))


def test_masks_are_applied_in_the_file_and_not_in_the_model(dense, data):
    masks = pw.Masks.from_sparsity(pw.score(pw.LiveModel(dense).weights), 0.5)
    expected = pw.LiveModel(dense).predict(data[0], masks)
    read = TFLiteModel(to_tflite(dense, masks=masks))
    assert np.abs(read.predict(data[0]) - expected).max() < TOLERANCE
    assert np.abs(read.predict(data[0]) - dense.predict(data[0], verbose=0)).max() > 0.01
    with pytest.raises(ValueError, match="'nowhere'.*fits no weight of 'dense_net'"):
        to_tflite(dense, masks={"nowhere": np.ones(3, bool)})


@pytest.fixture
def crossed():
    """Two inputs whose names are in the other order, two outputs of the same shape."""
    a, b = keras.Input((3,), name="zebra"), keras.Input((3,), name="ape")
    d, e = layers.Dense(2)(a), layers.Dense(2)(b)
    return keras.Model([a, b], [layers.Add()([d, e]), layers.Subtract()([d, e])], name="crossed")


@pytest.mark.parametrize("name", ["model.tflite", "model.onnx"])
def test_inputs_and_outputs_keep_their_order(crossed, tmp_path, name):
    rng = np.random.default_rng(2)
    x = [rng.normal(size=(5, 3)).astype("float32") for _ in range(2)]
    found = load_exported(export(crossed, tmp_path / name)).predict(x)
    for ours, theirs in zip(found, crossed.predict(x, verbose=0), strict=True):
        assert np.abs(ours - theirs).max() < TOLERANCE


@pytest.mark.parametrize("name", ["model.tflite", "model.onnx"])
def test_words_recurrence_and_a_dict_of_inputs(tmp_path, name):
    words = keras.Input((6,), dtype="int32")
    x = layers.LSTM(4, return_sequences=True)(layers.Embedding(9, 3)(words))
    model = keras.Model({"words": words}, layers.Dense(2)(layers.GRU(3)(x)))
    x = {"words": np.random.default_rng(3).integers(0, 9, (5, 6)).astype("int32")}
    found = load_exported(export(model, tmp_path / name)).predict(x)
    assert np.abs(found - model.predict(x, verbose=0)).max() < TOLERANCE


@pytest.mark.parametrize("name", ["model.tflite", "model.onnx"])
def test_adapted_normalization_statistics_are_in_the_file(tmp_path, name):
    learned = layers.Normalization()
    x = np.random.default_rng(0).normal(5, 3, (50, 4)).astype("float32")
    learned.adapt(x)
    model = keras.Sequential([keras.Input((4,)), learned, layers.Dense(2)])
    found = load_exported(export(model, tmp_path / name)).predict(x)
    assert np.abs(found - model.predict(x, verbose=0)).max() < TOLERANCE


def test_a_stateful_layer_goes_to_onnx(tmp_path):
    model = keras.Sequential([keras.Input(batch_shape=(3, 4, 2)), layers.SimpleRNN(5, stateful=True)])
    x = np.random.default_rng(0).normal(size=(3, 4, 2)).astype("float32")
    found = load_exported(export(model, tmp_path / "model.onnx")).predict(x)
    assert np.abs(found - model(x)).max() < TOLERANCE  # both begin at zero


@pytest.mark.parametrize("name", ["model.tflite", "model.onnx"])
def test_inputs_of_another_type_are_converted_as_keras_does(tmp_path, name):
    words, doubles = keras.Input((6,), dtype="int32"), keras.Input((3,), dtype="float64")
    x = layers.Concatenate()([layers.Flatten()(layers.Embedding(9, 3)(words)), doubles])
    model = keras.Model([words, doubles], layers.Dense(2)(x))
    rng = np.random.default_rng(3)
    x = [rng.integers(0, 9, (5, 6)), rng.normal(size=(5, 3))]  # int64 and float64
    found = load_exported(export(model, tmp_path / name)).predict(x)
    assert np.abs(found - model.predict(x, verbose=0)).max() < TOLERANCE


@pytest.mark.parametrize("name", ["model.tflite", "model.onnx"])
def test_inputs_that_do_not_fit_are_a_value_error(dense, tmp_path, name):
    read = load_exported(export(dense, tmp_path / name))
    with pytest.raises(ValueError, match="(TFLite|ONNX Runtime) cannot run this model on these inputs"):
        read.predict(np.zeros((5, 3, 2), "float32"))


def test_examples_set_the_shape_and_the_model_the_type(cnn):
    """Images of whole numbers to calibrate with; floats, which would be cut off, to predict."""
    images = np.random.default_rng(4).normal(size=(20, 8, 8, 1)) * 3
    read = TFLiteModel(to_tflite(cnn, "int8", examples=np.rint(images).astype("int64")))
    expected = cnn.predict(images, verbose=0)
    assert np.abs(read.predict(images) - expected).max() < 0.1 * np.abs(expected).max()


def test_int8_of_a_recurrent_model_is_refused_before_tflite_crashes(tmp_path):
    model = keras.Sequential([keras.Input((4, 3)), layers.LSTM(5), layers.Dense(2)], name="memory")
    x = np.zeros((5, 4, 3), "float32")
    for optimize in ("int8", "sparse int8"):
        with pytest.raises(ValueError, match="'memory' has loops.*optimize='dynamic'"):
            export(model, tmp_path / "model.tflite", optimize, examples=x)
    assert not os.listdir(tmp_path)


def test_a_tflite_file_of_another_program_is_read_too():
    function = tf.function(lambda a: a * 2, input_signature=[tf.TensorSpec((None, 3), name="pixels")])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()])
    x = np.ones((2, 3), "float32")
    assert np.array_equal(TFLiteModel(converter.convert()).predict(x), 2 * x)


def test_a_subclassed_model_needs_examples(subclassed, data, tmp_path):
    x = data[0]
    with pytest.raises(ValueError, match=r"'subclassed' is subclassed.*examples=x\[:100\]"):
        export(subclassed, tmp_path / "model.tflite")
    found = load_exported(export(subclassed, tmp_path / "model.tflite", examples=x)).predict(x)
    assert np.abs(found - subclassed.predict(x, verbose=0)).max() < TOLERANCE


def test_a_model_that_cannot_be_exported_is_refused_and_leaves_no_file(dense, tmp_path):
    refused = [
        (dense, "model.pb", {}, ValueError, r"'\.pb'; models are exported as \.keras"),
        (dense, "model.onnx", {"optimize": "sparse"}, ValueError, r"for \.tflite files"),
        (dense, "model.tflite", {"optimize": "tiny"}, ValueError, "'tiny' is not known.*sparse int8"),
        (dense, "model.tflite", {"optimize": "int8"}, ValueError, "examples=x_train"),
        (dense, "nowhere/model.tflite", {}, FileNotFoundError, "no folder .*nowhere"),
        (keras.Sequential([layers.Dense(2)]), "model.keras", {}, ValueError, "is not built"),
        ("model", "model.tflite", {}, TypeError, "builtins.str is not a Keras 3 model"),
    ]
    for model, name, options, error, match in refused:
        with pytest.raises(error, match=match):
            export(model, tmp_path / name, **options)
    assert os.listdir(tmp_path) == []


def test_a_layer_that_tflite_cannot_express_is_an_error_that_names_the_model(tmp_path, monkeypatch):
    model = keras.Sequential(
        [keras.Input((4, 4)), layers.Lambda(lambda x: tf.linalg.svd(x, compute_uv=False))], name="singular"
    )
    (tmp_path / "model.tflite").write_bytes(b"the old file")
    with pytest.raises(ValueError, match=r"TFLite cannot express the model 'singular' \(.*\)\. Export it as"):
        export(model, tmp_path / "model.tflite")
    assert (tmp_path / "model.tflite").read_bytes() == b"the old file"
    assert os.listdir(tmp_path) == ["model.tflite"]


@pytest.mark.parametrize("name", ["model.keras", "model.pwc", "model.tflite", "model.onnx"])
def test_damaged_and_missing_files_are_named(dense, tmp_path, name):
    path = tmp_path / name
    with pytest.raises(FileNotFoundError, match="no file"):
        load_exported(path)
    whole = export(dense, path).read_bytes()
    for damage in (b"", whole[: len(whole) // 3], b"not a model " * 50):
        path.write_bytes(damage)
        with pytest.raises(ValueError, match=r"model\.\w+"):
            load_exported(path)


def test_without_onnx_the_error_says_how_to_get_it(dense, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    monkeypatch.setitem(sys.modules, "tf2onnx.convert", None)
    with pytest.raises(ImportError, match=r"pip install 'prunewidgets\[onnx\]'"):
        export(dense, tmp_path / "model.onnx")
    assert os.listdir(tmp_path) == []


def test_conversion_prints_nothing(dense, data, capfd):
    TFLiteModel(to_tflite(dense, "int8", examples=data[0])).predict(data[0])
    assert capfd.readouterr() == ("", "")


def test_messages_of_keras_are_reduced_to_one_sentence(tmp_path):
    """TensorFlow takes no such name; Keras adds colours, a first line and a list of arguments."""
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4, name="第一层")])
    with pytest.raises(ValueError, match=r"cannot express.*\('第一层' is not a valid") as caught:
        pw.export(model, tmp_path / "model.tflite")
    assert not any(noise in str(caught.value) for noise in ("\x1b", "Arguments received", "Exception"))


def test_the_advice_of_tflite_is_not_shown_whatever_filters_were_set_since():
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for _ in range(2):
            TFLiteModel(to_tflite(model))
    assert not [warning for warning in said if "Interpreter" in str(warning.message)]
