"""link: makes views share a threshold, in the browser and in the kernel."""

import uuid
from typing import Any

import numpy as np

from .lab_view import LabView
from .slider import ThresholdSlider
from .view import View


def link(*views: View) -> None:
    """Link views: when one threshold moves, all follow, in the page without waiting for the kernel.

    Each view still counts its own weights: the threshold is shared, the sparsity is not. Views that count the
    same weights show τ, sparsity and undo once: the slider, or else the first of them. Links add up: linking
    b with c after a with b links all three.

    Args:
        *views: two or more views.

    Raises:
        TypeError: something that is not a view.
        ValueError: fewer than two.

    Example:
        >>> slider = pw.ThresholdSlider(pw.score(pw.example.W))
        >>> heatmap = pw.SparsityHeatmap(pw.example.W)
        >>> pw.link(slider, heatmap)
        >>> slider.threshold = pw.example.TAU
        >>> heatmap.threshold, heatmap.sparsity
        (0.5, 0.5)
    """
    for view in views:
        if not isinstance(view, View):
            raise TypeError(f"only views can be linked, such as ThresholdSlider; not {type(view).__name__}.")
    if len(views) < 2:
        raise ValueError("give at least two views to link, such as pw.link(slider, histogram).")
    for view in views[1:]:  # first, because another view may refuse the τ
        view.threshold = views[0].threshold
    earlier = [member for view in views for member in view.linked]
    circle = {id(member): member for member in (*views, *earlier)}
    group = next((view.group for view in views if view.group), uuid.uuid4().hex)
    for view in circle.values():
        view.linked = tuple(circle.values())
        view.group = group
    shown: list[View] = []  # labs need their own, sliders have most use for it
    for view in sorted(circle.values(), key=_order_of_readouts):
        same = any(np.array_equal(view._ordered, other._ordered) for other in shown)
        view.readout = isinstance(view, LabView) or not same
        if view.readout:
            shown.append(view)


def _order_of_readouts(view: Any) -> int:
    return 0 if isinstance(view, LabView) else 1 if isinstance(view, ThresholdSlider) else 2
