"""SortingSteps: small matrices only."""

import numpy as np
import pytest
import traitlets as t

import prunewidgets as pw


def test_the_articles_example_is_shown_at_its_threshold():
    steps = pw.SortingSteps(pw.example.W, threshold=pw.example.TAU)
    assert (steps.step, steps.sparsity) == (0, 6 / 12)


@pytest.mark.parametrize("shape", [(9, 8), (0, 3), (12,), (2, 2, 2)])
def test_other_shapes_are_refused_with_a_fix(shape):
    with pytest.raises(ValueError, match="use SparsityHeatmap"):
        pw.SortingSteps(np.ones(shape))


def test_there_are_four_steps():
    steps = pw.SortingSteps(pw.example.W)
    with pytest.raises(t.TraitError):
        steps.step = 4
