"""The picture of chapter 01: a matrix as wires from inputs to neurons. What is removed has no wire.

It is SVG, so its text has the colour of the page's text, light or dark.
"""

from typing import Any

import ipywidgets
import numpy as np

HEIGHT, INPUT_X, NEURON_X, RADIUS = 360, 116, 400, 18
POSITIVE, NEGATIVE = "#3a8fd0", "#d9731a"
DIGITS = "₀₁₂₃₄₅₆₇₈₉"


class Wiring:
    """Inputs on the left, neurons on the right, a wire for each weight that is kept.

    `description` says the same in words; it is the alternative text.
    """

    def __init__(self, matrix: np.ndarray, threshold: float) -> None:
        """Take a matrix of inputs × neurons; a zero, and a weight below the threshold, has no wire."""
        cut = np.float32(threshold)  # as the slider and the masks round it
        self.matrix = matrix
        self.kept = (np.abs(matrix).astype(np.float32) >= cut) & (matrix != 0)
        sums = [self.sum_of(neuron) for neuron in range(matrix.shape[1])]
        removed, every = np.sum(~self.kept), matrix.size
        self.title = f"{removed} of {every} wires removed"
        if not threshold:
            self.title = f"{every - removed} of {every} wires"
        words = (f"neuron {n} adds {terms or 'nothing'}" for n, terms in enumerate(sums))
        self.description = f"{self.title}; {'; '.join(words)}."

    def sum_of(self, neuron: int) -> str:
        """Return what a neuron still adds up, such as "0.5·x₀ + 0.3·x₂"; "" for nothing."""
        inputs = np.flatnonzero(self.kept[:, neuron])
        terms = (f"{self.matrix[i, neuron]:+.4g}·x{DIGITS[i]}".replace("-", "−") for i in inputs)
        line = " ".join(f"{term[0]} {term[1:]}" for term in terms).removeprefix("+ ")
        return f"−{line[2:]}" if line.startswith("−") else line

    def _repr_html_(self) -> str:
        rows, columns = self.matrix.shape
        left = [(n + 0.7) * HEIGHT / (rows + 0.2) for n in range(rows)]
        right = [(n + 0.8) * HEIGHT / (columns + 0.2) for n in range(columns)]
        parts = [text(INPUT_X - 100, 18, self.title, "font-weight: 600")]
        for i, j in zip(*np.nonzero(self.kept), strict=True):
            parts += wire(left[i], right[j], self.matrix[i, j])
        for i, y in enumerate(left):
            parts += [circle(INPUT_X, y), text(INPUT_X - 100, y + 5, f"input x{DIGITS[i]}")]
        for j, y in enumerate(right):
            words = self.sum_of(j) or "nothing arrives"
            parts += [circle(NEURON_X, y, not self.kept[:, j].any())]
            parts += [text(NEURON_X + 28, y + 5, f"neuron {j}:  {words}")]
        return (
            f'<svg role="img" aria-label="{self.description}" viewBox="0 0 760 {HEIGHT}" '
            f'style="width: 100%; max-width: 760px; font-size: 15px">{"".join(parts)}</svg>'
        )

    def __repr__(self) -> str:
        return self.description


def wiring(matrix: np.ndarray, threshold: float = 0.0) -> Wiring:
    """Draw a matrix of inputs × neurons as wires; zeros and weights below the threshold have none."""
    return Wiring(matrix, threshold)


def follow(slider: Any, matrix: np.ndarray) -> ipywidgets.HTML:
    """Draw a matrix as wires that follow the threshold of a slider."""
    picture = ipywidgets.HTML(wiring(matrix, slider.threshold)._repr_html_())

    def draw(change: dict[str, Any]) -> None:
        picture.value = wiring(matrix, change["new"])._repr_html_()

    slider.observe(draw, "threshold")
    return picture


def wire(start: float, end: float, weight: float) -> list[str]:
    """Draw a weight as a line, as thick as the weight is large, with its value near the neuron."""
    colour, dashes = (POSITIVE, "") if weight > 0 else (NEGATIVE, ' stroke-dasharray="9 5"')
    near = 0.82
    x, y = INPUT_X + near * (NEURON_X - INPUT_X), start + near * (end - start)
    ground = "paint-order: stroke; stroke: var(--jp-layout-color0, Canvas); stroke-width: 5px"
    return [
        f'<line x1="{INPUT_X}" y1="{start:.0f}" x2="{NEURON_X}" y2="{end:.0f}" stroke="{colour}" '
        f'stroke-width="{1 + 7 * min(abs(weight), 1.2):.1f}"{dashes}/>',
        text(x - 12, y + 5, f"{weight:.4g}".replace("-", "−"), ground),
    ]


def circle(x: float, y: float, silent: bool = False) -> str:
    """Draw an input or a neuron; one that gets nothing is dashed."""
    dashes = ' stroke-dasharray="4 4"' if silent else ""
    return (
        f'<circle cx="{x}" cy="{y:.0f}" r="{RADIUS}" stroke="currentColor" stroke-width="2"{dashes} '
        f'fill="var(--jp-layout-color0, Canvas)"/>'
    )


def text(x: float, y: float, words: str, style: str = "") -> str:
    """Write words that need no escaping."""
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="currentColor" style="{style}">{words}</text>'
