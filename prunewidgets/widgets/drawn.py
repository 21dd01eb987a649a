"""Drawn: what every view has: its script, style, words and error line, and its closing in the page."""

import base64
from typing import Any

import anywidget
import traitlets as t

from ..utils.terminal_codes import without_terminal_codes
from . import lifetimes
from .assets import loader, stylesheet
from .still import still_of
from .words import ENGLISH


class Drawn(anywidget.AnyWidget):
    """A view that draws itself in the page, and closes when no cell shows it any more (see `lifetimes`).

    Attributes:
        error: the error shown at the bottom of the view; "" for none.
        linked: the views that follow this one, including itself; see `link`.
    """

    _esm = loader()
    _css = stylesheet()

    script = t.Unicode("").tag(sync=True)  # the view's module
    error = t.Unicode("").tag(sync=True)
    words = t.Dict(ENGLISH).tag(sync=True)

    _ipython_display_ = None  # ipywidgets 7 has one, which leaves out what a page without widgets shows

    linked: tuple["Drawn", ...] = ()
    view_name = ""  # of its script in static/views, and of what draws it in `still`
    _errors: dict[str, str] = {}  # {source: message}; replaced, never modified in place

    def open(self) -> None:
        """Open the view in the page, also after `close`."""
        if self.comm is None and self.layout.comm is None:
            self.layout.open()
        super().open()
        lifetimes.record_cell(self)

    def close(self) -> None:
        """Remove the view from the page and stop what it measures or trains; it can be shown again."""
        super().close()
        self.__dict__.pop("_repr_mimebundle_", None)  # ipywidgets has put None there

    @property
    def _closed(self) -> bool:
        return self.comm is None

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self.open()
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle  # a page with widgets shows the view, any other one the rest
        lines = [data["text/plain"], self.words["needs_kernel"]]
        if still := still_of(self):
            lines.insert(1, still.text)
            data["image/png"] = base64.b64encode(still.png).decode("ascii")
            size = {"width": still.width, "height": still.height}
            metadata = {**metadata, "image/png": {**size, "alt": still.text}}
        return {**data, "text/plain": "\n".join(lines)}, metadata

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; a Ctrl-C at any point during it leaves nothing half done."""
        try:
            super().__setattr__(name, value)
        except KeyboardInterrupt:
            if self.has_trait(name) and not self._closed:
                self._interrupted()
            raise

    def _interrupted(self) -> None:
        """Finish what an interrupted setter had left to do; here, send the page the current state."""
        self._holding_sync = False  # `hold_sync` may have been left before it reset this
        self.send_state({*self._states_to_send, *self.traits(sync=True, page=True)})

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Set what the page sends; report refused values in the error line and reset them in the page.

        The page may set only traits with the tag ``page``; the others belong to the kernel.
        """
        before = self.get_state([name for name in sync_data if name in self.keys])
        allowed = {name: value for name, value in sync_data.items() if self._page_may_set(name)}
        others = [name for name in before if name not in allowed and before[name] != sync_data[name]]
        refused = f"The page sent {', '.join(others)}, which only the kernel sets." if others else ""
        try:
            self._set_from_page(allowed)
        except Exception as error:  # it would be lost: no cell is waiting for it
            refused = str(error)
        self._report("page", refused)
        # A value that did not change here is not sent to the page otherwise.
        now = self.get_state(list(before))
        self.send_state([name for name in now if now[name] != sync_data[name]])

    def _set_from_page(self, values: dict[str, Any]) -> None:
        """Set traits that the page may set; all of them or none."""
        super().set_state(values)

    def _page_may_set(self, name: str) -> bool:
        """Return whether the page may set a trait; ipywidgets counts the displayed views in `_view_count`."""
        return name == "_view_count" or bool(self.trait_metadata(name, "page", False))

    def _report(self, source: str, message: str) -> None:
        """Show the error of one source, or clear it with ""; errors of other sources stay."""
        if message or source in self._errors:
            self._errors = {**self._errors, source: without_terminal_codes(message)}
            self.error = "\n".join(dict.fromkeys(filter(None, self._errors.values())))
