"""Linked views share a threshold in the kernel; tests/browser shows that they do in the page."""

import numpy as np
import pytest

import prunewidgets as pw

W = np.array([[0.1, -0.4], [0.5, 0.9]])


def test_linked_views_follow_and_count_their_own_weights():
    slider, heatmap = pw.ThresholdSlider(pw.score(pw.example.W), threshold=0.3), pw.SparsityHeatmap(W)
    pw.link(slider, heatmap)
    assert heatmap.threshold == 0.3
    heatmap.threshold = 0.45
    assert slider.threshold == 0.45
    assert (slider.sparsity, heatmap.sparsity) == (6 / 12, 2 / 4)


def test_links_add_up():
    a, b, c, d = (pw.SparsityHeatmap(W) for _ in range(4))
    pw.link(a, b)
    pw.link(c, d)
    pw.link(b, c)
    a.threshold = 0.45
    assert [view.threshold for view in (a, b, c, d)] == [0.45] * 4
    assert len({view.group for view in (a, b, c, d)}) == 1
    assert a.group != ""


def test_only_views_can_be_linked():
    with pytest.raises(TypeError, match="not int"):
        pw.link(pw.SparsityHeatmap(W), 3)
    with pytest.raises(ValueError, match="at least two"):
        pw.link(pw.SparsityHeatmap(W))


def test_a_refused_link_joins_nothing():
    signed = pw.ThresholdSlider(np.array([-0.5, 0.5]), threshold=-0.2)
    other = pw.SparsityHeatmap(W)
    with pytest.raises(ValueError, match="negative"):
        pw.link(signed, other)
    assert (signed.group, other.group) == ("", "")
