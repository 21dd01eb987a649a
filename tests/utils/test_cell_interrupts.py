"""Interrupts in cells: none is lost, in a destructor or while Keras trains.

`PRUNEWIDGETS_INTERRUPTS=200 make test ARGS="-k interrupts"` sends as many at random moments of `fit`.
"""

import json
import os
import subprocess
import sys

import pytest

MANY = int(os.environ.get("PRUNEWIDGETS_INTERRUPTS", "6"))

SHELL = """
import json, os, random, signal, sys, threading, time
from prunewidgets.utils import cell_interrupts as interrupts

class Shell:
    class events:
        register = staticmethod(lambda event, callback: None)

def interrupt():
    os.kill(os.getpid(), signal.SIGINT)
"""

IN_A_DESTRUCTOR = """
class Deaf:
    def __del__(self):
        interrupt()
        time.sleep(0.01)  # Python raises here, prints and goes on

if {ours}:
    handler = interrupts.InterruptHandler(Shell)
else:
    sys.unraisablehook = lambda unraisable: None
try:
    Deaf()
    time.sleep(2)
    print(json.dumps("lost"))
except KeyboardInterrupt:
    print(json.dumps("raised"))
"""

IN_FIT = """
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
import keras, numpy as np
import prunewidgets as pw

keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(1000, 20)).astype("float32")
y = x[:, :3].argmax(1)
model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(30), keras.layers.Dense(3, "softmax")])
histogram = pw.WeightHistogram(pw.LiveModel(model).weights)
handler, rng, ended = interrupts.InterruptHandler(Shell), random.Random(0), []
for i in range({many}):
    handler.begin()
    model.compile("adam", "sparse_categorical_crossentropy")  # traced again: most are lost there
    follow = [pw.FollowTraining(histogram, every=1)] if i % 2 else []
    threading.Timer(rng.uniform(0.02, 1.0), interrupt).start()
    try:
        model.fit(x, y, epochs=10**6, verbose=0, callbacks=follow)
    except BaseException as error:
        ended.append(type(error).__name__)
    handler.end()
trained = all(np.isfinite(w).all() for w in model.get_weights())
print(json.dumps([ended, trained, len(model.fit(x, y, epochs=2, verbose=0).epoch)]))
"""

CAUGHT_BY_THE_READER = """
def step(k):
    try:
        interrupt()
        time.sleep(0.01)
    except KeyboardInterrupt:
        return "caught"

scope = {{"__name__": "keras.trainer", "step": step, "time": time}}
exec("def fit():\\n    said = step(1)\\n    time.sleep(1)\\n    return said", scope)
handler = interrupts.InterruptHandler(Shell)
print(json.dumps(scope["fit"]()))
"""

TRACED_SLOWLY = """
def code(name, source, **names):
    scope = dict(names, __name__=name, time=time, interrupt=interrupt)
    exec(source, scope)
    return scope

trace = code("tensorflow.python.framework.func_graph", '''
def trace():
    interrupt()
    for _ in range(50):
        time.sleep(0.05)  # another process has the processor
    traced.append(True)
''', traced=[])
step = code("keras.src.callbacks.callback", '''
def step():
    for _ in range(50):
        time.sleep(0.05)
''')
handler = interrupts.InterruptHandler(Shell)
try:
    code("keras.trainer", "def fit(): trace(); step()", trace=trace["trace"], step=step["step"])["fit"]()
    print(json.dumps("lost"))
except KeyboardInterrupt:
    print(json.dumps("raised after tracing" if trace["traced"] else "raised while tracing"))
"""


def answer(code: str, timeout: float = 60, **values: object) -> object:
    """What the last line of a fresh Python says."""
    run = subprocess.run(
        [sys.executable, "-c", SHELL + code.format(**values)], capture_output=True, text=True, timeout=timeout
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
@pytest.mark.parametrize(("ours", "expected"), [(True, "raised"), (False, "lost")])
def test_an_interrupt_dropped_in_a_destructor_is_raised_again(ours, expected):
    assert answer(IN_A_DESTRUCTOR, ours=ours) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
def test_an_interrupt_caught_by_a_users_callback_is_not_raised_again():
    assert answer(CAUGHT_BY_THE_READER) == "caught"


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
def test_interrupts_at_random_moments_of_fit_are_all_raised():
    ended, trained, epochs = answer(IN_FIT, timeout=60 + 20 * MANY, many=MANY)
    assert ended == ["KeyboardInterrupt"] * MANY
    assert trained and epochs == 2


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process there")
def test_tracing_on_a_busy_machine_is_not_interrupted():
    assert answer(TRACED_SLOWLY) == "raised after tracing"
