"""Drive the Firefox of this machine by WebDriver BiDi, which it has built in; Playwright needs its own."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import websocket

PLACE = {"width": 1280, "height": 720}
SPEAKS_AT = "WebDriver BiDi listening on "
STARTS_WITHIN = 60  # seconds
QUIET = """user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,");
"""


class Firefox:
    """A page in a running Firefox; `errors` lists the errors of its console."""

    def __init__(self, address: str) -> None:
        """Open a window; `running` starts the Firefox."""
        self._socket = websocket.create_connection(f"{address}/session", timeout=60, suppress_origin=True)
        self._number, self.errors = 0, []
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded"])
        self._page = self._ask("browsingContext.create", type="window")["context"]
        self._ask("browsingContext.setViewport", context=self._page, viewport=PLACE)

    def open(self, url: str) -> None:
        """Open a URL and wait until it is loaded."""
        self._ask("browsingContext.navigate", context=self._page, url=url, wait="complete")

    def evaluate(self, function: str, argument: Any = None) -> Any:
        """Call a JavaScript function; its argument and its result are passed as JSON."""
        as_json = f"async (text) => JSON.stringify(await ({function})(JSON.parse(text)) ?? null)"
        done = self._ask(
            "script.callFunction",
            functionDeclaration=as_json,
            arguments=[{"type": "string", "value": json.dumps(argument)}],
            target={"context": self._page},
            awaitPromise=True,
        )
        assert done["type"] == "success", done["exceptionDetails"]["text"]
        return json.loads(done["result"]["value"])

    def press(self, x: float, y: float) -> None:
        """Move the mouse there and press its button."""
        self._point(
            {"type": "pointerMove", "x": round(x), "y": round(y)}, {"type": "pointerDown", "button": 0}
        )

    def move(self, x: float, y: float) -> None:
        """Move the mouse there in several steps."""
        self._point({"type": "pointerMove", "x": round(x), "y": round(y), "duration": 100})

    def release(self) -> None:
        """Release the mouse button."""
        self._point({"type": "pointerUp", "button": 0})

    def type(self, *keys: str) -> None:
        """Press keys one after another."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keys", "actions": strokes})

    def _point(self, *actions: dict[str, Any]) -> None:
        self._act({"type": "pointer", "id": "mouse", "actions": list(actions)})

    def _act(self, source: dict[str, Any]) -> None:
        self._ask("input.performActions", context=self._page, actions=[source])

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            received = json.loads(self._socket.recv())
            if received["type"] == "event":
                if received["params"]["level"] == "error":
                    self.errors.append(received["params"]["text"])
            elif received["id"] == self._number:
                assert received["type"] == "success", f"{method}: {received['message']}"
                return received["result"]


@contextmanager
def running(profile: Path) -> Iterator[Firefox]:
    """Start this machine's Firefox, headless, with a new profile; skip the test if there is none."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("no Firefox on this machine (Debian: apt-get install firefox-esr)")
    profile.mkdir()
    (profile / "user.js").write_text(QUIET)
    options = ["--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", str(profile)]
    process = subprocess.Popen(
        [program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    too_late = threading.Timer(STARTS_WITHIN, process.kill)
    too_late.start()
    try:
        said = []
        for line in process.stderr:
            said.append(line)
            if SPEAKS_AT in line:
                break
        else:
            pytest.skip(f"Firefox does not start with a new profile, as one in a snap: {''.join(said[-3:])}")
        too_late.cancel()
        threading.Thread(target=process.stderr.read, daemon=True).start()  # else a full pipe blocks it
        yield Firefox(line.split(SPEAKS_AT)[1].strip())
    finally:
        too_late.cancel()
        process.terminate()
        process.wait(timeout=30)
