"""Measure how many bytes a pruned LeNet takes on disk; print one JSON object per line.

`python -m research.lenet_frontier.stored_size`

Each checkpoint in `runs` is tidied (`tidied.py`), its weights share 2, 4, 8 or 16 values per layer, these are
trained on the 60,000 training digits (`tune_codebooks`), biases get 8 bits, and everything, with the
architecture, is written to a compact file. The file is read back, and *that* model reads the 10,000 test
digits, once. How many values each layer gets is chosen on the training digits: as few bits as possible, as
long as the error on them rises by at most 0.05 points.

Published, for comparison (weights and indices; the papers do not say whether headers and architecture are
included): Deep Compression, 27 kB at 1.58 % and 44 kB at 0.74 %; EPR, 8.56 kB at 1.9 % and 2.84 kB at 1.0 %.
"""

import argparse
import json
import struct
import tempfile
from pathlib import Path

from benchmarks.common import machine

from .checkpoints import FOLDER, load, net_of

RISE = 0.0005  # of the error on the training digits
ALLOWED = (1, 2, 3, 4)  # bits


def stored_values(model, bits: dict[str, int], data, epochs: int) -> dict:
    """Return the values as they will be stored: shared, trained and rounded."""
    import numpy as np

    from prunewidgets.core.quantization import Shared, round_values
    from prunewidgets.models.compression.codebooks import tune_codebooks
    from prunewidgets.models.compression.quantized import quantized_weights
    from prunewidgets.models.layers.weights import named_variables

    variables = named_variables(model)
    stored = quantized_weights(model, bits, bias_bits=None)
    tuned = tune_codebooks(model, stored, *data, epochs=epochs, batch_size=256, learning_rate=2e-3)
    for name, part in tuned.items():
        if isinstance(part, Shared):
            tuned[name] = Shared(part.codes, part.codebook.astype(np.float16).astype(np.float32))
        else:
            # An emptied unit needs no bias, whatever value training gave it.
            tuned[name] = round_values(np.where(variables[name].value.numpy() == 0, 0, part), 8)
    return tuned


def measure(net: str, path: Path, epochs: int) -> dict:
    import prunewidgets as pw
    from prunewidgets import compact
    from prunewidgets.models.compression.quantized import copy_with_weights
    from prunewidgets.models.formats.compact_files import load_compact, save_compact

    from .tidied import tidy

    train, test = pw.datasets.mnist()
    model = load(net, path)
    before = pw.LiveModel(model)
    kept = pw.Masks.from_zeros(before.weights)
    error_before = 1 - before.evaluate(*test)
    tidy(model)
    left = pw.Masks.from_zeros(pw.LiveModel(model).weights).kept
    limit = 1 - pw.LiveModel(model).evaluate(*train) + RISE
    tried: dict[tuple, tuple[float, int, dict]] = {}

    def attempt(bits: dict[str, int]) -> tuple[float, int, dict]:
        key = tuple(bits.values())
        if key not in tried:
            stored = stored_values(model, bits, train, epochs)
            error = 1 - pw.LiveModel(copy_with_weights(model, stored)).evaluate(*train)
            tried[key] = error, len(compact.to_bytes(stored)), stored
        return tried[key]

    names = list(pw.LiveModel(model).weights)
    level = next((b for b in ALLOWED if attempt(dict.fromkeys(names, b))[0] <= limit), ALLOWED[-1])
    bits = dict.fromkeys(names, level)
    for name in sorted(names, key=lambda name: -pw.LiveModel(model).weights[name].astype(bool).sum()):
        while bits[name] > ALLOWED[0] and attempt({**bits, name: bits[name] - 1})[0] <= limit:
            bits[name] -= 1
    _, _, stored = attempt(bits)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "net.pwc"
        size = save_compact(model, file, stored=stored)
        again = load_compact(file)
        head = struct.unpack("<I", file.read_bytes()[8:12])[0]
    accuracy = pw.LiveModel(again).evaluate(*test)
    return {
        "net": net,
        "ratio": round(kept.size / kept.kept, 1),
        "nonzeros": kept.kept,
        "nonzeros_tidied": left,
        "bits": list(bits.values()),
        "bytes": size,
        "bytes_header_and_architecture": 12 + head,
        "error_percent_before": round(100 * error_before, 2),
        "error_percent": round(100 * (1 - accuracy.correct / accuracy.n), 2),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="checkpoints; all in runs/ if none")
    parser.add_argument("--epochs", type=int, default=2, help="of training the shared values")
    arguments = parser.parse_args()
    for path in arguments.files or sorted(FOLDER.glob("*.npz")):
        net = net_of(path)
        print(json.dumps(measure(net, path, arguments.epochs) | {"on": machine()}), flush=True)
