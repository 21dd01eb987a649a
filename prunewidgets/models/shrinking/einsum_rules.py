"""What an ``EinsumDense`` layer does with channels: each label of its kernel that is new makes units."""

from typing import Any

import numpy as np

from .channel_rules import activated, fresh, unknown
from .channel_walk import Call, Channels, channel_count


def kernel_labels(equation: str) -> tuple[str, str, str] | None:
    """Return the labels of input, kernel and output; None where one stands for several axes or positions."""
    before, _, after = equation.replace(" ", "").partition("->")
    given, _, kernel = before.partition(",")
    labels = (given, kernel, after)
    plain = "." not in equation and all(len(set(own)) == len(own) for own in labels)
    plain = plain and given[0] == after[0] and given[0] not in kernel  # the examples stay where they are
    return labels if plain and not set(given) & set(kernel) & set(after) else None


def einsum_dense(call: Call) -> Any:
    """Handle EinsumDense: heads and their width, say, are two groups of units."""
    labels = kernel_labels(call.layer.equation)
    if labels is None:
        return unknown(call, "its equation has no rule")
    given, kernel, after = labels
    (tensor,) = call.inputs
    axes: dict[str, np.ndarray] = {}
    moved = False
    for axis, atoms in tensor.axes.items():
        label = given[axis]
        if label in kernel:
            call.put("kernel", kernel.index(label), atoms, "reads")
        elif label in after:
            axes[label], moved = atoms, True
        elif not tensor.zero:
            call.fix(f"{call.name} (EinsumDense) sums over them, and removed ones are not zero", atoms)
    made = [label for label in after if label in kernel]
    for label in made:
        name = f"/{label}" if len(made) > 1 else ""
        place = kernel.index(label)
        atoms = axes[label] = call.makes(call.layer.kernel.shape[place], name)
        call.put("kernel", place, atoms, "makes")
        bias, axis = call.layer.bias, after.index(label) - len(after)
        if bias is not None and len(bias.shape) >= -axis and bias.shape[axis] == len(atoms):
            call.put("bias", axis, atoms, "makes")
        elif bias is not None and len(atoms) > 1:
            moved = True  # the same bias at every position, so removed ones are not zero
        activated(call, atoms)
    last = axes.pop(after[-1], None)
    last = fresh(call, channel_count(call.outputs[0])) if last is None else last
    others = {after.index(label) - len(after): atoms for label, atoms in axes.items()}
    return Channels(last, call.outputs[0], others, call.layer.activation.__name__ == "linear" and not moved)
