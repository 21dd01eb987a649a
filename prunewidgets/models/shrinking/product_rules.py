"""What products of two tensors, summed over an axis, do with channels: matrix products, einsum, attention.

A sum over channels has no weights that could be zero for the removed ones, so these have to be zero
themselves in the masked model; see ``zeros``.
"""

from dataclasses import replace
from string import ascii_letters
from typing import Any

import numpy as np

from .channel_rules import fresh, unknown
from .channel_walk import Axis, Call, Channels, channel_count


def matmul(call: Call) -> Any:
    """Handle a matrix product, also with a constant."""
    ranks = [_rank(operand) for operand in call.args]
    if len(ranks) != 2 or min(ranks) < 2 or call.kwargs:
        return unknown(call)
    batch = "abcdefgh"[: max(ranks) - 2]
    first, second = (batch[len(batch) - (rank - 2) :] for rank in ranks)
    return contract(call, [f"{first}xy", f"{second}yz"], f"{batch}xz")


def einsum(call: Call) -> Any:
    """Handle an einsum that names every axis."""
    before, arrow, after = call.layer.subscripts.replace(" ", "").partition("->")
    labels = before.split(",")
    if not arrow or "." in before or len(labels) != len(call.args) or call.kwargs:
        return unknown(call)
    return contract(call, labels, after)


def dot(call: Call) -> Any:
    """Handle the layer Dot, a product summed over one axis of each input."""
    given = call.args[0] if len(call.args) == 1 else None
    if not isinstance(given, list | tuple) or len(given) != 2 or len(call.inputs) != 2:
        return unknown(call)
    ranks, axes = [_rank(tensor) for tensor in given], call.layer.axes
    first, second = [axes] * 2 if isinstance(axes, int) else axes
    first, second = first % ranks[0], second % ranks[1]
    letters = ascii_letters[: sum(ranks)]
    one, other = list(letters[: ranks[0]]), [letters[0], *letters[ranks[0] : sum(ranks) - 1]]
    other[second] = one[first]
    after = one[:first] + one[first + 1 :] + other[1:second] + other[second + 1 :]
    if call.layer.normalize:
        for tensor, axis in zip(given, (first - ranks[0], second - ranks[1]), strict=True):
            if axis in tensor.axes and not tensor.zero:
                call.fix(
                    f"{call.name} (Dot) divides by their norm, and removed ones are not zero",
                    tensor.axes[axis],
                )
    return contract(replace(call, args=tuple(given)), ["".join(one), "".join(other)], "".join(after))


def contract(call: Call, labels: list[str], after: str) -> Any:
    """Handle a product of tensors and constants; labels of their axes that are not in after are summed."""
    if any(
        len(set(own)) < len(own) or len(own) != _rank(x) for own, x in zip(labels, call.args, strict=True)
    ):
        return unknown(call)
    axes, zero = {}, True
    for label in sorted(set("".join(labels))):
        here = [(place, own.index(label) - len(own)) for place, own in enumerate(labels) if label in own]
        tensors = [(call.args[place], axis) for place, axis in here if isinstance(call.args[place], Channels)]
        known = [tensor.axes[axis] for tensor, axis in tensors if axis in tensor.axes]
        if not known:
            continue
        constants = [(place, axis) for place, axis in here if not isinstance(call.args[place], Channels)]
        lengths = {len(atoms) for atoms in known} | {call.args[p].shape[a] for p, a in constants}
        if len(lengths) > 1 or len(known) < len(tensors):
            call.fix(
                f"{call.name} ({call.kind}) multiplies them by what is not made for each of them", *known
            )
        else:
            for other in known[1:]:
                call.walk.tie(known[0], other)
            for place, axis in constants:
                call.constant(place, axis, known[0])
        absent = bool(constants) or any(tensor.zero for tensor, axis in tensors if axis in tensor.axes)
        if label not in after:
            if not absent:
                call.fix(f"{call.name} ({call.kind}) sums over them, and removed ones are not zero", *known)
            continue
        zero = zero and absent
        axes[after.index(label) - len(after)] = known[0]
    last = axes.pop(-1, None)
    last = fresh(call, channel_count(call.outputs[0])) if last is None else last
    return Channels(last, call.outputs[0], {a: one for a, one in axes.items() if a > -len(after)}, zero)


def dot_attention(call: Call) -> Any:
    """Handle Attention and AdditiveAttention: queries are multiplied by keys, and the values come out."""
    given = call.args[0] if len(call.args) == 1 else None
    if not isinstance(given, list | tuple) or len(given) not in (2, 3) or len(call.inputs) != len(given):
        return unknown(call)
    query, value, key = given[0], given[1], given[-1]
    if len(query.atoms) != len(key.atoms):
        return unknown(call, "queries and keys differ in width")
    call.walk.tie(query.atoms, key.atoms)
    additive, zeros = call.kind == "AdditiveAttention", (query.zero, key.zero)
    if additive:
        call.put("scale", 0, query.atoms, "reads")
    read = additive and call.layer.use_scale
    if not read and not (
        any(zeros) if getattr(call.layer, "score_mode", "") == "dot" and not additive else all(zeros)
    ):
        call.fix(f"{call.name} ({call.kind}) sums over them, and removed ones are not zero", query.atoms)
    out = Channels(value.atoms, call.outputs[0], {}, value.zero)
    return [out, *(fresh(call, channel_count(shape)) for shape in call.outputs[1:])]


def scaled_attention(call: Call) -> Any:
    """Handle ``keras.ops.dot_product_attention``, of tensors (batch, places, heads, width).

    Its output has the shape of the queries, so that the values are as wide as they are. What it divides the
    scores by is the root of the width, unless it is given: see ``Sizes.keywords``.
    """
    given, bias, mask = call.args, call.kwargs.get("bias"), call.kwargs.get("mask")
    if len(given) != 3 or not all(isinstance(part, Channels) for part in given):
        return unknown(call)
    query, key, value = given
    if not len(query.atoms) == len(key.atoms) == len(value.atoms):
        return unknown(call, "queries, keys and values differ in width")
    for other in (key, value):
        call.walk.tie(query.atoms, other.atoms)
    if not (query.zero or key.zero):
        call.fix(f"{call.name} ({call.kind}) sums over them, and removed ones are not zero", query.atoms)
    beside = [part for part in (bias, mask) if part is not None]
    for part in beside:
        if isinstance(part, Channels):
            call.fix(f"{call.name} takes them as a bias or a mask", *part.axes.values())
    shapes = [part.shape if isinstance(part, Channels) else np.shape(part) for part in beside]
    own = any(len(shape) > 2 and shape[-3] != 1 for shape in shapes)  # one for each head
    heads = [tensor.others[-2] for tensor in given if -2 in tensor.others]
    same = len(heads) == 3 and len({len(atoms) for atoms in heads}) == 1 and not own
    for tensor in given:
        for axis, atoms in tensor.others.items():
            if axis == -2 and same:
                call.walk.tie(heads[0], atoms)
            else:
                call.fix(f"{call.name} ({call.kind}) combines them with what is not made for each", atoms)
    if call.kwargs.get("scale") is None:
        call.walk.put(Axis(call.layer, call.name, "scale", -1, query.atoms, "width"))
    return Channels(query.atoms, call.outputs[0], {-2: heads[0]} if same else {}, value.zero)


def _rank(operand: Any) -> int:
    return len(operand.shape) + 1 if isinstance(operand, Channels) else np.ndim(operand)
