"""Write the list of chapters into chapter 00, from the titles, questions and minutes of the notebooks.

python tools/chapters.py    run it when a title, a question or a chapter's minutes have changed

Once the repository has an address, each chapter also gets a link that opens it in Google Colab, and a cell
that installs what it needs there; without an address these are removed.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from tools import repository

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
FIRST, CELL = "00_start_here.ipynb", "chapters"
LINK, INSTALL = "colab-link", "colab-install"
# Colab has TensorFlow, so no extra of ours: tensorflow-cpu would overwrite its files.
INSTALLS = """\
import sys

if "google.colab" in sys.modules:  # in Colab: install the package, and copy the checks of the chapters
    get_ipython().system("pip install --quiet prunewidgets && python -m prunewidgets workbook .")"""
IN_SECONDS = {
    "a few seconds": 5,
    "half a minute": 30,
    "a minute": 60,
    "two minutes": 120,
    "three minutes": 180,
}


@dataclass
class Head:
    """What the first cell of a chapter says about it."""

    file: str
    label: str
    title: str
    question: str
    minutes: int
    seconds: int
    """How long the cells alone run."""


def chapters() -> list[Path]:
    """Return the chapters in order, then the appendices."""
    numbered = sorted(NOTEBOOKS.glob("[0-9][0-9]*_*.ipynb"), key=lambda path: path.name)
    return numbered + sorted(NOTEBOOKS.glob("appendix_*.ipynb"), key=lambda path: path.name)


def head(path: Path) -> Head:
    """Read the first cell of a chapter."""
    text = " ".join("".join(cells(path)[0]["source"]).split())
    title = find(r"^# (.*?)\*\*", text, path).strip()
    question = find(r"\*\*The question of this (?:chapter|appendix): (.*?)\*\*", text, path)
    label, _, name = title.partition(" · ")
    return Head(
        path.name,
        name if label == "Appendix" else label,
        name,
        question[0].upper() + question[1:],
        int(find(r"\*Time:\* about (\d+) minutes", text, path)),
        seconds(find(r"the cells alone run in (?:about |under )?(.*? (?:seconds|minutes?))\b", text, path)),
    )


def seconds(phrase: str) -> int:
    """Return "half a minute" or "20 seconds" in seconds."""
    number, _, unit = phrase.partition(" ")
    if number.isdecimal():
        return int(number) * (60 if unit.startswith("minute") else 1)
    return IN_SECONDS[phrase]


def find(pattern: str, text: str, path: Path) -> str:
    """Return what a pattern finds in the first cell of a chapter."""
    found = re.search(pattern, text)
    if not found or found[1] is None:
        raise ValueError(f"the first cell of {path.name} has nothing like {pattern}")
    return found[1]


def cells(path: Path) -> list[dict]:
    """Return the cells of a notebook."""
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def listed() -> str:
    """Return the list of chapters as chapter 00 shows it."""
    rows = ["| | question | minutes |", "|---|---|---|"]
    for each in map(head, chapters()):
        label = f"**{each.label}**" if each.file == FIRST else f"[**{each.label}**]({each.file})"
        rows.append(f"| {label} | {each.question} | {each.minutes} |")
    return "## The chapters\n\n" + "\n".join(rows)


def for_colab(link: str | None) -> list[dict]:
    """Return the cells for Colab that follow a chapter's head; none without a link.

    The link is text: a badge would be a picture that readers fetch from the network.
    """
    if link is None:
        return []
    text = {
        "cell_type": "markdown",
        "id": LINK,
        "metadata": {},
        "source": [f"[Open in Google Colab]({link})"],
    }
    source = INSTALLS.splitlines(keepends=True)
    code = {"cell_type": "code", "execution_count": None, "id": INSTALL, "metadata": {}, "outputs": []}
    return [text, code | {"source": source}]


def main(root: Path = NOTEBOOKS.parent) -> None:
    """Write the list into chapter 00, and what Colab needs into all."""
    for name in [path.name for path in chapters()]:
        path = root / "notebooks" / name
        notebook = json.loads(path.read_text(encoding="utf-8"))
        if name == FIRST:
            (cell,) = [cell for cell in notebook["cells"] if cell["id"] == CELL]
            cell["source"] = listed().splitlines(keepends=True)
        title, *others = [cell for cell in notebook["cells"] if cell["id"] not in (LINK, INSTALL)]
        added = for_colab(repository.in_colab(f"notebooks/{name}", root))
        notebook["cells"] = [title, *added, *others]
        if notebook != json.loads(path.read_text(encoding="utf-8")):
            path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
