"""ConvolutionSteps: a filter on an image, window by window; each of its weights can be followed."""

from typing import Any

import numpy as np
import traitlets as t

from ..core.arrays import as_float
from .assets import module
from .view import Refused
from .weight_view import WeightView

LARGEST_IMAGE = 64
LARGEST_FILTER = 7
MOST_FILTERS = 64


class ConvolutionSteps(WeightView):
    """The products under one window of a convolution, and where their sum stands in the output.

    The image, the window with its products, the output and the heatmap of all filters are linked: point at
    the image or the output and the window moves, point at a product and its pixel and its weight's cell are
    marked. Weights below the threshold count as zero. Bias and activation are left out.

    Attributes:
        filter: index of the filter shown.
        row: row of the window's upper left pixel, and of its sum in the output.
        column: column of both.

    Example:
        >>> _, (x, y) = pw.datasets.mnist()
        >>> kernel = pw.LiveModel(pw.models.pretrained("small_cnn")).weights["conv_1/kernel"]
        >>> steps = pw.ConvolutionSteps(x[0], kernel)
        >>> steps.filter, steps.row, steps.column = 3, 10, 12
        >>> steps.sparsity = 0.5
        >>> steps.sparsity
        0.5
    """

    view_name = "convolution"
    script = t.Unicode(module(view_name)).tag(sync=True)

    image = t.Bytes(b"").tag(sync=True)
    image_size: "t.List[int]" = t.List([0, 0]).tag(sync=True)
    filter = t.Int(0).tag(sync=True, page=True)
    row = t.Int(0).tag(sync=True, page=True)
    column = t.Int(0).tag(sync=True, page=True)

    _most: dict[str, int] = {}  # the largest filter, row and column

    def __init__(self, image: Any, kernel: Any, threshold: float = 0.0) -> None:
        """Show a kernel on an image, without padding and with a stride of 1.

        Args:
            image: (height, width) or (height, width, 1), at most 64 × 64.
            kernel: (height, width, 1, filters) as in Keras, or (height, width) for a single filter; at most
                64 filters of 7 × 7, none larger than the image.
            threshold: initial τ.

        Raises:
            ValueError: other shapes, NaN or infinite values, a negative threshold.
        """
        pixels = as_float(image, "image", "pixels")
        if pixels.ndim == 3 and pixels.shape[2] == 1:
            pixels = pixels[:, :, 0]
        if pixels.ndim != 2 or not 0 < min(pixels.shape) <= max(pixels.shape) <= LARGEST_IMAGE:
            raise ValueError(
                f"image has shape {np.shape(image)}; give one grey image (height, width) of at most "
                f"{LARGEST_IMAGE} × {LARGEST_IMAGE}, such as x_test[0]."
            )
        self._most = {}
        super().__init__({"kernel": self._checked_kernel(kernel, pixels.shape)}, threshold=threshold)
        (array,) = self._arrays.values()
        height, width = (size - part for size, part in zip(pixels.shape, array.shape, strict=False))
        self._most = {"filter": array.shape[3] - 1, "row": height, "column": width}
        self.image_size = list(pixels.shape)
        self.image = np.ascontiguousarray(pixels, "<f4").tobytes()

    @staticmethod
    def _checked_kernel(kernel: Any, image: tuple[int, ...]) -> np.ndarray:
        """Return a kernel as (height, width, 1, filters)."""
        array = as_float(kernel, "kernel")
        if array.ndim == 2:
            array = array[:, :, None, None]
        sizes = array.shape
        fits = array.ndim == 4 and array.size and sizes[2] == 1 and sizes[3] <= MOST_FILTERS
        if not fits or max(sizes[:2]) > LARGEST_FILTER or sizes[0] > image[0] or sizes[1] > image[1]:
            raise ValueError(
                f"kernel has shape {np.shape(kernel)}; give (height, width, 1, filters), up to "
                f"{LARGEST_FILTER} × {LARGEST_FILTER} and {MOST_FILTERS} filters, no larger than the image. "
                "Of a kernel on several inputs take one: kernel[:, :, :1]."
            )
        return array

    @t.validate("filter", "row", "column")
    def _check_place(self, proposal: dict[str, Any]) -> int:
        name, value = proposal["trait"].name, int(proposal["value"])
        most = self._most.get(name, 0)
        if not 0 <= value <= most:
            raise Refused(f"{name} is {value}; it goes from 0 to {most}.")
        return value
