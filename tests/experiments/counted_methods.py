"""Methods for `compare_methods` that note each of their calls."""

import numpy as np
import pytest

calls = []


@pytest.fixture(autouse=True)
def no_calls_yet():
    calls.clear()


def steady(sparsity, seed):
    calls.append(("steady", sparsity, seed))
    return 1 - sparsity / 2


def noisy(sparsity, seed, scale=0.01):
    calls.append(("noisy", sparsity, seed))
    return {"accuracy": np.float32(0.9 - scale * seed), "epochs": 3, "note": "a < b"}
