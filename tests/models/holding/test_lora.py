"""Adapters on pruned layers: what a layer uses, W + s·A·B, is zero where it is pruned, also in files."""

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw


def dense():
    return [keras.Input((6,)), layers.Dense(10, name="a"), layers.Dense(4, name="out")]


def convolution():
    return [keras.Input((6, 1)), layers.Conv1D(5, 3, name="a"), layers.Flatten(), layers.Dense(4, name="out")]


def einsum():
    return [keras.Input((6,)), layers.EinsumDense("bi,io->bo", 10, name="a"), layers.Dense(4, name="out")]


def embedding():
    return [
        keras.Input((6,)),
        layers.Embedding(9, 5, name="a"),
        layers.Flatten(),
        layers.Dense(4, name="out"),
    ]


KINDS = pytest.mark.parametrize(
    "kind", [dense, convolution, einsum, embedding], ids=lambda kind: kind.__name__
)


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    return rng.integers(0, 9, (64, 6)).astype("float32"), rng.integers(0, 4, 64)


def compiled(kind):
    model = keras.Sequential(kind())
    compile_again(model)
    return model


def compile_again(model):
    model.compile(
        keras.optimizers.Adam(0.02),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        run_eagerly=True,
    )


def parts(layer):
    """W, A, B as NumPy arrays, and the name of the weight."""
    name = "embeddings" if isinstance(layer, layers.Embedding) else "kernel"
    names = f"_{name}", f"lora_{name}_a", f"lora_{name}_b"
    return *(getattr(layer, part).numpy() for part in names), f"a/{name}"


@KINDS
@pytest.mark.parametrize("first", ["pruning", "adapters"])
def test_the_same_zeros_in_memory_and_in_files_and_adapters_that_train(data, tmp_path, kind, first):
    model = compiled(kind)
    layer = model.get_layer("a")
    if first == "pruning":
        masks = pw.prune(model, 0.7, scope="layer")
    layer.enable_lora(2, lora_alpha=3)
    compile_again(model)
    if first == "adapters":
        model.fit(*data, epochs=1, verbose=0)
        masks = pw.prune(model, 0.7, scope="layer")
    _, a_before, b_before, name = parts(layer)
    model.fit(*data, epochs=2, batch_size=16, verbose=0)
    w, a, b, _ = parts(layer)
    assert (a != a_before).any() and (b != b_before).any()
    assert set(pw.LiveModel(model).names) == {name, "out/kernel"}
    used = np.where(masks[name], w + 1.5 * (a @ b), 0)
    assert not w[~masks[name]].any()
    live = pw.LiveModel(model)
    assert live.applied == masks
    assert np.allclose(live.weights[name], used, atol=1e-6)
    assert ((live.weights[name] == 0) == ~masks[name]).all()
    answers = model.predict(data[0], verbose=0)
    assert np.allclose(live.predict(data[0]), answers, atol=1e-5)
    model.save(tmp_path / "plain.keras")
    read = keras.models.load_model(tmp_path / "plain.keras")
    assert np.array_equal(parts(read.get_layer("a"))[0] == 0, ~masks[name])
    assert np.allclose(parts(read.get_layer("a"))[0], used, atol=1e-6)
    assert np.allclose(read.predict(data[0], verbose=0), answers, atol=1e-5)
    with pytest.raises(ValueError, match="Layer 'a' .* pruned and has LoRA adapters.*load_model"):
        pw.save_compact(model, tmp_path / "copy.pwc")
    pw.save_compact(read, tmp_path / "copy.pwc")
    assert np.allclose(pw.load_compact(tmp_path / "copy.pwc")(data[0]), answers, atol=1e-5)


@KINDS
def test_tried_masks_equal_applied_ones_and_restore_frees_them(data, kind):
    model = compiled(kind)
    layer = model.get_layer("a")
    layer.enable_lora(2)
    compile_again(model)
    model.fit(*data, epochs=1, verbose=0)
    live = pw.LiveModel(model)
    w, a, b, name = parts(layer)
    assert np.allclose(live.weights[name], w + a @ b, atol=1e-6)
    whole = model.predict(data[0], verbose=0)
    assert np.allclose(live.predict(data[0]), whole, atol=1e-5)
    scores = pw.score(live.weights)
    assert np.allclose(scores[name], np.abs(w + a @ b), atol=1e-6)
    masks, others = (pw.Masks.from_sparsity(scores, share) for share in (0.6, 0.3))
    tried, tried_others = live.predict(data[0], masks), live.predict(data[0], others)
    live.apply(masks)
    assert np.allclose(model.predict(data[0], verbose=0), tried, atol=1e-5)
    assert live.applied == masks
    assert np.allclose(live.predict(data[0], snapshot=live.snapshot(original=True)), whole, atol=1e-5)
    assert np.allclose(
        live.predict(data[0], others, snapshot=live.snapshot(original=True)), tried_others, atol=1e-5
    )
    live.restore()
    assert np.allclose(model.predict(data[0], verbose=0), whole, atol=1e-5)
    assert type(layer) is layer.__class__
    assert all((one == two).all() for one, two in zip(parts(layer)[:3], (w, a, b), strict=True))


def test_gradual_pruning_beside_adapters(data):
    model = compiled(dense)
    model.get_layer("a").enable_lora(2)
    compile_again(model)
    model.fit(*data, epochs=4, batch_size=16, verbose=0, callbacks=[pw.GradualPruning(0.8, frequency=2)])
    w, a, b, name = parts(model.get_layer("a"))
    live = pw.LiveModel(model)
    kept = live.applied[name]
    assert np.allclose(live.weights[name], np.where(kept, w + a @ b, 0), atol=1e-6)
    assert sum((array == 0).sum() for array in live.weights.values()) == 80
    assert b.all()


def test_adapters_are_pruned_only_when_named(data):
    model = compiled(dense)
    model.get_layer("a").enable_lora(2)
    assert not any("lora" in name for name in pw.LiveModel(model, prunable="all").names)
    assert pw.LiveModel(model, layers="a/lora_kernel_a").names == ("a/lora_kernel_a",)


def test_a_pruned_layer_with_adapters_is_written_under_its_own_name(data):
    model = compiled(dense)
    model.get_layer("a").enable_lora(2)
    plain = model.to_json()
    pw.prune(model, 0.5)
    assert model.to_json() == plain
    assert isinstance(model.get_layer("a"), layers.Dense)
