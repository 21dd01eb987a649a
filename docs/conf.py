"""How Sphinx builds the documentation: `make docs`. Nothing is fetched."""

import inspect
import os
import re
import sys
from pathlib import Path
from typing import Any

from docutils.nodes import Element
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.inspect import stringify_signature
from traitlets import HasTraits

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import prunewidgets  # noqa: E402

project = "prunewidgets"
copyright = "prunewidgets contributors, MIT licence"
release = prunewidgets.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "local_links", "course_pages"]
html_theme = "furo"
html_title = f"prunewidgets {release}"
html_copy_source = html_show_sourcelink = False
html_static_path = ["static"]
html_css_files = ["pictures.css", "page.css"]
html_js_files = ["scrolled.js"]
templates_path = ["templates"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

# Docstrings write `name` for code: what has a page of its own becomes a link, the rest stays code.
default_role = "py:obj"
smartquotes_action = "D"  # dashes alone: docstrings quote code
autoclass_content = "both"
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_custom_sections = [("Attributes", "params_style")]
napoleon_use_rtype = False
toc_object_entries_show_parents = "hide"
maximum_signature_line_length = 90
PARAMETERS = re.compile(r"<dl>\n((?:<dd>.*</dd>\n)+)</dl>")


def follow_pw(app: Sphinx, env: BuildEnvironment, node: pending_xref, text: Element) -> Element | None:
    """Resolve `pw.name` as prunewidgets.name."""
    name = node.get("reftarget", "")
    if node.get("refdomain") != "py" or not name.startswith("pw."):
        return None
    target = "prunewidgets" + name.removeprefix("pw")
    python = env.get_domain("py")
    return python.resolve_xref(env, node["refdoc"], app.builder, "obj", target, node, text)


def own_signature(app: Sphinx, kind: str, name: str, what: Any, *_: Any) -> tuple[str, str] | None:
    """Show a view's own arguments: of its class traitlets says (*args, **kwargs) alone."""
    if kind != "class" or not issubclass(what, HasTraits):
        return None
    signature = inspect.signature(what.__init__)
    arguments = list(signature.parameters.values())[1:]
    return stringify_signature(signature.replace(parameters=arguments), show_annotation=False), ""


def returned_in_words(app: Sphinx, kind: str, name: str, what: Any, options: Any, lines: list[str]) -> None:
    """Keep napoleon from taking "One row per model" in "One row per model: its costs" for a type."""
    for number, line in enumerate(lines[:-1]):
        if line.strip() in ("Returns:", "Yields:"):
            after = lines[number + 1]
            text = after.lstrip()
            lines[number + 1] = f"{after.removesuffix(text)}: {text}"


def source_in_one_paragraph(
    app: Sphinx, kind: str, name: str, what: Any, options: Any, lines: list[str]
) -> None:
    """Take away the indentation under "Source: …", which would make the first line a term to be defined."""
    inside = False
    for number, line in enumerate(lines):
        inside = bool(line.strip()) and (inside or line.startswith("Source:"))
        if inside:
            lines[number] = line.strip()


def parameters_in_lines(app: Sphinx, name: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Show each parameter of a long signature in a line, not in a list of definitions without terms."""
    context["body"] = PARAMETERS.sub(
        lambda found: found[1].replace("<dd>", '<span class="parameter">').replace("</dd>", "</span>"),
        context.get("body") or "",
    )


def setup(app: Sphinx) -> None:
    """Add what is above."""
    app.connect("autodoc-process-docstring", returned_in_words, priority=400)  # before napoleon's 500
    app.connect("autodoc-process-docstring", source_in_one_paragraph)
    app.connect("missing-reference", follow_pw)
    app.connect("autodoc-process-signature", own_signature)
    app.connect("html-page-context", parameters_in_lines)
