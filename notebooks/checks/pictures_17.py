"""The pictures of chapter 17: searches on their way, methods at each budget, luck, layers by hand."""

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
import numpy as np
import pandas as pd

from prunewidgets.pages.writing import writing
from prunewidgets.plots.sheet import COLOURS, MARKERS

from .pictures import INK, Picture, themed

WIDE, ROW, NAMES, BARS = 600, 30, 140, 320


class Rows:
    """Bars from 0 to 1, each with its name, its value in words and perhaps an interval."""

    def __init__(
        self, title: str, rows: Sequence[tuple[str, float, str, tuple[float, float] | None]]
    ) -> None:
        """Keep (name, share from 0 to 1, value in words, interval or None) of each row."""
        self.title, self.rows = title, list(rows)

    @property
    def description(self) -> str:
        """All of it in a sentence."""
        return f"{self.title}: {'; '.join(f'{name} {words}' for name, _, words, _ in self.rows)}"

    def _repr_html_(self) -> str:
        height = ROW * (len(self.rows) + 1)
        parts = [_text(0, 20, self.title, "font-weight: 600")]
        for place, (name, share, words, interval) in enumerate(self.rows, 1):
            y = ROW * place
            parts += [
                _text(0, y + 20, name),
                f'<rect x="{NAMES}" y="{y + 5}" width="{BARS}" height="20" fill="none" stroke="currentColor" '
                f'stroke-opacity="0.35"/>',
                f'<rect x="{NAMES}" y="{y + 5}" width="{BARS * share:.1f}" height="20" fill="{COLOURS[0]}" '
                f'fill-opacity="0.75"/>',
                _text(NAMES + BARS + 10, y + 20, words),
            ]
            if interval is not None:
                left, right = (NAMES + BARS * end for end in interval)
                parts.append(
                    f'<path d="M{left:.1f} {y + 15}H{right:.1f}m0 -6v12M{left:.1f} {y + 9}v12" '
                    f'stroke="currentColor" stroke-width="1.5"/>'
                )
        return (
            f'<svg role="img" aria-label="{html.escape(self.description, quote=True)}" '
            f'viewBox="0 0 {WIDE} {height}" style="width: 100%; max-width: {WIDE}px; font-size: 15px">'
            f"{''.join(parts)}</svg>"
        )

    def __repr__(self) -> str:
        return self.description


