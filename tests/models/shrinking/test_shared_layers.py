"""What is shared in a model is shared in whatever is made of it, or refused by name."""

import os

import keras
import numpy as np
import pytest
from keras import layers

import prunewidgets as pw
from prunewidgets.models.layers.weights import named_variables

from ..shared_nets import (
    Lost,
    Nameless,
    NoConfiguration,
    Twice,
    Unsaid,
    block_at_every_step_too,
    by_closure,
    by_operation,
    cell_of_two,
    chain_at_every_step,
    chain_with_repeats,
    dense_at_every_step_too,
    held_by,
    in_two_models,
    keywordless,
    normalised,
    one_way_of_both,
    owned_twice,
    random_net,
    tied_embeddings,
)
from ..small_nets import examples, randomise, some_units

SEEDS = int(os.environ.get("PRUNEWIDGETS_SHARED_NETS", "2"))


def through_a_file(model, tmp_path):
    pw.save_compact(model, tmp_path / "it.pwc")
    return pw.load_compact(tmp_path / "it.pwc")


def made_of(model, tmp_path):
    """Every copy that the package makes, by the name of the function."""
    return {
        "shrink": lambda: pw.shrink(model, {}),
        "mask_units": lambda: pw.mask_units(model, {}),
        "copy_with_weights": lambda: pw.copy_with_weights(
            model, {n: v.numpy() for n, v in variables(model).items()}
        ),
        "quantize": lambda: pw.quantize(model, {}, bias_bits=None),
        "compact": lambda: through_a_file(model, tmp_path),
    }


def variables(model):
    return {n: v for n, v in named_variables(model).items() if "float" in v.dtype}


def check(model, copy):
    """As many weights, the same answers, and the same answers still when both get other weights."""
    assert copy.count_params() == model.count_params()
    assert len(copy.variables) == len(model.variables)
    assert not {id(variable) for variable in copy.variables} & {id(variable) for variable in model.variables}
    x = examples(model)
    np.testing.assert_allclose(copy(x), model(x), rtol=1e-4, atol=1e-5)
    ours, theirs, rng = variables(model), variables(copy), np.random.default_rng(5)
    before = {name: variable.numpy() for name, variable in ours.items()}
    for name, variable in ours.items():
        variable.assign(rng.uniform(0.1, 1, variable.shape))
        theirs[name].assign(variable.value)
    np.testing.assert_allclose(copy(x), model(x), rtol=1e-4, atol=1e-4)
    for name, values in before.items():
        ours[name].assign(values)


@pytest.mark.parametrize(
    "build",
    [
        dense_at_every_step_too,
        block_at_every_step_too,
        chain_at_every_step,
        cell_of_two,
        chain_with_repeats,
        normalised,
        tied_embeddings,
        lambda: held_by(Twice),
    ],
)
def test_shared_layers_stay_shared_in_a_copy(build, tmp_path):
    model = randomise(build())
    for copy in made_of(model, tmp_path).values():
        check(model, copy())


@pytest.mark.parametrize("build", [one_way_of_both, in_two_models, lambda: held_by(Unsaid)])
def test_sharing_that_a_file_cannot_store_is_refused_by_name(build, tmp_path):
    model = randomise(build())
    for name, copy in made_of(model, tmp_path).items():
        if name == "compact":
            with pytest.raises(ValueError, match=r"used in several places.*'(d|forward_simple_rnn)'"):
                copy()
        else:
            check(model, copy())


def test_a_layer_without_get_config_keeps_its_name_and_those_of_inner_layers():
    model = keras.Sequential([keras.Input((6,)), Nameless(name="mine"), layers.Dense(3)])
    assert [layer.name for layer in pw.shrink(model, {}).layers][0] == "mine"
    assert (
        pw.copy_with_weights(model, {n: v.numpy() for n, v in variables(model).items()}).layers[0].name
        == "mine"
    )


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_networks_with_shared_layers_can_be_copied(seed, tmp_path):
    model = randomise(random_net(seed))
    for copy in made_of(model, tmp_path).values():
        check(model, copy())


@pytest.mark.parametrize(
    "build", [dense_at_every_step_too, cell_of_two, lambda: held_by(Twice), in_two_models, one_way_of_both]
)
def test_shared_units_are_removed_everywhere_at_once(build):
    model = randomise(build())
    groups, x = pw.channel_groups(model), examples(model)
    masks = some_units(groups)
    np.testing.assert_allclose(pw.shrink(model, masks)(x), pw.mask_units(model, masks)(x), atol=1e-5)
    named = {*groups.fixed, *(name for group in groups.values() for name in group.made_by)}
    assert named >= {layer.name for layer in model.layers if layer.weights and not layer._layers}


def test_units_of_a_layer_used_inside_another_layer_are_kept():
    inputs, shared = keras.Input((6,)), layers.Dense(6, name="d")
    model = keras.Model(inputs, layers.Dense(3)(shared(inputs)) + layers.Dense(3)(Twice(shared)(inputs)))
    assert "d" in pw.channel_groups(model).fixed
    assert "twice (Twice) uses d too" in pw.channel_groups(model).fixed["d"]


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (owned_twice, r"'one' and 'other' both own the weight 'one/kernel'"),
        (by_closure, r"uses the weight 'words/embeddings' in a function"),
        (by_operation, r"'einsum' takes the weight 'words/embeddings' directly"),
        (lambda: held_by(Lost), r"'.*d/kernel' is shared by 'one' and 'two'.*get_config"),
        (
            lambda: held_by(NoConfiguration),
            r"'one' \(NoConfiguration\).*: it has no get_config",
        ),
        (keywordless, r"'no_keywords' \(NoKeywords\).*does not take 'trainable'.*\*\*kwargs"),
    ],
)
def test_hidden_sharing_is_refused_by_name(build, says, tmp_path):
    model = build()
    for copy in made_of(model, tmp_path).values():
        with pytest.raises(ValueError, match=says):
            copy()
