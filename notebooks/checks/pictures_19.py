"""The pictures of chapter 19: labelled digits, two masks on the pixels, and tickets on other data."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import ipywidgets
import numpy as np
import pandas as pd

import prunewidgets as pw
from prunewidgets.plots.sheet import COLOURS, MARKERS

from .pictures import INK, Picture, themed

FIRST_LAYER = "dense_1/kernel"


@themed
def labelled(images: np.ndarray, labels: Mapping[str, Any], columns: int = 10) -> Picture:
    """Draw images in a grid with one line of text for each of their labels.

    Args:
        images: (n, 28, 28, 1), from 0 to 1.
        labels: {name: one label for each image}.
        columns: images in a row.
    """
    rows = -(-len(images) // columns)
    picture = Picture(rows * (0.8 + 0.22 * len(labels)))
    said = []
    for place, image in enumerate(images):
        axes = picture.add_subplot(rows, columns, place + 1)
        axes.imshow(1 - image[..., 0], cmap="gray", vmin=0, vmax=1)
        axes.axis("off")
        words = [str(values[place]) for values in labels.values()]
        axes.set_title("\n".join(words), fontsize=12)
        said.append(" ".join(words))
    picture.description = f"Images and their labels ({', '.join(labels)}): {'; '.join(said)}."
    return picture


def pixels(first: pw.Masks, second: pw.Masks, names: tuple[str, str]) -> Picture:
    """Draw at each pixel how many weights of the first layer one mask keeps, the other, or both."""
    return _overlap(first, second, names)


@themed
def _overlap(
    first: pw.Masks, second: pw.Masks, names: tuple[str, str], read: Mapping[str, Any] | None = None
) -> Picture:
    """Draw two masks on the pixels, what they share beside chance, and what each task reads under them.

    Args:
        first: masks with a first layer of 784 pixels.
        second: masks of the same network.
        names: what to call the two.
        read: {mask: {task: accuracy}}; None for the pixels and the overlap alone.
    """
    picture = Picture(5.4 if read else 2.9)
    top, *rest = picture.subfigures(2, 1, height_ratios=(1.1, 1)) if read else [picture]
    a, b = first[FIRST_LAYER], second[FIRST_LAYER]
    maps = {f"only {names[0]}": a & ~b, "both": a & b, f"only {names[1]}": b & ~a}
    maps = {title: mask.sum(axis=1).reshape(28, 28) for title, mask in maps.items()}
    most = max(1, *(int(counts.max()) for counts in maps.values()))
    all_axes = top.subplots(1, 4, width_ratios=(1, 1, 1, 1.1))
    for axes, (title, counts) in zip(all_axes, maps.items(), strict=False):
        shown = axes.imshow(counts, cmap="viridis", vmin=0, vmax=most)
        axes.set(title=f"{title}: {counts.sum():,}", xticks=[], yticks=[])
    top.colorbar(shown, ax=all_axes[:3], location="bottom", fraction=0.07, label="weights kept of a pixel")
    found = pw.mask_overlap(first, second)
    axes = all_axes[3]
    axes.bar([0, 1], [100 * found.share, 100 * found.share_by_chance], color=[COLOURS[0], INK])
    axes.set(xticks=[0, 1], xticklabels=["found", "chance"], ylim=(0, 100))
    axes.set_title(f"% shared of\n{names[0]}'s mask")
    said = f"{names[0]} and {names[1]}: {found}. " + ", ".join(
        f"{title}: {counts.sum():,}" for title, counts in maps.items()
    )
    if read:
        axes = rest[0].subplots()
        tasks = list(next(iter(read.values())))
        for place, (name, values) in enumerate(read.items()):
            heights = [100 * float(values[task]) for task in tasks]
            axes.plot(
                heights,
                np.arange(len(tasks)) + 0.09 * (place - len(read) / 2),
                MARKERS[place],
                color=COLOURS[place],
                markersize=9,
                label=name,
            )
            each = ", ".join(f"{task} {height:.1f} %" for task, height in zip(tasks, heights, strict=True))
            said += f". Mask {name}: {each}"
        axes.set(xlim=(0, 100), xlabel="% right", ylim=(len(tasks) - 0.5, -0.5))
        axes.set_yticks(range(len(tasks)), tasks)
        axes.grid(axis="x", alpha=0.3)
        axes.legend(title="mask of", loc="center left", bbox_to_anchor=(1, 0.5))
    picture.description = f"{said}."
    return picture


def follow(
    masks_at: Callable[[float], Mapping[str, pw.Masks]],
    read: Callable[[pw.Masks], Mapping[str, Any]],
    names: tuple[str, str],
    sparsity: float = 0.9,
) -> ipywidgets.VBox:
    """Return a slider for the sparsity, and a picture of two masks and of all accuracies that follows it.

    Args:
        masks_at: sparsity -> {name: masks}.
        read: masks -> {task: accuracy}.
        names: the two masks to lay over each other.
        sparsity: where it begins.
    """

    @cache
    def drawn(sparsity: float) -> str:
        masks = masks_at(sparsity)
        all_read = {name: read(each) for name, each in masks.items()}
        return str(_overlap(*(masks[name] for name in names), names, all_read)._repr_html_())

    levels = [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.88, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99]
    slider = ipywidgets.SelectionSlider(
        options=[(f"{100 * level:.0f} %", level) for level in levels],
        value=sparsity,
        description="sparsity",
        continuous_update=False,  # each stop is measured, which takes about a second
        layout=ipywidgets.Layout(width="100%", max_width="700px"),
    )
    picture = ipywidgets.HTML(drawn(sparsity))

    def draw(change: Mapping[str, Any]) -> None:
        picture.value = drawn(change["new"])

    slider.observe(draw, "value")
    return ipywidgets.VBox([slider, picture])


@themed
def moved(runs: pd.DataFrame, here: Mapping[str, Any] | None = None) -> Picture:
    """Draw what each network reads of the letters: every seed a point, a dash at the mean.

    Args:
        runs: one row per training: seed, letters, sparsity, kind, accuracy; sparsity 0 for the dense ones.
        here: {kind: accuracy} at 95 % of a run made now, drawn as rings.
    """
    sizes = sorted(runs["letters"].unique(), reverse=True)
    kinds = [kind for kind in runs["kind"].unique() if kind != "dense"]
    levels = sorted(set(runs["sparsity"]) - {0})
    picture = Picture(4.4)
    said = []
    for panel, letters in enumerate(sizes):
        axes = picture.add_subplot(1, len(sizes), panel + 1)
        own = runs[runs["letters"] == letters]
        dense = 100 * own.loc[own["kind"] == "dense", "accuracy"]
        axes.axhspan(dense.min(), dense.max(), color=INK, alpha=0.35, linewidth=0, label="dense")
        said.append(f"{letters:,} letters: dense {dense.mean():.1f} %")
        for place, kind in enumerate(kinds):
            shift = 0.18 * (place - (len(kinds) - 1) / 2)
            look = {"color": COLOURS[place], "marker": MARKERS[place]}
            means = []
            for at, level in enumerate(levels):
                values = 100 * own.loc[(own["kind"] == kind) & (own["sparsity"] == level), "accuracy"]
                axes.plot([at + shift] * len(values), values, linestyle="", markersize=5, **look)
                means.append(values.mean())
                axes.plot(at + shift + np.array([-0.07, 0.07]), [means[-1]] * 2, color=COLOURS[place])
            axes.plot([], [], markersize=5, label=kind, **look)
            if here and panel == 0 and kind in here:
                at = levels.index(0.95) + shift
                axes.plot(at, 100 * float(here[kind]), "o", fillstyle="none", markersize=13, color=INK)
            said.append(
                f"{kind} {', '.join(f'{m:.1f} at {100 * s:g} %' for m, s in zip(means, levels, strict=True))}"
            )
        axes.set_xticks(range(len(levels)), [f"{100 * level:g}" for level in levels])
        axes.grid(axis="y", alpha=0.3)
        axes.set(title=f"{letters:,} letters to train on", xlabel="sparsity, %", ylabel="letters right, %")
    picture.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    picture.description = f"{'; '.join(said)}."
    return picture
