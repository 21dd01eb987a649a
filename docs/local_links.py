"""A Sphinx extension: every link between the built pages leads somewhere; no page loads from elsewhere."""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

from tools.site.links import broken_links, pages_of

logger = logging.getLogger(__name__)


def check(app: Sphinx, error: Exception | None) -> None:
    """Warn of broken links: `make docs` fails on a warning."""
    if app.config.html_context.get("in_site"):
        return  # `make site` checks all of its pages, to which these link
    if error is None and app.builder.name == "html":
        folder = Path(app.outdir)
        for line in broken_links(folder, pages_of(folder)):
            logger.warning(line)


def setup(app: Sphinx) -> None:
    """Check after the pages are written."""
    app.connect("build-finished", check)
