"""What normalisations over channels do with them: which statistics the kept ones are given.

The smaller model normalises over the channels it has. That these are also the outputs of the masked model is
the work of ``kept_channels``. Where statistics are taken over groups of channels, whole groups are removed,
and Keras's own layer does the same in both models.
"""

import numpy as np

from .channel_rules import unknown
from .channel_walk import Axis, Call

OVER = "channels"
"""Name of the axis of a layer's input over which it takes statistics."""


def normalized(call: Call) -> np.ndarray | list[np.ndarray]:
    """Handle layer, RMS and unit normalisation: statistics over all channels, a scale for each of them."""
    (tensor,) = call.inputs[:1]
    rank = len(tensor.shape) + 1
    axes = {axis % rank for axis in np.atleast_1d(call.layer.axis).tolist()}
    if "RMS" in call.kind and axes != set(range(rank - len(axes), rank)):
        return unknown(call, "Keras scales the last axis whatever the axis is")
    if rank - 1 not in axes:
        if call.layer.variables:
            call.walk.unknown[call.name] = "its weights do not lie along them"
        return tensor.atoms  # each channel by itself: over time, say
    if getattr(call.layer, "rms_scaling", False):
        return unknown(call, "rms_scaling=True has no rule; use RMSNormalization")
    for axis, atoms in tensor.others.items():
        if axis % rank in axes:
            call.fix(f"{call.name} ({call.kind}) takes statistics over two axes with channels", atoms)
    for weight in ("scale",) if "RMS" in call.kind else ("gamma", "beta"):
        call.put(weight, len(axes) - 1, tensor.atoms, "carries")
    return _over(call, tensor.atoms)


def group_norm(call: Call) -> np.ndarray | list[np.ndarray]:
    """Handle group normalisation: channels of a group are removed together; with one group, see above."""
    (tensor,) = call.inputs[:1]
    groups, atoms = call.layer.groups, tensor.atoms
    if call.layer.axis not in (-1, len(tensor.shape)):
        return unknown(call, f"its axis {call.layer.axis} is not that of the channels")
    if groups > 1:
        first, *others = atoms.reshape(groups, -1).T
        for other in others:
            call.walk.tie(first, other)
    for weight in ("gamma", "beta"):
        call.put(weight, 0, atoms, "carries")
    return _over(call, atoms)


def _over(call: Call, atoms: np.ndarray) -> np.ndarray:
    call.walk.put(Axis(call.layer, call.name, OVER, -1, atoms, "width"))
    return atoms
