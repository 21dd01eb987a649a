"""Ctrl-C at a chosen line of this package, to reproduce where a user's interrupt may hit."""

import linecache
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import prunewidgets

PACKAGE = str(Path(prunewidgets.__file__).parent)


class Lines:
    """A tracer that counts the package's lines that a function runs, and interrupts it at one of them.

    Lines that begin with `with` are skipped: they run again when their block ends, where Python itself
    handles no signal.
    """

    def __init__(self, at: int | None = None) -> None:
        """Interrupt at the line with this number, counted from 0 in the order they run; None only counts."""
        self.at, self.seen, self.hit = at, 0, ""

    def run(self, work: Callable[[], object]) -> bool:
        """Run the function in this thread; return whether it was interrupted."""
        earlier = sys.gettrace()
        sys.settrace(self._call)
        try:
            work()
        except KeyboardInterrupt:
            return True
        finally:
            sys.settrace(earlier)
        return False

    def _call(self, frame: FrameType, event: str, argument: Any) -> Callable | None:
        return self._line if frame.f_code.co_filename.startswith(PACKAGE) else None

    def _line(self, frame: FrameType, event: str, argument: Any) -> Callable:
        if event != "line":
            return self._line
        text = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
        if not text.startswith("with "):
            if self.seen == self.at:
                self.seen += 1
                self.hit = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}: {text}"
                raise KeyboardInterrupt
            self.seen += 1
        return self._line


def listen(view) -> dict[str, object]:
    """Return the state of a view that the page has, updated with each message sent to it."""
    page = view.get_state()

    def send(message, buffers=None):
        page.update(message.get("state", {}))
        paths = message.get("buffer_paths", [])
        page.update({path[0]: buffer for path, buffer in zip(paths, buffers or [], strict=True)})

    view._send = send
    return page
