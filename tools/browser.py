"""Install a browser for the tests if there is none: Debian's chromium if apt-get can, else Playwright's."""

import os
import shutil
import subprocess
import sys

from prunewidgets.doctor import find_browser, how_to_get_a_browser, wrong_browser


def main() -> None:
    if find_browser():
        return
    if wrong_browser():  # no other browser is used then, so installing one would not help
        sys.exit(how_to_get_a_browser())
    print("No browser for the tests yet: getting Chromium.", flush=True)
    root = _as_root()
    if shutil.which("apt-get") and root is not None:
        _quietly([*root, "apt-get", "update"])
        _quietly([*root, "apt-get", "install", "--yes", "--no-install-recommends", "chromium"])
    if not find_browser():
        _quietly([sys.executable, "-m", "playwright", "install", "chromium"])
    if not find_browser():
        sys.exit(f"Could not get a browser. {how_to_get_a_browser()}")


def _as_root() -> list[str] | None:
    """Return the prefix for commands that need root: [] as root, sudo if it needs no password, or None."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and _quietly(["sudo", "-n", "true"]) == 0:
        return ["sudo", "-n"]
    return None


def _quietly(command: list[str]) -> int:
    """Run a command without output; return its exit code. `main` checks for a browser afterwards."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode


if __name__ == "__main__":
    main()
