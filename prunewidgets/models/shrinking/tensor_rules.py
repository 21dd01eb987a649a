"""What operations of ``keras.ops`` that move, split and combine the axes of a tensor do with channels.

Channels may lie on several axes of a tensor: those of the last one, and others that were the last before the
tensor was transposed. Axes are counted from the end: -1, -2 and so on.
"""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from .channel_rules import fresh, unknown
from .channel_walk import Axis, Call, Channels, channel_count
from .zeros import stays_zero


def placed(call: Call, moves: dict[int, int]) -> Channels:
    """Return the one input with its axes in other places.

    Args:
        call: The use of an operation.
        moves: {axis before: axis after}, counted from the end; the channels on axes left out are fixed.
    """
    (tensor,) = call.inputs[:1]
    axes = {}
    for axis, atoms in tensor.axes.items():
        if axis in moves and moves[axis] >= -len(call.outputs[0]):
            axes[moves[axis]] = atoms
        else:
            call.fix(f"{call.name} ({call.kind}) uses all its channels together", atoms)
    last = axes.pop(-1, None)
    if last is None:
        last = fresh(call, channel_count(call.outputs[0]))
    return Channels(last, call.outputs[0], axes, stays_zero(call))


def pooled(call: Call) -> Channels:
    """Handle pooling over all places: channels stay, those on other axes are combined."""
    return placed(call, {-1: -1})


def moved(call: Call) -> Channels:
    """Handle Transpose, Swapaxes, Moveaxis and Permute."""
    layer, rank = call.layer, len(call.inputs[0].shape) + 1
    order = list(range(rank))
    if call.kind == "Permute":
        order[1:] = layer.dims
    elif call.kind == "Transpose":
        order = [axis % rank for axis in layer.axes] if layer.axes else order[::-1]
    else:
        order = _order(call, rank)
    return placed(call, {old - rank: new - rank for new, old in enumerate(order)})


def _order(call: Call, rank: int) -> list[int]:
    sizes = np.empty(tuple(range(1, rank + 1)))  # each axis is known by its length
    if call.kind == "Swapaxes":
        after = np.swapaxes(sizes, call.layer.axis1, call.layer.axis2)
    else:
        after = np.moveaxis(sizes, call.layer.source, call.layer.destination)
    return [length - 1 for length in after.shape]


def expand(call: Call) -> Channels:
    """Handle ExpandDims."""
    rank = len(call.outputs[0]) + 1
    new = {axis % rank for axis in _ints(call.layer.axis)}
    old = [axis for axis in range(rank) if axis not in new]
    return placed(call, {number - len(old): axis - rank for number, axis in enumerate(old)})


def squeeze(call: Call) -> Channels:
    """Handle Squeeze."""
    shape = (None, *call.inputs[0].shape)
    axes = [a for a, n in enumerate(shape) if n == 1] if call.layer.axis is None else call.layer.axis
    return placed(call, _without(len(shape), axes))


def reduced(call: Call) -> Channels:
    """Handle mean, sum, maximum and the like: exact along axes without channels."""
    rank, axes = len(call.inputs[0].shape) + 1, call.layer.axis
    axes = range(rank) if axes is None else axes
    moves = _without(rank, axes)
    if getattr(call.layer, "keepdims", False):
        moves = {axis: axis for axis in moves}
    return placed(call, moves)


def _without(rank: int, axes: Any) -> dict[int, int]:
    gone = {axis % rank for axis in _ints(axes)}
    left = [axis for axis in range(rank) if axis not in gone]
    return {axis - rank: number - len(left) for number, axis in enumerate(left)}


def along(call: Call) -> Channels:
    """Handle softmax, cumulated sums, flips and the like: exact along axes without channels."""
    (tensor,) = call.inputs[:1]
    rank, axes = len(tensor.shape) + 1, call.layer.axis
    used = set(range(rank)) if axes is None else {axis % rank for axis in _ints(axes)}
    for axis, atoms in tensor.axes.items():
        if axis + rank in used:
            why = f"{call.name} ({call.kind}) uses all its channels together"
            call.fix(why, atoms)
            if isinstance(call.layer, keras.Layer):
                call.walk.unknown[call.name] = f"a {call.kind} uses all its channels together"
    return placed(call, {axis: axis for axis in tensor.axes})


