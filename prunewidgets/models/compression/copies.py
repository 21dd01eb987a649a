"""A second model with the same layers and values, that shares nothing with the first."""

import keras

from ..live.lora import refuse_adapters
from ..shrinking.rebuild import rebuilt, refuse_learned
from ..shrinking.sharing import refuse_tied
from ..shrinking.sizes import NOTHING


def copy_of(model: keras.Model) -> keras.Model:
    """A copy: same names, values and compile arguments; the optimizer is new, and no masks are held in it.

    Raises:
        ValueError: A model that Keras cannot copy layer by layer: subclassed, not built, with a vocabulary
            that a layer has learned, with weights that are shared in a way that a copy would lose, or pruned
            with LoRA adapters.
    """
    check_copyable(model)
    return rebuilt(model, NOTHING, {})


def check_copyable(model: keras.Model) -> None:
    """Raise the error of ``copy_of`` if the model cannot be copied."""
    if not isinstance(model, keras.Sequential | keras.src.models.Functional) or not model.built:
        raise ValueError(
            f"The model {model.name!r} cannot be copied layer by layer: it has to be built, and Sequential "
            "or Functional. A subclassed model has to be made again by its own code; give the copy values "
            "with copy.set_weights(model.get_weights())."
        )
    refuse_learned(model)
    refuse_tied(model)
    refuse_adapters(model)
