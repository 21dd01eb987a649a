"""A real JupyterLab for the tests, on a copy of the notebooks; tests can query its kernels directly."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client import BlockingKernelClient
from playwright.sync_api import Page, Route

SETTINGS = Path("config/lab/user-settings/@jupyterlab")

START = Path(__file__).resolve().parents[2] / "tools" / "lab.py"
"""What `make lab` runs, so the tests have the same settings as users."""


MODEL_MISSING = "widget model not found"


class Calls:
    """A log of the other hosts that the server and its kernels contact, recorded in their processes."""

    HOOK = """
import sys

def note(event, arguments):
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host or "localhost"
    if host != "localhost" and not host.startswith("127.") and host not in ("::1", "0.0.0.0", "::"):
        with open({log!r}, "a") as file:
            file.write(host + "\\n")

sys.addaudithook(note)
"""

    def __init__(self, folder: Path) -> None:
        """Remember the folder; `listen` puts the hook there."""
        self._folder, self._log = folder, folder / "hosts.txt"

    def listen(self) -> dict[str, str]:
        """Return the environment variables that make Python processes record their calls."""
        self._folder.mkdir(parents=True)
        (self._folder / "sitecustomize.py").write_text(self.HOOK.format(log=str(self._log)))
        return {
            "PYTHONPATH": os.pathsep.join(filter(None, [str(self._folder), os.environ.get("PYTHONPATH")]))
        }

    def hosts(self) -> list[str]:
        """Return the hosts contacted so far."""
        return self._log.read_text().split() if self._log.exists() else []


class Workbook:
    """A running JupyterLab server and its folder of notebooks."""

    def __init__(self, url: str, token: str, folder: Path, runtime: Path) -> None:
        """Remember where the server runs; `serve` starts one."""
        self.url, self.token, self.folder, self.runtime = url, token, folder, runtime
        self.settings = runtime.parent / SETTINGS / "apputils-extension"
        self.calls = Calls(runtime.parent / "calls")

    def open(self, page: Page, notebook: str) -> list[str]:
        """Open a notebook; return the growing list of requests to other addresses (all are refused)."""
        elsewhere: list[str] = []

        def refuse(route: Route) -> None:
            elsewhere.append(route.request.url)
            route.abort()

        page.route(re.compile(f"^(?!{re.escape(self.url)}|data:|blob:)"), refuse)
        page.goto(f"{self.url}lab/tree/{notebook}?token={self.token}&reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        self.wait_idle(page, notebook)
        return elsewhere

    def run_all(self, page: Page, notebook: str, timeout: float = 300) -> None:
        """Run every cell without a restart, and wait until the kernel is done."""
        page.click(".lm-MenuBar-itemLabel:text-is('Run')")
        page.click(".lm-Menu-itemLabel:text-is('Run All Cells')")
        page.wait_for_timeout(500)
        self.wait_idle(page, notebook, timeout)

    def run_cell(self, page: Page, number: int, source: str) -> None:
        """Type source code into a cell and run it, without waiting."""
        cell = page.locator(f".jp-Notebook .jp-Cell[data-windowed-list-index='{number}']")
        cell.scroll_into_view_if_needed()
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.type(source)
        page.keyboard.press("Control+Enter")

    def restart(self, page: Page, notebook: str) -> None:
        """Restart the kernel with the page open; run nothing again."""
        page.click(".lm-MenuBar-itemLabel:text-is('Kernel')")
        page.click(".lm-Menu-itemLabel:text-is('Restart Kernel…')")
        page.click(".jp-Dialog button:has-text('Restart')")
        page.wait_for_timeout(1000)
        self.wait_idle(page, notebook)

    def interrupt(self, page: Page) -> None:
        """Interrupt what the kernel is doing."""
        page.click(".lm-MenuBar-itemLabel:text-is('Kernel')")
        page.click(".lm-Menu-itemLabel:text-is('Interrupt Kernel')")

    def save(self, page: Page) -> None:
        """Save the notebook with its outputs."""
        page.click("[data-jp-item-name='save'] >> visible=true")
        page.wait_for_selector(".jp-mod-current:not(.jp-mod-dirty)")

    def reload(self, page: Page, notebook: str) -> None:
        """Save, and load the page again; the kernel keeps running."""
        self.save(page)
        for _ in range(4):
            page.reload()
            page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
            self.wait_idle(page, notebook)
            page.wait_for_timeout(1_000)
            # On a busy machine JupyterLab may draw saved outputs before it has their models from the kernel
            # ("widget model not found"). A user would load the page again.
            if not any(MODEL_MISSING in error for error in page.errors):
                return
            page.errors[:] = [error for error in page.errors if MODEL_MISSING not in error]
        raise AssertionError("the views did not come back after four reloads")

    def wait_idle(self, page: Page, notebook: str, timeout: float = 120) -> None:
        """Wait until the notebook's kernel is idle in three checks in a row."""
        end = time.monotonic() + timeout
        quiet = 0
        while time.monotonic() < end:
            session = self._session(notebook)
            quiet = quiet + 1 if session and session["kernel"]["execution_state"] == "idle" else 0
            if quiet == 3:
                return
            page.wait_for_timeout(250)  # not time.sleep: the page's requests must be answered meanwhile
        raise TimeoutError(f"the kernel of {notebook} was not idle after {timeout} s")

    def ask(self, notebook: str, expression: str, timeout: float = 60) -> Any:
        """Evaluate an expression in the notebook's kernel; its value must be representable as JSON."""
        client = BlockingKernelClient()
        kernel = self._session(notebook)["kernel"]["id"]
        client.load_connection_file(str(self.runtime / f"kernel-{kernel}.json"))
        client.start_channels(iopub=False, stdin=False, hb=False, control=False)  # it is known to be ready
        try:
            wrapped = {"value": f"__import__('json').dumps({expression})"}
            reply = client.execute(
                "", user_expressions=wrapped, reply=True, timeout=timeout, store_history=False
            )
        finally:
            client.stop_channels()
        value = reply["content"]["user_expressions"]["value"]
        if value["status"] != "ok":
            raise RuntimeError(f"{expression}: {value['ename']}: {value['evalue']}")
        return json.loads(
            eval(value["data"]["text/plain"])
        )  # the repr of a Python string from json.dumps, made above

    def _session(self, notebook: str) -> dict[str, Any] | None:
        request = urllib.request.Request(
            self.url + "api/sessions", headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            sessions = json.load(answer)
        return next((session for session in sessions if session["path"] == notebook), None)


@contextmanager
def serve(notebooks: Path, folder: Path, dark: bool = False) -> Iterator[Workbook]:
    """Start JupyterLab on a copy of the notebooks with its own settings; stop it afterwards."""
    folder.mkdir(exist_ok=True)
    shutil.copytree(notebooks, folder / "notebooks")
    settings = folder / SETTINGS
    theme = {"theme": "JupyterLab Dark" if dark else "JupyterLab Light"}
    write_setting(settings / "apputils-extension" / "themes.jupyterlab-settings", theme)
    runtime, token, port = folder / "runtime", uuid.uuid4().hex, free_port()
    workbook = Workbook(f"http://localhost:{port}/", token, folder / "notebooks", runtime)
    own = {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTERLAB_SETTINGS_DIR": str(settings.parent),
        "IPYTHONDIR": str(folder / "ipython"),
    }
    command = [sys.executable, str(START), "--no-browser", f"--port={port}"]
    options = [
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={folder / 'notebooks'}",
        "--ServerApp.port_retries=0",
    ]
    with open(folder / "jupyter.log", "w") as log:
        server = subprocess.Popen(
            [*command, *options], env=os.environ | workbook.calls.listen() | own, stdout=log, stderr=log
        )
    try:
        _wait_for(f"{workbook.url}api?token={token}", server, folder / "jupyter.log")
        yield workbook
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()


def write_setting(path: Path, values: dict[str, Any]) -> None:
    """Write one of JupyterLab's user settings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values))


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def _wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(240):
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab ended by itself: {log.read_text()[-2000:]}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.25)
    raise TimeoutError(f"JupyterLab did not answer in a minute: {log.read_text()[-2000:]}")
