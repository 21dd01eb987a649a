"""tools/lab.py, which `make lab` runs, started as a reader does: what opens, who may reach it, its calls."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ..support.jupyter import Calls, free_port

FIRST, OTHER = "00_start_here.ipynb", "01_the_3x4_matrix.ipynb"
TABS = "#jp-main-dock-panel .lm-TabBar-tab:not(.jp-mod-hidden) .lm-TabBar-tabLabel"


class Clone:
    """A small clone of the repository, and a home of its own."""

    def __init__(self, root: Path, folder: Path) -> None:
        """Copy what the first command reads."""
        self.tools, self.home, self.calls = (
            folder / "clone" / "tools",
            folder / "home",
            Calls(folder / "calls"),
        )
        shutil.copytree(root / "tools", self.tools)
        for name in (FIRST, OTHER):
            self.tools.parent.joinpath("notebooks").mkdir(exist_ok=True)
            shutil.copy(root / "notebooks" / name, self.tools.parent / "notebooks")
        self.home.mkdir()
        self.before = self.files()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
        self.environment = kept | self.calls.listen() | {"HOME": str(self.home)}

    def files(self) -> dict[str, bytes]:
        """The chapters of the clone, not those of the copy that opens."""
        return {path.name: path.read_bytes() for path in (self.tools.parent / "notebooks").rglob("*.*")}

    @contextmanager
    def lab(self, *options: str) -> Iterator[tuple[str, str]]:
        """The first command, running: what it has said, and the address that it names."""
        log = self.home / f"log {time.time_ns()}"
        command = [sys.executable, str(self.tools / "lab.py"), "--no-browser", *options]
        with open(log, "w") as file:
            process = subprocess.Popen(command, env=self.environment, stdout=file, stderr=file)
        try:
            for _ in range(240):
                found = re.search(r"http://localhost:\S+token=\S+", log.read_text())
                if found or process.poll() is not None:
                    break
                time.sleep(0.25)
            assert found, log.read_text()
            yield log.read_text(), found.group()
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:  # JupyterLab hangs if it is ended while it starts a kernel
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def clone(root, tmp_path_factory) -> Clone:
    """One for all tests of this file: each leaves tabs open in it."""
    return Clone(root, tmp_path_factory.mktemp("first"))


def tabs(page: Page, address: str) -> list[str]:
    """Open the address; the names of the tabs that are there once the chapter's kernel runs."""
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.wait_for_selector(".jp-NotebookPanel-toolbar [data-status=idle]", timeout=60_000)
    return page.locator(TABS).all_inner_texts()


def leave_open(page: Page, name: str) -> None:
    """Open another notebook and wait until JupyterLab has kept the tabs."""
    page.locator(f".jp-DirListing-item:has-text('{name}')").dblclick()
    with page.expect_request(
        lambda request: "/lab/api/workspaces/" in request.url and name in (request.post_data or "")
    ):
        page.wait_for_selector(f"{TABS.split(' ')[0]} .lm-TabBar-tabLabel:text-is('{name}')")
    page.wait_for_load_state("networkidle")


def test_it_opens_only_chapter_00_and_makes_no_network_calls(clone, browser):
    asked: list[str] = []
    with ExitStack() as running:
        port = f"--port={free_port()}"
        for _ in range(2):  # the second at once, while the first has two tabs open
            said, address = running.enter_context(clone.lab(port))
            assert f"opens as a copy, in {clone.tools.parent / 'workbook'}:" in said
            page = browser.new_page()
            page.on("request", lambda request: asked.append(request.url))
            assert tabs(page, address) == [FIRST]
            leave_open(page, OTHER)
            assert page.locator(TABS).all_inner_texts() == [FIRST, OTHER]
            assert page.locator(".Toastify__toast").count() == 0  # no question about news
    with clone.lab() as (_, address):  # and another day
        page = browser.new_page()
        assert tabs(page, address) == [FIRST]
        page.close()
    assert clone.files() == clone.before
    assert len(asked) > 50
    assert [url for url in asked if "/lab/api/update" in url or "/lab/api/news" in url] == []
    assert {re.match(r"\w+://([^/:]+)|data:|blob:", url)[1] for url in asked} <= {"localhost", None}
    assert clone.calls.hosts() == []


def test_the_record_of_network_calls_would_show_one(clone):
    call = (
        "import socket\ntry: socket.create_connection(('192.0.2.1', 9), timeout=0.01)\nexcept OSError: pass"
    )
    subprocess.run([sys.executable, "-c", call], env=clone.environment, check=True)
    assert set(clone.calls.hosts()) == {"192.0.2.1"}  # looked up, and called


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only for root")
def test_as_root_one_line_says_so_and_the_server_has_loopback_and_a_token(clone):
    config = clone.home / ".jupyter" / "jupyter_server_config.py"
    config.parent.mkdir(exist_ok=True)
    config.write_text("c.ServerApp.ip = '0.0.0.0'\n")  # a container's, for users who are not root
    with clone.lab() as (said, address):
        assert [line for line in said.splitlines() if "You are root" in line] == said.splitlines()[:1]
        assert "--allow-root" in said.splitlines()[0]
        port = int(re.search(r":(\d+)/", address)[1])
        with socket.create_server((socket.gethostbyname(socket.gethostname()), 0)) as other:
            outside = other.getsockname()[0]
        if not outside.startswith("127."):
            with pytest.raises(OSError):
                socket.create_connection((outside, port), timeout=2)
        files = f"http://localhost:{port}/api/contents"
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(files, timeout=10)
        token = address.rpartition("=")[2]
        assert urllib.request.urlopen(f"{files}?token={token}", timeout=10).status == 200
    config.unlink()
