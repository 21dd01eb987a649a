"""Wanda and SparseGPT on one layer as in their authors' code, in .venv-bench; print {"seconds", "name"}."""

import json
import sys
import time

import torch

from .. import arrays


def main(what: str, runs: str, inputs: str, outputs: str) -> None:
    weights, x = map(torch.from_numpy, arrays.layer_and_inputs(int(inputs), int(outputs)))
    weights = weights.T.contiguous()  # torch's layout (out, in)
    solve = {"wanda": wanda, "sparsegpt": sparsegpt}[what]
    seconds = []
    for _ in range(int(runs) + 1):
        start = time.perf_counter()
        solve(weights.clone(), x)
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds[1:], "name": f"torch {torch.__version__} {what}"}))


def wanda(weights: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """github.com/locuslab/wanda, lib/prune.py and layerwrapper.py: half of each output's weights."""
    norms = torch.norm(x.T, p=2, dim=1) ** 2 / len(x)
    metric = torch.abs(weights) * torch.sqrt(norms.reshape(1, -1))
    mask = torch.zeros_like(metric) == 1
    order = torch.sort(metric, dim=-1, stable=True)
    mask.scatter_(1, order[1][:, : int(metric.shape[1] * 0.5)], True)
    weights[mask] = 0
    return weights


def sparsegpt(weights: torch.Tensor, x: torch.Tensor, block: int = 128) -> torch.Tensor:
    """github.com/IST-DASLab/sparsegpt, sparsegpt.py: half of the weights, damping 0.01."""
    columns = weights.shape[1]
    x = (2 / len(x)) ** 0.5 * x
    moments = x.T.matmul(x)
    dead = torch.diag(moments) == 0
    moments[dead, dead] = 1
    weights[:, dead] = 0
    diagonal = torch.arange(columns)
    moments[diagonal, diagonal] += 0.01 * torch.mean(torch.diag(moments))
    moments = torch.linalg.cholesky(moments)
    moments = torch.cholesky_inverse(moments)
    inverse = torch.linalg.cholesky(moments, upper=True)
    for start in range(0, columns, block):
        stop = min(start + block, columns)
        part = weights[:, start:stop].clone()
        new, errors = torch.zeros_like(part), torch.zeros_like(part)
        own = inverse[start:stop, start:stop]
        ranked = part**2 / (torch.diag(own).reshape((1, -1))) ** 2
        threshold = torch.sort(ranked.flatten())[0][int(ranked.numel() * 0.5)]
        gone = ranked <= threshold
        for i in range(stop - start):
            column, pivot = part[:, i], own[i, i]
            kept = column.clone()
            kept[gone[:, i]] = 0
            new[:, i] = kept
            error = (column - kept) / pivot
            part[:, i:] -= error.unsqueeze(1).matmul(own[i, i:].unsqueeze(0))
            errors[:, i] = error
        weights[:, start:stop] = new
        weights[:, stop:] -= errors.matmul(inverse[start:stop, stop:])
    return weights


main(*sys.argv[1:])
