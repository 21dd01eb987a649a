"""Layers with adapters (LoRA) and quantized ones: files and copies have what the model has."""

import warnings
import zipfile

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw

from .small_nets import examples


def dense():
    return keras.Sequential([keras.Input((12,)), layers.Dense(32, name="it"), layers.Dense(3)])


def conv():
    return keras.Sequential([keras.Input((6, 6, 2)), layers.Conv2D(4, 3, name="it"), layers.Flatten()])


def einsum():
    return keras.Sequential([keras.Input((5, 4)), layers.EinsumDense("btc,cd->btd", (None, 6), name="it")])


def words():
    return keras.Sequential([keras.Input((5,), dtype="int32"), layers.Embedding(20, 6, name="it")])


def nested():
    return keras.Sequential([keras.Input((12,)), dense(), layers.Dense(2)])


def layer_of(model):
    return next(layer for layer in model._flatten_layers() if layer.name == "it")


def stored(model):
    layer = layer_of(model)
    return (layer._embeddings if hasattr(layer, "_embeddings") else layer._kernel).numpy()


def adapted(build, quantized=False):
    """A pruned model with adapters that have been trained."""
    model = build()
    pw.prune(model, 0.8)
    if quantized:
        with warnings.catch_warnings(action="ignore"):
            model.quantize("int8")
    layer = layer_of(model)
    layer.enable_lora(2)
    rng = np.random.default_rng(0)
    for variable in layer.trainable_variables:
        variable.assign(rng.normal(size=variable.shape))
    return model


@pytest.mark.parametrize("build", [dense, conv, einsum, words, nested])
@pytest.mark.parametrize("extension", [".keras", ".pwc"])
def test_a_file_has_the_zeros_and_the_adapters(build, extension, tmp_path):
    model = adapted(build)
    path = pw.export(model, tmp_path / f"it{extension}")
    again, x = pw.reload(path), examples(model)
    np.testing.assert_array_equal(stored(again), stored(model))
    assert np.count_nonzero(stored(again) == 0) >= 0.5 * stored(model).size
    np.testing.assert_array_equal(again(x), model(x))
    assert [v.name for v in again.trainable_variables] == [v.name for v in model.trainable_variables]
    if extension == ".keras":  # Keras itself reads the kernel with the adapters added: the same answers
        np.testing.assert_allclose(keras.saving.load_model(path)(x), model(x), rtol=1e-4, atol=1e-4)


def test_adapters_read_from_a_file_train_and_the_zeros_can_be_held(tmp_path):
    model = adapted(dense)
    model.compile("adam", "mean_squared_error")
    x, y = np.ones((32, 12), "float32"), np.ones((32, 3), "float32")
    model.fit(x, y, verbose=0)
    again = pw.reload(pw.export(model, tmp_path / "it.keras"))
    before = layer_of(again).lora_kernel_b.numpy()
    again.fit(x, y, verbose=0)
    assert (layer_of(again).lora_kernel_b.numpy() != before).any()
    np.testing.assert_array_equal(stored(again), stored(model))


def test_quantized_kernels_with_adapters_go_through_files_and_copies(tmp_path):
    model = adapted(dense, quantized=True)
    x = examples(model)
    copies = [
        pw.reload(pw.export(model, tmp_path / "it.keras")),
        pw.reload(pw.export(model, tmp_path / "it.pwc")),
        pw.shrink(model, {}),
        pw.with_weights(model, {}),
    ]
    for copy in copies:
        np.testing.assert_array_equal(stored(copy), stored(model))
        np.testing.assert_allclose(copy(x), model(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("make", [lambda m: pw.shrink(m, {}), lambda m: pw.quantize(m, {"it/kernel": 8})])
def test_copies_keep_the_zeros_and_the_adapters(make):
    model = adapted(dense)
    copy = make(model)
    np.testing.assert_array_equal(stored(copy) == 0, stored(model) == 0)
    np.testing.assert_array_equal(layer_of(copy).lora_kernel_a, layer_of(model).lora_kernel_a)
    with pytest.raises(ValueError, match="the kernel of it has adapters"):
        pw.shrink(model, {"it": np.arange(32) < 16})


def test_factorize_leaves_it_and_the_plan_says_why():
    plan = pw.rank_plan(adapted(dense), energy=0.5).set_index("layer")
    assert plan.loc["it", "left_because"] == "its kernel is quantized or has adapters"


def test_adapters_that_a_file_cannot_hold_are_refused_by_name(tmp_path):
    """Attention does not say in its configuration that a layer within it has adapters."""
    inputs = keras.Input((4, 6))
    attention = layers.MultiHeadAttention(2, 3, name="attention")
    model = keras.Model(inputs, attention(inputs, inputs))
    attention._query_dense.enable_lora(2)
    with pytest.raises(ValueError, match="query, which has adapters"):
        pw.export(model, tmp_path / "it.keras")
    with pytest.raises(ValueError, match=r"'(attention|query)'.*lora_kernel_a"):
        pw.shrink(model, {})
    assert not list(tmp_path.iterdir())


def test_where_adapters_are_added_to_the_kernel_a_warning_says_so(tmp_path):
    with pytest.warns(UserWarning, match=r"it.tflite the adapters \(LoRA\) of it are added"):
        pw.export(adapted(dense), tmp_path / "it.tflite")


def test_adapters_of_another_model_in_a_file_are_refused(tmp_path):
    model = adapted(dense)
    path = pw.export(model, tmp_path / "it.keras")
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings(action="ignore"):
        archive.writestr("prunewidgets/adapters.npz", b"no array")
    with pytest.raises(ValueError, match="could not be loaded"):
        pw.reload(path)
