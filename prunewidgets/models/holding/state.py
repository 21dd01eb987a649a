"""The state of a live model: one record per model, shared by all its LiveModel objects."""

import threading
import warnings
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ...core.masks import Masks
from ...utils.uninterrupted import uninterrupted
from ..forward.passes import Forward
from ..layers.batch_states import recurrent_states
from ..layers.weights import named_variables, tensor_of
from .held_copies import copies_hold
from .held_variable import masked, refuse_distributed
from .hold import HeldMask, averages
from .lora import hold_adapters, release_adapters
from .retrace import trace_again

Saved = list[tuple[keras.Variable, tf.Tensor, Callable[..., Any] | None]]
"""Variables, each with its value and constraint at the time of saving."""

_NO_LONGER_ZERO = (
    "Removed weights are not zero any more: {}. What wrote to them goes past Keras: a training step that was "
    "traced before the pruning and kept as a ConcreteFunction, or TensorFlow's raw operations. Trace the "
    "step after the pruning, and remove the weights again with LiveModel(model).apply(masks)."
)


@dataclass
class State:
    """The record of one model. It refers to the model weakly, so the model can be freed as usual.

    Attributes:
        forward: The compiled forward passes.
        lock: Held while the model's variables are read or written together.
        applied: The masks that are held now; ``applied_now`` checks them against the weights.
        warned: Whether the user was warned that removed weights are no longer zero.
        saved: Every variable of model and optimizer as it was before the first apply; None before it.
        held: {name of a weight: the mask that holds it}; masks stay here after restore, because a training
            function compiled by the user may still refer to them.
        replaced: Masks of weights whose name now belongs to another variable; restore frees these too.
        watchers: Methods to call after each apply and restore; held weakly.
    """

    forward: Forward
    lock: threading.RLock = field(default_factory=threading.RLock)
    applied: Masks | None = None
    warned: bool = False
    saved: "Saved | None" = None
    held: dict[str, HeldMask] = field(default_factory=dict)
    replaced: list[HeldMask] = field(default_factory=list)
    watchers: list[weakref.WeakMethod[Any]] = field(default_factory=list)

    @property
    def earlier(self) -> dict[int, tf.Tensor]:
        """{id of a variable: its value before the first apply}; empty if nothing was applied."""
        return {id(variable): value for variable, value, _ in self.saved or ()}

    def notify_watchers(self) -> None:
        """Call every watcher that is still alive."""
        self.watchers = [watcher for watcher in self.watchers if watcher() is not None]
        for watcher in self.watchers:
            changed = watcher()
            if changed is not None:
                changed()


_STATES: weakref.WeakKeyDictionary[keras.Model, State] = weakref.WeakKeyDictionary()
_STATES_LOCK = threading.Lock()


def state_of(model: keras.Model) -> State:
    """Return the model's record; the first call creates it."""
    with _STATES_LOCK:
        if model not in _STATES:
            _STATES[model] = State(Forward(model))
        return _STATES[model]


def apply(
    model: keras.Model,
    variables: dict[str, keras.Variable],
    masks: Masks,
    values: Mapping[str, tf.Tensor] | None = None,
) -> None:
    """Set the pruned weights to zero and hold them there; on any exception, change nothing.

    Args:
        model: The live model.
        variables: Its prunable variables by name; those that ``masks`` does not name are no longer held.
        masks: Already checked: each name is in ``variables`` and each mask has its variable's shape.
        values: {name: new value} of weights that change as well; moving averages get the same.
    """
    refuse_distributed(variables)
    state, new = state_of(model), values or {}
    with state.lock, uninterrupted():
        build_optimizer(model)
        saved = state.saved or record(all_variables(model))
        known = {id(variable) for variable, _, _ in saved}
        added = record(v for v in variables.values() if id(v) not in known)  # layers added since
        saved = [*saved, *added]
        before = record(v for variable in variables.values() for v in (variable, *averages(model, variable)))
        held_before = [(hold, hold.mask) for hold in state.held.values()]
        names_before, still_there = dict(state.held), masks_in_model(model, state)
        newly: list[HeldMask] = []
        try:
            for name, variable in variables.items():
                if name not in state.held or state.held[name].variable is not variable:
                    state.held[name] = HeldMask(model, variable)
                hold = state.held[name]
                kept = masks.get(name)
                hold.mask = np.ones(variable.shape, dtype=bool) if kept is None else kept
                for target in (variable, *averages(model, variable)):
                    target.assign(masked(new.get(name, target.value), hold.mask))
                if hold.attach():
                    newly.append(hold)
            copies_hold(type(model))
            hold_adapters(model, {id(variable) for variable in variables.values()})
            others = {n: kept for n, kept in (still_there or {}).items() if n not in variables}
            state.replaced += [hold for name, hold in names_before.items() if state.held[name] is not hold]
            state.saved, state.applied = saved, Masks({**others, **masks}) if others else masks
            state.warned = False
        except BaseException:  # including KeyboardInterrupt
            for hold in newly:
                hold.detach()
            for hold, kept in held_before:
                hold.mask = kept
            state.held = names_before
            write_back(before)
            raise
        finally:
            trace_again(hold.variable for hold in newly)


