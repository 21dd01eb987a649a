"""Drawn: what the page needs of any view. Its script, its style, its words and an error line."""

import re
from typing import Any

import traitlets as t

from .assets import loader, stylesheet
from .lifetimes import Shown
from .words import ENGLISH

TERMINAL_CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""Colours and the like in the messages of Keras and TensorFlow, which a page would show as signs."""


class Drawn(Shown):
    """A view that the page draws by itself.

    Attributes:
        error: a sentence shown at the foot of the view; "" for none.
    """

    _esm = loader()
    _css = stylesheet()

    script = t.Unicode("").tag(sync=True)  # the view's module
    error = t.Unicode("").tag(sync=True)
    words = t.Dict(ENGLISH).tag(sync=True)

    _errors: dict[str, str] = {}  # by what went wrong, replaced and never changed

    def __setattr__(self, name: str, value: Any) -> None:
        """Set it; Ctrl-C, which may come at any moment of it, leaves nothing half done."""
        try:
            super().__setattr__(name, value)
        except KeyboardInterrupt:
            if self.has_trait(name) and self.comm is not None:
                self._interrupted()
            raise

    def _interrupted(self) -> None:
        """A setter was interrupted: do what it had still to do. Here, tell the page what is so now."""
        self._holding_sync = False  # `hold_sync` may have been left before it could
        self.send_state({*self._states_to_send, *self.traits(sync=True, page=True)})

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page sends; what is refused is said in the error line and taken back in the page.

        Only traits with the tag ``page`` are the page's to set; the others say what the kernel knows.
        """
        before = self.get_state([name for name in sync_data if name in self.keys])
        foreign = [name for name in before if not self._of_page(name) and before[name] != sync_data[name]]
        refused = f"The page sent {', '.join(foreign)}, which only the kernel sets." if foreign else ""
        try:
            self._take_from_page({name: value for name, value in sync_data.items() if self._of_page(name)})
        except Exception as error:  # it would vanish: no cell is waiting for it
            refused = str(error)
        self._report("page", refused)
        # Nobody else tells the page of what has not changed here.
        now = self.get_state(list(before))
        self.send_state([name for name in now if now[name] != sync_data[name]])

    def _take_from_page(self, values: dict[str, Any]) -> None:
        """Set traits that are the page's; all of them or none."""
        super().set_state(values)

    def _of_page(self, name: str) -> bool:
        """Whether the page may set a trait; ipywidgets itself counts there how often a widget is shown."""
        return name == "_view_count" or bool(self.trait_metadata(name, "page", False))

    def _report(self, source: str, message: str) -> None:
        """Show what went wrong in one place, or with "" that it is right again; other errors stay."""
        if message or source in self._errors:
            self._errors = {**self._errors, source: TERMINAL_CODES.sub("", message)}
            self.error = "\n".join(dict.fromkeys(filter(None, self._errors.values())))
