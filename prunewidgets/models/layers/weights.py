"""Find the prunable variables of a model and name them."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, TypeAlias

import keras
import tensorflow as tf

from ...core.arrays import is_within
from .built import check_built
from .quantized import FIRST, are_quantized, integer_kernels, quantization_numbers, quantized_layers

Prunable = Callable[[keras.Variable], bool]
Layer: TypeAlias = str | re.Pattern[str] | type | keras.Layer | Prunable
Layers: TypeAlias = Layer | Iterable[Layer] | None
"""A choice of some of a model's weights, see ``selected``."""

_ALWAYS = ("kernel", "embeddings")
_ASKED_FOR = (
    "Biases and normalisation are prunable only when asked for: LiveModel(model, prunable='all', layers=...)."
)
_NEVER = ("alpha", "gamma", "beta", "scale", "moving_mean", "moving_variance")


def is_prunable(variable: keras.Variable) -> bool:
    """Return the default choice: kernels and embeddings, frozen or not, but no biases or normalisation.

    Keras's layers use the names kernel, depthwise_kernel, pointwise_kernel, recurrent_kernel and embeddings.
    A variable with another name (in a custom layer) is prunable if it is trainable and has two or more axes,
    unless it is a bias, a normalisation weight such as gamma, or a LoRA adapter.
    """
    if len(variable.shape) < 2 or not keras.backend.is_float_dtype(variable.dtype):
        return False
    if variable.name.endswith(_ALWAYS):
        return True
    other = "bias" in variable.name or variable.name in _NEVER or _is_adapter(variable)
    return variable.trainable and not other


def named_variables(model: keras.Model) -> dict[str, keras.Variable]:
    """Return every variable of the model under a unique name, a shared one once.

    Names are paths such as ``conv_2/kernel`` or, in a nested model, ``encoder/dense/kernel``; if two
    variables have the same path, the second is ``encoder/dense/kernel#2``. They stay the same after saving
    and loading.
    """
    named: dict[str, keras.Variable] = {}
    seen: set[int] = set()
    for path, variable in _paths(model):
        if id(variable) in seen:
            continue
        seen.add(id(variable))
        name, copy = path, 1
        while name in named:
            copy += 1
            name = f"{path}#{copy}"
        named[name] = variable
    return named


def prunable_variables(
    model: keras.Model,
    layers: Layers = None,
    exclude: Layers = None,
    prunable: Prunable | Literal["all"] | None = None,
) -> dict[str, keras.Variable]:
    """Return the prunable variables, in the model's own order.

    Args:
        model: Any built Keras 3 model.
        layers: Only these, see ``selected``. Defaults to all.
        exclude: All but these.
        prunable: What ``layers`` and ``exclude`` choose among: kernels and embeddings if None, every weight
            if "all"; a function from a variable to bool chooses among kernels and embeddings too.

    Raises:
        TypeError: If it is not a Keras 3 model, or ``layers``, ``exclude`` or ``prunable`` has another type.
        ValueError: If the model is not built, has no prunable weights, or does not have a given name.
    """
    check_built(model)
    if not (prunable is None or prunable == "all" or callable(prunable)):
        raise TypeError(
            f"prunable is {prunable!r}; give 'all' for every weight, biases and normalisation included, or a "
            "function from a variable to bool. To name layers, give layers= or exclude=."
        )
    named = named_variables(model)
    # No random seeds, no scales of quantized layers, and no LoRA adapters: a layer uses the sum of its kernel
    # and their product.
    numbers = quantization_numbers(model)
    floats = {
        name: variable
        for name, variable in named.items()
        if keras.backend.is_float_dtype(variable.dtype)
        if not _is_adapter(variable) and id(variable) not in numbers
    }
    among = floats if prunable == "all" else {n: v for n, v in floats.items() if is_prunable(v)}
    if callable(prunable):
        among = {name: variable for name, variable in among.items() if prunable(variable)}
    if not among:
        if integers := quantized_layers(model):
            raise ValueError(
                f"The model {model.name!r} has no prunable weights: {are_quantized(integers)}, and masks "
                f"remove float weights. {FIRST}"
            )
        raise ValueError(
            f"The model {model.name!r} has no prunable weights; its variables are: {', '.join(named)}. "
            f"{_ASKED_FOR}"
        )
    return selected(model, among, layers, exclude)


def _is_adapter(variable: keras.Variable) -> bool:
    return variable.name.startswith(("lora_kernel_", "lora_embeddings_"))


