"""The loss that a model was compiled with, computed as Keras computes it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from ..data.arrays import Structure
from ..data.labels import only_loss
from .applicable import DoesNotApplyError


class CompiledLoss:
    """A function (targets, outputs, weights, real) -> (loss, number of answers of each example in it).

    The loss of a model with several outputs is the sum of its losses, with the weights it was compiled with;
    each example counts as one answer then, as in Keras's mean over batches.

    Raises:
        ValueError: If the model was not compiled with a loss.
    """

    def __init__(self, model: keras.Model) -> None:
        """Take the loss from the model, without keeping the model."""
        loss = only_loss(model)
        if loss is None:
            raise DoesNotApplyError(
                f"The model {model.name!r} is not compiled with a loss, and this criterion needs its "
                "gradients. Compile it, for example model.compile(loss='sparse_categorical_crossentropy'), "
                "or choose a criterion that needs no data, such as 'magnitude'."
            )
        self._reduction = getattr(loss, "reduction", "sum_over_batch_size")
        self._ignored = getattr(loss, "ignore_class", None)
        # A model without layers has no regularisers: its compute_loss returns only the loss that Keras makes
        # of a name, a function or an object, reduced as Keras reduces it.
        self._judge = keras.Model()
        if len(getattr(model, "outputs", None) or ()) > 1:
            self._judge.output_names = model.output_names
        self._judge.compile(loss=loss, loss_weights=_loss_weight(model))

    def __call__(
        self, y: Structure, answers: Structure, weights: Structure | None, real: int
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the loss on the first ``real`` examples, and the number of answers of each that count."""
        y, weights = tf.nest.map_structure(lambda part: None if part is None else part[:real], (y, weights))
        answers = tf.nest.map_structure(lambda part: first_rows(part, real), answers)
        answers = unwrapped(answers)
        if isinstance(answers, list | tuple | Mapping):
            loss = self._judge.compute_loss(y=y, y_pred=answers, sample_weight=weights)
            return tf.reduce_mean(loss), tf.ones(real)
        valid = self._valid(y, answers)
        if weights is not None and valid.shape.rank > weights.shape.rank:  # or Keras could not multiply them
            ones = [1] * (valid.shape.rank - weights.shape.rank)
            weights = tf.reshape(weights, tf.concat([tf.shape(weights), ones], 0)) * tf.ones_like(valid)
        loss = tf.reduce_mean(self._judge.compute_loss(y=y, y_pred=answers, sample_weight=weights))
        if self._reduction == "sum":  # use the mean of each batch, or a shorter batch would count too little
            loss /= tf.cast(tf.shape(y)[0], loss.dtype)
        if self._reduction in ("sum", "none", None):
            valid = tf.ones(tf.shape(valid)[:1])
        elif self._reduction == "mean_with_sample_weight" and weights is not None:
            weights = tf.cast(weights, tf.float32)
            valid = weights if weights.shape.rank > valid.shape.rank else valid * weights
        return loss, tf.reduce_sum(tf.reshape(valid, (tf.shape(valid)[0], -1)), axis=1)

    @property
    def compiled(self) -> Any:
        """The object that Keras makes of the losses."""
        return self._judge._compile_loss

    def _valid(self, y: tf.Tensor, answers: tf.Tensor) -> tf.Tensor:
        """Return 1 per answer that counts, else 0; without mask or ignored label, a single 1 per example."""
        mask = getattr(answers, "_keras_mask", None)
        valid = None if mask is None else tf.cast(mask, tf.float32)
        if self._ignored is not None:
            labels = tf.reshape(y, tf.shape(answers)[:-1])
            counts = tf.cast(tf.cast(labels, tf.float32) != float(self._ignored), tf.float32)  # as Keras does
            valid = counts if valid is None else counts * valid
        return tf.ones(tf.shape(y)[:1]) if valid is None else valid


def first_rows(answers: tf.Tensor, real: int) -> tf.Tensor:
    """Return the answers of the first examples, with the mask and the logits that Keras keeps with them."""
    if answers.shape[0] == real:
        return answers
    rows = answers[:real]
    for kept in ("_keras_mask", "_keras_logits"):
        if (part := getattr(answers, kept, None)) is not None:
            setattr(rows, kept, part[:real])
    return rows


