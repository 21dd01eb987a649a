"""Layers and weights that several owners share: find them, keep them shared in a copy, or refuse them."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf
from keras.src.backend.common import global_state

from ..layers.weights import named_variables
from ..live.frozen import input_specs
from .channel_walk import calls, graph_of

_CONFIGS, _OBJECTS = "shared_objects/id_to_config_map", "shared_objects/id_to_obj_map"
_WAY_OUT = (
    "Make that a layer that holds the layer of the weight, and let its get_config return that by "
    "keras.saving.serialize_keras_object; for tied embeddings there is keras.layers.ReversibleEmbedding."
)


@contextmanager
def shared_objects(marked: Iterable[int], known: Mapping[int, Any]) -> Iterator[None]:
    """Make Keras mark objects in the configurations it writes, and reuse known objects when it reads them.

    Keras does so for objects that occur twice while it writes a file. Its own scope starts empty and cannot
    be nested, so the two tables are set here.

    Args:
        marked: Ids of objects; the configurations of these get a ``shared_object_id``.
        known: {such an id: the object to use where a configuration has that id}.
    """
    before = {name: global_state.get_global_attribute(name) for name in (_CONFIGS, _OBJECTS)}
    global_state.set_global_attribute(_CONFIGS, {number: {} for number in marked})
    global_state.set_global_attribute(_OBJECTS, dict(known))
    try:
        yield
    finally:
        for name, value in before.items():
            global_state.set_global_attribute(name, value)


def own_variables(layer: keras.Layer) -> list[keras.Variable]:
    """Return the variables of a layer without those of its inner layers, each once."""
    within = {id(variable) for inner in layer._layers for variable in inner.variables}
    own = {id(variable): variable for variable in layer.variables if id(variable) not in within}
    return list(own.values())


def tied(model: keras.Model) -> dict[int, tuple[keras.Variable, list[keras.Layer]]]:
    """Return {id: (variable, layers)} for variables that more than one layer owns directly."""
    owners: dict[int, tuple[keras.Variable, list[keras.Layer]]] = {}
    for layer in layers_of(model):
        if not isinstance(layer, keras.Model) or graph_of(layer) is None:
            for variable in own_variables(layer):
                owners.setdefault(id(variable), (variable, []))[1].append(layer)
    return {number: found for number, found in owners.items() if len(found[1]) > 1}


def layers_of(model: keras.Model) -> list[keras.Layer]:
    """Return every layer within a model, at any depth, once."""
    return list({id(layer): layer for layer in model._flatten_layers(include_self=False)}.values())


def shared_layers(model: keras.Model) -> dict[int, keras.Layer]:
    """Return {id: layer} for layers that several layers or models hold, or one of them holds twice."""
    held = [
        layer
        for owner in [model, *layers_of(model)]
        for layer in (owner.layers if isinstance(owner, keras.Model) else owner._layers)
    ]
    times = Counter(map(id, held))
    return {id(layer): layer for layer in held if times[id(layer)] > 1}


def described(model: keras.Model) -> dict[str, Any]:
    """Return Keras's description of a model's architecture, with shared layers marked as the same layer.

    Keras marks an object at its second occurrence, and loses the first one's mark if that is in a layer.
    """
    shared = list(shared_layers(model))
    if not shared:
        return json.loads(model.to_json())
    with shared_objects(shared, {}):
        description = json.loads(model.to_json())
    chains = {m.name: m for m in [model, *layers_of(model)] if isinstance(m, keras.Sequential)}
    description = _with_repeats(description, chains)
    return _renumbered(description, {number: place for place, number in enumerate(shared)})


def _with_repeats(part: Any, chains: Mapping[str, keras.Sequential]) -> Any:
    """Add the repeats of layers that a Sequential has twice: Keras writes only the first."""
    if isinstance(part, list):
        return [_with_repeats(each, chains) for each in part]
    if not isinstance(part, dict):
        return part
    part = {key: _with_repeats(each, chains) for key, each in part.items()}
    chain = chains.get(part["config"].get("name")) if part.get("class_name") == "Sequential" else None
    if chain is not None:
        written = {layer["config"]["name"]: layer for layer in part["config"]["layers"]}
        names = [layer.name for layer in chain._layers]
        if len(names) > len(written) and set(names) == set(written):
            part["config"] |= {"layers": [written[name] for name in names]}
    return part


def _renumbered(part: Any, places: dict[int, int]) -> Any:
    """Replace ids by numbers that are the same in every run; drop marks of what is not a layer."""
    if isinstance(part, list):
        return [_renumbered(each, places) for each in part]
    if not isinstance(part, dict):
        return part
    mark = part.get("shared_object_id")
    rest = {key: _renumbered(each, places) for key, each in part.items() if key != "shared_object_id"}
    return rest | ({"shared_object_id": places[mark]} if mark in places else {})


def refuse_tied(model: keras.Model) -> None:
    """Raise ValueError if two layers own a variable or an operation takes one: no configuration says so."""
    for variable, owners in tied(model).values():
        names = " and ".join(repr(layer.name) for layer in owners)
        raise ValueError(
            f"The layers {names} both own the weight {_name(model, variable)!r}; a copy would have it twice. "
            "Call one layer twice instead, which can be copied."
        )

    for graph in filter(None, (graph_of(m) for m in model._flatten_layers() if isinstance(m, keras.Model))):
        for node in calls(graph):
            given = keras.tree.flatten((node.arguments.args, node.arguments.kwargs))
            for variable in (leaf for leaf in given if isinstance(leaf, keras.Variable)):
                raise ValueError(
                    f"The operation {node.operation.name!r} takes the weight {_name(model, variable)!r} "
                    f"directly; a copy would still compute with the original's. {_WAY_OUT}"
                )


def check_pairs(
    model: keras.Model,
    pairs: list[tuple[keras.Variable, keras.Variable, keras.Layer]],
    replaced: list[keras.Layer],
) -> None:
    """Raise ValueError unless each variable of a model has one successor, and each successor one original.

    Args:
        model: The old model.
        pairs: (old variable, new variable, old layer that has the old variable).
        replaced: Layers whose weights have no successors.
    """
    new_of: dict[int, dict[int, keras.Layer]] = {}
    old_of: dict[int, set[int]] = {}
    for old, new, layer in pairs:
        new_of.setdefault(id(old), {}).setdefault(id(new), layer)
        old_of.setdefault(id(new), set()).add(id(old))
    for old, _, layer in pairs:
        holders = list(new_of[id(old)].values())
        if len(holders) > 1 or any(len(old_of[new]) > 1 for new in new_of[id(old)]):
            names = " and ".join(repr(holder.name) for holder in dict.fromkeys([*holders, layer]))
            raise ValueError(
                f"The weight {_name(model, old)!r} is shared by {names}, and a copy would not share it: the "
                "configuration of a layer that holds another one does not say so. Let its get_config return "
                "the inner layer by keras.saving.serialize_keras_object, and its from_config read it back "
                "by keras.saving.deserialize_keras_object."
            )
        if id(old) in old_of:
            raise ValueError(
                f"A copy of the layer {layer.name!r} would still use the weight {_name(model, old)!r} of the "
                "original: its get_config has to return the inner layer by "
                "keras.saving.serialize_keras_object."
            )
    done = new_of.keys() | {id(variable) for layer in replaced for variable in layer.weights}
    for variable in model.weights:
        if id(variable) not in done:
            raise ValueError(
                f"The weight {_name(model, variable)!r} does not belong to a layer of {model.name!r}, so "
                "a copy would not have it. Put it into a layer of its own."
            )


def refuse_old_weights(model: keras.Model, copy: keras.Model) -> None:
    """Raise ValueError if a copy computes with weights of the original, through a closure or global.

    Found by tracing the copy, which takes a while: needed only for code that Keras does not know.
    """
    if any(getattr(tensor, "sparse", False) for tensor in copy.inputs):
        return  # sparse inputs cannot be traced from a shape
    like = input_specs(copy)
    specs = [tf.TensorSpec(spec.shape, spec.dtype) for spec in tf.nest.flatten(like)]

    def run(*inputs: tf.Tensor) -> Any:
        return copy(tf.nest.pack_sequence_as(like, inputs), training=False)

    graph = tf.function(run, autograph=False).get_concrete_function(*specs).graph
    read = {id(outside) for outside, _ in graph.captures}
    for variable in model.variables:
        if id(variable.value.handle) in read:
            raise ValueError(
                f"The model {model.name!r} uses the weight {_name(model, variable)!r} in a function or layer "
                "that does not own it (a Lambda, say); a copy would still compute with the original's. "
                f"{_WAY_OUT}"
            )


def _name(model: keras.Model, variable: keras.Variable) -> str:
    return next((n for n, own in named_variables(model).items() if own is variable), variable.path)
