"""What the site says of a chapter before it is opened."""

from dataclasses import dataclass
from pathlib import Path

from tools.chapters import chapters, head


@dataclass(frozen=True)
class Chapter:
    """A chapter and its page.

    Attributes:
        number: "05", "06b"; "Appendix" for an appendix.
        title: "A CNN on MNIST".
        question: the question of the chapter, a whole sentence.
        minutes: how long it takes to read and do.
        seconds: how long its cells alone run.
        notebook: the file in notebooks/.
        page: name of the page in the site's folder chapters/.
    """

    number: str
    title: str
    question: str
    minutes: int
    seconds: int
    notebook: Path
    page: str


def listed() -> list[Chapter]:
    """Return the chapters in their order, then the appendices."""
    return [_of(path) for path in chapters()]


def _of(notebook: Path) -> Chapter:
    said = head(notebook)
    number = "Appendix" if said.label == said.title else said.label
    page = f"{notebook.stem}.html"
    return Chapter(number, said.title, said.question, said.minutes, said.seconds, notebook, page)
