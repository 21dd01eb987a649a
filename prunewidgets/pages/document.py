"""The HTML of a page: one file that fetches nothing, and a policy under which it could not."""

import base64
import hashlib
import html
from collections.abc import Mapping

# Views come with the page's one script; the worker is a blob made by it, and runs WebAssembly.
POLICY = (
    "default-src 'none'; script-src '{script}' 'wasm-unsafe-eval'; style-src '{style}'; worker-src blob:; "
    "base-uri 'none'; form-action 'none'"
)

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
{blocks}
<script type="module">{script}</script>
</body>
</html>
"""


def document(
    title: str,
    style: str,
    body: str,
    script: str,
    blocks: Mapping[str, str],
    pictures: bool = False,
    fonts: bool = False,
) -> str:
    """Return a page.

    Args:
        title: plain text.
        style: CSS.
        body: HTML.
        script: a JavaScript module without imports.
        blocks: {id: what `payload.packed` made}; none of it is run or shown.
        pictures: whether the body has pictures; they have to be within the page too.
        fonts: whether the style has fonts; the same holds for them.
    """
    for text, ends in ((style, ["</style"]), (script, ["</script", "<!--"])):
        if found := [end for end in ends if end in text.lower()]:
            raise ValueError(f"{found[0]} within a script or style of the page would end it.")
    policy = POLICY.format(script=digest(script), style=digest(style))
    if pictures:
        policy += "; img-src data:; media-src data:"
    if fonts:
        policy += "; font-src data:"
    carried = (f'<script type="text/plain" id="{id}">{text}</script>' for id, text in blocks.items())
    return PAGE.format(
        policy=html.escape(policy, quote=False),
        title=html.escape(title),
        style=style,
        body=body,
        blocks="\n".join(carried),
        script=script,
    )


def digest(text: str) -> str:
    """Return the digest by which a policy allows a script or style within the page."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
