"""Starts a host's server in its own environment, with settings of its own, and stops it."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 90  # seconds


@contextmanager
def server(environment: Path, command: list[str], folder: Path, port: int, ready: str) -> Iterator[None]:
    """Run a command of the environment in a folder until the block ends; wait for an answer first."""
    with open(folder / "server.log", "w") as log:
        process = subprocess.Popen(
            [str(environment / "bin" / command[0]), *command[1:]],
            cwd=folder,
            env=own_settings(environment, folder),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_for(f"http://localhost:{port}{ready}", process, folder / "server.log")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            pass
        with suppress(ProcessLookupError):  # it and its kernels have ended
            os.killpg(process.pid, signal.SIGKILL)


def own_settings(environment: Path, folder: Path) -> dict[str, str]:
    """Return environment variables: a home of its own, the environment's programs first."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "XDG_", "PYTHON", "VIRTUAL_ENV", "MARIMO"))
    }
    settings = folder / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True, exist_ok=True)
    silent = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(silent))
    path = os.pathsep.join([str(environment / "bin"), os.environ.get("PATH", "")])
    own = {"HOME": str(home), "PATH": path, "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")}
    return kept | own | {"TF_CPP_MIN_LOG_LEVEL": "2"}


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended by itself: {log.read_text()[-1500:]}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return  # it answers
        except OSError:
            time.sleep(0.25)
    raise TimeoutError(f"the server did not answer in {PATIENCE} s: {log.read_text()[-1500:]}")


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])