def unwrapped(answers: Structure) -> Structure:
    """Return what a model answers; without its list or dict if it has one output."""
    if isinstance(answers, list | tuple | Mapping) and len(answers) == 1:
        (answers,) = answers.values() if isinstance(answers, Mapping) else answers
    return answers


class OutputLoss(NamedTuple):
    """The loss of one output, as a part of the compiled loss.

    Attributes:
        name: Name of the output.
        loss: A Keras loss; a function is wrapped in one.
        factor: What it is multiplied by in the sum, from ``loss_weights``.
        path: Keys of the output in the structure of outputs, and of its weights in theirs; () for a single
            output.
        structure: The structure of the outputs that the path is for.
    """

    name: str
    loss: Any
    factor: float
    path: tuple[Any, ...]
    structure: Any

    def of(self, answers: Structure) -> tf.Tensor:
        """Return the output itself."""
        packed = keras.tree.pack_sequence_as(self.structure, keras.tree.flatten(unwrapped(answers)))
        return self._at(packed)

    def weights(self, weights: Structure | None) -> Any:
        """Return the weights of the examples in this loss, None for 1."""
        return self._at(weights) if isinstance(weights, list | tuple | Mapping) else weights

    def _at(self, structure: Any) -> Any:
        for key in self.path:
            structure = structure[key]
        return structure


def losses_of(model: keras.Model, answers: Structure) -> list[OutputLoss]:
    """Return the losses that the model was compiled with, one for each output that has one.

    Args:
        model: The model.
        answers: What it answers, for any examples.

    Raises:
        ValueError: If the losses do not fit the outputs.
    """
    compiled, answers = CompiledLoss(model).compiled, unwrapped(answers)
    try:
        # Keras has no public way to the single losses. It builds them from the structure of targets and
        # outputs, which is the same.
        compiled.build(answers, answers)
    except KeyError as error:
        raise ValueError(f"The losses of {model.name!r} do not fit its outputs: {error.args[0]}") from error
    return [
        OutputLoss(name, loss, 1.0 if factor is None else factor, path, compiled._y_pred_build_structure)
        for path, loss, factor, name in compiled._flat_losses
    ]


def loss_weights(
    y: Structure, sample_weight: Any, class_weight: Mapping[int, float] | None, n: int
) -> Structure | None:
    """Return weights for a loss from weights of examples or of classes, as ``fit`` takes them.

    Returns:
        float32 array with one row per example; None if neither is given. For a model with several outputs
        also a list or dict of these.

    Raises:
        ValueError: If both are given, the length differs, or ``class_weight`` is given and examples do not
            have one class each.
    """
    if class_weight is None:
        return None if sample_weight is None else _weights(y, sample_weight, n)
    if sample_weight is not None:
        raise ValueError(
            "sample_weight and class_weight are both given; as in Keras, only one of them can be."
        )
    if isinstance(y, list | tuple | Mapping):
        raise ValueError("class_weight is for models with one output, as in Keras; pass sample_weight.")
    if y.ndim > 2 or (y.ndim == 2 and y.shape[1] > 1 and not (y.sum(axis=1) == 1).all()):
        raise ValueError(
            f"class_weight is for one class per example, and y has shape {y.shape}; pass sample_weight."
        )
    classes = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(-1).astype(np.int64)
    return np.array([class_weight.get(int(label), 1.0) for label in classes], np.float32)


def _weights(y: Structure, sample_weight: Any, n: int) -> Structure:
    if isinstance(y, Mapping) and isinstance(sample_weight, Mapping):
        return {name: _weights(y.get(name), part, n) for name, part in sample_weight.items()}
    if (
        isinstance(y, list | tuple)
        and isinstance(sample_weight, list | tuple)
        and len(sample_weight) == len(y)
    ):
        return [_weights(part, own, n) for part, own in zip(y, sample_weight, strict=True)]
    weights = np.asarray(sample_weight, np.float32)
    if weights.ndim == 0 or weights.shape[0] != n:
        raise ValueError(f"sample_weight has shape {weights.shape}, and there are {n:,} examples.")
    return weights


def _loss_weight(model: keras.Model) -> Any:
    """Return the ``loss_weights`` that the model was compiled with; a single one without its list or dict."""
    given = getattr(getattr(model, "_compile_loss", None), "_user_loss_weights", None)
    values = list(given.values()) if isinstance(given, Mapping) else given
    several = len(getattr(model, "outputs", None) or ()) > 1
    return values[0] if isinstance(values, list | tuple) and len(values) == 1 and not several else given
