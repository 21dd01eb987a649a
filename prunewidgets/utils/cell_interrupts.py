"""Reliable interrupts: while Keras trains, an interrupt is delayed until it is safe to raise.

Python raises KeyboardInterrupt between any two instructions. In a destructor, in a weak reference's callback,
or in Python code that TensorFlow calls from C++, it is printed and dropped, or becomes another error, and
`fit` continues; while TensorFlow traces a function it can leave the process unable to train again. This is
not specific to prunewidgets: it happens with plain Keras.

So within a cell, the handler checks where the interrupt arrives. Outside `fit`, `evaluate` and `predict` it
raises at once, as usual. Inside them it tries again every few milliseconds until execution is between two
steps; after PATIENCE it raises anyway, and again if Keras's frame is still running. Interrupts that are
dropped elsewhere are repeated.

An interrupted `fit` also leaves a tf.data iterator behind, which its traceback keeps alive until a garbage
collection much later. Freeing it then blocks the kernel for up to a minute, and longer the older it is:
TensorFlow waits, while holding the GIL, for a thread that on a busy machine misses its cancellation. No
interrupt is handled during that time. So at the end of the cell the iterator is emptied in a thread, without
the GIL.
"""

import contextlib
import itertools
import queue
import signal
import sys
import threading
import time
import types
from _thread import interrupt_main
from typing import Any

PATIENCE = 2.0
"""Seconds that an interrupt may wait for a safe moment; tracing a large model takes longer.

While TensorFlow traces, these are seconds of CPU time: on a busy machine the same tracing takes longer.
"""

_RECHECK_AFTER = 0.01  # seconds until the next check for a safe moment
_DROPPED_AFTER = 0.25  # seconds after which a raised interrupt has left Keras's frame, or was dropped
_LOOPS = ("fit", "evaluate", "predict")
_BETWEEN_STEPS = ("keras.src.backend.tensorflow.trainer", "keras.src.callbacks", "keras.src.utils.progbar")
_AFTER_A_CALL = {  # where TensorFlow's C++ code has just returned
    ("tensorflow.python.eager.execute", "quick_execute"),
    ("tensorflow.python.eager.context", "call_function"),
}
_TRACING = ("tensorflow.python.framework.func_graph", "tensorflow.python.eager.polymorphic_function.tracing")


class InterruptHandler:
    """Handler of interrupts in the cells of an IPython shell. It lives as long as the process."""

    def __init__(self, shell: Any) -> None:
        """Start handling interrupts."""
        self._asked = 0.0  # when the user pressed stop; 0 if none is waiting
        self._computed = 0.0  # CPU seconds of the main thread at that time
        self._cell = 0  # its number: an interrupt of one cell is not for the next
        self._repeated: tuple[types.FrameType | None] | None = None  # the loop an earlier one should end
        self._ended: list[types.FrameType] = []  # the loops that interrupts of this cell have ended
        self._later: queue.SimpleQueue[Any] = (
            queue.SimpleQueue()
        )  # of the few things safe in a signal handler
        self._before = sys.unraisablehook
        sys.unraisablehook = self.repeat_dropped
        threading.Thread(target=self._interrupt_again, name="prunewidgets interrupts", daemon=True).start()
        shell.events.register("pre_run_cell", self.begin)
        shell.events.register("post_run_cell", self.end)
        self.begin()  # the cell that imports the package

    def begin(self, *_: Any) -> None:
        """Install the handler at the start of a cell, unless another one is installed."""
        self._cell += 1
        self._asked, self._repeated = 0.0, None
        here = threading.current_thread() is threading.main_thread()
        if here and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self.handle)

    def end(self, *_: Any) -> None:
        """Restore the default handler at the end of a cell and empty the iterators of interrupted loops."""
        self._cell += 1
        here = threading.current_thread() is threading.main_thread()
        if here and signal.getsignal(signal.SIGINT) == self.handle:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        # From the caller on: a list of frames that has its own in it would keep the cell's values alive.
        running, loops, self._ended = _frames(sys._getframe().f_back, None), self._ended, []
        iterators = [each for loop in loops if loop not in running for each in _iterators(loop)]
        if iterators:
            threading.Thread(target=_empty_iterators, args=(iterators,), daemon=True).start()

    def handle(self, number: int, frame: types.FrameType | None) -> None:
        """Raise KeyboardInterrupt now, or schedule another call soon."""
        repeated, self._repeated = self._repeated, None
        loop = _loop(frame)
        if repeated and repeated[0] is not None and repeated[0] is not loop:
            return  # the earlier interrupt has ended the loop after all
        if not self._asked:
            self._asked, self._computed = time.monotonic(), time.thread_time()
        if frame is not None and loop is not None:
            computing = time.thread_time() - self._computed
            waited = computing if _tracing(frame, loop) else time.monotonic() - self._asked
            if waited < PATIENCE and not _safe_to_raise(frame, loop):
                self._later.put((_RECHECK_AFTER, self._cell, None))
                return
            if not _in_user_code(frame, loop):
                self._later.put((_DROPPED_AFTER, self._cell, loop))
        self._ended += _loops(frame)
        self._asked = 0.0
        raise KeyboardInterrupt

    def repeat_dropped(self, unraisable: Any) -> None:
        """Repeat an interrupt that Python has dropped; installed as `sys.unraisablehook`."""
        if unraisable.exc_type is KeyboardInterrupt and threading.current_thread() is threading.main_thread():
            self._later.put((_RECHECK_AFTER, self._cell, None))
        else:
            self._before(unraisable)

    def _interrupt_again(self) -> None:
        while True:
            pause, cell, loop = self._later.get()
            time.sleep(pause)
            if cell == self._cell:
                self._repeated = (loop,)
                interrupt_main()
            del loop  # and everything its variables refer to


