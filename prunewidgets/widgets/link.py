"""link: makes views share a threshold, in the browser and in the kernel."""

import uuid

from .view import View


def link(*views: View) -> None:
    """Link views: when one threshold moves, all follow, in the page without waiting for the kernel.

    Each view still counts its own weights: the threshold is shared, the sparsity is not. Links add up:
    linking b with c after a with b links all three.

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
    circle = {id(member): member for view in views for member in (view, *view.linked)}
    group = next((view.group for view in views if view.group), uuid.uuid4().hex)
    for view in circle.values():
        view.linked = tuple(circle.values())
        view.group = group
