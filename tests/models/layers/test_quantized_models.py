"""Models that Keras has quantized, or that have adapters: pruned, counted and cut, or refused by name."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw


def network():
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(8, activation="relu", name="a"),
            layers.Dense(4, activation="softmax", name="out"),
        ],
        name="net",
    )
    model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.fixture(params=["int8", "int4"])
def integers(request):
    model = network()
    model.quantize(request.param)
    return model, request.param


def test_integer_kernels_are_refused_by_name(integers, data):
    model, mode = integers
    said = rf"the kernels of a, out are quantized \({mode}\)"
    for refused in (
        lambda: pw.LiveModel(model),
        lambda: pw.prune(model, 0.5),
        lambda: pw.sensitivity(model, *data, 0.5),
        lambda: pw.unit_score(model),
        lambda: pw.unit_sensitivity(model, *data, 0.5),
        lambda: pw.plan(model, *data, budget="50 % of weights", structured=True),
    ):
        with pytest.raises(ValueError, match=said):
            refused()
    with pytest.raises(ValueError, match="units of 'a' cannot be removed.* the kernel of a is quantized"):
        pw.shrink(model, {"a": np.arange(8) < 4})
    with pytest.warns(UserWarning, match="multiply-adds"):
        frame = pw.costs({"it": model}, batches=())
    assert frame[["parameters", "dense_bytes"]].isna().all(axis=None)
    assert f"are quantized ({mode})" in frame.missing["it"]


def test_only_a_part_of_a_model_is_quantized(data):
    model = network()
    model.quantize("int8", filters="out")
    with pytest.warns(UserWarning, match=r"Only a part of 'net'.*kernel of out is quantized \(int8\)"):
        masks = pw.prune(model, 0.5)
    assert list(masks) == ["a/kernel"] and np.mean(model.get_layer("a").kernel.numpy() == 0) == 0.5
    accuracy = pw.LiveModel(model, "a").evaluate(*data)
    assert accuracy == np.mean(model.predict(data[0], verbose=0).argmax(axis=1) == data[1])
    assert not [name for name in pw.LiveModel(model, prunable="all").names if "scale" in name]
    for wanted in ("out", "out/kernel", model.get_layer("out")):
        with pytest.raises(ValueError, match="fits out/kernel.* Keras has quantized to integers"):
            pw.LiveModel(model, wanted)


def test_what_is_pruned_stays_zero_when_quantized():
    model = network()
    masks = pw.prune(model, 0.5)
    model.quantize("int8")
    for name in ("a", "out"):
        assert not model.get_layer(name)._kernel.numpy()[~masks[f"{name}/kernel"]].any()


def test_kernels_in_float8_are_pruned_but_units_are_not(data):
    model = network()
    model.quantize("float8")
    live = pw.LiveModel(model)
    assert live.names == ("a/kernel", "out/kernel")
    assert pw.LiveModel(model, prunable="all").names == ("a/kernel", "a/bias", "out/kernel", "out/bias")
    masks = pw.Masks.from_sparsity(pw.score(live.weights), 0.7)
    measured = live.evaluate(*data, masks)
    live.apply(masks)
    outputs = model.predict(data[0], verbose=0)
    assert measured == np.mean(outputs.argmax(axis=1) == data[1])
    model.compile(keras.optimizers.SGD(0.05), "sparse_categorical_crossentropy")
    model.fit(*data, epochs=1, verbose=0)
    assert pw.Masks.from_zeros(live.weights) == masks
    with pytest.raises(
        ValueError, match=r"the kernels of a, out are quantized \(float8\)\. Remove units of the"
    ):
        pw.unit_score(model)
    with pytest.raises(ValueError, match="the kernel of a is quantized"):
        pw.shrink(model, {"a": np.arange(8) < 4})
    with pytest.warns(UserWarning, match="multiply-adds"):
        assert "quantized (float8)" in pw.costs({"it": model}, batches=()).missing["it"]


def test_units_of_a_model_with_adapters_are_refused_with_a_way_out(data, tmp_path):
    model = network()
    model.get_layer("a").enable_lora(2)
    model.get_layer("out").enable_lora(2)
    for layer in model.layers:
        layer.lora_kernel_b.assign(np.random.default_rng(0).normal(size=layer.lora_kernel_b.shape))
    with pytest.raises(
        ValueError, match=r"of 'net' can be removed: a, out have adapters \(LoRA\).*save_weights"
    ):
        pw.unit_score(model)
    with pytest.raises(ValueError, match=r"the kernel of a has adapters \(LoRA\)"):
        pw.shrink(model, {"a": np.arange(8) < 4})
    counted = pw.costs({"it": model}, batches=())
    assert counted.multiply_adds["it"] == 6 * 8 + 8 * 4
    masks = pw.Masks.from_sparsity(pw.score(pw.LiveModel(model).weights), 0.5)
    assert masks.size == 6 * 8 + 8 * 4
    model.save_weights(tmp_path / "merged.weights.h5")
    plain = network()
    plain.load_weights(tmp_path / "merged.weights.h5")
    np.testing.assert_allclose(plain.predict(data[0]), model.predict(data[0]), rtol=1e-5)
    assert pw.shrink(plain, pw.unit_masks(pw.unit_score(plain), 0.5)).get_layer("a").units == 4
