"""The view of chapter 18: drag the confidence at which a digit leaves, and see who does."""

import base64
from collections.abc import Sequence
from html import escape
from io import BytesIO

import ipywidgets
import numpy as np
from matplotlib.image import imsave

SHOWN = 12
WRONG = "#d55e00"
LEVELS = [*np.arange(30, 90, 5) / 100, *np.arange(90, 100) / 100, 0.995, 0.999, 1.01]


def who_leaves(
    outputs: Sequence[np.ndarray], x: np.ndarray, y: np.ndarray, multiply_adds: Sequence[int]
) -> ipywidgets.VBox:
    """Show a slider for the confidence, and beneath it who leaves at the exit and who goes to the end.

    Args:
        outputs: probabilities, (digits, classes), at the exit and at the end.
        x: the digits, (digits, 28, 28, 1).
        y: their labels.
        multiply_adds: of a digit that leaves at each of them.
    """
    slider = ipywidgets.SelectionSlider(
        options=[("nobody" if level > 1 else f"{level:g}", float(level)) for level in LEVELS],
        value=0.9,
        description="leave from",
        layout={"width": "640px", "max_width": "100%"},
    )
    view = ipywidgets.HTML(page(outputs, x, y, multiply_adds, slider.value))

    def draw(change: dict[str, float]) -> None:
        view.value = page(outputs, x, y, multiply_adds, change["new"])

    slider.observe(draw, "value")
    return ipywidgets.VBox([slider, view])


def page(
    outputs: Sequence[np.ndarray],
    x: np.ndarray,
    y: np.ndarray,
    multiply_adds: Sequence[int],
    threshold: float,
) -> str:
    """Return the HTML for one threshold: the numbers, a bar, and three rows of digits."""
    early, end = outputs
    sure = early.max(axis=1)
    leaves = sure >= early.dtype.type(threshold)
    answers = np.where(leaves, early.argmax(axis=1), end.argmax(axis=1))
    right, share = np.mean(answers == y), leaves.mean()
    work = share * multiply_adds[0] + (1 - share) * multiply_adds[1]
    whole = np.mean(end.argmax(axis=1) == y)
    lines = [
        f"<b>{100 * share:.1f} %</b> of {len(y):,} digits leave at the exit, {np.sum(~leaves):,} do not",
        f"<b>{100 * right:.2f} %</b> right ({100 * whole:.2f} % if all go to the end)",
        f"<b>{work / 1e6:.2f} million</b> multiply-adds a digit ({multiply_adds[1] / 1e6:.2f} to the end)",
    ]
    order = np.argsort(-sure, kind="stable")
    gone, left = order[: leaves.sum()], order[leaves.sum() :]
    mistaken = gone[answers[gone] != y[gone]]
    rows = [
        _row("the surest of those who leave", gone[:SHOWN], x, y, answers),
        _row("those who only just leave", gone[SHOWN:][-SHOWN:], x, y, answers),
        _row(f"those who leave with a wrong answer ({len(mistaken)})", mistaken[-SHOWN:], x, y, answers),
        _row("the least sure of those who stay", left[::-1][:SHOWN], x, y, answers),
    ]
    bar = (
        '<div aria-hidden="true" style="height: 14px; max-width: 640px; border: 1px solid gray">'
        f'<div style="width: {100 * share:.1f}%; height: 100%; background: #0072b2"></div></div>'
    )
    return f'<div style="line-height: 1.5">{"<br>".join(lines)}{bar}{"".join(rows)}</div>'


def _row(title: str, chosen: np.ndarray, x: np.ndarray, y: np.ndarray, answers: np.ndarray) -> str:
    pictures = "".join(_digit(x[n, :, :, 0], int(y[n]), int(answers[n])) for n in chosen)
    return f"<div>{escape(title)}</div><div style='display: flex; flex-wrap: wrap'>{pictures or 'none'}</div>"


def _digit(pixels: np.ndarray, label: int, answer: int) -> str:
    """One digit with the answer under it; where that is wrong, a frame and the label too."""
    content = BytesIO()
    imsave(content, 1 - pixels, cmap="gray", vmin=0, vmax=1, format="png")
    source = base64.b64encode(content.getvalue()).decode()
    wrong = answer != label
    frame = WRONG if wrong else "transparent"
    words = f"a {label}, read as {answer}" if wrong else f"a {label}"
    under = f"{label}→{answer}" if wrong else str(label)
    style = f"border: 3px solid {frame}; image-rendering: pixelated"
    return (
        '<div style="width: 46px; margin: 1px; text-align: center; line-height: 1.2">'
        f'<img alt="{words}" width="40" height="40" style="{style}" '
        f'src="data:image/png;base64,{source}"><br>{under}</div>'
    )
