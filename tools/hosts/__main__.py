"""Run the conformance notebook in the hosts: `make hosts`, or some: `make hosts ARGS="voila marimo"`.

Results go to results.json beside this file, and from there into the table of docs/hosts.md.
"""

import re
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route, sync_playwright

from prunewidgets.doctor import find_browser, how_to_get_a_browser

from .environments import FOLDER
from .every import HOSTS, checks_of
from .hosts import Host, NotOffered
from .table import read_results, write_results, write_table

SIZE = {"width": 1280, "height": 2400}
"""High enough that JupyterLab draws all cells."""


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in HOSTS]
    if unknown:
        print(f"There is no host {unknown[0]!r}. The hosts: {', '.join(HOSTS)}.", file=sys.stderr)
        return 2
    path = find_browser()
    if path is None:
        print(f"This needs a browser. {how_to_get_a_browser()}", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        passed = [keep_result(name, browser) for name in names or HOSTS]
        browser.close()
    return 0 if all(passed) else 1


def keep_result(name: str, browser: Browser) -> bool:
    """Test one host and keep the result; return False if something fails that passed the last time."""
    before = read_results()
    try:
        found = tested(name, browser)
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:  # its last result stays
        print(f"{name} could not be started: {error}", file=sys.stderr)
        return False
    write_results(before | {name: found})
    write_table(before | {name: found})
    last = before.get(name, {"checks": {}})["checks"]
    worse = [
        check
        for check, outcome in found["checks"].items()
        if last.get(check) == "passed" and outcome.startswith("failed")
    ]
    if worse:
        print(f"{name}: passed the last time: {', '.join(worse)}", file=sys.stderr)
    return not worse


def tested(name: str, browser: Browser) -> dict[str, Any]:
    """Run all checks in one host; a check that fails does not stop the others."""
    with tempfile.TemporaryDirectory(prefix="prunewidgets-host-", ignore_cleanup_errors=True) as folder:
        host = HOSTS[name](Path(folder))
        host.page = browser.new_page(viewport=SIZE, reduced_motion="reduce")
        found: dict[str, str] = {}
        with host.running():
            listen(host)
            for check, run in checks_of(name).items():
                try:
                    run(host)
                    found[check] = "passed"
                except NotOffered:
                    found[check] = "not offered"
                except Exception as error:  # Playwright's too: the host is at fault, not the run
                    found[check] = f"failed: {str(error).splitlines()[0]}".replace(folder, "")
                print(f"{host.title}: {check}: {found[check]}", flush=True)
                if not host.headless:
                    host.page.screenshot(path=FOLDER / name / f"{check.replace(' ', '_')}.png")
            host.page.close()
        return {"version": host.version(), "date": date.today().isoformat(), "checks": found}


def listen(host: Host) -> None:
    """Note script errors, and requests to anywhere else, which are refused."""

    def refuse(route: Route) -> None:
        host.elsewhere.append(urlsplit(route.request.url).hostname or "")
        route.abort()

    page: Page = host.page
    page.on("pageerror", lambda error: host.errors.append(str(error).splitlines()[0]))
    page.route(re.compile(r"^(?!http://localhost|data:|blob:|file:)"), refuse)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
