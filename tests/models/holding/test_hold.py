import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw


def half(model, seed=0):
    """Random masks: what they remove has large gradients, which magnitude masks might not."""
    return pw.Masks.from_sparsity(pw.score(pw.LiveModel(model).weights, "random", seed), 0.5)


def network(name="net"):
    stack = [
        keras.Input((6,)),
        layers.Dense(16, activation="relu", name="first"),
        layers.BatchNormalization(name="norm"),
        layers.Dense(4, activation="softmax", name="second"),
    ]
    return keras.Sequential(stack, name=name)


OPTIMIZERS = {
    "momentum": lambda: keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "Adam": lambda: keras.optimizers.Adam(0.01),
    "AdamW": lambda: keras.optimizers.AdamW(0.01, weight_decay=0.1),
    "Lion": lambda: keras.optimizers.Lion(0.01),
    "schedule-free": lambda: keras.optimizers.ScheduleFreeAdamW(0.01),
    "average at the end": lambda: keras.optimizers.SGD(0.1, momentum=0.9, use_ema=True),
    "average now and then": lambda: keras.optimizers.Adam(0.01, use_ema=True, ema_overwrite_frequency=3),
    "accumulated": lambda: keras.optimizers.Adam(0.01, gradient_accumulation_steps=2),
}


