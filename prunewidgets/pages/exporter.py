"""The cells of a notebook as HTML: nbconvert's exporter, with MathML for maths and a place for each guess."""

import html
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from docutils.utils.math.latex2mathml import tex2mathml
from jinja2 import pass_context
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode

from .clean import missing
from .slides import slide_type
from .words import PAGE

TEMPLATES = Path(__file__).parent / "templates"

# A line that waits for a guess: guess = ...  # a count from 0 to 12
GUESS = re.compile(r"^guess\w* = [^#\n]*\.\.\.[^#\n]*(?:#\s*(?P<hint>.*))?$", re.MULTILINE)

SHOWN = ("text/", "image/", "application/javascript", "application/vnd.jupyter.widget-view+json")
"""How the kinds of outputs begin of which the page shows something, or that show nothing."""


def cells_of(notebook: NotebookNode, folder: Path) -> str:
    """Return the cells of a notebook that has run as HTML, without scripts of its own.

    Args:
        notebook: the notebook.
        folder: where it is, for pictures that its prose names.
    """
    exporter = PageExporter(
        template_name="page",
        extra_template_basedirs=[str(TEMPLATES)],
        preprocessors=[CoalesceStreamsPreprocessor(enabled=True)],  # of a progress bar nothing is left
        embed_images=True,
        anchor_link_text="",
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Your element with mimetype")  # the page says it
        return str(exporter.from_notebook_node(notebook, {"metadata": {"path": str(folder)}})[0])


class PageExporter(HTMLExporter):
    """Exports the cells alone: the document around them is that of every page."""

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Return Markdown as HTML."""
        renderer = Renderer(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            embed_images=self.embed_images,
            path=context.get("resources", {}).get("metadata", {}).get("path", ""),
            anchor_link_text=self.anchor_link_text,
        )
        return MarkdownWithMath(renderer=renderer).render(source)

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """Yield nbconvert's filters and those of the template."""
        yield from super().default_filters()
        yield "question", question
        yield "unknown", unknown
        yield "slide_type", slide_type


class Renderer(IPythonRenderer):
    """Renders prose with its maths as MathML, which browsers draw by themselves."""

    def block_math(self, body: str) -> str:
        """Return a formula with a line of its own."""
        return mathml(body, True)

    def inline_math(self, body: str) -> str:
        """Return a formula within a line."""
        return mathml(body, False)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Return a picture; its file or attachment is found by its name, which Markdown has quoted."""
        if "://" not in url:
            url = unquote(url)
            name = url.removeprefix("attachment:")
            url = url if name in self.attachments else name  # nbconvert stops at an attachment that is gone
        return str(super().image(text, url, title))

    def inline_html(self, html: str) -> str:
        """Return a tag; nbconvert, which embeds pictures, would close every one before its content."""
        return str(super().inline_html(html)) if html.startswith("<img") else html

    def latex_environment(self, name: str, body: str) -> str:
        r"""Return a formula between \begin and \end."""
        name = name.removesuffix("*")
        if name == "equation":
            return mathml(body, True)
        name = "aligned" if name in ("align", "eqnarray", "gather") else name
        return mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", True)


def mathml(formula: str, block: bool) -> str:
    """Return a formula in LaTeX as MathML, or as it was written if it has a command that is not known."""
    try:
        return str(tex2mathml(formula.strip(), as_block=block))
    except Exception:  # docutils' MathError, or an error within docutils, as for "&"
        return f"<code>{html.escape(formula)}</code>"


def unknown(output: NotebookNode) -> str:
    """Return what the page says of an output of a kind that it cannot show; "" for any other."""
    if any(kind.startswith(SHOWN) for kind in output.data):
        return ""
    kind = next(iter(output.data))
    return missing("page_output", what=PAGE["page_plotly"] if "plotly" in kind else html.escape(kind))


def question(cell: NotebookNode) -> str:
    """Return the field of a guess, or what an exercise needs; "" for any other cell."""
    printed = "".join(output.get("text", "") for output in cell.outputs)
    if any("data-verdicts" in output.get("data", {}).get("text/html", "") for output in cell.outputs):
        return _field(PAGE["page_answer"], "data-answer", "")
    if printed.startswith("○"):
        how = f'<a href="#needs-python">{html.escape(PAGE["page_how"])}</a>'
        return f'<p class="page-ask">{html.escape(PAGE["page_needs_python"])} {how}</p>\n'
    guesses = list(GUESS.finditer(cell.source))
    if not guesses:
        return ""
    # One field for several guesses: what was found opens for all of them together.
    return _field(
        PAGE["page_guess"], "data-guess", "; ".join(filter(None, (each["hint"] for each in guesses)))
    )


def _field(label: str, kind: str, hint: str) -> str:
    """Return a field to type an answer in, and a place for what the page says of it."""
    return (
        f'<p class="page-ask"><label>{html.escape(label)} '
        f'<input type="text" {kind} autocomplete="off" placeholder="{html.escape(hint)}"></label> '
        '<output aria-live="polite"></output></p>\n'
    )
