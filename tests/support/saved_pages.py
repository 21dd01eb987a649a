"""What tests of saved pages share: what a page asks for and complains of, and when it is checked."""

NOTE = ".page-note"


def watched(page):
    """Return two lists that grow: the addresses that a page asks for, and the errors in its console."""
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    return asked, errors


def ready(page):
    """Wait until the page has checked itself; return what it says."""
    page.locator(NOTE, has_text="Checked on opening").wait_for(timeout=60_000)
    return page.inner_text(NOTE)
