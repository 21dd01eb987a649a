"""The picture of chapter 08: the loss as one weight moves, and what two criteria expect of it."""

from collections.abc import Sequence

import numpy as np

from prunewidgets.plots.sheet import COLOURS

from .pictures import INK, Picture, themed


@themed
def valley(weight: float, values: np.ndarray, rises: Sequence[float], down: float, obd: float) -> Picture:
    """Draw the measured rise of the loss at values of one weight, and two parabolas over it.

    Args:
        weight: where it stands.
        values: where the loss was measured, 0 among them.
        rises: the loss there, less the loss at `weight`.
        down: −g·w, with the slope g at `weight`.
        obd: ½·h·w², with the bend h at `weight`.
    """
    picture = Picture(4.4)
    axes = picture.add_subplot(xlabel="value of the weight", ylabel="rise of the loss")
    fine = np.linspace(values.min(), values.max(), 201)
    step = (weight - fine) / weight  # 0: as it is, 1: removed
    predicted = {"OBD: bend": obd * step**2, "slope and bend": down * step + obd * step**2}
    measured = float(np.asarray(rises)[np.argmin(np.abs(values))])
    removed = {"OBD: bend": obd, "slope and bend": down + obd}
    for (name, line), colour, style in zip(predicted.items(), COLOURS[1:], ("--", "-"), strict=False):
        axes.plot(fine, line, color=colour, linestyle=style, linewidth=2)
        label = f"{name}  {removed[name]:+.2g}"
        axes.plot(0, removed[name], "s" if style == "--" else "D", color=colour, markersize=9, label=label)
    axes.plot(values, rises, "o", color=COLOURS[0], markersize=6)
    axes.plot(0, measured, "o", color=COLOURS[0], markersize=11, label=f"measured  {measured:+.2g}")
    axes.axvline(weight, color=INK, linestyle=":")
    axes.axvline(0, color=INK, linewidth=1)
    low, high = min(*rises, *removed.values()), max(*rises, *removed.values())
    axes.set_ylim(low - 0.16 * (high - low), high + 0.1 * (high - low))
    foot = low - 0.14 * (high - low)
    axes.text(weight, foot, " as it is")
    axes.text(0, foot, " removed")
    axes.legend(title="rise at 0", title_fontsize=12)
    lowest = float(values[int(np.argmin(rises))])
    picture.description = (
        f"The loss measured at {len(values)} values of one weight, which stands at {weight:.3g}; it is "
        f"lowest at {lowest:.3g}. Rise with the weight at 0: measured {measured:+.2g}; expected by "
        + ", by ".join(f"{name} {rise:+.2g}" for name, rise in removed.items())
        + "."
    )
    return picture
