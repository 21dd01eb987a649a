"""Run the same arrays through torch.nn.utils.prune, in .venv-bench; print {"seconds", "name"}."""

import json
import sys
import time

import numpy as np
import torch
from torch.nn.utils import prune

from .. import arrays


def main(what: str, runs: str, total: str = "0") -> None:
    name = {"global": "global_unstructured", "structured": "ln_structured n=1"}[what]
    seconds = []
    for _ in range(int(runs) + 1):
        modules = linear(int(total)) if what == "global" else convolutional()  # pruning changes them
        start = time.perf_counter()
        if what == "global":
            prune.global_unstructured(
                [(module, "weight") for module in modules], prune.L1Unstructured, amount=0.9
            )
        else:
            for module in modules:
                prune.ln_structured(module, "weight", amount=0.5, n=1, dim=0)
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds[1:], "name": f"torch {torch.__version__} {name}"}))


def linear(total: int) -> list[torch.nn.Module]:
    return [module(torch.nn.Linear, weights.T) for weights in arrays.layers(total).values()]


def convolutional() -> list[torch.nn.Module]:
    kernels = arrays.convolutions().values()
    return [module(torch.nn.Conv2d, kernel.transpose(3, 2, 0, 1)) for kernel in kernels]


def module(kind: type, weights: np.ndarray) -> torch.nn.Module:
    """Return a layer with these weights in torch's layout (out, in, …)."""
    made = kind(1, 1) if kind is torch.nn.Linear else kind(1, 1, 1)
    made.weight = torch.nn.Parameter(torch.from_numpy(np.ascontiguousarray(weights)))
    return made


main(*sys.argv[1:])
