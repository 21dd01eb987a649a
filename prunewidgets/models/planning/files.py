"""The file that a planned model takes, written and counted."""

import tempfile
from pathlib import Path

import numpy as np

from ..compression.quantized import stored_variables
from ..formats.compact_files import save_compact
from ..live.frozen import values_of
from ..live.live_model import LiveModel
from ..shrinking.shrink import shrink
from .knapsack import Kept
from .parts import Parts


def empty_bytes(live: LiveModel) -> int:
    """Return the size of the compact file of a model without a nonzero: of its names and architecture."""
    with tempfile.TemporaryDirectory() as folder:
        zeros = {name: np.zeros(v.shape, v.dtype) for name, v in stored_variables(live.model).items()}
        return save_compact(live.model, Path(folder, "empty.pwc"), stored=zeros)


def file_bytes(live: LiveModel, parts: Parts, kept: Kept, structured: bool) -> int:
    """Return the size of the compact file of the model as planned, see ``save_compact``."""
    model, masks = live.model, parts.masks(kept)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "planned.pwc")
        if structured:
            return save_compact(shrink(model, masks), path)
        pairs = zip(model.variables, values_of(model, masks), strict=True)
        values = {id(variable): np.asarray(value) for variable, value in pairs}
        return save_compact(
            model, path, stored={name: values[id(v)] for name, v in stored_variables(model).items()}
        )
