"""Layers with adapters (LoRA) and quantized ones in copies and files; pruned ones are in test_lora."""

import warnings

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw

from ..small_nets import examples


def adapted(quantized=False):
    """A network with a zero in five, and adapters as after training."""
    model = keras.Sequential([keras.Input((12,)), layers.Dense(32, name="it"), layers.Dense(3)])
    kernel = model.get_layer("it").kernel
    kernel.assign(np.where(np.arange(12 * 32).reshape(12, 32) % 5, kernel, 0))
    if quantized:
        with warnings.catch_warnings(action="ignore"):
            model.quantize("int8")
    layer = model.get_layer("it")
    layer.enable_lora(2)
    rng = np.random.default_rng(0)
    layer.lora_kernel_a.assign(rng.normal(size=(12, 2)))
    layer.lora_kernel_b.assign(rng.normal(size=(2, 32)))
    return model


@pytest.mark.parametrize("quantized", [False, True])
def test_copies_and_compact_files_store_kernel_and_adapters_separately(quantized, tmp_path):
    model = adapted(quantized)
    x, layer = examples(model), model.get_layer("it")
    copies = [
        pw.load_exported(pw.export(model, tmp_path / "it.pwc")),
        pw.shrink(model, {}),
        pw.mask_units(model, {}),
        pw.copy_with_weights(model, {}),
    ]
    for copy in copies:
        other = copy.get_layer("it")
        np.testing.assert_array_equal(other._kernel, layer._kernel)
        np.testing.assert_array_equal(other.lora_kernel_a, layer.lora_kernel_a)
        np.testing.assert_allclose(copy(x), model(x), rtol=1e-5, atol=1e-5)
        assert [v.name for v in copy.trainable_variables] == [v.name for v in model.trainable_variables]


def test_quantized_kernels_that_keras_rounds_again_are_named(tmp_path):
    with pytest.warns(UserWarning, match="quantized kernels of it with their adapters"):
        pw.export(adapted(quantized=True), tmp_path / "it.keras")


@pytest.mark.parametrize(
    ("quantized", "why"), [(False, r"has adapters \(LoRA\)"), (True, r"has adapters \(LoRA\)")]
)
def test_units_of_layers_with_adapters_are_fixed_with_a_reason(quantized, why):
    with pytest.raises(ValueError, match=f"the kernel of it {why}"):
        pw.shrink(adapted(quantized), {"it": np.arange(32) < 16})
    plan = pw.rank_plan(adapted(quantized), energy=0.9).set_index("layer")
    assert plan.loc["it", "left_because"] == "its kernel is quantized or has adapters"


def test_a_pruned_layer_with_adapters_is_refused_by_name():
    """Nothing would mask the sum of kernel and adapters in a copy."""
    model = adapted()
    pw.prune(model, 0.5)
    for make in (pw.shrink, pw.mask_units, pw.copy_with_weights):
        with pytest.raises(ValueError, match="Layer 'it' .*pruned and has LoRA adapters"):
            make(model, {})


@pytest.mark.parametrize("mode", ["int8", "int4", "float8"])
def test_quantized_models_are_copied_and_written(mode, tmp_path):
    model = keras.Sequential([keras.Input((8,)), layers.Dense(8, name="a"), layers.Dense(4)])
    with warnings.catch_warnings(action="ignore"):
        model.quantize(mode)
    x = examples(model)
    for copy in (pw.shrink(model, {}), pw.load_exported(pw.export(model, tmp_path / "it.pwc"))):
        np.testing.assert_allclose(copy(x), model(x), rtol=1e-5, atol=1e-5)
        assert copy.count_params() == model.count_params()
    assert "a is quantized" in pw.channel_groups(model).fixed["a"]


def test_adapters_inside_attention_that_a_copy_would_lose_are_named():
    """Attention does not say in its configuration that a layer within it has adapters."""
    inputs = keras.Input((4, 6))
    attention = layers.MultiHeadAttention(2, 3, name="attention")
    model = keras.Model(inputs, attention(inputs, inputs))
    attention._query_dense.enable_lora(2)
    with pytest.raises(ValueError, match=r"'query'.*lora_kernel_a"):
        pw.shrink(model, {})
