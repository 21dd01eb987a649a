"""Quantized copies, trained codebooks, and models in compact files that answer to the bit as before."""

import json
import os

import keras
import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets import compact, quantization
from prunewidgets.models.compression.codebooks import tune_codebooks
from prunewidgets.models.compression.quantized import copy_with_weights, quantize, quantized_weights
from prunewidgets.models.formats.compact_files import load_compact, save_compact

X = np.random.default_rng(0).normal(size=(40, 8, 8, 1)).astype(np.float32)
Y = (X.mean(axis=(1, 2, 3)) > 0).astype(int)


def pruned() -> keras.Model:
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(6, 3, activation="relu", name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.Flatten(name="flatten"),
            layers.Dropout(0.1, name="drop"),
            layers.Dense(2, activation="softmax", name="out"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.get_layer("conv").bias.assign(np.linspace(-1, 1, 6))
    for layer in (model.get_layer("conv"), model.get_layer("out")):
        kernel = layer.kernel.numpy()
        layer.kernel.assign(np.where(np.abs(kernel) > np.median(np.abs(kernel)), kernel, 0))
    return model


def nested() -> keras.Model:
    """Functional, with a nested model and a shared layer."""
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, "relu", name="a")], name="inner")
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Dense(4, name="first")(keras.layers.Flatten()(inputs))
    x = keras.layers.Add()([inner(x), inner(inner(x))])
    return keras.Model(inputs, keras.layers.Dense(2, name="out")(x))


def both_ways() -> keras.Model:
    """Layers around others, once and twice."""
    layers = keras.layers
    x = inputs = keras.Input((8, 8, 1))
    x = layers.TimeDistributed(layers.TimeDistributed(layers.Dense(3, name="in")), name="steps")(x)
    x = layers.Bidirectional(layers.GRU(2), name="ways")(layers.Reshape((8, 24))(x))
    return keras.Model(inputs, x)


def within() -> keras.Model:
    """Layers within layers, and one that the model and a model within it share."""
    shared = keras.layers.Dense(8, "relu", name="shared")
    inner = keras.Sequential([keras.Input((8, 8)), shared, keras.layers.Dense(8)], name="inner")
    inputs = keras.Input((8, 8, 1))
    x = shared(inner(keras.layers.Reshape((8, 8))(inputs)))
    x = keras.layers.TimeDistributed(keras.layers.Dense(3, name="in"), name="steps")(x)
    return keras.Model(inputs, keras.layers.Bidirectional(keras.layers.GRU(2))(x))


def answers(model: keras.Model) -> np.ndarray:
    return model(X).numpy()


def test_a_quantized_copy_has_few_values_and_the_model_is_unchanged():
    model = pruned()
    before = [array.copy() for array in model.get_weights()]
    copy = quantize(model, bits=2)
    for name in ("conv", "out"):
        kernel, shared = (net.get_layer(name).kernel.numpy() for net in (model, copy))
        assert np.array_equal(shared, quantization.cluster_values(kernel, 2).values)
        assert np.array_equal(kernel == 0, shared == 0)
        assert len(np.unique(shared)) <= 5
    step = 1 / 127
    assert np.allclose(copy.get_layer("conv").bias.numpy() / step, np.rint(np.linspace(-127, 127, 6)))
    assert copy.compiled
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_a_copy_has_the_same_layers_in_the_same_places():
    model = within()
    copy = copy_with_weights(model, {})
    assert np.array_equal(answers(copy), answers(model))
    assert copy.get_layer("shared") is copy.get_layer("inner").layers[0]
    assert list(quantized_weights(copy)) == list(quantized_weights(model))
    sixteen = quantize(model, {"steps/in": 1}).get_layer("steps").layer.kernel.numpy()
    assert len(np.unique(sixteen)) == 2


def test_lambdas_and_custom_layers_are_copied():
    class Twice(keras.layers.Layer):
        def call(self, x):
            return 2 * x

    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Lambda(lambda x: x + 1)(Twice()(keras.layers.Flatten()(inputs)))
    model = keras.Model(inputs, keras.layers.Dense(3)(x))
    assert np.array_equal(answers(copy_with_weights(model, {})), answers(model))


