"""The highest memory and the time of a training, each policy in a process of its own."""

import os
import subprocess
import sys

import pandas as pd
from tqdm.auto import tqdm

# Linux reports the peak memory of a process (VmHWM), and resets it on request. The first step is not counted:
# it traces the function that trains, and loads libraries.
_CHILD = """
import sys, time
import keras, numpy
import prunewidgets as pw

def megabytes(what):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(what)) / 1000

policy, batch = sys.argv[1], int(sys.argv[2])
keras.config.set_dtype_policy(policy)
model = pw.models.small_cnn(seed=0)
model.compile("adam", "sparse_categorical_crossentropy")
rng = numpy.random.default_rng(0)
x, y = rng.random((batch, *model.input_shape[1:]), numpy.float32), rng.integers(0, 10, batch)
model.train_on_batch(x[:8], y[:8])
with open("/proc/self/clear_refs", "w") as clear:
    clear.write("5")
before = megabytes("VmRSS")
seconds = []
for _ in range(3):
    start = time.perf_counter()
    model.train_on_batch(x, y)
    seconds.append(time.perf_counter() - start)
print(megabytes("VmHWM") - before, min(seconds))
"""


def trainings(policies: list[str], batch: int = 512) -> pd.DataFrame | None:
    """Return what training small_cnn takes under each policy, one row each; None where it cannot be read.

    The columns are "MB", added to the highest memory of a process, and "seconds", the fastest step.
    """
    if not os.access("/proc/self/clear_refs", os.W_OK):
        return None
    found = {}
    for policy in tqdm(policies, unit="training", leave=False):
        command = [sys.executable, "-c", _CHILD, policy, str(batch)]
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "MALLOC_MMAP_THRESHOLD_": "65536"}
        run = subprocess.run(command, capture_output=True, text=True, env=environment)
        if run.returncode:
            said = (run.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise RuntimeError(f"The training under {policy} ended with {run.returncode} ({said}).")
        found[policy] = [float(number) for number in run.stdout.split()[-2:]]
    return pd.DataFrame(found, index=["MB", "seconds"]).T.round(2)
