"""Copies of a model: the same layers and values, nothing shared with the original."""

import keras

from ..holding.lora import refuse_adapters
from ..shrinking.rebuild import rebuilt, refuse_learned
from ..shrinking.sharing import refuse_tied
from ..shrinking.sizes import NOTHING


def copy_of(model: keras.Model) -> keras.Model:
    """Return a copy with the same names, values and compile arguments, a new optimizer, no held masks.

    Raises:
        ValueError: A model that cannot be copied layer by layer: subclassed, not built, with a learned
            vocabulary, with weights shared in a way that a copy would lose, or pruned with LoRA adapters.
    """
    check_copyable(model)
    return rebuilt(model, NOTHING, {})


def check_copyable(model: keras.Model) -> None:
    """Raise the ValueError of ``copy_of`` if the model cannot be copied."""
    if not isinstance(model, keras.Sequential | keras.src.models.Functional) or not model.built:
        raise ValueError(
            f"The model {model.name!r} cannot be copied layer by layer: it has to be built, and Sequential "
            "or Functional. A subclassed model has to be made again by its own code; give the copy values "
            "with copy.set_weights(model.get_weights())."
        )
    refuse_learned(model)
    refuse_tied(model)
    refuse_adapters(model)