def test_bits_by_layer_method_and_exact_biases():
    model = pruned()
    stored = quantized_weights(model, {"conv": 8, "out/kernel": 4}, "uniform", bias_bits=None)
    assert stored["conv/kernel"].bits == 8 and stored["out/kernel"].bits == 4
    assert stored["conv/bias"].dtype == np.float32
    assert list(quantized_weights(model, {"out": 3})) == list(stored)
    assert isinstance(quantized_weights(model, {"out": 3})["conv/kernel"], np.ndarray)
    for wrong, message in (
        (
            {"bits": {"none": 3}},
            "bits has an entry for 'none', .* no such layer or weight; there are: .*conv/kernel, out/kernel",
        ),
        ({"method": "ternary"}, "'shared' or 'uniform'"),
        ({"bits": 0}, "bits 0"),
    ):
        with pytest.raises(ValueError, match=message):
            quantized_weights(model, **wrong)
    with pytest.raises(ValueError, match="no 'conv/kernle'"):
        copy_with_weights(model, {"conv/kernle": np.zeros(3)})
    with pytest.raises(ValueError, match="shape"):
        copy_with_weights(model, {"conv/kernel": np.zeros(3)})


@pytest.mark.parametrize(("build", "bits"), [(pruned, None), (pruned, 3), (nested, 4), (both_ways, None)])
def test_the_model_read_back_has_the_same_outputs(tmp_path, build, bits):
    model = build()
    size = save_compact(model, tmp_path / "m.pwc", bits=bits)
    assert size == (tmp_path / "m.pwc").stat().st_size
    again = load_compact(tmp_path / "m.pwc")
    wanted = model if bits is None else quantize(model, bits)
    assert np.array_equal(answers(again), answers(wanted))
    for ours, theirs in zip(again.get_weights(), wanted.get_weights(), strict=True):
        assert np.array_equal(ours, theirs) and ours.dtype == theirs.dtype
    if build is pruned and bits:
        assert size < 0.8 * sum(array.nbytes for array in model.get_weights())


def test_training_changes_only_the_shared_values():
    model = pruned()
    stored = quantized_weights(model, 2, bias_bits=None)
    tuned = tune_codebooks(model, stored, X, Y, epochs=20, batch_size=20, learning_rate=0.01)
    for name in ("conv/kernel", "out/kernel"):
        assert np.array_equal(tuned[name].codes, stored[name].codes)
        assert not np.allclose(tuned[name].codebook, stored[name].codebook)
    assert not np.array_equal(tuned["conv/bias"], stored["conv/bias"])
    assert np.array_equal(tuned["norm/moving_mean"], stored["norm/moving_mean"])
    before, after = (
        copy_with_weights(model, values).evaluate(X, Y, verbose=0)[0] for values in (stored, tuned)
    )
    assert after < before


def test_a_shared_value_moves_by_the_sum_of_its_weights_gradients():
    """Equation 3 of Deep Compression; Adam's first step is the learning rate, against that sum."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False, name="d")])
    model.compile("sgd", "mse")
    x, y = np.array([[1.0, -3.0]], np.float32), np.zeros((1, 1), np.float32)
    # Both weights are 1: output -2, gradients -4 and 12. Alone the first would rise; together they fall.
    stored = {"d/kernel": quantization.Shared(np.ones((2, 1), np.int16), np.ones(1, np.float32))}
    tuned = tune_codebooks(model, stored, x, y, learning_rate=0.25)
    assert tuned["d/kernel"].values.ravel() == pytest.approx([0.75, 0.75], abs=1e-4)


def test_files_without_a_model_or_with_other_weights_are_refused(tmp_path):
    model = pruned()
    save_compact(model, tmp_path / "m.pwc", bits=2)
    content = compact.read(tmp_path / "m.pwc")
    arrays, architecture = content.arrays, content.architecture
    other = {"module": "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": None}
    broken = {
        "it has no model": (arrays, None),
        "do not agree": ({name: arrays[name] for name in list(arrays)[1:]}, architecture),
        "has shape": ({**arrays, "out/bias": np.zeros(3)}, architecture),
        "os.system": (arrays, {**architecture, "class_name": "os.system"}),
        "does not describe a model": (arrays, other),
    }
    for message, (values, description) in broken.items():
        compact.write(values, tmp_path / "broken.pwc", description)
        with pytest.raises(ValueError, match=f"could not be turned into a Keras model.*{message}"):
            load_compact(tmp_path / "broken.pwc")
    with pytest.raises(FileNotFoundError):
        load_compact(tmp_path / "none.pwc")
    with pytest.raises(ValueError, match="do not agree"):
        save_compact(model, tmp_path / "m.pwc", stored={"out/bias": np.zeros(2)})


def test_code_in_a_file_is_never_run(tmp_path):
    unsafe = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x), keras.layers.Dense(1)])
    compact.write(quantized_weights(unsafe), tmp_path / "m.pwc", json.loads(unsafe.to_json()))
    with pytest.raises(ValueError, match="could not be turned"):
        load_compact(tmp_path / "m.pwc")


def test_a_model_that_could_not_be_read_back_is_not_written(tmp_path):
    unsafe = keras.Sequential([keras.Input((2,)), keras.layers.Lambda(lambda x: x), keras.layers.Dense(1)])
    for model, why in ((unsafe, "Lambda"), (within(), "'shared'")):
        with pytest.raises(ValueError, match=f"could not be read back.*{why}"):
            save_compact(model, tmp_path / "m.pwc")
    assert not os.listdir(tmp_path)


def test_keras_own_int8_is_a_scale_for_each_output(data, dense):
    """What `model.quantize` does to a kernel is our uniform quantization per channel, up to rounding."""
    kernel = dense.get_layer("first").kernel.numpy()
    dense.quantize("int8")
    layer = dense.get_layer("first")
    theirs = layer.kernel.numpy() / layer.kernel_scale.numpy()
    ours = quantization.round_values(kernel, 8, per_channel=True)
    assert np.abs(theirs - ours.values).max() < 0.51 * ours.scale.max()


def test_a_model_with_nothing_to_prune_is_written_exactly(tmp_path):
    """Keras's own int8 is whole numbers, of which none is a prunable weight."""
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(4)])
    model.quantize("int8")
    save_compact(model, tmp_path / "m.pwc")
    again = load_compact(tmp_path / "m.pwc")
    assert again.layers[-1].kernel.dtype == "int8"
    assert np.array_equal(answers(again), answers(model))


