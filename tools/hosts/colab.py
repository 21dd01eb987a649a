"""Google Colab, imitated: its versions, the wheel installed by its pip, chapters run without a page.

Colab itself is a service and cannot be run here. What is imitated is its Python side: packages, kernel, and
the module `google.colab.output`, through which widgets of other packages are switched on.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import nbformat

from .checks import Failed
from .environments import FOLDER, HERE, ROOT, uv
from .hosts import Host
from .servers import own_settings

PINS = HERE / "colab.txt"
PYTHON = "3.12"
MANAGER = "https://colab.example/manager.js"
VIEW = "application/vnd.jupyter.widget-view+json"
OUTPUT = f"""
class _widgets:
    _installed_url = None

def enable_custom_widget_manager():
    _widgets._installed_url = {MANAGER!r}
"""
STARTUP = """
import google.colab.output  # as Colab's kernel does
from pathlib import Path
from prunewidgets.data import mnist
mnist.FOLDER = Path({datasets!r})  # no network here, from which the digits would come
"""
FREEZE = """
import importlib.metadata, json
print(json.dumps({found.name.lower(): found.version for found in importlib.metadata.distributions()}))
"""


class Colab(Host):
    """An environment with Colab's versions; no page."""

    title = "Google Colab, imitated"
    headless = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.place = FOLDER / self.name
        self.changed: dict[str, tuple[str, str]] = {}
        self.added: set[str] = set()

    @property
    def name(self) -> str:
        return "google-colab"

    def version(self) -> str:
        return "2026.01"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Make Colab's environment anew, install the wheel there and copy the workbook."""
        uv("venv", "--quiet", "--clear", "--python", PYTHON, str(self.place))
        uv("pip", "install", "--quiet", "--python", self.python, "--requirement", str(PINS))
        before = json.loads(self.run_python("-c", FREEZE))
        wheels = self.folder / "wheels"
        build = [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            str(wheels),
            str(ROOT),
        ]
        subprocess.run(build, check=True, capture_output=True)
        (wheel,) = wheels.glob("*.whl")
        self.run_python("-m", "pip", "install", "--quiet", str(wheel))
        after = json.loads(self.run_python("-c", FREEZE))
        self.changed = {
            name: (old, after.get(name, "")) for name, old in before.items() if after.get(name) != old
        }
        self.added = after.keys() - before.keys()
        print(f"pip replaces {self.changed} and adds {sorted(self.added)}", flush=True)
        self.imitate()
        self.run_python("-m", "prunewidgets", "workbook", ".")
        yield

    def imitate(self) -> None:
        """Write the modules that Colab's kernel has, and what its start does."""
        module = self.folder / "fake" / "google" / "colab"
        module.mkdir(parents=True)
        (module / "__init__.py").touch()
        (module / "output.py").write_text(OUTPUT)
        distribution = self.folder / "fake" / "google_colab-1.0.0.dist-info"
        distribution.mkdir()
        (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: google-colab\nVersion: 1.0.0\n")
        start = self.folder / "ipython" / "profile_default" / "startup"
        start.mkdir(parents=True)
        (start / "colab.py").write_text(STARTUP.format(datasets=str(ROOT / "datasets")))

    @property
    def python(self) -> str:
        return str(self.place / "bin" / "python")

    def run_python(self, *arguments: str) -> str:
        """Run the environment's Python in the folder of the chapters; return what it prints."""
        settings = own_settings(self.place, self.folder) | {
            "PYTHONPATH": str(self.folder / "fake"),
            "IPYTHONDIR": str(self.folder / "ipython"),
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
        done = subprocess.run(
            [self.python, *arguments], cwd=self.folder, env=settings, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no message")
        return done.stdout


def little_replaced(host: Colab) -> None:
    """What Colab's kernel has already imported must not be replaced under it; these two it has not."""
    if host.changed.keys() - {"keras", "anywidget"} or host.added - {"prunewidgets"}:
        raise Failed(f"pip replaced {host.changed} and added {sorted(host.added)}")
    host.run_python("-m", "pip", "check")


def chapter(number: str, host: Colab) -> None:
    """Run a chapter from top to bottom and look at what its cells put out."""
    (path,) = host.folder.glob(f"{number}_*.ipynb")
    host.run_python("-m", "jupyter", "execute", "--inplace", "--timeout=600", str(path))
    look_at(nbformat.read(path, as_version=4))


def look_at(notebook: Any) -> None:
    """Raise Failed where a text says that something is wrong, or Colab would not know how to load a view."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    wrong = [output.text for output in outputs if output.output_type == "stream" and "✗" in output.text]
    if wrong:
        raise Failed(wrong[0])
    # ours say below their text that they need the kernel; those of ipywidgets itself are Colab's to load
    views = [o for o in outputs if VIEW in o.get("data", {}) and "\n" in o.data["text/plain"]]
    if not views:
        raise Failed("no view is shown")
    for output in views:
        manager = output.metadata.get(VIEW, {}).get("colab", {}).get("custom_widget_manager", {})
        if manager.get("url") != MANAGER:
            raise Failed(f"a view does not name Colab's widget manager: {output.data['text/plain']:.60}")
        if "image/png" not in output.data:
            raise Failed(f"a view has no still picture: {output.data['text/plain']:.60}")


CHECKS: dict[str, Callable[[Any], None]] = {
    "pip replaces Keras and anywidget alone": little_replaced,
    "chapter 00": partial(chapter, "00"),
    "chapter 01": partial(chapter, "01"),
    "chapter 05": partial(chapter, "05"),
}
