"""What differs between hosts: how each is started, opened, run again, and made dark."""

import json
import subprocess
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from .environments import environment, version
from .notebooks import NAME, write_jupyter, write_marimo, write_shiny
from .servers import free_port, own_settings, server

PATIENCE = 120_000
"""Milliseconds that a host may take to open, or to run all cells."""

NO_STATE = "--ExecutePreprocessor.store_widget_state=False"
"""With widget state, the page would load a library from the network; without it, it shows still pictures."""


class NotOffered(Exception):
    """The host has nothing of this kind."""


class Host:
    """A host; subclasses say what is theirs.

    Attributes:
        page: where the conformance notebook is open.
        address: of the server.
        headless: whether the host is tested without its page.
        themes: what `set_dark` takes; (None,) where the host has one theme.
        errors: script errors in the page.
        elsewhere: other places that the page has asked for something.
    """

    title = ""
    command: list[str] = []
    path = ""
    headless = False
    themes: tuple[bool | None, ...] = (None,)

    def __init__(self, folder: Path) -> None:
        self.folder, self.secret = folder, uuid.uuid4().hex
        self.page: Page
        self.errors: list[str] = []
        self.elsewhere: list[str] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """Serve the conformance notebook."""
        port = free_port()
        self.address = f"http://localhost:{port}/"
        self.write()
        command = [*self.command, *self.options(port)]
        with server(environment(self.name), command, self.folder, port, "/"):
            yield

    @property
    def name(self) -> str:
        return type(self).__name__.lower()

    def version(self) -> str:
        return version(self.name)

    def write(self) -> None:
        write_jupyter(self.folder)

    def options(self, port: int) -> list[str]:
        own = [f"--IdentityProvider.token={self.secret}", f"--ServerApp.root_dir={self.folder}"]
        return [*own, f"--port={port}", "--ServerApp.ip=localhost", "--allow-root", "--no-browser"]

    def open(self) -> None:
        """Open the notebook."""
        self.page.goto(
            f"{self.address}{self.path}?{self.query()}", wait_until="domcontentloaded", timeout=PATIENCE
        )

    def query(self) -> str:
        """Return what lets the page in."""
        return f"token={self.secret}"

    def run(self) -> None:
        """Run all cells, where opening does not."""

    def run_again(self) -> None:
        """Run all cells once more in the same kernel."""
        raise NotOffered

    def reload(self) -> None:
        """Load the page again, after saving where that is the reader's to do."""
        self.page.reload()

    def set_dark(self, dark: bool | None) -> None:
        """Choose the host's own dark or light theme, where it has them."""

    def make_room(self) -> None:
        """Close what stands beside the notebook, as one does on a phone."""


def wait_idle(host: Host) -> None:
    """Wait until the notebook's kernel is idle three times in a row; earlier, Jupyter asks for one."""
    quiet = 0
    for _ in range(PATIENCE // 300):
        with urllib.request.urlopen(f"{host.address}api/sessions?{host.query()}", timeout=30) as answer:
            states = [session["kernel"]["execution_state"] for session in json.load(answer)]
        quiet = quiet + 1 if states == ["idle"] else 0
        if quiet == 3:
            return
        host.page.wait_for_timeout(300)
    raise TimeoutError("the kernel was not idle in time")


class JupyterLab(Host):
    """JupyterLab, opened as `make lab` does."""

    title = "JupyterLab"
    themes = (False, True)
    command = ["jupyter", "lab"]
    path = f"lab/tree/{NAME}.ipynb"

    def open(self) -> None:
        super().open()
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=PATIENCE)
        wait_idle(self)

    def run(self) -> None:
        self.menu("Run", "Run All Cells")

    run_again = run

    def menu(self, *path: str) -> None:
        self.page.click(f".lm-MenuBar-itemLabel:text-is('{path[0]}')")
        for entry in path[1:]:
            self.page.click(f".lm-Menu-itemLabel:text-is('{entry}')")

    def reload(self) -> None:
        self.menu("File", "Save Notebook")
        self.page.wait_for_timeout(2_000)
        for _ in range(4):
            self.open()
            self.page.wait_for_timeout(2_000)
            if not self.page.locator("text=model not found").count():  # on a busy machine; see TRAPS
                return

    def set_dark(self, dark: bool | None) -> None:
        self.menu("Settings", "Theme", "JupyterLab Dark" if dark else "JupyterLab Light")

    def make_room(self) -> None:
        for tab in self.page.locator(".jp-SideBar.jp-mod-left .lm-mod-current").all():
            tab.click()