@pytest.mark.parametrize(
    ("optimizer", "options"),
    [(name, {}) for name in OPTIMIZERS]
    + [("average now and then", {"steps_per_execution": 4})]
    + [(name, {"jit_compile": True}) for name in ("AdamW", "average at the end")],
    ids=str,
)
def test_zeros_stay_through_fit(data, optimizer, options):
    model = network()
    model.compile(OPTIMIZERS[optimizer](), loss="sparse_categorical_crossentropy", **options)
    model.fit(*data, epochs=1, batch_size=8, verbose=0)  # momentum now points somewhere
    live, masks = pw.LiveModel(model), half(model)
    live.apply(masks)
    start = live.weights
    broken = []
    check = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: broken.extend(
            name for name, kept in masks.items() if live.weights[name][~kept].any()
        )
    )
    model.fit(*data, epochs=2, batch_size=8, verbose=0, callbacks=[check])
    after = live.weights
    assert broken == []
    for name, kept in masks.items():
        assert not after[name][~kept].any()
        assert (after[name][kept] != start[name][kept]).mean() > 0.5  # the others do train


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_zeros_stay_in_mixed_precision(data, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = network()
        model.compile(
            keras.optimizers.SGD(0.1, momentum=0.9, use_ema=True), loss="sparse_categorical_crossentropy"
        )
    finally:
        keras.config.set_dtype_policy(before)
    masks = half(model)
    pw.LiveModel(model).apply(masks)
    model.fit(*data, epochs=2, batch_size=8, verbose=0)
    for name, weights in pw.LiveModel(model).weights.items():
        assert not weights[~masks[name]].any()


def test_several_optimizers_in_one(data):
    model = network()
    first = keras.optimizers.SGD(0.1, momentum=0.9, use_ema=True)
    table = keras.optimizers.OptimizerMap(keras.optimizers.Adam(0.01), {"net/first/.*": first})
    model.compile(keras.optimizers.MultiOptimizer(table), loss="sparse_categorical_crossentropy")
    masks = half(model)
    pw.LiveModel(model).apply(masks)
    model.fit(*data, epochs=2, batch_size=8, verbose=0)
    for name, weights in pw.LiveModel(model).weights.items():
        assert not weights[~masks[name]].any()


def test_removed_weights_become_plus_zero_at_once(dense):
    live, masks = pw.LiveModel(dense), half(dense)
    expected = masks.apply(live.weights)
    live.apply(masks)
    for name, weights in live.weights.items():
        assert weights.tobytes() == expected[name].tobytes()
    assert live.applied == masks


def test_weights_without_a_mask_stay_free(data):
    model = network()
    model.compile("adam", loss="sparse_categorical_crossentropy")
    live = pw.LiveModel(model)
    before = live.weights["second/kernel"]
    live.apply({"first/kernel": np.zeros((6, 16), bool)})
    model.layers[0].bias.assign(np.ones(16))
    model.fit(*data, epochs=1, verbose=0)
    assert not live.weights["first/kernel"].any()
    assert (live.weights["second/kernel"] != before).all()


def test_other_masks_replace_the_first_without_recompiling(data):
    model = network()
    model.compile(keras.optimizers.SGD(0.5), loss="sparse_categorical_crossentropy")
    live = pw.LiveModel(model)
    one, two = half(model, 1), half(model, 2)
    live.apply(one)
    model.fit(*data, epochs=1, verbose=0)
    compiled = model.train_function
    live.apply(two)
    assert model.train_function is compiled
    name = "first/kernel"
    freed = two[name] & ~one[name]
    assert freed.any()
    assert not live.weights[name][freed].any()  # free, but it starts from the zero it was
    model.fit(*data, epochs=2, verbose=0)
    assert not live.weights[name][~two[name]].any()
    assert live.weights[name][freed].any()


def test_an_existing_constraint_is_still_applied(data):
    class Halve(keras.constraints.Constraint):
        def __call__(self, w):
            return w * 0 + 0.25

    model = keras.Sequential([keras.Input((6,)), layers.Dense(4, kernel_constraint=Halve(), name="only")])
    model.compile("sgd", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    live, masks = pw.LiveModel(model), half(model)
    previous = model.layers[0].kernel.constraint
    live.apply(masks)
    model.fit(*data, epochs=1, verbose=0)
    expected = np.where(masks["only/kernel"], np.float32(0.25), 0)
    assert np.array_equal(live.weights["only/kernel"], expected)
    live.restore()
    assert model.layers[0].kernel.constraint is previous


def test_a_shared_layer_and_an_embedding_are_held():
    tokens = keras.Input((5,), dtype="int32")
    shared = layers.Dense(6, name="shared")
    embedded = layers.Embedding(9, 6, name="words")(tokens)
    x = layers.GlobalAveragePooling1D()(shared(shared(embedded)))
    model = keras.Model(tokens, layers.Dense(3, "softmax", name="out")(x))
    model.compile(keras.optimizers.SGD(0.5, momentum=0.9), loss="sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    live, masks = pw.LiveModel(model), half(model)
    live.apply(masks)
    model.fit(rng.integers(0, 9, (40, 5)), rng.integers(0, 3, 40), epochs=2, verbose=0)
    for name, weights in live.weights.items():
        assert not weights[~masks[name]].any()


def test_recurrent_attention_and_subclassed_models_are_held(data, subclassed):
    sequence = keras.Input((5, 4))
    attended = layers.MultiHeadAttention(2, 2, name="att")(sequence, sequence)
    recurrent = keras.Model(sequence, layers.Dense(4)(layers.LSTM(3, name="lstm")(attended)))
    rng = np.random.default_rng(0)
    for model, x in ((recurrent, rng.normal(size=(64, 5, 4))), (subclassed, data[0])):
        model.compile("adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        masks = half(model)
        pw.LiveModel(model).apply(masks)
        model.fit(x, data[1], epochs=1, verbose=0)
        for name, weights in pw.LiveModel(model).weights.items():
            assert not weights[~masks[name]].any()


def test_recompiling_keeps_the_zeros(data):
    model = network()
    model.compile("adam", loss="sparse_categorical_crossentropy")
    masks = half(model)
    pw.LiveModel(model).apply(masks)
    model.compile(
        keras.optimizers.SGD(0.1, momentum=0.9, use_ema=True), loss="sparse_categorical_crossentropy"
    )
    model.fit(*data, epochs=2, batch_size=8, verbose=0)
    for name, weights in pw.LiveModel(model).weights.items():
        assert not weights[~masks[name]].any()


@pytest.mark.parametrize("extension", ["keras", "h5"])
def test_after_save_and_load_the_zeros_can_be_held_again(data, tmp_path, extension):
    model = network()
    model.compile("adam", loss="sparse_categorical_crossentropy")
    masks = pw.prune(model, 0.5)
    pw.save_model(model, tmp_path / f"pruned.{extension}")
    loaded = pw.load_model(tmp_path / f"pruned.{extension}")
    live = pw.LiveModel(loaded)
    held = pw.Masks.from_zeros(live.weights)
    assert held == masks
    live.apply(held)
    loaded.fit(*data, epochs=1, verbose=0)
    assert pw.Masks.from_zeros(live.weights) == masks
