"""The first page of the site."""

import html
from pathlib import Path

from .chapters import Chapter

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Pruning, chapter by chapter</title>
<style>
:root {{ background: Canvas; color: CanvasText; }}
a {{ color: inherit; }}
body {{ max-width: 50rem; margin: 0 auto; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; }}
td {{ padding: 0.3rem 1rem 0.3rem 0; vertical-align: top; }}
</style>
</head>
<body>
<main>
<h1>Pruning, chapter by chapter</h1>
<table>
{rows}
</table>
<p><a href="docs/index.html">Documentation</a></p>
</main>
</body>
</html>
"""


def write_landing(site: Path, chapters: list[Chapter]) -> None:
    """Write index.html, which links to chapters/ and docs/.

    Args:
        site: the folder of the site.
        chapters: its chapters, in their order.
    """
    rows = "\n".join(
        f'<tr><td><a href="chapters/{each.page}">{html.escape(f"{each.number} · {each.title}")}</a></td>'
        f"<td>{html.escape(each.question)}</td><td>{each.minutes} minutes</td></tr>"
        for each in chapters
    )
    (site / "index.html").write_text(PAGE.format(rows=rows), encoding="utf-8")
