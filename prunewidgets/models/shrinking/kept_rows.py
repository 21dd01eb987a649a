"""An embedding with fewer rows than there are words: the others read as zero."""

from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="prunewidgets")
class KeptRows(keras.layers.Embedding):
    """``keras.layers.Embedding`` that keeps some of its rows; indices stay what they were.

    A table of one integer for each old row says where its row lies now. It costs 4 bytes a word, a row of
    16 float32 numbers 64.

    Args:
        input_dim: How many indices there are.
        output_dim: The length of a row.
        kept: How many rows are left.
        **kwargs: As for ``keras.layers.Embedding``.
    """

    input_dim: int

    def __init__(self, input_dim: int, output_dim: int, kept: int, **kwargs: Any) -> None:
        """Make an embedding of the kept rows; ``keep`` says which they are."""
        super().__init__(input_dim, output_dim, **kwargs)
        self.kept = kept

    def build(self, input_shape: Any = None) -> None:
        """Make the rows and the table."""
        full, self.input_dim = self.input_dim, self.kept
        super().build(input_shape)
        self.input_dim = full
        self.table = self.add_weight(
            name="table", shape=(full,), dtype="int32", initializer="zeros", trainable=False
        )

    def keep(self, rows: np.ndarray) -> None:
        """Say which rows these are.

        Args:
            rows: (input_dim,) bool array with ``kept`` True.
        """
        self.table.assign(np.where(rows, np.cumsum(rows) - 1, -1).astype("int32"))

    def call(self, inputs: Any) -> Any:
        """Look up; what has no row is zero."""
        if keras.backend.standardize_dtype(inputs.dtype) not in ("int32", "int64"):
            inputs = keras.ops.cast(inputs, "int32")
        place = keras.ops.take(self.table, inputs, axis=0)
        found = super().call(keras.ops.maximum(place, 0))
        return found * keras.ops.cast(keras.ops.expand_dims(place >= 0, -1), found.dtype)

    def get_config(self) -> dict[str, Any]:
        """As of an embedding, with the number of rows."""
        return super().get_config() | {"kept": self.kept}

    @property
    def variable_serialization_spec(self) -> dict[str | None, list[str]]:
        """Files hold the table too."""
        return super().variable_serialization_spec | {None: ["embeddings", "table"]}


def rows_left(layer: keras.layers.Embedding, kept: np.ndarray) -> np.ndarray:
    """Which indices still have a row.

    Args:
        layer: What is made smaller; it may have lost rows before.
        kept: (its rows,) bool array.

    Returns:
        (input_dim,) bool array.
    """
    if not isinstance(layer, KeptRows):
        return kept
    table = layer.table.numpy()
    return (table >= 0) & kept[np.maximum(table, 0)]