def _loop(frame: types.FrameType | None) -> types.FrameType | None:
    """Return the innermost frame of Keras's `fit`, `evaluate` or `predict` that `frame` was called from."""
    return next(iter(_loops(frame)), None)


def _loops(frame: types.FrameType | None) -> list[types.FrameType]:
    return [
        each
        for each in _frames(frame, None)
        if each.f_code.co_name in _LOOPS and _module(each).startswith("keras.")
    ]


def _safe_to_raise(frame: types.FrameType, loop: types.FrameType) -> bool:
    """Return whether an exception raised in `frame` reaches `loop` and leaves nothing half done."""
    module = _module(frame)
    root = module.partition(".")[0]
    if root in ("keras", "tensorflow"):
        safe = module.startswith(_BETWEEN_STEPS) or (module, frame.f_code.co_name) in _AFTER_A_CALL
    else:
        safe = root not in sys.stdlib_module_names and root != "numpy"
    safe = safe or root == "__main__"
    return safe and not _tracing(frame, loop)


def _tracing(frame: types.FrameType, loop: types.FrameType) -> bool:
    return any(_module(each).startswith(_TRACING) for each in _frames(frame, loop))


def _in_user_code(frame: types.FrameType, loop: types.FrameType) -> bool:
    """Return whether code of a cell is in between, which may catch the interrupt on purpose."""
    return any(_module(each) == "__main__" for each in _frames(frame, loop))


def _frames(frame: types.FrameType | None, loop: types.FrameType | None) -> list[types.FrameType]:
    frames = []
    while frame is not None and frame is not loop:
        frames.append(frame)
        frame = frame.f_back
    return frames


def _module(frame: types.FrameType) -> str:
    return frame.f_globals.get("__name__") or ""


def _iterators(loop: types.FrameType) -> list[Any]:
    """Return the tf.data iterators that the frame of a loop holds."""
    held = (
        loop.f_locals.get("iterator"),
        getattr(loop.f_locals.get("epoch_iterator"), "_current_iterator", None),
    )
    return [each for each in held if hasattr(each, "_iterator_resource") and hasattr(each, "_dataset")]


def _empty_iterators(iterators: list[Any]) -> None:
    """Restart iterators: TensorFlow frees what they held, and waits for its threads without the GIL."""
    make = sys.modules["tensorflow"].raw_ops.MakeIterator
    while iterators:
        iterator = iterators.pop()
        with contextlib.suppress(Exception):  # another version of TensorFlow: freed as usual then
            make(dataset=iterator._dataset._variant_tensor, iterator=iterator._iterator_resource)


def _show(shell: Any, kind: type, error: BaseException, trace: Any, tb_offset: int | None = None) -> None:
    """Show the traceback of an interrupt down to the call of Keras.

    The frames below are of no use to the user who pressed stop, and IPython takes seconds to format them.
    """
    above = _above_keras(trace)
    if above is not None and len(_chain(above)) < len(_chain(trace)):
        error.__suppress_context__ = True  # hide the exception that TensorFlow was handling
    shell.showtraceback((kind, error, above), tb_offset=tb_offset)


def _above_keras(trace: types.TracebackType) -> types.TracebackType | None:
    above = None
    calls = itertools.takewhile(lambda each: not _of_keras(each.tb_frame), _chain(trace))
    for each in reversed(list(calls)):
        above = types.TracebackType(above, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return above


def _chain(trace: types.TracebackType | None) -> list[types.TracebackType]:
    chain = []
    while trace is not None:
        chain.append(trace)
        trace = trace.tb_next
    return chain


def _of_keras(frame: types.FrameType) -> bool:
    return _module(frame).partition(".")[0] in ("keras", "tensorflow")


def handle_interrupts() -> None:
    """Handle interrupts in the cells of the current IPython shell; do nothing without one."""
    shell = sys.modules["IPython"].get_ipython()
    if shell is not None and threading.current_thread() is threading.main_thread():
        InterruptHandler(shell)
        if not shell.custom_exceptions:  # otherwise the user has set how errors are shown
            shell.set_custom_exc((KeyboardInterrupt,), _show)