def test_weights_that_are_nan_are_named():
    model = pruned()
    model.get_layer("out").kernel.assign(np.full(model.get_layer("out").kernel.shape, np.nan))
    for work in (quantize, lambda model: pw.factorize(model, energy=0.5)):
        with pytest.raises(ValueError, match="'out/kernel' holds .* NaN"):
            work(model)


def test_a_subclassed_model_is_refused(subclassed, tmp_path):
    with pytest.raises(ValueError, match="Sequential or Functional"):
        save_compact(subclassed, tmp_path / "m.pwc")
    with pytest.raises(ValueError, match="Sequential or Functional"):
        quantize(subclassed)
    assert pw.LiveModel(subclassed).names


def test_shapes_are_compared_before_memory_is_allocated(tmp_path):
    """1.2 TB of weights in a few hundred bytes: allocating them would fail or end the process."""
    model = keras.Sequential([keras.Input((1000,), name="x"), keras.layers.Dense(3, name="d")])
    description = json.loads(model.to_json())
    description["config"]["layers"][0]["config"]["batch_shape"] = [None, 1_000_000]
    description["config"]["layers"][1]["config"]["units"] = 300_000
    description["config"]["layers"][1]["build_config"] = {"input_shape": [None, 1_000_000]}
    description["config"]["build_input_shape"] = [None, 1_000_000]
    parts = {part: description.get(part) for part in PARTS}
    for names, message in (
        (("d/kernel", "d/bias"), r"'d/kernel' has shape \(1000000, 300000\) in the model, \(0,\)"),
        (("d/bias",), "do not agree in: d/kernel"),
        (map(str, range(50)), r"do not agree in: 0, 1, 10.* and 43 more"),
    ):
        compact.write({name: np.zeros(0, np.float32) for name in names}, tmp_path / "m.pwc", parts)
        with pytest.raises(ValueError, match=message):
            load_compact(tmp_path / "m.pwc")
    save_compact(model, tmp_path / "m.pwc")  # and no unfinished variable is left behind
    with keras.StatelessScope():
        pass
    loaded = load_compact(tmp_path / "m.pwc")
    assert all(map(np.array_equal, loaded.get_weights(), model.get_weights()))


@pytest.mark.parametrize("extension", ["keras", "h5", "pwc"])
def test_code_is_not_run_even_with_unsafe_deserialization_enabled(tmp_path, extension):
    path = tmp_path / f"model.{extension}"
    model = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x * 2), keras.layers.Dense(2)])
    keras.config.enable_unsafe_deserialization()
    try:
        if extension == "pwc":
            arrays = pw.models.compression.quantized.stored_variables(model)
            compact.write({name: v.numpy() for name, v in arrays.items()}, path, description_of(model))
        else:
            model.save(path)
        with pytest.raises(ValueError, match="could not be .*Lambda"):
            load_compact(path) if extension == "pwc" else pw.load_model(path)
    finally:
        keras.src.backend.common.global_state.set_global_attribute("safe_mode_saving", None)


def description_of(model):
    description = json.loads(model.to_json())
    return {part: description.get(part) for part in PARTS}


PARTS = ("module", "class_name", "config", "registered_name")
