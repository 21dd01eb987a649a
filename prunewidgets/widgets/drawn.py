"""Drawn: what the page needs of any view. Its script, its style, its words and an error line."""

from typing import Any

import traitlets as t

from .assets import loader, stylesheet
from .lifetimes import Shown
from .words import ENGLISH


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

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page sends; what is refused is said in the error line and taken back in the page."""
        try:
            super().set_state(sync_data)
        except Exception as error:  # it would vanish: no cell is waiting for it
            self._report("page", str(error))
            self.send_state([name for name in sync_data if self.has_trait(name)])
        else:
            self._report("page", "")

    def _report(self, source: str, message: str) -> None:
        """Show what went wrong in one place, or with "" that it is right again; other errors stay."""
        if message or source in self._errors:
            self._errors = {**self._errors, source: message}
            self.error = "\n".join(dict.fromkeys(filter(None, self._errors.values())))
