"""What products of two tensors, summed over an axis, do with channels: matrix products, einsum, attention.

A sum over channels has no weights that could be zero for the removed ones, so these have to be zero
themselves in the masked model; see ``zeros``.
"""

from typing import Any

import numpy as np

from .channel_rules import fresh, unknown
from .channel_walk import Call, Channels, channel_count


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


def _rank(operand: Any) -> int:
    return len(operand.shape) + 1 if isinstance(operand, Channels) else np.ndim(operand)
