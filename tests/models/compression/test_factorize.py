"""Factorized models against NumPy: two layers compute what the truncated kernel would."""

import keras
import numpy as np
import pytest

from prunewidgets import low_rank
from prunewidgets.models.compression.factorize import factorize
from prunewidgets.models.compression.rank_plan import rank_plan

X = np.random.default_rng(0).normal(size=(5, 9, 9, 2)).astype(np.float32)


def chain() -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input((9, 9, 2)),
            keras.layers.Conv2D(12, 3, strides=2, padding="same", activation="relu", name="conv"),
            keras.layers.Flatten(name="flatten"),
            keras.layers.Dense(20, activation="tanh", name="wide"),
            keras.layers.Dense(3, activation="softmax", name="last"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    for layer in model.layers:
        if getattr(layer, "use_bias", False):
            layer.bias.assign(np.random.default_rng(1).normal(size=layer.bias.shape))
    return model


def branches() -> keras.Model:
    """A shared layer, a residual sum and a batch normalization."""
    inputs = keras.Input((9, 9, 2))
    x = keras.layers.Conv2D(16, 3, padding="same", name="conv")(inputs)
    x = keras.layers.BatchNormalization(name="norm")(x)
    shared = keras.layers.Conv2D(16, 3, padding="same", activation="relu", name="shared")
    x = keras.layers.Add(name="add")([x, shared(shared(x))])
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, keras.layers.Dense(4, name="out")(x))


def answers_of(model: keras.Model) -> np.ndarray:
    return model(X).numpy()


def kernel_of(model: keras.Model, name: str) -> np.ndarray:
    return model.get_layer(name).kernel.numpy()


def truncated(model: keras.Model, ranks: dict[str, int]) -> np.ndarray:
    """What the model answers with each kernel replaced by its nearest of that rank."""
    before = model.get_weights()
    for name, rank in ranks.items():
        kernel = kernel_of(model, name)
        u, s, v = np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), full_matrices=False)
        near = (u[:, :rank] * s[:rank]) @ v[:rank]
        model.get_layer(name).kernel.assign(near.reshape(kernel.shape))
    answers = answers_of(model)
    model.set_weights(before)
    return answers


@pytest.mark.parametrize(
    ("build", "ranks"),
    [(chain, {"conv": 4, "wide": 5}), (chain, {"wide": 1}), (branches, {"shared": 6, "conv": 3})],
)
def test_two_layers_compute_what_the_truncated_kernel_does(build, ranks):
    model = build()
    before = [array.copy() for array in model.get_weights()]
    answers = answers_of(model)
    new = factorize(model, rank=ranks)
    assert np.allclose(answers_of(new), truncated(model, ranks), atol=1e-5)
    assert new.count_params() < model.count_params()
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert np.array_equal(answers_of(model), answers)
    for name, rank in ranks.items():
        assert new.get_layer(f"{name}_narrow").kernel.shape[-1] == rank
        assert new.get_layer(f"{name}_narrow").use_bias is False


def test_a_layer_that_would_get_larger_is_left_whole_and_named():
    model = chain()
    with pytest.warns(UserWarning, match="last"):
        new = factorize(model, rank={"wide": 2, "last": 3})
    plan = rank_plan(model, rank={"wide": 2, "last": 3}).set_index("layer")
    assert plan.loc["conv", "left_because"] == "not asked for"
    assert plan.loc["last", "left_because"] == "two layers would not be smaller"
    kept = new.get_layer("last").kernel.numpy()
    assert np.array_equal(kept, kernel_of(model, "last"))


