"""What replaces each layer of a model: one successor, however many uses or owners the layer has."""

import re
from typing import Any

import keras
import tensorflow as tf

from ..plain_error import innermost, plain_error
from .channel_walk import graph_of
from .kept_rows import KeptRows, rows_left
from .sharing import check_pairs, layers_of, own_variables, refuse_tied, shared_objects
from .sizes import Sizes, resized

Pair = tuple[keras.Layer, keras.Layer]


class Successors:
    """The successors of a model's layers, each made at the first request.

    Args:
        model: The old model.
        sizes: How much of each axis is kept.
        pairs: {id of a layer: (first, second)}: two layers that replace one.
    """

    def __init__(self, model: keras.Model, sizes: Sizes, pairs: dict[int, Pair] | None = None) -> None:
        """Prepare to make successors; none is made yet."""
        refuse_tied(model)
        self._model, self._sizes, self._pairs = model, sizes, pairs or {}
        self._made: dict[int, tuple[Any, Any]] = {}  # id of a layer -> (the layer, its successor)
        self._originals: dict[int, Any] = {}  # id of a successor -> the layer
        self._within = {id(layer): layer for layer in layers_of(model)}
        self._filled: set[int] = set()  # ids of variables that were made with their final values
        self._first_of = {id(second): first for first, second in self._pairs.values()}

    def __call__(self, layer: Any) -> Any:
        """Return the successor of a layer or operation, without its final weights yet."""
        if id(layer) in self._pairs:
            return self._pairs[id(layer)][1]
        if id(layer) not in self._made:
            successor = self._successor(layer)
            self._made[id(layer)] = (layer, successor)
            self._originals[id(successor)] = layer
            _give_names(layer, successor)
            self._fill(layer, successor)
        return self._made[id(layer)][1]

    def clone(self, model: keras.Model, inputs: Any = None) -> keras.Model:
        """Return a Sequential or Functional model of the successors; compiled if the old one is."""
        if not isinstance(model, keras.Sequential):
            return keras.models.clone_model(model, inputs, self, call_function=self._called)
        if not any(id(layer) in self._pairs for layer in model.layers):
            return keras.models.clone_model(model, inputs, self)
        start = keras.Input(tensor=inputs) if inputs is not None else _input_of(model)
        stack = [part for layer in model.layers for part in self._pairs.get(id(layer)) or (self(layer),)]
        chain = keras.Sequential([start, *stack], name=model.name, trainable=model.trainable)
        if model.compiled:
            chain.compile_from_config(model.get_compile_config())
        return chain

    def take_weights(self) -> dict[int, keras.Variable]:
        """Copy the kept values of each weight; statistics and random seeds too.

        Returns:
            {id of an old variable: the new one}.
        """
        pairs = [
            (old, new, layer)
            for layer, successor in list(self._made.values())
            if isinstance(layer, keras.Layer) and graph_of(layer) is None
            if successor.built or not layer.variables  # otherwise it was made for a layer that did not use it
            for old, new in _variables(layer, successor)
        ]
        for layer, successor in self._made.values():
            vars(successor).pop("add_weight", None)
            _give_names(layer, successor)  # again: for layers that build has made
        replaced = [self._within[number] for number in self._pairs]
        check_pairs(self._model, pairs, replaced)
        for old, new, layer in pairs:
            if id(new) in self._filled:
                continue
            values = self._sizes.left(old)
            if values.shape != tuple(new.shape):
                raise ValueError(
                    f"{_cannot(layer)}: its weight {old.name!r} has the shape {tuple(old.shape)}, and one "
                    f"made from its configuration {tuple(new.shape)}."
                )
            new.assign(values)
        for layer, successor in self._made.values():
            if isinstance(successor, KeptRows) and not self._sizes.zeros:
                kept = self._sizes.kept(layer, "embeddings", 0)
                assert kept is not None  # its rows were found, and some of them are removed
                successor.keep(rows_left(layer, kept))
        return {id(old): new for old, new, _ in pairs}

    def _called(self, layer: Any, *args: Any, **kwargs: Any) -> Any:
        first = self._first_of.get(id(layer))
        original = self._originals.get(id(layer))
        args, kwargs = self._sizes.arguments(original, args), self._sizes.keywords(original, kwargs)
        return layer(first(*args, **kwargs)) if first else layer(*args, **kwargs)

    def _fill(self, layer: Any, successor: Any) -> None:
        """Make a plain layer of Keras's create its weights with their final values, not random ones first."""
        if not type(successor).__module__.startswith("keras.") or not isinstance(successor, keras.Layer):
            return
        if isinstance(successor, keras.Model) or successor.built or successor._layers:
            return
        own = own_variables(layer)
        ready = {variable.name: (variable.dtype, self._sizes.left(variable)) for variable in own}
        if len(ready) != len(own):
            return

        def add_weight(shape: Any = None, initializer: Any = None, **given: Any) -> keras.Variable:
            dtype, values = ready.pop(given.get("name"), (None, None))
            fits = values is not None and values.shape == tuple(shape or ())
            start = (lambda shape, dtype=None: tf.convert_to_tensor(values, dtype)) if fits else initializer
            new = type(successor).add_weight(successor, shape=shape, initializer=start, **given)
            if fits and new.dtype == dtype:
                self._filled.add(id(new))
            return new

        vars(successor)["add_weight"] = add_weight

    def _successor(self, layer: Any) -> Any:
        graph = graph_of(layer) if isinstance(layer, keras.Model) else None
        if graph is not None:
            return self.clone(layer, self._inputs(layer, graph))
        if type(layer) is keras.layers.Lambda:  # its configuration is code, which Keras refuses to read
            given = {"mask": layer.mask, "arguments": layer.arguments, "dtype": layer.dtype_policy}
            return keras.layers.Lambda(layer.function, layer._output_shape, name=layer.name, **given)
        others = self._within.keys() - {id(layer)}
        try:
            with shared_objects(others, {}):
                config = resized(layer, self._sizes)
        except Exception as error:  # from Keras or from the user's code
            raise ValueError(f"{_cannot(layer)}: {_why(error)}") from error
        held: dict[int, Any] = {}
        kind, config = self._sizes.kind(layer, self._with_successors(config, held))
        # Bidirectional makes its layers again from the configurations of those it is given.
        again = {id(successor): successor for successor in held.values()}
        try:
            with shared_objects(again, held | again):
                successor = kind.from_config(config)
        except Exception as error:
            raise ValueError(f"{_cannot(layer)}: {_why(error)}") from error
        return successor

    def _inputs(self, layer: keras.Model, graph: keras.Model) -> Any:
        inputs = []
        for number, tensor in enumerate(graph.inputs):
            kept = self._sizes.kept(layer, f"input {number}", -1)
            shape = tensor.shape if kept is None or not tensor.shape[1:] else (*tensor.shape[:-1], kept.sum())
            inputs.append(keras.Input(batch_shape=tuple(shape), dtype=tensor.dtype, name=tensor.name))
        # A Sequential has an input only once it has been called, which an enclosing layer does not do.
        return (
            inputs[0]
            if isinstance(layer, keras.Sequential)
            else keras.tree.pack_sequence_as(layer.input, inputs)
        )

    def _with_successors(self, config: Any, held: dict[int, Any]) -> Any:
        """Replace layers in a configuration by successors; put those of marked layers into ``held``."""
        if isinstance(config, dict):
            number = config.get("shared_object_id")
            if number in self._within:
                held[number] = self(self._within[number])
                return config
            return {key: self._with_successors(part, held) for key, part in config.items()}
        if isinstance(config, list | tuple):
            return type(config)(self._with_successors(part, held) for part in config)
        return self(config) if id(config) in self._within else config


