"""Trace training steps again that were traced before or while a weight was held."""

import gc
import sys
from collections.abc import Iterable
from typing import Any

import keras
import tensorflow as tf


def trace_again(variables: Iterable[keras.Variable]) -> None:
    """Make every ``tf.function`` that uses one of the variables trace its Python code again on its next call.

    The masks become part of a step when the step is traced. Nothing records which steps use a variable: that
    of its model, of a model that contains it, of a GAN, or a custom loop. So all living functions are
    searched, by way of their class: a list of all objects would contain tuples that another thread is still
    building, which Python then refuses to finish. A ``ConcreteFunction`` that the user keeps has no Python
    code to trace; if it changes removed weights, ``LiveModel.applied`` shows it.
    """
    unused = tf.Variable(0.0)
    values = [variable.value for variable in variables]
    handles = {id(value.handle) for value in values if _references(value) > _references(unused)}
    if not handles:  # the search takes a tenth of a second
        return
    kind = type(tf.function(lambda: None))
    for function in _referrers(kind):
        if type(function) is not kind:  # isinstance would import the lazy modules among the objects
            continue
        if not hasattr(function, "_function_cache"):
            continue  # another thread is still creating it
        with function._lock:
            cache = function._function_cache
            if any(
                id(captured) in handles for traced in cache.values() for captured in traced.captured_inputs
            ):
                cache.clear()


def _referrers(searched: object) -> list[Any]:
    """Return ``gc.get_referrers(searched)``; a collection on the way would crash it.

    It walks Python's lists of objects, and a collection moves objects from one list to the next: the walk
    then goes past the end of its list. That was seen after ``fit`` on a data set; what began it was not.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return gc.get_referrers(searched)
    finally:
        if collecting:
            gc.enable()


def _references(variable: tf.Variable) -> int:
    """Count the references to a variable's handle; each traced function that uses the variable holds one."""
    return sys.getrefcount(variable.handle)