def test_the_plan_lists_what_factorize_does():
    model = chain()
    plan = rank_plan(model, budget=0.5).set_index("layer")
    # conv: 18 × 12, 216 weights; 108 pay for rank 3 (30 each). wide: 300 × 20; 3,000 pay for rank 9.
    assert plan["rank"].to_dict() == {"conv": 3, "wide": 9, "last": 1}
    assert plan.loc["conv", ["parameters", "parameters_after"]].tolist() == [216, 90]
    values = np.linalg.svd(kernel_of(model, "wide"), compute_uv=False) ** 2
    assert plan.loc["wide", "energy"] == pytest.approx(values[:9].sum() / values.sum(), rel=1e-5)
    new = factorize(model, budget=0.5)
    for layer in ("conv", "wide"):
        pair = [new.get_layer(name).kernel.numpy().size for name in (layer, f"{layer}_narrow")]
        assert sum(pair) == plan.loc[layer, "parameters_after"]


def test_the_energy_kept_is_the_energy_asked_for():
    model = chain()
    plan = rank_plan(model, energy=0.8).set_index("layer")
    for name in plan.index[plan["left_because"].isna()]:
        matrix = kernel_of(model, name).reshape(-1, kernel_of(model, name).shape[-1])
        rank = int(plan.loc[name, "rank"])
        product = low_rank.truncated_svd(matrix, rank).product
        assert 1 - np.sum((matrix - product) ** 2) / np.sum(matrix**2) >= 0.8 - 1e-6


def test_layers_of_other_kinds_are_named():
    plan = rank_plan(branches(), energy=0.5).set_index("layer")
    assert plan.loc["norm", "left_because"] == "a BatchNormalization, neither Dense nor Conv2D"


def test_it_is_compiled_and_trains_and_saves_like_any_other(tmp_path):
    new = factorize(chain(), rank={"wide": 4})
    assert new.compiled and new.loss == "sparse_categorical_crossentropy"
    assert new.train_on_batch(X, np.arange(5) % 3)
    new.save(tmp_path / "new.keras")
    again = keras.saving.load_model(tmp_path / "new.keras")
    assert np.allclose(answers_of(again), answers_of(new), atol=1e-6)


def test_unfactorized_layers_of_any_kind_are_copied():
    """A layer that a model within shares, a lambda; and a name that is taken already."""
    shared = keras.layers.Dense(12, "relu", name="shared")
    inner = keras.Sequential([keras.Input((12,)), shared], name="inner")
    inputs = keras.Input((9, 9, 2))
    x = keras.layers.Dense(12, activation="tanh", name="wide_narrow")(keras.layers.Flatten()(inputs))
    x = shared(inner(keras.layers.Lambda(lambda x: x + 1)(x)))
    model = keras.Model(inputs, keras.layers.Dense(30, name="wide")(x))
    ranks = {"wide_narrow": 3, "wide": 2}
    small = factorize(model, rank=ranks)
    assert [layer.name for layer in small.layers[-2:]] == ["wide_narrow_narrow_narrow", "wide"]
    assert small.get_layer("shared") is small.get_layer("inner").layers[0]
    np.testing.assert_allclose(answers_of(small), truncated(model, ranks), rtol=1e-4, atol=1e-4)


WRONG = {
    "exactly one": {},
    "exactly one of": {"energy": 0.9, "budget": 0.5},
    "energy 90": {"energy": 90},
    "budget 1.0": {"budget": 1.0},
    "No layer would get smaller": {"budget": 1e-6},
    "rank 0 of 'wide' .* 1 to 20": {"rank": {"wide": 0}},
    "rank None of 'wide'": {"rank": {"wide": None}},
    "rank is .name of a layer: rank., not 3": {"rank": 3},
    "'flatten' is no Dense or Conv2D .* conv, wide, last": {"rank": {"flatten": 2}},
    "No layer .* lower rank": {"rank": {"last": 3}},
}


def test_impossible_requests_are_errors():
    model = chain()
    for message, choice in WRONG.items():
        with pytest.raises(ValueError, match=message):
            factorize(model, **choice)


def test_a_subclassed_model_is_refused():
    class Own(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(ValueError, match="Sequential or Functional"):
        factorize(Own(), energy=0.9)
