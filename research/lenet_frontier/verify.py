"""Count and measure the pruned networks that come with the project; print one JSON object per line.

`python -m research.lenet_frontier.verify` takes less than a minute. `ratio` and `nonzeros` count weights
without biases; `error_percent` is for the 10,000 test digits.
"""

import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import prunewidgets as pw

from .checkpoints import FOLDER, load, net_of

if __name__ == "__main__":
    _, (x, y) = pw.datasets.mnist()
    for path in sorted(FOLDER.glob("*.npz")):
        net = net_of(path)
        live = pw.LiveModel(load(net, path))
        kept = pw.Masks.from_zeros(live.weights)
        nonzeros = kept.size - kept.removed
        accuracy = live.evaluate(x, y)
        line = {
            "net": net,
            "ratio": round(kept.size / nonzeros, 2),
            "nonzeros": nonzeros,
            "error_percent": round(100 * (1 - accuracy.correct / accuracy.n), 2),
        }
        print(json.dumps(line), flush=True)
