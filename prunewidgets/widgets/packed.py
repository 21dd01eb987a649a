"""Packed: the traits in which weights and scores are sent to the browser."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets as t

from ..core.criteria import CRITERIA
from .buffers import pack
from .view import NOTHING, View


class Packed(View):
    """A view that sends weights: one binary buffer for all layers, see `buffers.pack`."""

    layers: "t.List[Any]" = t.List().tag(sync=True)
    dtype = t.Unicode("float32").tag(sync=True)
    criterion = t.Enum(list(CRITERIA), "magnitude").tag(sync=True, page=True)
    weights = t.Bytes(b"").tag(sync=True)
    scores = t.Bytes(b"").tag(sync=True)
    stop_lists: "t.List[Any]" = t.List().tag(sync=True)
    stops = t.Bytes(b"").tag(sync=True)
    stops_below = t.Bytes(b"").tag(sync=True)
    # Goes up with each send: when it changes, the page reads all of the above again.
    generation = t.Int(0).tag(sync=True)

    _sent = NOTHING  # what was last sent to the page in full

    def _send_weights(
        self, weights: Mapping[str, np.ndarray], scores: Mapping[str, np.ndarray], criterion: str
    ) -> None:
        """Send these in one message."""
        packed: dict[str, Any] = pack(weights, scores, criterion, self._ordered)
        halfway, self._sent = self._sent is NOTHING, NOTHING
        if halfway:  # an interrupt may have left `hold_sync` before it reset this
            self._holding_sync = False
        with self.hold_sync():
            for name, value in packed.items():
                setattr(self, name, value)
            self._derive_sparsity()
            self.generation += 1
            if halfway:  # values set before an interrupt are equal now, but the page has not got them
                self._states_to_send |= packed.keys()
        self._sent = self._ranked
