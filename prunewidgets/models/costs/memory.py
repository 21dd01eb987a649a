"""Peak memory of running a model on one batch, measured in a separate process."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from numbers import Integral
from pathlib import Path

import keras
import numpy as np

from ...core.arrays import is_whole
from ...deprecation import former_order
from ..data.arrays import Structure
from ..formats.tflite import to_tflite
from ..layers.built import check_built
from .latency import Models, SomeMasks, by_name, masks_of
from .runners import filled

# Linux reports the peak memory of a process (VmHWM), and resets it on request. The first model is measured
# twice, and its first result is dropped: it includes loading the interpreter's own code, some 200 kB.
_CHILD = """
import ctypes, sys, warnings
import numpy, tensorflow
warnings.simplefilter("ignore")

def kilobytes(what):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(what))

def run(folder, number):
    with numpy.load(f"{folder}/{number}.npz", allow_pickle=False) as arrays:
        inputs = [arrays[name] for name in arrays]
    getattr(ctypes.CDLL(None), "malloc_trim", int)(0)
    with open("/proc/self/clear_refs", "w") as clear:
        clear.write("5")
    before = kilobytes("VmRSS")
    interpreter = tensorflow.lite.Interpreter(model_path=f"{folder}/{number}.tflite", num_threads=1)
    interpreter.allocate_tensors()
    for detail in interpreter.get_input_details():
        interpreter.set_tensor(detail["index"], inputs[int(detail["name"][1:])])
    interpreter.invoke()
    return 1024 * max(0, kilobytes("VmHWM") - before)

folder, count = sys.argv[1:]
for number in [0, *range(int(count))]:
    print("bytes", run(folder, number), flush=True)
"""


@former_order("models", "batch", "x", "masks", if_second=lambda x: isinstance(x, Integral))
def peak_memory(
    models: Models, x: Structure | None = None, masks: SomeMasks = None, batch: int = 1
) -> dict[str, int]:
    """Measure the peak memory in bytes that loading a model and running one batch add to a process.

    Measured with a TFLite file of each model, since its interpreter needs little memory of its own (some
    100 kB); starting the process takes a few seconds. The file is memory-mapped, so the parts that are read
    count.

    Args:
        models: A built Keras 3 model, or several: {name: model}. None is changed.
        x: Inputs, at least one; they are repeated to fill a batch. Defaults to None, random numbers.
        masks: Masks to apply to the weights; for several models {name of the model: masks}.
        batch: Batch size. Defaults to 1.

    Returns:
        {name: bytes}; empty if the system does not report it (only Linux does).

    Raises:
        TypeError: Not a Keras 3 model.
        ValueError: TFLite cannot express a model, masks that do not fit, or a batch below 1.
        RuntimeError: The process failed; the message has the last line it wrote.

    Example:
        >>> found = pw.peak_memory(pw.models.small_cnn(seed=0))  # {"small_cnn": bytes}; on Linux only
        >>> all(size > 100_000 for size in found.values())
        True
    """
    named = by_name(models)
    for model in named.values():
        check_built(model)
    if not is_whole(batch, 1, sys.maxsize):
        raise ValueError(f"batch is {batch!r}; it has to be a whole number, 1 or more.")
    batch = int(batch)
    return measured_memory(named, x, {name: masks_of(masks, models, name) for name in named}, batch)


def measured_memory(
    models: Mapping[str, keras.Model],
    x: Structure | None,
    masks: Mapping[str, Mapping[str, np.ndarray] | None],
    batch: int,
    outdated: Callable[[], bool] = lambda: False,
) -> dict[str, int]:
    """Do the work of ``peak_memory``, and end the process when ``outdated``, called now and then, is True.

    Models that ``masks`` leaves out are measured without masks. The result is empty if outdated.
    """
    if not os.access("/proc/self/clear_refs", os.W_OK):
        return {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, model) in enumerate(models.items()):
            _write(folder, number, model, filled(model, batch, x), masks.get(name))
        command = [sys.executable, "-c", _CHILD, folder, str(len(models))]
        # Larger blocks are returned to the system at once, so that no model reuses the memory of another.
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "MALLOC_MMAP_THRESHOLD_": "65536"}
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) as run:
            try:
                stdout, stderr = _output(run, outdated)
            finally:
                run.kill()  # no effect if it has ended
    if outdated():
        return {}
    if run.returncode:
        said = (stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise RuntimeError(f"Peak memory: the process for it ended with {run.returncode} ({said}).")
    found = [int(line.split()[1]) for line in stdout.splitlines() if line.startswith("bytes ")]
    return dict(zip(models, found[1:], strict=True))


def _output(run: subprocess.Popen[str], outdated: Callable[[], bool]) -> tuple[str, str]:
    while not outdated():
        try:
            return run.communicate(timeout=0.1)
        except subprocess.TimeoutExpired:  # no output is lost: the next call continues reading
            pass
    return "", ""


def _write(
    folder: str, number: int, model: keras.Model, inputs: Structure, masks: Mapping[str, np.ndarray] | None
) -> None:
    batch = len(keras.tree.flatten(inputs)[0])
    content = to_tflite(model, masks=masks, examples=inputs, batch=batch)
    Path(folder, f"{number}.tflite").write_bytes(content)
    np.savez(Path(folder, f"{number}.npz"), *keras.tree.flatten(inputs))