def _text(x: float, y: float, words: str, style: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="currentColor" style="{style}">{html.escape(words)}</text>'


def _followed(controls: Mapping[str, Sequence[tuple[str, Any]]], draw: Callable[..., Rows]) -> Any:
    """Return sliders, {description: (label, value) of each stop}, and a picture that follows them.

    A saved page has no Python to redraw it: there all stops of the first slider stand below each other.
    """
    stops = list(controls.values())
    if writing():
        rest = [own[len(own) // 2][1] for own in stops[1:]]
        return ipywidgets.HTML("".join(draw(value, *rest)._repr_html_() for _, value in stops[0]))
    sliders = [
        ipywidgets.SelectionSlider(
            options=[label for label, _ in own],
            value=own[len(own) // 2][0],
            description=name,
            layout=ipywidgets.Layout(width="560px", max_width="100%"),
            style={"description_width": f"{NAMES - 10}px"},
        )
        for name, own in controls.items()
    ]
    picture = ipywidgets.HTML()

    def follow(_: Any = None) -> None:
        values = [dict(own)[slider.value] for own, slider in zip(stops, sliders, strict=True)]
        picture.value = draw(*values)._repr_html_()

    for slider in sliders:
        slider.observe(follow, "value")
    follow()
    return ipywidgets.VBox([*sliders, picture])


def by_budget(found: pd.DataFrame) -> Any:
    """Draw the accuracy of each method while the budget is dragged.

    Args:
        found: columns "budget" (as it was written), "method", "accuracy", "low" and "high".
    """

    def draw(budget: str) -> Rows:
        own = found[found["budget"] == budget]
        rows = [
            (r.method, r.accuracy, f"{100 * r.accuracy:.1f} %", (r.low, r.high)) for r in own.itertuples()
        ]
        return Rows(f"right on new digits, {budget}", rows)

    return _followed({"budget": [(budget, budget) for budget in found["budget"].unique()]}, draw)


SOME = (10, 20, 50, 100, 200, 500, 1000)


def lucky(right: np.ndarray, draws: int = 100, seed: int = 0) -> pd.DataFrame:
    """Return what the best of some trials on some digits promises, and what it does on the others.

    Args:
        right: (trials, digits) bool: which digits each trial reads right.
        draws: how often digits and trials are drawn at random; the columns are means over them.
        seed: of the draws.

    Returns:
        Columns "trials", "digits", "promised" (share right of the best on the digits that it was chosen by),
        "came out" (on all others) and "best of them" (of the trials, on all digits).
    """
    random = np.random.default_rng(seed)
    trials = sorted({min(number, len(right)) for number in (2, 5, 10, 20, len(right))})
    digits = [number for number in SOME if 2 * number <= right.shape[1]]
    found = np.zeros((len(trials), len(digits), 3))
    whole = right.mean(axis=1)
    for _ in range(draws):
        order = random.permutation(len(right))
        drawn = right[np.ix_(order, random.permutation(right.shape[1])[: digits[-1]])]
        counts = drawn.cumsum(axis=1)[:, np.array(digits) - 1]  # (trials, numbers of digits)
        for i, number in enumerate(trials):
            best = counts[:number].argmax(axis=0)
            chosen = counts[best, range(len(digits))]
            rest = (whole[order[best]] * right.shape[1] - chosen) / (right.shape[1] - np.array(digits))
            found[i, :, 0] += chosen / digits
            found[i, :, 1] += rest
            found[i, :, 2] += whole[order[:number]].max()
    rows = [(t, d, *found[i, j] / draws) for i, t in enumerate(trials) for j, d in enumerate(digits)]
    return pd.DataFrame(rows, columns=["trials", "digits", "promised", "came out", "best of them"])


def luck(found: pd.DataFrame) -> Any:
    """Draw what a search promises and what comes out, while its digits and its trials are dragged.

    Args:
        found: of ``lucky``.
    """
    found = found.set_index(["trials", "digits"])

    def draw(digits: int, trials: int) -> Rows:
        row = found.loc[(trials, digits)]
        rows = [(name, share, f"{100 * share:.1f} %", None) for name, share in row.items()]
        return Rows(f"the best of {trials} trials, chosen on {digits} digits", rows)

    names = [found.index.get_level_values(level).unique() for level in (1, 0)]
    stops = [[(str(number), int(number)) for number in own] for own in names]
    return _followed({"digits to choose by": stops[0], "trials": stops[1]}, draw)


@themed
def on_their_way(searches: Mapping[str, Sequence[Any]], plan: Any, lines: Mapping[str, float]) -> Picture:
    """Draw the best so far of each search against its measurements, the plan as a point, rules as lines.

    Args:
        searches: {name: plans of ``pw.search_plan``}.
        plan: of ``pw.plan``.
        lines: {name: accuracy}, of what takes no search.
    """
    picture = Picture(4.2)
    axes = picture.add_subplot(
        xlabel="measurements of the whole model or of one layer", ylabel="best accuracy so far"
    )
    said = []
    for (name, plans), colour, dash in zip(searches.items(), COLOURS, ("-", "--"), strict=False):
        ends = []
        for number, one in enumerate(plans):
            best = one.trials["accuracy"].cummax()
            axes.step(best.index + 1, best, dash, where="post", color=colour, label="" if number else name)
            ends.append(f"{100 * best.iloc[-1]:.1f} %")
        said.append(f"{name} ends at {', '.join(ends)}")
    look = {"color": COLOURS[2], "marker": MARKERS[3], "markersize": 11, "linestyle": ""}
    axes.plot([plan.measurements], [float(plan.on_search)], label="arithmetic", **look)
    said.append(f"arithmetic {100 * float(plan.on_search):.1f} % with {plan.measurements} measurements")
    for name, value in lines.items():
        axes.axhline(value, color=INK, linestyle=":")
        axes.text(axes.get_xlim()[1], value, name, va="bottom", ha="right")
        said.append(f"{name} {100 * value:.1f} %")
    picture.legend(loc="outside upper right", ncols=3)
    picture.description = f"Accuracy on the digits to choose by. {'; '.join(said)}."
    return picture
