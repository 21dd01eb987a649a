"""Stops a training at random moments in a real kernel, and prints how soon each one was raised.

`python tests/utils/kernel_storm.py 200 follow` sends 200 interrupts to `fit` with `FollowTraining`,
`200 plain` without; a third argument is the seed.
"""

import queue
import random
import sys
import time
from collections import Counter

from jupyter_client import KernelManager

SETUP = """
import os; os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
import keras, numpy as np, tensorflow as tf, prunewidgets as pw
x = np.random.default_rng(0).normal(size=(2000, 20)).astype("float32"); y = x[:, :3].argmax(1)
model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(30), keras.layers.Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
histogram = pw.WeightHistogram(pw.LiveModel(model).weights)
"""
COMPILE = 'model.compile("adam", "sparse_categorical_crossentropy"); '  # traced again, where most are lost
FIT = "model.fit(x, y, epochs=10**6, verbose=0, callbacks=[{callbacks}])"


class Kernel:
    """A kernel that runs cells and is interrupted in them."""

    def __init__(self) -> None:
        """Start one, with a model to train."""
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)
        assert self.reply(self.start(SETUP), 300)["status"] == "ok"

    def close(self) -> None:
        """End it."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def start(self, code: str) -> str:
        """Run a cell; returns its id once it runs."""
        cell = self.client.execute(code, stop_on_error=False)  # else a cell right after a stop is dropped
        while True:
            message = self.client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") == cell and message["msg_type"] == "execute_input":
                return cell

    def reply(self, cell: str, timeout: float = 60) -> dict | None:
        """What a cell ended with; None if it has not."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            try:
                message = self.client.get_shell_msg(timeout=left)
            except queue.Empty:
                break
            if message["parent_header"].get("msg_id") == cell:
                return message["content"]
        return None

    def stop(self, code: str, after: float) -> tuple[dict | None, float]:
        """Interrupt a cell; returns what it ended with and the seconds until then."""
        cell = self.start(code)
        time.sleep(after)
        start = time.monotonic()
        self.manager.interrupt_kernel()
        return self.reply(cell), time.monotonic() - start


def storm(kernel: Kernel, number: int, follow: bool, seed: int = 0) -> tuple[list[str], list[float]]:
    """What each interrupted `fit` ended with, and the seconds that took."""
    rng, ended, seconds = random.Random(seed), [], []
    fit = FIT.format(callbacks="pw.FollowTraining(histogram, every=1)" if follow else "")
    for i in range(number):
        reply, took = kernel.stop((COMPILE if i % 2 == 0 else "") + fit, rng.uniform(0, 1.5))
        ended.append(reply.get("ename", reply["status"]) if reply else "lost")
        seconds.append(took)
        if reply is None:
            break
    return ended, seconds


if __name__ == "__main__":
    kernel = Kernel()
    try:
        seed = int(sys.argv[3]) if len(sys.argv) > 3 else 0
        ended, seconds = storm(kernel, int(sys.argv[1]), sys.argv[2] == "follow", seed)
    finally:
        kernel.close()
    seconds.sort()
    median, p95 = (seconds[round(part * (len(seconds) - 1))] for part in (0.5, 0.95))
    print(dict(Counter(ended)), f"median {median:.2f} s, 95 % in {p95:.2f} s, all in {seconds[-1]:.2f} s")
