"""Which units go together, worked out by hand; and random graphs, whatever they join."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from prunewidgets.models.shrinking.channels import channel_groups
from prunewidgets.models.shrinking.shrink import mask_units, shrink

from .. import small_nets
from ..small_nets import examples, randomise, some_units


def parts(group):
    return {(part.weight, part.axis): (part.role, part.units.tolist()) for part in group.parts}


def test_units_of_a_chain_are_made_by_one_layer_and_read_by_the_next():
    groups = channel_groups(
        keras.Sequential(
            [
                keras.Input((3, 3, 2)),
                layers.Conv2D(2, 2, name="conv"),
                layers.BatchNormalization(name="norm"),
                layers.Flatten(),
                layers.Dense(3, name="dense"),
            ]
        )
    )
    assert list(groups) == ["conv"]
    own = [0, 1]
    assert parts(groups["conv"]) == {
        ("conv/kernel", 3): ("makes", own),
        ("conv/bias", 0): ("makes", own),
        **{(f"norm/{name}", 0): ("carries", own) for name in ("gamma", "beta")},
        **{(f"norm/moving_{name}", 0): ("carries", own) for name in ("mean", "variance")},
        ("dense/kernel", 0): ("reads", own * 4),  # 2 x 2 places, channels last
    }
    assert groups.fixed == {"dense": "Its units stay: they are the model's output."}
    assert repr(groups["conv"]) == "conv: 2 units made by conv, carried by norm, read by dense"


def test_channels_that_are_added_are_removed_together():
    groups = channel_groups(small_nets.residual())
    assert {name: group.units for name, group in groups.items()} == {"stem": 6, "inner": 4}
    assert groups["stem"].made_by == ("stem", "outer", "third", "fourth")
    assert groups["inner"].read_by == ("outer",)


def test_concatenation_shifts_channels_and_addition_ties_them():
    groups = channel_groups(small_nets.concatenation())
    assert {name: group.units for name, group in groups.items()} == {"a": 7, "d": 2}
    found = parts(groups["a"])
    # c is added to a, b and a again: its channels 0 to 3 and 7 to 10 are the units of a.
    assert found["c/kernel", 3] == ("makes", [0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3])
    assert found["b/kernel", 3] == ("makes", [4, 5, 6])
    assert parts(groups["d"])["last/kernel", 0] == ("reads", ([-1] * 11 + [0, 1]) * 36)


def test_gates_heads_and_grouped_filters():
    lstm = parts(channel_groups(small_nets.lstm())["two"])
    assert lstm["two/lstm_cell/kernel", 1] == ("makes", [0, 1, 2, 3] * 4)
    assert lstm["two/lstm_cell/recurrent_kernel", 0] == ("reads", [0, 1, 2, 3])
    assert lstm["last/kernel", 0] == ("reads", [0, 1, 2, 3] * 2 + [0, 1, 2, 3])
    heads = channel_groups(small_nets.attention())["own/heads"]
    assert heads.units == 4
    assert {(part.weight, part.axis) for part in heads.parts if part.role == "reads"} == {
        ("own/attention_output/kernel", 0)
    }
    grouped = channel_groups(small_nets.grouped())
    assert {name: group.units for name, group in grouped.items()} == {"stem": 4, "grouped": 6}  # halves


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        (layers.Softmax, "odd \\(Softmax\\) uses all its channels together"),
        (lambda name: layers.Activation("softmax", name=name), "the activation softmax of odd"),
        (lambda name: layers.Dense(4, activation="glu", name=name), None),
        (
            lambda name: layers.Lambda(lambda x: x, name=name),
            "odd, and what the kind Lambda does with channels",
        ),
        (lambda name: lambda x: keras.ops.average(x, axis=1)[:, None], "what the kind Average does"),
        (lambda name: lambda x: keras.ops.reshape(x, (-1, 4, 3)), "can only be removed together"),
        (lambda name: layers.Permute((2, 1), name=name), "global_average_pooling1d"),
        (
            lambda name: layers.EinsumDense("...c,cd->...d", 4, name=name),
            "odd, and its equation has no rule",
        ),
    ],
)
def test_layers_that_use_all_channels_fix_them(layer, why):
    inputs = keras.Input((3, 2))
    x = layers.Conv1D(4, 1, name="conv")(inputs)
    x = layers.GlobalAveragePooling1D()(layers.Dense(4, name="dense")(layer(name="odd")(x)))
    groups = channel_groups(keras.Model(inputs, layers.Dense(1, name="last")(x)))
    if why is None:  # it reads channels as any dense layer does; what it makes stays
        assert "conv" in groups and "the activation glu of odd" in groups.fixed["odd"]
    else:
        assert "conv" not in groups
        with pytest.raises(KeyError, match=why):
            groups["conv"]
    assert "dense" in groups


def test_inputs_outputs_and_single_units_are_fixed():
    inputs = keras.Input((4,))
    x = layers.Dense(4, name="met")(inputs)
    x = layers.Add()([inputs, x])
    x = layers.Multiply()([x, layers.Dense(1, name="gate")(x)])
    x = layers.Dense(1, name="one")(layers.Dense(5, name="free")(x))
    seen = layers.Dense(3, name="seen")(x)
    groups = channel_groups(keras.Model(inputs, [seen, layers.Dense(2, name="last")(seen)]))
    assert list(groups) == ["free"]
    assert groups.fixed == {
        "met": "Its units stay: they meet the model's input.",
        "gate": "Its units stay: multiply spreads its one channel over all others.",
        "one": "Its units stay: there is only one.",
        "seen": "Its units stay: they are the model's output.",
        "last": "Its units stay: they are the model's output.",
    }


def conv(draw, tensors):
    x = draw(st.sampled_from(tensors))
    groups = draw(st.sampled_from([1, 1, 2]))
    if x.shape[-1] % groups:
        groups = 1
    filters = groups * draw(st.integers(1, 3))
    return layers.Conv2D(filters, 3, padding="same", groups=groups, activation="relu")(x)


def carry(draw, tensors):
    norms = [layers.BatchNormalization, layers.LayerNormalization, layers.UnitNormalization, layers.PReLU]
    kind = draw(st.sampled_from([*norms, layers.DepthwiseConv2D, layers.GroupNormalization]))
    settings = {"kernel_size": 3, "padding": "same", "depth_multiplier": draw(st.integers(1, 2))}
    x = draw(st.sampled_from(tensors))
    if kind is layers.GroupNormalization:
        return kind(draw(st.sampled_from([n for n in (1, 2, 3, x.shape[-1]) if x.shape[-1] % n == 0])))(x)
    return kind(**settings)(x) if kind is layers.DepthwiseConv2D else kind()(x)


def join(draw, tensors):
    first, second = draw(st.sampled_from(tensors)), draw(st.sampled_from(tensors))
    if draw(st.booleans()) or first.shape[-1] == 1 or second.shape[-1] == 1:
        return layers.Concatenate()([first, second])
    second = layers.Conv2D(first.shape[-1], 1)(second) if first.shape[-1] != second.shape[-1] else second
    return draw(st.sampled_from([layers.Add, layers.Multiply, layers.Maximum]))()([first, second])


def network(draw):
    inputs = keras.Input((4, 4, 2))
    tensors = [layers.Conv2D(4, 3, padding="same")(inputs)]
    for _ in range(draw(st.integers(2, 7))):
        tensors.append(draw(st.sampled_from([conv, carry, join]))(draw, tensors))
    flat = layers.GlobalAveragePooling2D() if draw(st.booleans()) else layers.Flatten()
    return keras.Model(inputs, layers.Dense(2)(flat(layers.Concatenate()(tensors[-3:]))))


@settings(max_examples=20)
@given(st.data())
def test_random_graphs_compute_the_same_when_shrunk(data):
    model = randomise(network(data.draw))
    x = examples(model)
    groups = channel_groups(model)
    masks = some_units(groups, data.draw(st.integers(0, 9)))
    small = shrink(model, masks)
    wide, narrow = np.asarray(mask_units(model, masks)(x)), np.asarray(small(x))
    np.testing.assert_allclose(narrow, wide, rtol=1e-4, atol=1e-4 * max(1, np.abs(wide).max()))
    assert small.count_params() < model.count_params() or not groups


def test_a_row_of_unknown_length_keeps_its_channels():
    inputs = keras.Input((None, 3))
    model = keras.Model(inputs, layers.Flatten(name="row")(layers.Conv1D(4, 2, name="conv")(inputs)))
    groups = channel_groups(model)
    assert not groups
    assert groups.fixed["conv"].startswith("Its units stay")


def test_a_mask_argument_is_not_taken_for_a_state():
    inputs, mask = keras.Input((4, 5)), keras.Input((4,), dtype="bool")
    x = layers.LSTM(7, name="odd")(layers.Dense(6, name="stem")(inputs), None, mask)
    groups = channel_groups(keras.Model([inputs, mask], layers.Dense(2, name="last")(x)))
    assert list(groups.fixed) == ["stem", "last", "odd"]
