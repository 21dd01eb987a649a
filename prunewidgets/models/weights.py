"""Which variables of a model can be pruned, and what they are called."""

import re
from collections.abc import Callable, Iterable, Iterator

import keras

Prunable = Callable[[keras.Variable], bool]
Layers = str | re.Pattern | Iterable[str | re.Pattern] | Prunable | None
"""How some of a model's layers are named: see ``by_layer``."""

_ALWAYS = ("kernel", "embeddings")
_NEVER = ("alpha", "gamma", "beta", "scale", "moving_mean", "moving_variance")


def is_prunable(variable: keras.Variable) -> bool:
    """The default choice: kernels and embeddings, frozen or not, but no biases and no normalisation.

    Keras names what its layers own: kernel, depthwise_kernel, pointwise_kernel, recurrent_kernel,
    embeddings. Of other names (a layer of one's own) the trainable ones with two or more axes count, bias,
    gamma and their like excepted.
    """
    if len(variable.shape) < 2 or not keras.backend.is_float_dtype(variable.dtype):
        return False
    if variable.name.endswith(_ALWAYS):
        return True
    return variable.trainable and "bias" not in variable.name and variable.name not in _NEVER


def named_variables(model: keras.Model) -> dict[str, keras.Variable]:
    """Every variable of the model under a unique name, a shared one once.

    Names are paths such as ``conv_2/kernel`` or, in a nested model, ``encoder/dense/kernel``; when two
    layers have the same path, the second is ``encoder/dense/kernel#2``. They are the same again after save
    and load.
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


def prunable_variables(model: keras.Model, prunable: Prunable | None = None) -> dict[str, keras.Variable]:
    """The variables that count as prunable, in the model's own order.

    Args:
        model: Any built Keras 3 model.
        prunable: Chooses them: variable -> bool. ``is_prunable`` if None.

    Raises:
        TypeError: Not a Keras 3 model.
        ValueError: The model is not built, or nothing in it can be pruned.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"{_describe(model)} is not a Keras 3 model. Pass a keras.Model: Sequential, Functional or "
            "subclassed. (Models of tf_keras or PyTorch have to be rebuilt with keras.layers first.)"
        )
    if not model.built or not model.variables:
        raise ValueError(
            f"The model {model.name!r} has no weights yet, because it is not built. Call it once on an "
            "example, model(x[:1]), or begin it with keras.Input(shape), and try again."
        )
    named = named_variables(model)
    choose = is_prunable if prunable is None else prunable
    floats = {n: v for n, v in named.items() if keras.backend.is_float_dtype(v.dtype)}  # not random seeds
    chosen = {name: variable for name, variable in floats.items() if choose(variable)}
    if not chosen:
        raise ValueError(
            f"The model {model.name!r} has no prunable weights; its variables are: {', '.join(named)}. "
            "Biases and normalisation are prunable only when asked for: LiveModel(model, prunable=lambda "
            "variable: ...)."
        )
    return chosen


def by_layer(model: keras.Model, layers: Layers) -> Prunable | None:
    """A choice of weights from the names of layers.

    Args:
        model: Any built Keras 3 model.
        layers: The name of a layer (``conv_2``, with all that is in it) or weight (``conv_2/kernel``), a
            compiled regular expression that is searched for in the names of weights, a list of such; or a
            function from a variable to bool, which is returned as it is; None means all.

    Raises:
        ValueError: A name or expression that fits no prunable weight.
    """
    one = isinstance(layers, str | re.Pattern | keras.Layer)  # a layer is callable too, but chooses nothing
    if layers is None or (callable(layers) and not one):
        return layers
    named, chosen = prunable_variables(model), set()
    for wanted in [layers] if one else list(layers) or [layers]:
        found = {id(variable) for name, variable in named.items() if _fits(name, wanted)}
        if not found:
            raise ValueError(
                f"layers: {getattr(wanted, 'pattern', wanted)!r} fits no prunable weight of {model.name!r}; "
                f"they are: {', '.join(named)}."
            )
        chosen |= found
    return lambda variable: id(variable) in chosen


def _fits(name: str, wanted: str | re.Pattern) -> bool:
    if isinstance(wanted, re.Pattern):
        return wanted.search(name) is not None
    return isinstance(wanted, str) and f"{name}/".startswith(f"{wanted}/")


def _paths(model: keras.Model) -> Iterator[tuple[str, keras.Variable]]:
    """Variables in the model's own order, with the names of nested models and layers in front.

    Keras puts the name of a nested Sequential into a variable's path, but not that of a nested Functional
    model; that of a layer around another one only if the inner one was not built before it.
    """
    nested: dict[int, str] = {}
    for layer in model.layers:
        for path, variable in _paths(layer) if isinstance(layer, keras.Model) else _within(layer):
            nested.setdefault(id(variable), f"{layer.name}/{path}")
    for variable in model.variables:
        yield nested.get(id(variable)) or _below(model.name, variable.path), variable


def _within(layer: keras.Layer) -> Iterator[tuple[str, keras.Variable]]:
    """Variables of the layers inside a layer."""
    for inner in layer._flatten_layers(include_self=False, recursive=False):
        deeper = list(_paths(inner) if isinstance(inner, keras.Model) else _within(inner))
        known = {id(variable) for _, variable in deeper}
        own = ((variable.name, variable) for variable in inner.variables if id(variable) not in known)
        yield from ((f"{inner.name}/{path}", variable) for path, variable in (*own, *deeper))


def _below(name: str, path: str) -> str:
    """The path from below the model of that name; all of it where Keras did not put the name in."""
    parts = path.split("/")
    return "/".join(parts[parts.index(name) + 1 :]) if name in parts[:-2] else path


def _describe(thing: object) -> str:
    return f"An object of type {type(thing).__module__}.{type(thing).__qualname__}"
