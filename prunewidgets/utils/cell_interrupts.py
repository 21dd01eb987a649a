"""A stop is heard: while Keras trains, an interrupt waits for a moment that can take it.

Python raises KeyboardInterrupt between any two instructions. In a destructor, in a weak reference's callback,
or in Python code that TensorFlow calls from C++, it is printed and dropped, or becomes another error, and
`fit` runs on; while TensorFlow traces a function it can leave the process unable to train again. None of this
needs prunewidgets: plain Keras does it.

So within a cell the interrupt's handler looks where it is. Outside `fit`, `evaluate` and `predict` it raises
at once, as ever. Within them it comes again a few milliseconds later, until it is between two steps; after
PATIENCE it raises anyway, and again while Keras's frame is still there. What is dropped elsewhere is
repeated.
"""

import queue
import signal
import sys
import threading
import time
import types
from _thread import interrupt_main
from typing import Any

PATIENCE = 2.0
"""Seconds that an interrupt may wait for a good moment; tracing a large model takes longer."""

_AGAIN = 0.01  # seconds until it looks once more for a good moment
_UNHEARD = 0.25  # seconds after which a raised interrupt has left Keras's frame, or was dropped
_LOOPS = ("fit", "evaluate", "predict")
_BETWEEN_STEPS = ("keras.src.backend.tensorflow.trainer", "keras.src.callbacks", "keras.src.utils.progbar")
_AFTER_A_CALL = {  # TensorFlow's C++ code has just returned there
    ("tensorflow.python.eager.execute", "quick_execute"),
    ("tensorflow.python.eager.context", "call_function"),
}
_TRACING = ("tensorflow.python.framework.func_graph", "tensorflow.python.eager.polymorphic_function.tracing")


class Ear:
    """Hears the interrupts of a shell's cells. It lives as long as the process."""

    def __init__(self, shell: Any) -> None:
        """Listen from now on."""
        self._asked = 0.0  # when the reader asked, while that waits for a good moment
        self._cell = 0  # its number: what was asked in one cell is not for the next
        self._repeated: tuple[types.FrameType | None] | None = None  # the loop that an earlier one has to end
        self._later: queue.SimpleQueue[Any] = (
            queue.SimpleQueue()
        )  # of the few things a signal handler may use
        self._before = sys.unraisablehook
        sys.unraisablehook = self.dropped
        threading.Thread(target=self._remind, name="prunewidgets interrupts", daemon=True).start()
        shell.events.register("pre_run_cell", self.begin)
        shell.events.register("post_run_cell", self.end)
        self.begin()  # the cell that imports the package

    def begin(self, *_: Any) -> None:
        """Listen, unless somebody else does."""
        self._cell += 1
        self._asked, self._repeated = 0.0, None
        here = threading.current_thread() is threading.main_thread()
        if here and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self.hear)

    def end(self, *_: Any) -> None:
        """Leave things as they were."""
        self._cell += 1
        here = threading.current_thread() is threading.main_thread()
        if here and signal.getsignal(signal.SIGINT) == self.hear:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def hear(self, number: int, frame: types.FrameType | None) -> None:
        """Raise KeyboardInterrupt now, or be called again soon."""
        repeated, self._repeated = self._repeated, None
        loop = _loop(frame)
        if repeated and repeated[0] is not None and repeated[0] is not loop:
            return  # it was heard after all
        now = time.monotonic()
        self._asked = self._asked or now
        if frame is not None and loop is not None:
            if now - self._asked < PATIENCE and not _good_moment(frame, loop):
                self._later.put((_AGAIN, self._cell, None))
                return
            if not _user_code(frame, loop):
                self._later.put((_UNHEARD, self._cell, loop))
        self._asked = 0.0
        raise KeyboardInterrupt

    def dropped(self, unraisable: Any) -> None:
        """Repeat an interrupt that Python has dropped; `sys.unraisablehook`."""
        if unraisable.exc_type is KeyboardInterrupt and threading.current_thread() is threading.main_thread():
            self._later.put((_AGAIN, self._cell, None))
        else:
            self._before(unraisable)

    def _remind(self) -> None:
        while True:
            pause, cell, loop = self._later.get()
            time.sleep(pause)
            if cell == self._cell:
                self._repeated = (loop,)
                interrupt_main()
            del loop  # and what its variables hold


def _loop(frame: types.FrameType | None) -> types.FrameType | None:
    """The innermost frame of Keras's `fit`, `evaluate` or `predict` that this one belongs to."""
    while frame is not None:
        if frame.f_code.co_name in _LOOPS and _module(frame).startswith("keras."):
            return frame
        frame = frame.f_back
    return None


def _good_moment(frame: types.FrameType, loop: types.FrameType) -> bool:
    """Whether an exception raised in `frame` arrives in `loop`, and leaves nothing half done."""
    module = _module(frame)
    root = module.partition(".")[0]
    if root in ("keras", "tensorflow"):
        good = module.startswith(_BETWEEN_STEPS) or (module, frame.f_code.co_name) in _AFTER_A_CALL
    else:
        good = root not in sys.stdlib_module_names and root != "numpy"
    good = good or root == "__main__"
    return good and not any(_module(each).startswith(_TRACING) for each in _from(frame, loop))


def _user_code(frame: types.FrameType, loop: types.FrameType) -> bool:
    """Whether code of a cell is in between: it may catch the interrupt, and mean to."""
    return any(_module(each) == "__main__" for each in _from(frame, loop))


def _from(frame: types.FrameType | None, loop: types.FrameType) -> list[types.FrameType]:
    frames = []
    while frame is not None and frame is not loop:
        frames.append(frame)
        frame = frame.f_back
    return frames


def _module(frame: types.FrameType) -> str:
    return frame.f_globals.get("__name__") or ""


def listen() -> None:
    """Hear the interrupts of this IPython's cells; elsewhere nothing happens."""
    shell = sys.modules["IPython"].get_ipython()
    if shell is not None and threading.current_thread() is threading.main_thread():
        Ear(shell)
