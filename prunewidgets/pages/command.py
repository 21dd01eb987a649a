"""``python -m prunewidgets page`` and ``lecture``: a notebook as a page, or slides, that need no Python."""

import sys
from pathlib import Path


def main(notebook: str, file: str | None = None, lecture: bool = False) -> int:
    """Save a notebook as a page and print where it is.

    Args:
        notebook: name of an ``.ipynb`` file.
        file: name of the page. Defaults to the notebook's name with .html, of a lecture with _lecture.html,
            in the current folder.
        lecture: whether the page opens as slides.

    Returns:
        The exit status: 0; 1 if there is no page, which one printed line explains; 130 after Ctrl-C.
    """
    from .save import save_page  # with it come the views, which no other command needs

    try:
        ending = "_lecture.html" if lecture else ".html"
        path = save_page(notebook, file or Path(notebook).stem + ending, lecture=lecture)
    except KeyboardInterrupt:
        print("Stopped. No page was written.", file=sys.stderr)
        return 130
    except (OSError, ValueError, RuntimeError, ModuleNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB. It opens by double-click.")
    return 0
