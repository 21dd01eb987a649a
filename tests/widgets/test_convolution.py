"""ConvolutionSteps: what it takes, and where the window may stand."""

import numpy as np
import pytest

import prunewidgets as pw

IMAGE = np.arange(30.0).reshape(5, 6)
KERNEL = np.linspace(-1, 1, 12).reshape(3, 2, 1, 2)


def test_filter_and_window_move_within_their_ranges():
    steps = pw.ConvolutionSteps(IMAGE, KERNEL)
    steps.filter, steps.row, steps.column = 1, 2, 4
    assert (steps.filter, steps.row, steps.column) == (1, 2, 4)
    for name, value in (("filter", 2), ("row", 3), ("column", 5), ("row", -1)):
        with pytest.raises(ValueError, match=f"{name} is {value}; it goes from 0 to"):
            setattr(steps, name, value)
    steps.set_state({"row": 9})  # as a page may ask
    assert steps.row == 2 and "row is 9" in steps.error


def test_a_threshold_removes_weights_of_all_filters():
    steps = pw.ConvolutionSteps(IMAGE[:, :, None], KERNEL, threshold=0.5)
    assert steps.sparsity == np.mean(np.abs(np.float32(KERNEL)) < np.float32(0.5))


def test_a_matrix_is_a_single_filter():
    steps = pw.ConvolutionSteps(IMAGE, np.ones((5, 6)))
    assert steps.layers[0]["shape"] == [5, 6, 1, 1]
    with pytest.raises(ValueError, match="row is 1"):
        steps.row = 1


@pytest.mark.parametrize("image", [np.ones(9), np.ones((9, 9, 3)), np.ones((65, 9)), np.ones((0, 3))])
def test_other_images_are_refused(image):
    with pytest.raises(ValueError, match="image has"):
        pw.ConvolutionSteps(image, np.ones((2, 2)))


def test_pixels_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="'image' holds 1 NaN"):
        pw.ConvolutionSteps(np.diag([1, np.nan]), np.ones((2, 2)))


@pytest.mark.parametrize(
    "shape", [(3,), (3, 3, 2, 4), (8, 8), (3, 3, 1, 65), (6, 3), (3, 3, 1, 0)], ids=lambda shape: f"{shape}"
)
def test_other_kernels_are_refused_with_a_fix(shape):
    with pytest.raises(ValueError, match="kernel has shape"):
        pw.ConvolutionSteps(IMAGE, np.ones(shape))
