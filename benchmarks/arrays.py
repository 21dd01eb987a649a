"""Seeded arrays, the same in this environment and in that of the peers. Needs only NumPy."""

import numpy as np

# (times, height, width, inputs, outputs) of ResNet-50's 53 convolutions (He et al. 2016, table 1).
_RESNET_50 = [
    (1, 7, 7, 3, 64),
    *[(1, 1, 1, 64, 64), (2, 1, 1, 256, 64), (3, 3, 3, 64, 64), (3, 1, 1, 64, 256), (1, 1, 1, 64, 256)],
    *[(1, 1, 1, 256, 128), (3, 1, 1, 512, 128), (4, 3, 3, 128, 128), (4, 1, 1, 128, 512)],
    *[(1, 1, 1, 256, 512), (1, 1, 1, 512, 256), (5, 1, 1, 1024, 256), (6, 3, 3, 256, 256)],
    *[(6, 1, 1, 256, 1024), (1, 1, 1, 512, 1024), (1, 1, 1, 1024, 512), (2, 1, 1, 2048, 512)],
    *[(3, 3, 3, 512, 512), (3, 1, 1, 512, 2048), (1, 1, 1, 1024, 2048)],
]
RESNET_50 = [shape for times, *shape in _RESNET_50 for _ in range(times)]


def layers(total: int, count: int = 24) -> dict[str, np.ndarray]:
    """Return `count` nearly square float32 layers with about `total` normal weights altogether."""
    rng = np.random.default_rng(0)
    size = total // count
    rows = int(size**0.5)
    shapes = [(rows, size // rows)] * count
    return {
        f"dense_{number:02}/kernel": rng.standard_normal(shape, np.float32)
        for number, shape in enumerate(shapes, 1)
    }


def convolutions() -> dict[str, np.ndarray]:
    """Return ResNet-50's convolution kernels, normal weights in Keras's layout (height, width, in, out)."""
    rng = np.random.default_rng(0)
    return {
        f"conv_{number:02}/kernel": rng.standard_normal(shape, np.float32)
        for number, shape in enumerate(RESNET_50, 1)
    }


def layer_and_inputs(inputs: int, outputs: int, examples: int = 4096) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of one layer (inputs, outputs), and inputs that depend on each other."""
    rng = np.random.default_rng(0)
    weights = rng.normal(0, 0.05, (inputs, outputs)).astype(np.float32)
    shared = rng.normal(size=(examples, 64)) @ rng.normal(size=(64, inputs)) / 8
    return weights, (shared + rng.normal(size=(examples, inputs))).astype(np.float32)
