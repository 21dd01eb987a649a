"""What each kind of layer does with channels: which it makes and reads, and which it couples."""

from collections.abc import Callable
from math import prod
from typing import Any

import keras
import numpy as np

from ..layers.layouts import layout_of
from .channel_walk import Axis, Call, Channels, channel_count, graph_of, through

Rule = Callable[[Call], Any]
"""Maps one use of a layer to the atoms of its outputs: one array for all, or a list with one for each.

A rule that knows more, such as channels on other axes, returns ``Channels`` in place of arrays.
"""

_ELEMENTWISE = set(
    "linear relu relu6 leaky_relu elu selu celu gelu silu sigmoid log_sigmoid hard_sigmoid hard_silu tanh "
    "hard_tanh softplus softsign exponential mish squareplus soft_shrink hard_shrink tanh_shrink threshold "
    "sparse_plus sparse_sigmoid".split()
)


def passes(call: Call) -> np.ndarray:
    """Handle layers that treat each channel separately: pooling, padding, dropout, ReLU."""
    return call.inputs[0].atoms


def dense(call: Call) -> np.ndarray:
    """Handle a dense layer: a column of the kernel makes a unit, a row reads one."""
    return _linear(call)


def conv_transpose(call: Call) -> np.ndarray:
    """Handle a transposed convolution, whose kernel has its last two axes swapped."""
    return _linear(call)


