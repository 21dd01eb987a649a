"""Hold the zeros that a model has: in a model from a file, a clone, or any other copy."""

import keras

from ...core.masks import Masks
from .live_model import LiveModel, as_live


def hold_zeros(model: keras.Model | LiveModel) -> Masks:
    """Hold the prunable weights that are zero now, as ``LiveModel.apply`` does, and return the masks.

    For a pruned model that reached you in a way that carries the zeros and not the hold: a file that
    ``model.save`` or ``ModelCheckpoint`` wrote, ``load_compact``, ``keras.models.clone_model`` or
    ``from_config`` with ``set_weights``, ``shrink``, ``factorize``. A weight that is zero by chance is held
    too, such as the whole kernel of a layer that starts from zeros: a warning names a layer without weights.

    If the original is there, its masks hold the same in a copy with other weights:
    ``pw.LiveModel(clone).apply(pw.LiveModel(model).applied)``.

    Args:
        model: A built model, or a ``LiveModel`` of it to hold only some of its layers.

    Example:
        >>> model = pw.models.lenet_300_100(seed=0)
        >>> masks = pw.prune(model, sparsity=0.9)
        >>> clone = keras.models.clone_model(model)
        >>> clone.set_weights(model.get_weights())
        >>> pw.hold_zeros(clone)
        Masks: 239,580 of 266,200 weights removed (90.00 %)
    """
    return as_live(model).apply_chosen(Masks.from_zeros)
