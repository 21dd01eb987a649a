"""Gradual pruning through a killed process."""

import subprocess
import sys
import textwrap

import numpy as np

RESUMED = """
    import os, sys
    import keras, numpy as np
    from prunewidgets.models.training.gradual import GradualPruning
    keras.utils.set_random_seed(3)
    stack = [keras.layers.Dense(8, "relu"), keras.layers.Dense(4, "softmax")]
    model = keras.Sequential([keras.Input((6,)), *stack])
    model.compile("adam", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(64, 6)).astype("float32"), rng.integers(0, 4, 64)
    folder, die_at, result = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    seen = []
    def die(batch, logs):
        seen.append(batch)
        if len(seen) == die_at:
            os.kill(os.getpid(), 9)
    model.fit(x, y, epochs=4, batch_size=8, shuffle=False, verbose=0, callbacks=[
        keras.callbacks.BackupAndRestore(folder), GradualPruning(0.8, frequency=3),
        keras.callbacks.LambdaCallback(on_train_batch_end=die)])
    np.savez(result, *model.get_weights())
"""


def test_training_resumes_after_a_killed_process(tmp_path, monkeypatch):
    """Killed in the third epoch and started again: bit for bit the model of a process that was not killed."""

    def arguments(name, die_at):
        return ["-c", str(tmp_path / name), str(die_at), str(tmp_path / f"{name}.npz")]

    def run(die_at):
        command = [sys.executable, "-c", program, *arguments("killed", die_at)[1:]]
        return subprocess.run(command, capture_output=True, timeout=120)

    program = textwrap.dedent(RESUMED)
    monkeypatch.setattr(sys, "argv", arguments("whole", -1))
    exec(program, {})
    assert run(20).returncode == -9
    again = run(-1)
    assert again.returncode == 0, again.stderr.decode()
    whole, resumed = np.load(tmp_path / "whole.npz"), np.load(tmp_path / "killed.npz")
    assert sum((whole[name] == 0).sum() for name in ("arr_0", "arr_2")) == 64
    assert all(np.array_equal(whole[name], resumed[name]) for name in whole.files)
