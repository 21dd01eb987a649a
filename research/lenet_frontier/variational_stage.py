"""The first stage of LeNet-5 at 300 times: which weights to begin with, and their values.

A network that is pruned by magnitude alone overfits with 1,435 weights. Noise on the weights finds 3,000 that
do without it; `sparse_training` goes on from there.
"""

import math
import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from prunewidgets.utils.atomic_file import whole_file

from .sparse_loop import BATCH, at_full_size
from .variational_loop import State, Steps, begun, pruned

EVERY = 200
"""Steps from one removal to the next."""
_BEGIN, _FAST, _END = 0.02, 0.15, 0.9
"""First removal, end of the fast ones, last one, as shares of all steps."""
_BETWEEN = 15_000
"""Weights left after the fast removals."""
_KL_FROM, _KL_FULL = 0.025, 0.1
_RATE = 1e-3


def chosen_by_noise(
    kernels: list[np.ndarray],
    biases: list[np.ndarray],
    x: tf.Tensor,
    y: tf.Tensor,
    epochs: int,
    kept: int,
    seed: int,
    order: Iterator[np.ndarray],
    saved: Path | None = None,
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Train with noise on the weights and remove all but some; return kernels with zeros, and biases.

    Args:
        kernels: (…space, inputs, outputs) float32, first layer first; untrained.
        biases: (outputs,) float32 of the same layers.
        x: Images, scaled.
        y: Their labels.
        epochs: Passes over the images.
        kept: Number of weights to keep.
        seed: Of the noise.
        order: Batches of indices.
        saved: File to go on from after the process was killed; written every few epochs.
    """
    steps, total = Steps(x, y, seed), epochs * (len(x) // BATCH)
    state, shapes = begun(kernels, biases), [kernel.shape for kernel in kernels]
    size = sum(kernel.size for kernel in kernels)
    if saved is not None and saved.exists():
        state = loaded(saved)
        for _ in range(state.step):
            next(order)
    while state.step < total:
        numbers = range(state.step, min(state.step + EVERY, total))
        shares = [number / total for number in numbers]
        state = steps.take(
            state,
            [next(order) for _ in numbers],
            [_RATE * min(1.0, (1 - share) / 0.5) for share in shares],
            [min(max((share - _KL_FROM) / (_KL_FULL - _KL_FROM), 0.0), 1.0) for share in shares],
        )
        share = state.step / total
        if _BEGIN <= share <= _END + EVERY / total:
            state = pruned(state, weights_left(share, size, kept))
        if saved is not None and state.step // EVERY % 10 == 0:
            store(state, saved)
    arrays = [[array.numpy() for array in some] for some in (state.thetas, state.biases)]
    return at_full_size(*balanced(*arrays), state.units, shapes)


def weights_left(share: float, first: int, last: int) -> int:
    """Return how many weights are left after a share of all steps: two geometric falls, fast and slow."""
    if share < _FAST:
        return round(first * (_BETWEEN / first) ** ((share - _BEGIN) / (_FAST - _BEGIN)))
    return round(_BETWEEN * (last / _BETWEEN) ** min((share - _FAST) / (_END - _FAST), 1.0))


def balanced(
    kernels: list[np.ndarray], biases: list[np.ndarray]
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return kernels of equal norm that make the same function, and their biases.

    Max pooling and ReLU pass on a factor above 0, so what one layer is multiplied by, another is divided by.
    """
    norms = [float(np.linalg.norm(kernel)) for kernel in kernels]
    wanted = math.exp(sum(map(math.log, norms)) / len(norms))
    so_far = np.cumprod([wanted / norm for norm in norms])
    scaled = [np.float32(wanted / norm) * kernel for norm, kernel in zip(norms, kernels, strict=True)]
    return scaled, [np.float32(factor) * bias for factor, bias in zip(so_far, biases, strict=True)]


def store(state: State, path: Path) -> None:
    """Write a state to a file, whole or not at all."""
    lists = {
        name: [np.asarray(array) for array in some] for name, some in vars(state).items() if name != "step"
    }
    with whole_file(path) as file:
        Path(file).write_bytes(pickle.dumps((lists, state.step)))


def loaded(path: Path) -> State:
    """Return a state that ``store`` wrote."""
    lists, step = pickle.loads(path.read_bytes())  # our own file
    units = lists.pop("units")
    tensors = {name: [tf.constant(array) for array in some] for name, some in lists.items()}
    return State(**tensors, units=units, step=step)
