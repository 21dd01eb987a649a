"""The first page of the site: pruning in a minute of dragging, measured in the reader's browser."""

import base64
import html
from datetime import date
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

import prunewidgets as pw
from prunewidgets.pages.content import engine
from prunewidgets.pages.document import document
from prunewidgets.pages.lab_part import lab_part
from prunewidgets.pages.payload import packed
from prunewidgets.utils.atomic_file import whole_file
from prunewidgets.widgets.assets import STATIC, joined

from .chapters import Chapter
from .landing_words import LANDING, LIVE, SAMPLE

ROOT = Path(__file__).resolve().parents[2]
PARTS = Path(__file__).parent / "landing_page"
PLACE = "tools/site/landing_page"

NETWORK = "small_cnn"
WALL = 40
"""How many digits are shown, the first ones of the test set."""

SEVEN = 7
"""The digit that one step follows until it is misread."""

PLAYED = 0.6
"""Up to this sparsity the page plays by itself; where no motion is wanted, it begins there."""

LEVELS = (0.0, 0.2, 0.4, 0.5, PLAYED, 0.7, 0.75, 0.8, 0.83, 0.85, 0.87, 0.9, 0.92, 0.94, 0.96, 0.98, 1.0)
"""Sparsities measured in Python, for a browser that cannot measure."""

GUESSES = (0.5, 0.7, 0.85, 0.95)
"""Sparsities that the reader may guess."""

TRAITS = (
    *("layers", "weights", "scores", "dtype", "criterion", "generation"),
    *("stop_lists", "stops", "stops_below"),
)
"""What the page needs of a lab to count what a threshold removes."""


def write_landing(site: Path, chapters: list[Chapter]) -> Path:
    """Write index.html, which links to chapters/ and docs/; its numbers are measured now.

    Args:
        site: the folder of the site.
        chapters: its chapters, in their order.

    Returns:
        The path of the page.
    """
    _, (x, y) = pw.datasets.mnist()
    lab = pw.PruningLab(pw.models.pretrained(NETWORK), x, y, data_name="test digits")
    lab.wait()
    stops, seven = _measured_stops(lab, x[:WALL])
    part, data = lab_part(lab)
    numbers = {
        "weights": f"{sum(layer['size'] for layer in lab.layers):,}",
        "n": f"{len(y):,}",
        "wall": WALL,
        "seven": SEVEN,
        "version": pw.__version__,
        "date": date.today().isoformat(),
    }
    carried = {
        "words": LIVE,
        "state": {name: part["state"][name] for name in TRAITS},
        "digits": np.round(255 * x[:WALL]).astype(np.uint8).tobytes(),
        "labels": [int(label) for label in y[:WALL]],
        "total": len(y),
        "stops": stops,
        "seven": seven,
        "played": PLAYED,
    }
    page = _page(_body(chapters, numbers, stops[0]["accuracy"], _printed(lab)), carried, data)
    path = site / "index.html"
    with whole_file(path) as temporary:
        temporary.write_bytes(page.encode())
    return path


def _measured_stops(lab: pw.PruningLab, x: np.ndarray) -> tuple[list[dict[str, float]], int]:
    """Return the accuracies at `LEVELS`, and which 7 of the shown digits, `x`, is misread first."""
    labels = lab.live.predict(x).argmax(1)
    first: dict[int, float] = {}
    stops = []
    for level in LEVELS:
        lab.sparsity = level
        stops.append({"share": lab.sparsity, "threshold": lab.threshold, "accuracy": float(lab.accuracy)})
        read = lab.live.predict(x, lab.masks).argmax(1)
        for index in np.flatnonzero((labels == SEVEN) & (read != SEVEN)):
            first.setdefault(int(index), level)
    lab.sparsity = 0.0
    return stops, min(first, key=lambda index: (first[index], index))


def _printed(lab: pw.PruningLab) -> str:
    """Return what the code sample prints: it opens the same lab."""
    lab.sparsity = 0.9
    text = f"{lab.accuracy:.2%} right"
    lab.sparsity = 0.0
    return text


def _body(chapters: list[Chapter], numbers: dict[str, Any], unpruned: float, printed: str) -> str:
    """Return the HTML of the page; every word in it is text."""
    words = {name: html.escape(text.format_map({**numbers, "minutes": ""})) for name, text in LANDING.items()}
    return Template((PARTS / "index.html").read_text(encoding="utf-8")).substitute(
        words,
        list="\n".join(_item(chapter) for chapter in chapters),
        first_page=html.escape(f"chapters/{chapters[0].page}" if chapters else "#chapters"),
        code=html.escape(SAMPLE.strip()),
        printed=html.escape(printed),
        unpruned=_percent(unpruned),
        digits='<div><canvas width="28" height="28"></canvas><span></span></div>' * WALL,
        guesses="".join(
            f'<button type="button" data-guess="{guess}">{100 * guess:.0f} %</button>' for guess in GUESSES
        ),
    )


def _item(chapter: Chapter) -> str:
    """Return a chapter's place in the list."""
    number, title, question, minutes, page = map(
        html.escape,
        (
            chapter.number,
            chapter.title,
            chapter.question,
            LANDING["minutes"].format(minutes=chapter.minutes),
            f"chapters/{chapter.page}",
        ),
    )
    return (
        f'<li><a href="{page}"><span class="chapter-number">{number}</span><strong>{question}</strong>'
        f'<span class="chapter-title">{title}</span><span class="chapter-minutes">{minutes}</span></a></li>'
    )


def _page(body: str, carried: dict[str, Any], data: dict[str, Any]) -> str:
    """Return the page; what it shows first is in a block of its own, which is read before the others."""
    main = f"{PLACE}/main.js"
    script = joined([main], ROOT) + f'files["{main}"].start();\n'
    worker = engine(f"{PLACE}/worker.js", ROOT)
    blocks = {"page": packed(carried), "data": packed(data), "engine": packed(worker)}
    return document(LANDING["title"], _style(), body, script, blocks, fonts=True)


def _style() -> str:
    """Return the style, with the views' font in it: text is never drawn in another one first."""
    faces = []
    for name, weight in (("regular", 400), ("semibold", 600)):
        font = base64.b64encode((STATIC / "fonts" / f"{name}.woff2").read_bytes()).decode()
        faces.append(
            f"@font-face {{ font-family: Prunewidgets; font-weight: {weight}; "
            f"src: url(data:font/woff2;base64,{font}) format('woff2'); }}\n"
        )
    return "".join(faces) + "".join(
        (PARTS / name).read_text(encoding="utf-8") for name in ("landing.css", "lab.css", "below.css")
    )


def _percent(share: float) -> str:
    return f"{share:.2%}".replace("%", " %")
