"""Training steps that were traced before a weight was held, or while it was: they are traced again."""

import gc
from collections.abc import Iterable

import keras
import tensorflow as tf


def trace_again(variables: Iterable[keras.Variable]) -> None:
    """Let every ``tf.function`` that uses one of the variables trace its Python code again when next called.

    What holds a weight becomes part of a step when the step is traced. Which steps use a variable is not
    written down anywhere: the one of its model, of a model around it, of a GAN, or a loop of the user's own.
    So all functions alive are looked at, found by their class: a list of all objects would hold tuples that
    another thread is in the middle of making, which Python then refuses to finish. A ``ConcreteFunction``
    that somebody keeps has no Python code to trace; what it writes shows in ``LiveModel.applied``.
    """
    handles = {id(variable.value.handle) for variable in variables}
    if not handles:
        return
    kind = type(tf.function(lambda: None))
    for function in gc.get_referrers(kind):
        if type(function) is not kind:  # isinstance would import the lazy modules among the objects
            continue
        if not hasattr(function, "_function_cache"):
            continue  # another thread is making it
        with function._lock:
            cache = function._function_cache
            if any(
                id(captured) in handles for traced in cache.values() for captured in traced.captured_inputs
            ):
                cache.clear()
