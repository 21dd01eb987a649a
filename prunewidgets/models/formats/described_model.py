"""Build a model from its description, and check its variables before allocating memory for them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import keras
from keras.src.backend.common import global_state
from keras.src.saving.serialization_lib import SafeModeScope
from keras.src.utils.tracking import no_automatic_dependency_tracking as no_tracking

from ..shrinking.sharing import shared_objects

_OPEN = ("name_scope_stack", "stateless_scope", "uninitialized_variables")
"""Where Keras records its open scopes; an interrupt while one opens or closes leaves it open."""


def model_from(description: dict[str, Any], check: Callable[[keras.Model], None]) -> keras.Model:
    """Build a model, always in Keras's safe mode, even after ``enable_unsafe_deserialization``.

    Args:
        description: Keras's description of a model, as in a file; it may be emptied.
        check: Called with the model while its variables have names and shapes, but no values yet. If it
            raises an exception, the model is not built.

    Raises:
        ValueError: It does not describe a model.
    """
    with _scopes_restored(), safe_mode():
        # A layer shared by two others is shared again.
        with (
            keras.StatelessScope(initialize_variables=False),
            shared_objects((), {}),
            _states_without_values(),
        ):
            model = keras.saving.deserialize_keras_object(description, safe_mode=True)
        if not isinstance(model, keras.Model):
            raise ValueError("it does not describe a model")
        check(model)
        for variable in global_state.get_global_attribute("uninitialized_variables") or ():
            variable._deferred_initialize()
        return model


def _states_without_values() -> Any:
    """Patch Keras to create the states of recurrent layers without values first, too."""

    def create(layer: keras.layers.RNN, batch_size: int | None) -> None:
        specs = keras.src.backend.compute_output_spec(lambda: layer.get_initial_state(batch_size))
        with keras.name_scope(layer.name, caller=layer):
            layer.states = keras.tree.map_structure(
                lambda spec: keras.Variable(
                    "zeros", spec.shape, layer.variable_dtype, trainable=False, name="rnn_state"
                ),
                specs,
            )

    return patch.object(keras.layers.RNN, "_create_state_variables", no_tracking(create))


@contextmanager
def safe_mode() -> Iterator[None]:
    """Turn on Keras's safe mode: its ``safe_mode=True`` alone is overridden by a process-wide setting."""
    with SafeModeScope(True):
        yield


@contextmanager
def _scopes_restored() -> Iterator[None]:
    before = {name: global_state.get_global_attribute(name) for name in _OPEN}
    before = {name: list(open_) if isinstance(open_, list) else open_ for name, open_ in before.items()}
    global_state.set_global_attribute("uninitialized_variables", [])
    try:
        yield
    finally:
        for name, value in before.items():
            global_state.set_global_attribute(name, value)
