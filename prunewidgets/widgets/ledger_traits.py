"""LedgerTraits: a ledger as the page sees it, traits only. `labs.ledger_view` measures what it shows."""

from typing import Any

import traitlets as t

from .assets import module
from .weight_view import WeightView


class LedgerTraits(WeightView):
    """The weights of one model under one τ, and what they cost beside those of the dense model.

    Attributes:
        positions: {name: how often each weight is used for one example}, or None.
        measured: what was measured, see `labs.ledger_view.LedgerView`.
    """

    view_name = "ledger"
    script = t.Unicode(module(view_name)).tag(sync=True)

    title = t.Unicode("").tag(sync=True)
    positions = t.Dict(None, allow_none=True).tag(sync=True)
    # Costs of the model to compare with, if it is another one: some of the counts of `ledger`.
    dense = t.Dict().tag(sync=True)
    # If there are too many weights to send: their costs, and the state they were counted in.
    counted = t.Dict().tag(sync=True)
    # What can be measured here, and what has been measured.
    offered: "t.List[Any]" = t.List().tag(sync=True)
    measured = t.Dict().tag(sync=True)
    measuring = t.Bool(False).tag(sync=True)
    cancelled = t.Bool(False).tag(sync=True)
    conditions = t.Dict().tag(sync=True)  # how it was timed: threads, runs
    wins = t.Dict().tag(sync=True)  # sparsity from which a sparse product is faster, see `LedgerLab`