def get_item(call: Call) -> Any:
    """Handle slices and single positions along axes without channels, and slices of the channels."""
    tensor, key = call.args[0], call.args[1] if len(call.args) > 1 else None
    parts = list(key) if isinstance(key, tuple) else [key]
    known = all(part is None or part is Ellipsis or isinstance(part, slice | int) for part in parts)
    rank = len(tensor.shape) + 1
    if not known or not isinstance(tensor, Channels):
        return unknown(call, "it takes positions that are not known")
    here = parts.index(Ellipsis) if Ellipsis in parts else len(parts)
    taken = sum(part is not None and part is not Ellipsis for part in parts)
    parts[here : here + 1] = [slice(None)] * (rank - taken)
    moves: dict[int, int] = {}
    new: list[int | None] = []
    old = 0
    for part in parts:
        if part is None:
            new.append(None)
            continue
        whole = part == slice(None)
        if not isinstance(part, int):
            last = old == rank - 1 and part.step in (None, 1)
            new.append(old - rank if whole or last or old - rank not in tensor.axes else None)
        old += 1
    for place, axis in enumerate(new):
        if axis is not None:
            moves[axis] = place - len(new)
    out = placed(call, moves)
    end = parts[-1]
    if isinstance(end, slice) and end != slice(None) and moves.get(-1) == -1:
        call.walk.put(Axis(call.layer, call.name, "key", -1, tensor.atoms, "width"))
        out = Channels(tensor.atoms[end], out.shape, out.others, out.zero)
    return out


def split(call: Call) -> list[Channels]:
    """Handle Split: the parts of the channels, or the same channels in each part."""
    (tensor,) = call.inputs
    rank = len(tensor.shape) + 1
    axis = call.layer.axis % rank - rank
    pieces = [tensor.axes] * len(call.outputs)
    if axis == -1:
        ends = np.cumsum([channel_count(shape) for shape in call.outputs])
        pieces = [{**tensor.axes, -1: part} for part in np.split(tensor.atoms, ends[:-1])]
        call.walk.put(Axis(call.layer, call.name, "input", -1, tensor.atoms, "width"))
    elif axis in tensor.axes:
        call.fix(f"{call.name} (Split) takes its channels apart", tensor.axes[axis])
    found = []
    for piece, shape in zip(pieces, call.outputs, strict=True):
        others = {place: atoms for place, atoms in piece.items() if place not in (-1, axis)}
        found.append(Channels(piece[-1], shape, others, tensor.zero))
    return found


def stack(call: Call) -> Any:
    """Handle Stack on another axis than the last: channels at the same position are tied."""
    first, *others = [tensor.atoms for tensor in call.inputs]
    if call.layer.axis in (-1, len(call.outputs[0])):
        return unknown(call, "it moves the channels to another axis")
    for other in others:
        call.walk.tie(first, other)
    return first


def pad(call: Call) -> Any:
    """Handle Pad: what is put beside the channels stays."""
    (tensor,), widths = call.inputs, call.layer.pad_width
    before, after = widths[-1]
    if not before and not after:
        return tensor.atoms
    if call.layer.mode != "constant":
        return unknown(call, f"it pads them by {call.layer.mode}")
    ends = [call.walk.dead_end(n, f"{call.name} pads with them") for n in (before, after)]
    return np.concatenate([ends[0], tensor.atoms, ends[1]])


def repeated(call: Call) -> Any:
    """Handle Repeat and Tile."""
    (tensor,) = call.inputs
    if call.kind == "Tile":
        return np.tile(tensor.atoms, _ints(call.layer.repeats)[-1])
    if call.layer.axis is None or not isinstance(call.layer.repeats, int):
        return unknown(call)
    last = call.layer.axis in (-1, len(tensor.shape))
    return np.repeat(tensor.atoms, call.layer.repeats) if last else tensor.atoms


def broadcast(call: Call) -> Any:
    """Handle BroadcastTo."""
    (tensor,) = call.inputs
    if channel_count(call.outputs[0]) != len(tensor.atoms):
        return unknown(call, "it spreads one channel over many")
    call.walk.put(Axis(call.layer, call.name, "output", -1, tensor.atoms, "width"))
    return tensor.atoms


def take(call: Call) -> Any:
    """Handle Take at constant positions along another axis than the last."""
    (tensor,) = call.inputs
    axis, positions = call.layer.axis, [*call.args[1:], *call.kwargs.values()]
    if len(positions) != 1 or axis is None or axis in (-1, len(tensor.shape)) or not call.outputs[0]:
        return unknown(call)
    return tensor.atoms


def _ints(axes: Any) -> list[int]:
    return [int(axis) for axis in axes] if isinstance(axes, Iterable) else [int(axes)]