def conv(call: Call) -> np.ndarray:
    """Handle a convolution: a filter makes a channel and reads all channels of its group."""
    groups, given = call.layer.groups, call.inputs[0].atoms
    if groups == 1:
        return _linear(call)
    if groups == len(given):  # depthwise: a filter is removed with the one channel it reads
        made = np.repeat(given, call.layer.filters // groups)
        return _made(call, "kernel", -1, made, "carries")
    # Every group has to keep the same number of channels: those at the same position in each are tied.
    made = call.makes(call.layer.filters)
    for atoms in (given, made):
        first, *others = atoms.reshape(groups, -1)
        for other in others:
            call.walk.tie(first, other)
    call.put("kernel", -2, given.reshape(groups, -1)[0], "reads")
    return _made(call, "kernel", -1, made)


def _linear(call: Call) -> np.ndarray:
    layout = layout_of(call.layer, call.layer.kernel)
    (reads,), (makes,) = layout.inputs, layout.outputs
    call.put("kernel", reads, call.inputs[0].atoms, "reads")
    return _made(call, "kernel", makes, call.makes(call.layer.kernel.shape[makes]))


def _made(call: Call, weight: str, axis: int, atoms: np.ndarray, role: str = "makes") -> np.ndarray:
    call.put(weight, axis, atoms, role)
    call.put("bias", -1, atoms, role)
    return activated(call, atoms)


def activated(call: Call, atoms: np.ndarray, names: tuple[str, ...] = ("activation",)) -> np.ndarray:
    """Return the same atoms; fix them if the activation may use several of them together."""
    for name in names:
        function = getattr(call.layer, name, None)
        own = getattr(function, "__name__", type(function).__name__)
        known = own in _ELEMENTWISE or own in ("ReLU", "LeakyReLU", "ELU", "NoneType")
        if not known or not type(function).__module__.startswith(("builtins", "keras.")):
            call.fix(f"the activation {own} of {call.name} may look at all of them together", atoms)
    return atoms


def activated_input(call: Call) -> np.ndarray:
    """Handle an activation that is a layer of its own."""
    return activated(call, call.inputs[0].atoms)


def depthwise(call: Call) -> np.ndarray:
    """Handle a depthwise convolution: a filter is removed with the channel it reads."""
    given = call.inputs[0].atoms
    call.put("kernel", -2, given, "carries")
    made = np.repeat(given, call.layer.depth_multiplier)
    call.put("bias", -1, made, "carries")
    return activated(call, made)


def separable(call: Call) -> np.ndarray:
    """Handle a depthwise convolution followed by a pointwise one, which alone reads its outputs."""
    given = call.inputs[0].atoms
    call.put("depthwise_kernel", -2, given, "reads")
    call.put("pointwise_kernel", -2, np.repeat(given, call.layer.depth_multiplier), "reads")
    return _made(call, "pointwise_kernel", -1, call.makes(call.layer.filters))


def batch_norm(call: Call) -> np.ndarray:
    """Handle batch normalisation: scale, shift and two statistics for each channel."""
    (tensor,) = call.inputs[:1]
    if call.layer.axis not in (-1, len(tensor.shape)):
        return together(call)
    for weight in ("gamma", "beta", "moving_mean", "moving_variance"):
        call.put(weight, 0, tensor.atoms, "carries")
    return tensor.atoms


def prelu(call: Call) -> np.ndarray:
    """Handle PReLU: a slope for each channel."""
    atoms = call.inputs[0].atoms
    if call.layer.alpha.shape[-1] == len(atoms):
        call.put("alpha", -1, atoms, "carries")
    return atoms


def scale(call: Call) -> np.ndarray:
    """Handle LayerScale (of ConvNeXt): a factor for each channel."""
    call.put("gamma", 0, call.inputs[0].atoms, "carries")
    return call.inputs[0].atoms


def merge(call: Call) -> np.ndarray:
    """Handle elementwise operations such as addition: channels that are combined are tied."""
    width = max(channel_count(shape) for shape in call.outputs)
    wide = [tensor.atoms for tensor in call.inputs if len(tensor.atoms) == width]
    for tensor in call.inputs:
        if len(tensor.atoms) != width:
            call.fix(f"{call.name} spreads its one channel over all others", tensor.atoms)
    for place, constant in enumerate(call.args):
        if isinstance(constant, Channels) or any(
            isinstance(x, Channels) for x in keras.tree.flatten(constant)
        ):
            continue
        if np.ndim(constant) and wide and np.shape(constant)[-1] == width:
            call.constant(place, -1, wide[0])
        elif np.size(constant) > 1 and np.shape(constant)[-1] > 1:
            call.fix(f"{call.name} has a constant for each channel")
    if any(np.ndim(leaf) for leaf in keras.tree.flatten(call.kwargs)):
        call.fix(f"{call.name} has a constant for each channel")
    for other in wide[1:]:
        call.walk.tie(wide[0], other)
    return wide[0] if wide else fresh(call, width)


def concatenate(call: Call) -> np.ndarray:
    """Handle concatenation: append the channels; along another axis, tie those at the same position."""
    if call.layer.axis in (-1, len(call.outputs[0])):
        return np.concatenate([tensor.atoms for tensor in call.inputs])
    return merge(call)


def flatten(call: Call) -> np.ndarray:
    """Handle Flatten: all positions in one row, with the channels of one position side by side."""
    (tensor,) = call.inputs
    if None in tensor.shape:  # the length of the row is unknown
        return together(call)
    return np.tile(tensor.atoms, channel_count(call.outputs[0]) // max(len(tensor.atoms), 1))


def reshape(call: Call) -> np.ndarray:
    """Handle Reshape, in C order: all elements that end up in one channel are tied."""
    (tensor,), (shape,) = call.inputs, call.outputs
    if None in (*tensor.shape, *shape):
        kept = channel_count(shape) == len(tensor.atoms)
        return _width(call, tensor.atoms) if kept else together(call)
    if not shape or prod(tensor.shape) % shape[-1]:  # the second: one channel for several examples
        return together(call)
    rows = np.broadcast_to(tensor.atoms, tensor.shape or (1,)).reshape(-1, shape[-1])
    for row in rows[1:]:
        if not np.array_equal(row, rows[0]):
            call.walk.tie(rows[0], row)
    return _width(call, rows[0])


def _width(call: Call, atoms: np.ndarray) -> np.ndarray:
    call.walk.put(Axis(call.layer, call.name, "output", -1, atoms, "width"))
    return atoms


def embedding(call: Call) -> np.ndarray:
    """Handle an embedding: its columns are units, and so are its rows, in a group of their own."""
    rows, columns = call.layer.embeddings.shape
    call.put("embeddings", 0, call.makes(rows, "/rows"), "makes")
    made = call.makes(columns)
    call.put("embeddings", 1, made, "makes")
    return made


def together(call: Call) -> np.ndarray:
    """Handle layers that use all channels together, or move them: none can be removed."""
    call.fix(f"{call.name} ({call.kind}) uses all its channels together")
    call.walk.unknown[call.name] = f"a {call.kind} uses all its channels together"
    return fresh(call, channel_count(call.outputs[0]))


def unknown(call: Call, why: str = "") -> list[np.ndarray]:
    """Handle a layer without a rule: none of its input or output channels can be removed."""
    why = why or f"what the kind {call.kind} does with channels is not known"
    call.fix(f"they go into {call.name}, and {why}")
    call.walk.unknown[call.name] = why
    for layer in call.layer._flatten_layers() if isinstance(call.layer, keras.Layer) else ():
        call.walk.held[id(layer)] = f"{call.name} ({call.kind}) uses {layer.name} too"
    return [fresh(call, channel_count(shape)) for shape in call.outputs]


def fresh(call: Call, n: int) -> np.ndarray:
    """Return new atoms for channels that belong to no unit."""
    return call.walk.dead_end(n, f"they meet what comes out of {call.name} ({call.kind})")


def other_axes(call: Call) -> dict[int, np.ndarray]:
    """Return the atoms on other axes than the last, tied where inputs are combined element by element."""
    found: dict[int, np.ndarray] = {}
    for tensor in call.inputs:
        for axis, atoms in tensor.others.items():
            call.walk.tie(found.setdefault(axis, atoms), atoms)
    for operand in call.inputs + [leaf for leaf in call.args if np.ndim(leaf)]:
        shape = operand.shape if isinstance(operand, Channels) else np.shape(operand)
        for axis, atoms in found.items():
            tracked = isinstance(operand, Channels) and axis in operand.others
            if not tracked and len(shape) >= -axis and shape[axis] != 1:
                call.fix(f"{call.name} ({call.kind}) combines them with what is not made for each", atoms)
    return found


def constant_factor(call: Call) -> np.ndarray:
    """Handle Rescaling: if it has a constant for each channel, none can be removed."""
    if np.ndim(call.layer.scale) or np.ndim(call.layer.offset):
        call.fix(f"{call.name} has a constant for each channel")
    return call.inputs[0].atoms


def nested(call: Call, rule: Rule) -> list[np.ndarray]:
    """Handle a model within the model."""
    graph = graph_of(call.layer)
    same = graph is not None and len(call.args) == 1 and len(call.inputs) == len(graph.inputs)
    if not same or (isinstance(call.args[0], dict) and not isinstance(call.layer.input, dict)):
        return unknown(call)
    return through(call.walk, call.layer, [t.atoms for t in call.inputs], f"{call.name}/", rule)
