"""The pictures of chapter 18: accuracy against work, channels against digits, and the long runs."""

import numpy as np
import pandas as pd

from prunewidgets.plots.sheet import COLOURS, MARKERS

from .pictures import INK, Picture, themed


@themed
def tradeoff(frame: pd.DataFrame, chosen: float | None = None) -> Picture:
    """Draw accuracy against mean multiply-adds, a mark for each threshold.

    Args:
        frame: of ``pw.exit_curve``.
        chosen: a threshold whose mark gets a ring; None for no ring.
    """
    picture = Picture(3.4)
    axes = picture.add_subplot(xlabel="million multiply-adds, mean of a digit", ylabel="right, %")
    work, right = frame["multiply_adds"] / 1e6, 100 * frame["accuracy"]
    axes.plot(work, right, "-o", color=COLOURS[0])
    for place, level in enumerate(frame["threshold"]):
        words = "nobody leaves" if level > 1 else f"{level:g}"
        if level > 1 or place % 2 == 0:
            shift, side = ((0, -18), "right") if level > 1 else ((8, -10), "left")
            spot = (work[place], right[place])
            axes.annotate(words, spot, shift, textcoords="offset points", ha=side)
    axes.axhline(right.iloc[-1], color=INK, linestyle=":")
    said = [
        f"{r:.2f} % with {w:.2f} million at {t:g}"
        for r, w, t in zip(right, work, frame.threshold, strict=True)
    ]
    if chosen is not None:
        row = frame.index[np.isclose(frame["threshold"], chosen)][0]
        axes.plot(work[row], right[row], "o", markersize=15, fillstyle="none", color=COLOURS[1])
    axes.set_xlim(0, None)
    picture.description = f"Accuracy against mean multiply-adds at each threshold: {'; '.join(said)}."
    return picture


@themed
def channels(gates: np.ndarray, digits: np.ndarray) -> Picture:
    """Draw for each digit and each channel the share of its images in which the channel is on.

    Args:
        gates: (images, channels); above 0 is on.
        digits: (images,) labels 0 to 9.
    """
    share = np.array([(gates[digits == digit] > 0).mean(axis=0) for digit in range(10)])
    order = np.argsort(-share.mean(axis=0), kind="stable")
    picture = Picture(3.6)
    axes = picture.add_subplot(xlabel="channel of conv_2, the busiest first", ylabel="digit")
    drawn = axes.imshow(share[:, order], cmap="cividis", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(share.shape[1]), [str(channel) for channel in order], fontsize=9)
    axes.set_yticks(range(10))
    picture.colorbar(drawn, ax=axes, label="share of the images, on")
    always = int((share.min(axis=0) == 1).sum())
    never = int((share.max(axis=0) == 0).sum())
    apart = share.max(axis=0) - share.min(axis=0)
    most = int(apart.argmax())
    on = share[:, most]
    picture.description = (
        f"{share.shape[1]} channels for ten digits: {always} always on, {never} never. Channel {most} "
        f"differs most: on for {on.max():.0%} of the {on.argmax()}s and {on.min():.0%} of the {on.argmin()}s."
    ).replace("%", " %")
    return picture


@themed
def trained_longer(runs: pd.DataFrame) -> Picture:
    """Draw the accuracy of each stored run against the channels kept, a mark for each way.

    Args:
        runs: ``seed``, ``kept``, ``way``, ``accuracy``.
    """
    picture = Picture(3.2)
    axes = picture.add_subplot(xlabel="channels of 32 kept", ylabel="right, %")
    kept = sorted(runs["kept"].unique())
    said = []
    for place, (way, own) in enumerate(runs.groupby("way")):
        across = [kept.index(number) + 0.16 * (place - 0.5) for number in own["kept"]]
        axes.plot(
            across, 100 * own["accuracy"], MARKERS[place], color=COLOURS[place], label=way, markersize=8
        )
        means = own.groupby("kept")["accuracy"].mean()
        said.append(
            f"{way}: " + ", ".join(f"{100 * mean:.2f} % with {number}" for number, mean in means.items())
        )
    axes.set_xticks(range(len(kept)), [str(number) for number in kept])
    axes.legend()
    picture.description = f"Right after training, mean of the runs. {'; '.join(said)}."
    return picture