def restore(model: keras.Model) -> None:
    """Restore every variable and constraint as it was before the first apply, if there was one."""
    state = state_of(model)
    with state.lock, uninterrupted():
        if state.saved is None:
            return
        try:
            _write_saved(model, state)
        except KeyboardInterrupt:  # a half restored model is neither the pruned nor the earlier one
            _write_saved(model, state)
            raise


def _write_saved(model: keras.Model, state: State) -> None:
    holds = [*state.held.values(), *state.replaced]
    for hold in holds:
        hold.detach()
    release_adapters(model)
    write_back(state.saved or [])
    trace_again(hold.variable for hold in holds if hold.variable is not None)
    # Cleared last, so that after another interrupt a second restore still has everything.
    state.saved = state.applied = None
    state.replaced = []


def applied_now(model: keras.Model) -> Masks | None:
    """Return the masks that are held; a weight that is no longer zero does not count as removed.

    Nothing that goes through Keras can bring a removed weight back; TensorFlow's raw operations on a variable
    can, and so can a step that was traced before the pruning and kept as a ``ConcreteFunction``.
    """
    state = state_of(model)
    applied = masks_in_model(model, state)
    if applied is None or not _no_longer_zero(state, applied):
        return applied
    # No lock above and a short wait here: a lab asks while it holds what a training thread may need.
    if not state.lock.acquire(timeout=1):
        return masks_in_model(model, state)
    try:  # check again: another thread may have been in the middle of a restore
        applied = masks_in_model(model, state)
        found = _no_longer_zero(state, applied or {})
        if found and not state.warned:
            state.warned = True
            listed = ", ".join(f"{places.sum():,} of {name!r}" for name, places in found.items())
            warnings.warn(_NO_LONGER_ZERO.format(listed), stacklevel=3)
        if not found or applied is None:
            return applied
        return Masks({name: kept | found.get(name, False) for name, kept in applied.items()})
    finally:
        state.lock.release()


def masks_in_model(model: keras.Model, state: State) -> Masks | None:
    """Return the applied masks, without those of layers that were taken out or replaced since."""
    applied = state.applied
    if applied is None:
        return None
    now = named_variables(model)
    there = {n: kept for n, kept in applied.items() if n in now and state.held[n].variable is now[n]}
    return applied if len(there) == len(applied) else Masks(there)


def _no_longer_zero(state: State, applied: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return {name: where weights are removed but not zero}, without names that have none."""
    found = {}
    for name, kept in applied.items():
        weights = state.held[name].weights
        if weights is not None and (places := ~kept & (weights != 0)).any():
            found[name] = places
    return found


def hold_again(model: keras.Model) -> None:
    """Set the held weights to zero again: ``EarlyStopping`` restores earlier weights when ``fit`` ends."""
    state = state_of(model)
    with state.lock, uninterrupted():
        for hold in state.held.values() if state.applied is not None else ():
            hold.zero()


def record(variables: Iterable[keras.Variable]) -> Saved:
    """Return the variables with their present values and constraints."""
    return [(variable, tensor_of(variable), variable.constraint) for variable in variables]


def write_back(saved: Saved) -> None:
    """Write the saved values and constraints back, bit for bit."""
    for variable, value, constraint in saved:
        variable.assign(value)
        variable.constraint = constraint


def all_variables(model: keras.Model) -> list[keras.Variable]:
    """Return the model's weights, statistics, seeds and recurrent states, and its optimizer's variables."""
    optimizer = getattr(model, "optimizer", None)
    of_optimizer = optimizer.variables if optimizer is not None else ()
    return [*model.variables, *recurrent_states(model), *of_optimizer]


def build_optimizer(model: keras.Model) -> None:
    """Create the optimizer's variables now, or they could not be saved."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None and not optimizer.built and model.trainable_variables:
        with uninterrupted():  # no fit works with a half built optimizer
            optimizer.build(model.trainable_variables)
