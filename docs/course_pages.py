"""A Sphinx extension: what the pages for teachers say of the chapters is read from the notebooks.

Directives `chapter-goals`, `chapter-graph`, `chapter-needs`, `chapter-times`, and `run-sheet` with the
numbers of chapters. A role: ``{cell}`05/speed-say` `` names the heading under which a cell stands. A cell
that is not there is a warning, so `make docs` fails.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote

from chapter_graph import drawing
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from tools.course import Lesson, headings, lessons, notes

MARKED = re.compile(r"(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*)")


@cache
def every() -> dict[str, Lesson]:
    return {lesson.number: lesson for lesson in lessons()}


def name_of(lesson: Lesson) -> str:
    return f"{lesson.number} · {lesson.title}" if lesson.number[0].isdigit() else f"Appendix · {lesson.title}"


def goals() -> list[nodes.Node]:
    """A list of terms: the chapters, each with its goals."""
    listed = nodes.definition_list()
    for lesson in every().values():
        if lesson.goals:
            bullets = nodes.bullet_list("", *(nodes.list_item("", _text(goal)) for goal in lesson.goals))
            term = nodes.term("", name_of(lesson))
            listed += nodes.definition_list_item("", term, nodes.definition("", bullets))
    return [listed]


def graph() -> list[nodes.Node]:
    return [nodes.raw("", drawing(list(every().values())), format="html")]


def needs() -> list[nodes.Node]:
    rows = []
    for lesson in every().values():
        after = [other.number for other in every().values() if lesson.number in other.needs + other.helps]
        rows.append([name_of(lesson), lesson.before, ", ".join(after) or "–"])
    return [table(["chapter", "it needs", "it is needed by"], rows)]


def times() -> list[nodes.Node]:
    heads = ["chapter", "to read and try", "predictions", "exercises", "lecture", "cells alone"]
    rows = [
        [
            name_of(lesson),
            f"{lesson.minutes} min",
            str(lesson.votes or "–"),
            str(lesson.exercises or "–"),
            f"{lesson.lecture} min" if lesson.lecture else "–",
            f"{lesson.seconds} s",
        ]
        for lesson in every().values()
    ]
    return [table(heads, rows)]


def run_sheet(*numbers: str) -> list[nodes.Node]:
    """The lecturer's notes of chapters, one after the other, with a running clock."""
    rows, clock = [], 0
    for number in numbers:
        for heading, minutes, asked in notes(every()[number].path):
            clock += minutes
            rows.append([f"{clock - minutes}–{clock}", f"{number}, {heading.split(' · ')[-1]}", asked])
    return [table(["min", "slide", "what to ask, what to wait for"], rows)]


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> nodes.table:
    """Return a table of plain text."""
    group = nodes.tgroup(cols=len(heads))
    group += [nodes.colspec(colwidth=1) for _ in heads]
    group += nodes.thead("", _row(heads))
    group += nodes.tbody("", *map(_row, rows))
    return nodes.table("", group)


def _row(texts: Sequence[str]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", _text(text)) for text in texts))


def _text(text: str) -> nodes.paragraph:
    """Return a paragraph; `code`, **strong** and *emphasis* of the notebook stay what they are."""
    paragraph = nodes.paragraph()
    for part in MARKED.split(text):
        plain = part.strip("`*")
        if part.startswith("`"):
            paragraph += nodes.literal("", plain)
        elif part.startswith("*"):
            paragraph += (nodes.strong if part.startswith("**") else nodes.emphasis)("", plain)
        else:
            paragraph += nodes.Text(part)
    return paragraph


def anchor_of(heading: str) -> str:
    """Return the id of a heading in a chapter's page, as nbconvert makes it."""
    return quote(heading.replace(" ", "-"), safe="?/:@!$&'()*+,;=")


class Cell(SphinxRole):
    """A chapter and the heading under which a cell stands; in the site a link to that heading."""

    def run(self) -> tuple[list[nodes.Node], list[Any]]:
        number, _, cell = self.text.partition("/")
        lesson = every().get(number)
        heading = headings(lesson.path).get(cell) if lesson else None
        if not heading or not lesson:
            message = self.inliner.reporter.warning(f"no chapter has a cell {self.text}", line=self.lineno)
            return [], [message]
        title = heading.split(" · ")[-1]
        words = f"{number}, “{title.rstrip(':')}”"
        if not self.config.html_context.get("in_site"):
            return [nodes.inline("", words)], []
        folder = "../" * (1 + self.env.docname.count("/"))
        anchor = quote(anchor_of(heading))  # the page's id has percent signs of its own
        page = f"{folder}chapters/{lesson.path.stem}.html#{anchor}"
        return [nodes.reference("", words, refuri=page)], []


def directive(made: Callable[..., list[nodes.Node]]) -> type[Directive]:
    """Return a directive that puts nodes where it stands."""

    class Made(Directive):
        optional_arguments = 9

        def run(self) -> list[nodes.Node]:
            # The page is read again when a notebook has changed.
            environment = self.state.document.settings.env
            for lesson in every().values():
                environment.note_dependency(str(lesson.path))
            return made(*self.arguments)

    return Made


def setup(app: Sphinx) -> None:
    """Add what is above."""
    for name, made in {"goals": goals, "graph": graph, "needs": needs, "times": times}.items():
        app.add_directive(f"chapter-{name}", directive(made))
    app.add_directive("run-sheet", directive(run_sheet))
    app.add_role("cell", Cell())