def _variables(layer: keras.Layer, new: Any) -> list[tuple[keras.Variable, keras.Variable]]:
    """Pair the variables of a layer with those of its successor: by name, if names are unique."""
    ours, theirs = own_variables(layer), own_variables(new)
    extra = {"table"} if isinstance(new, KeptRows) and not isinstance(layer, KeptRows) else set()
    theirs = [variable for variable in theirs if variable.name not in extra]
    names = sorted(map(_own_name, ours))
    inner, new_inner = list(layer._layers), list(new._layers)
    if names != sorted(map(_own_name, theirs)) or len(inner) != len(new_inner):
        raise ValueError(
            f"{_cannot(layer)}: made from its configuration it has other weights "
            f"({', '.join(sorted(v.path for v in new.variables)) or 'none'}) than it has now "
            f"({', '.join(sorted(v.path for v in layer.variables)) or 'none'})."
        )
    if len(set(names)) == len(names):
        by_name = {_own_name(variable): variable for variable in theirs}
        found = [(variable, by_name[_own_name(variable)]) for variable in ours]
    else:
        found = list(zip(ours, theirs, strict=True))
    for one, other in zip(inner, new_inner, strict=True):
        found += _variables(one, other)
    return found


def _own_name(variable: keras.Variable) -> str:
    """Return the name of a variable without the number that Keras gives to one without a name."""
    return re.sub(r"^variable_\d+$", "variable", variable.name)


def _give_names(layer: Any, new: Any) -> None:
    """Copy the names of a layer and its inner layers: a class may number them, or not store its own name."""
    if isinstance(layer, keras.Layer) and graph_of(layer) is None:
        new.name = layer.name
        for one, other in zip(layer._layers, new._layers, strict=False):
            _give_names(one, other)


def _input_of(model: keras.Sequential) -> Any:
    tensor = model.inputs[0]
    return keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype, name=tensor.name)


def _cannot(layer: Any) -> str:
    return f"The layer {layer.name!r} ({type(layer).__name__}) cannot be copied"


def _why(error: Exception) -> str:
    """Return why a layer could not be made from its configuration, and how to fix it."""
    text = plain_error(error)
    unexpected = re.search(r"unexpected keyword argument '(\w+)'", text)
    if unexpected and unexpected[1] in ("name", "trainable", "dtype"):
        return (
            f"its __init__ does not take {unexpected[1]!r}, which Keras puts into every layer's "
            "configuration. Let it take **kwargs and hand them on: super().__init__(**kwargs)."
        )
    if unexpected:
        return (
            f"its get_config returns {unexpected[1]!r}, which its __init__ does not take. Let both have the "
            "same names."
        )
    if isinstance(error, NotImplementedError) or "get_config" in text:
        return (
            "it has no get_config that returns what its __init__ takes. Add one: "
            "return {**super().get_config(), …}, with layers by keras.saving.serialize_keras_object."
        )
    missing = re.search(r"missing \d+ required [\w-]+ arguments?: (.+)", text)
    if missing:
        return f"its get_config has to return what its __init__ takes: {missing[1]}."
    return f"{innermost(error)}."