class Notebook(JupyterLab):
    """Jupyter Notebook 7."""

    title = "Jupyter Notebook 7"
    command = ["jupyter", "notebook"]
    path = f"notebooks/{NAME}.ipynb"


class NbClassic(Host):
    """The classic notebook."""

    title = "nbclassic"
    command = ["jupyter", "nbclassic"]
    path = f"notebooks/{NAME}.ipynb"

    def open(self) -> None:
        super().open()
        self.page.wait_for_function("window.Jupyter?.notebook?.kernel?.is_connected()", timeout=PATIENCE)
        wait_idle(self)

    def run(self) -> None:
        self.page.click("#celllink")
        self.page.click("#run_all_cells")

    run_again = run

    def reload(self) -> None:
        self.page.click("#save-notbook button")
        self.page.wait_for_timeout(1_000)
        self.open()


class Voila(Host):
    """Voila, which runs the notebook for each visitor."""

    title = "Voila"
    command = ["voila", f"{NAME}.ipynb"]

    def options(self, port: int) -> list[str]:
        return ["--no-browser", f"--port={port}"]

    def query(self) -> str:
        return ""


class Marimo(Host):
    """marimo's editor."""

    title = "marimo"
    command = ["marimo", "edit", f"{NAME}.py"]

    def write(self) -> None:
        write_marimo(self.folder)
        settings = self.folder / "home" / ".config" / "marimo" / "marimo.toml"
        settings.parent.mkdir(parents=True)
        settings.write_text('[runtime]\nauto_instantiate = true\n[display]\ntheme = "system"\n')

    def options(self, port: int) -> list[str]:
        own = [f"--token-password={self.secret}", "--headless", "--skip-update-check"]
        return [*own, f"--port={port}", "--host=localhost"]

    def query(self) -> str:
        return f"access_token={self.secret}"

    def run_again(self) -> None:
        self.page.keyboard.press("Control+k")
        self.page.locator("[role=dialog] [cmdk-input]").fill("Re-run all cells")
        self.page.locator("[role=dialog] [cmdk-item]:has-text('Re-run all cells')").first.click()


class Shiny(Host):
    """Shiny for Python, an app with a session for each visitor."""

    title = "Shiny for Python"
    themes = (False, True)
    command = ["shiny", "run", f"{NAME}_app.py"]

    def write(self) -> None:
        write_shiny(self.folder)

    def options(self, port: int) -> list[str]:
        return [f"--port={port}"]

    def query(self) -> str:
        return ""

    def set_dark(self, dark: bool | None) -> None:
        switch = self.page.locator("bslib-input-dark-mode")
        switch.evaluate("(it, mode) => it.setAttribute('mode', mode)", "dark" if dark else "light")


class Nbconvert(Host):
    """A notebook run and saved as HTML by nbconvert, without a kernel."""

    title = "nbconvert to HTML"

    @contextmanager
    def running(self) -> Iterator[None]:
        self.write()
        place = environment(self.name)
        convert = ["-m", "nbconvert", "--to", "html", "--execute", f"{NAME}.ipynb", NO_STATE]
        subprocess.run(
            [str(place / "bin" / "python"), *convert],
            cwd=self.folder, env=own_settings(place, self.folder), check=True, capture_output=True,
        )  # fmt: skip
        self.address = (self.folder / f"{NAME}.html").as_uri()
        yield

    def query(self) -> str:
        return ""


HOSTS: dict[str, type[Host]] = {
    kind.__name__.lower(): kind for kind in (JupyterLab, Notebook, NbClassic, Voila, Marimo, Shiny, Nbconvert)
}