def selected(
    model: keras.Model, among: dict[str, keras.Variable], layers: Layers, exclude: Layers = None
) -> dict[str, keras.Variable]:
    """Return some of a model's weights, chosen by layer.

    Args:
        model: Any built Keras 3 model.
        among: {name: variable}: the weights to choose among.
        layers: The name of a layer (``conv_2``, with all that is in it), a layer, a class of layers, a
            compiled regular expression that is searched for in the names of weights, a function from a
            variable to bool, or a list of these; None means all. The full name of a weight (``conv_2/bias``)
            takes that weight, even if it is not in ``among``.
        exclude: Weights to leave out, given in the same ways.

    Raises:
        TypeError: If an entry is none of these.
        ValueError: If an entry fits no weight, or no weight is left.
    """
    everything, integers = named_variables(model), integer_kernels(model)
    chosen = dict.fromkeys(among) if layers is None else {}
    for wanted in _each(layers):
        by_full_name = isinstance(wanted, str) and wanted in everything and wanted not in among
        found = [] if by_full_name else _fitting(model, among, wanted, "layers")
        others = [] if found else _fitting(model, everything, wanted, "layers")
        if kernels := [name for name in others if id(everything[name]) in integers]:
            raise ValueError(
                f"layers: {_shown(wanted)} fits {', '.join(kernels)} of {model.name!r}, which Keras has "
                f"quantized to integers, and masks remove float weights. {FIRST}"
            )
        if by_full_name:
            found = others
        elif not found:
            more = f" It does fit {', '.join(others)}: {_ASKED_FOR}" if others else ""
            raise ValueError(
                f"layers: {_shown(wanted)} fits no prunable weight of {model.name!r}; they are: "
                f"{', '.join(among)}.{more}"
            )
        chosen |= dict.fromkeys(found)
    for wanted in _each(exclude):
        found = _fitting(model, everything, wanted, "exclude")
        if not found and isinstance(wanted, str | re.Pattern):
            raise ValueError(
                f"exclude: {_shown(wanted)} fits no weight of {model.name!r}; they are: "
                f"{', '.join(everything)}."
            )
        chosen = {name: None for name in chosen if name not in set(found)}
    if not chosen:
        raise ValueError(
            f"layers, exclude: none of the prunable weights of {model.name!r} is left: {', '.join(among)}."
        )
    return {name: variable for name, variable in everything.items() if name in chosen}


def owners(model: keras.Model) -> dict[int, list[keras.Layer]]:
    """Return {id of a variable: the layers that contain it, from the outermost to its own}."""
    found: dict[int, list[keras.Layer]] = {}
    for layer in model._flatten_layers(include_self=False):
        for variable in layer.variables:
            found.setdefault(id(variable), []).append(layer)
    return {name: sorted(layers, key=lambda layer: -len(layer.variables)) for name, layers in found.items()}


def _each(layers: Layers) -> list[Layer]:
    # Layers and classes are callable, and strings iterable: each of them is a single entry.
    one = isinstance(layers, str | re.Pattern | keras.Layer) or callable(layers)
    if layers is None or one:
        return [] if layers is None else [layers]
    if not isinstance(layers, Iterable):
        raise TypeError(_NO_LAYERS.format(layers))
    return list(layers)


_NO_LAYERS = (
    "{!r} names no layers; give the name of a layer or weight, a layer, a class of layers, a compiled "
    "regular expression, a function from a variable to bool, or a list of such."
)


def _fitting(model: keras.Model, among: dict[str, keras.Variable], wanted: Layer, what: str) -> list[str]:
    """Return the names that one entry of ``layers`` or ``exclude`` selects."""
    if isinstance(wanted, str):
        return [name for name in among if is_within(name, wanted)]
    if isinstance(wanted, re.Pattern):
        return [name for name in among if wanted.search(name)]
    if isinstance(wanted, keras.Layer):
        inside = {id(variable) for variable in wanted.variables}
        return [name for name, variable in among.items() if id(variable) in inside]
    if isinstance(wanted, type) and issubclass(wanted, keras.Layer):
        of = owners(model)
        return [
            name
            for name, variable in among.items()
            if any(isinstance(layer, wanted) for layer in of.get(id(variable), ()))
        ]
    if callable(wanted) and not isinstance(wanted, type):
        return [name for name, variable in among.items() if wanted(variable)]
    raise TypeError(f"{what}: " + _NO_LAYERS.format(wanted))


def _shown(wanted: Layer) -> str:
    return repr(getattr(wanted, "pattern", None) or getattr(wanted, "__name__", None) or wanted)


def _paths(model: keras.Model) -> Iterator[tuple[str, keras.Variable]]:
    """Yield variables in the model's own order, with the names of nested models and layers in front.

    Keras puts the name of a nested Sequential into a variable's path, but not that of a nested Functional
    model; the name of a wrapper layer is there only if the inner layer was not built before it. A layer that
    was first built in another model, as one with which early exits share it, keeps that one's name in front.
    """
    nested: dict[int, str] = {}
    owned: dict[int, str] = {}
    for layer in model.layers:
        owned |= {id(variable): layer.name for variable in layer.variables}
        for path, variable in _paths(layer) if isinstance(layer, keras.Model) else _within(layer):
            nested.setdefault(id(variable), f"{layer.name}/{path}")
    for variable in model.variables:
        path = _below(model.name, variable.path)
        yield nested.get(id(variable)) or _from(owned.get(id(variable), ""), path), variable


def _within(layer: keras.Layer) -> Iterator[tuple[str, keras.Variable]]:
    """Yield the variables of the layers inside a layer, with their paths."""
    for inner in layer._flatten_layers(include_self=False, recursive=False):
        deeper = list(_paths(inner) if isinstance(inner, keras.Model) else _within(inner))
        known = {id(variable) for _, variable in deeper}
        own = ((variable.name, variable) for variable in inner.variables if id(variable) not in known)
        yield from ((f"{inner.name}/{path}", variable) for path, variable in (*own, *deeper))


def _below(name: str, path: str) -> str:
    """Return the path below the model of that name, or all of it if Keras left the name out."""
    parts = path.split("/")
    return "/".join(parts[parts.index(name) + 1 :]) if name in parts[:-2] else path


def _from(name: str, path: str) -> str:
    """Return the path from the layer of that name on, or all of it if the layer is not in it."""
    parts = path.split("/")
    return "/".join(parts[parts.index(name) :]) if name in parts[:-1] else path


def tensor_of(variable: keras.Variable) -> tf.Tensor:
    """Return a variable's value now; later assignments to the variable do not change it."""
    return tf.convert_to_tensor(variable.value)
