"""An embedding with fewer rows than words: the words without a row read as zero."""

from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="prunewidgets")
class KeptRows(keras.layers.Embedding):
    """A ``keras.layers.Embedding`` that keeps some of its rows; the indices do not change.

    A table with one int32 for each old row holds the new position of that row. It costs 4 bytes per word;
    a row of 16 float32 numbers costs 64.

    Args:
        input_dim: Number of indices.
        output_dim: Length of a row.
        kept: Number of rows that are left.
        **kwargs: As for ``keras.layers.Embedding``.
    """

    input_dim: int

    def __init__(self, input_dim: int, output_dim: int, kept: int, **kwargs: Any) -> None:
        """Create the layer; ``keep`` sets which rows are kept."""
        super().__init__(input_dim, output_dim, **kwargs)
        self.kept = kept

    def build(self, input_shape: Any = None) -> None:
        """Create the rows and the table."""
        full, self.input_dim = self.input_dim, self.kept
        super().build(input_shape)
        self.input_dim = full
        self.table = self.add_weight(
            name="table", shape=(full,), dtype="int32", initializer="zeros", trainable=False
        )

    def keep(self, rows: np.ndarray) -> None:
        """Set which rows are kept.

        Args:
            rows: (input_dim,) bool array in which ``kept`` values are True.
        """
        self.table.assign(np.where(rows, np.cumsum(rows) - 1, -1).astype("int32"))

    def call(self, inputs: Any) -> Any:
        """Look up the rows of the indices; an index without a row gives zeros."""
        if keras.backend.standardize_dtype(inputs.dtype) not in ("int32", "int64"):
            inputs = keras.ops.cast(inputs, "int32")
        place = keras.ops.take(self.table, inputs, axis=0)
        found = super().call(keras.ops.maximum(place, 0))
        return found * keras.ops.cast(keras.ops.expand_dims(place >= 0, -1), found.dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration of an embedding, with the number of kept rows."""
        return super().get_config() | {"kept": self.kept}

    @property
    def variable_serialization_spec(self) -> dict[str | None, list[str]]:
        """The variables in a file: those of an embedding, and the table."""
        return super().variable_serialization_spec | {None: ["embeddings", "table"]}


def rows_left(layer: keras.layers.Embedding, kept: np.ndarray) -> np.ndarray:
    """Return which indices still have a row.

    Args:
        layer: The embedding to make smaller; it may have lost rows before.
        kept: (rows of the layer,) bool array.

    Returns:
        (input_dim,) bool array.
    """
    if not isinstance(layer, KeptRows):
        return kept
    table = layer.table.numpy()
    return (table >= 0) & kept[np.maximum(table, 0)]
