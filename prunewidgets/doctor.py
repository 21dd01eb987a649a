"""``python -m prunewidgets doctor``: what works on this machine, and how to fix what does not.

What may crash (TensorFlow on an old processor) or is slow to import runs in a separate process, so the doctor
always finishes its report.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

from .data import clone, mnist

BROWSER_FIX = (
    "Install Chromium or Chrome, or run 'python -m playwright install --with-deps chromium', or set "
    "PRUNEWIDGETS_CHROMIUM to a browser's path."
)
TRAPS = {
    "jupyterlab": "on a busy machine views may come back as “model not found” (load the page again); on a "
    "phone its file browser covers the notebook until one taps the folder on the left",
    "notebook": "leaves a script error of its own in the browser's console, which does the views no harm",
    "nbclassic": "has no dark theme; leaves little width on a phone",
    "voila": "brings no kernel (`pip install ipykernel`); asks the network for a font and works without it",
    "marimo": "runs no cell on opening unless its settings say so; running one cell again blanks the "
    "widgets of cells that depend on it (use “Re-run all cells”); a lab scrolls inside its cell",
    "shiny": "a lab does not measure (shinywidgets sends nothing from a thread); views need shinywidgets and "
    "`output_widget(…, height='auto', fill=False)`",
    "nbconvert": "needs the network to show views; with `--ExecutePreprocessor.store_widget_state=False` it "
    "shows still pictures without",
    "google-colab": "installing this package replaces its Keras 3.10 and anywidget 0.9; restart a runtime "
    "that has imported one of them before",
}
"""{distribution: what to know of this host}, also in docs/hosts.md."""


@dataclass(frozen=True)
class Check:
    """One line of the report.

    Attributes:
        name: What was checked.
        ok: Whether it works.
        detail: What was found.
        fix: How to fix it if it does not work; "" where the detail says so.
        needed: Whether the workbook needs it to run.
    """

    name: str
    ok: bool
    detail: str
    fix: str
    needed: bool = True

    def __str__(self) -> str:
        """Return ``✓ name: detail``, or ``✗ name: detail. How to fix it``."""
        if self.ok:
            return f"✓ {self.name}: {self.detail}"
        optional = "" if self.needed else " (the workbook runs without it)"
        return f"✗ {self.name}: {self.detail.rstrip('.')}{optional}. {self.fix}".rstrip()


def main() -> int:
    """Print one line per check as soon as it is done.

    Returns:
        The exit status: 1 if the workbook cannot run here, else 0.
    """
    done = []
    for check in CHECKS:
        done.append(check())
        print(done[-1], flush=True)
    broken = [check.name for check in done if check.needed and not check.ok]
    print(
        f"The workbook cannot run here yet: {', '.join(broken)}." if broken else "The workbook can run here."
    )
    return 1 if broken else 0


def check_python() -> Check:
    """Check for Python 3.11 to 3.13, for which TensorFlow has wheels."""
    version = sys.version_info[:2]
    fix = "Install Python 3.11, 3.12 or 3.13, remove .venv and name it: make lab PYTHON=python3.12."
    return Check("Python", (3, 11) <= version <= (3, 13), ".".join(map(str, sys.version_info[:3])), fix)


def check_tensorflow() -> Check:
    """Check for one TensorFlow wheel, and Keras 3.15 or later with TensorFlow as its back-end."""
    name = "TensorFlow and Keras"
    wheels = [
        f"{wheel} {found}" for wheel in ("tensorflow", "tensorflow-cpu") if (found := version_of(wheel))
    ]
    if len(wheels) == 2:
        fix = f"Run 'pip uninstall tensorflow tensorflow-cpu' first. {_install()}"
        return Check(name, False, f"{' and '.join(wheels)} overwrite each other", fix)
    ok, said = probe(
        "import tensorflow, keras; print(tensorflow.__version__, keras.__version__, keras.backend.backend())"
    )
    if not ok:
        return Check(name, False, said, _install())
    tensorflow, keras, backend = said.split()
    detail = f"TensorFlow {tensorflow}, Keras {keras}, back-end {backend}"
    if backend != "tensorflow":
        return Check(
            name, False, detail, "Set the environment variable KERAS_BACKEND=tensorflow and restart."
        )
    recent = tuple(map(int, keras.split(".")[:2])) >= (3, 15)
    return Check(name, recent, detail, f"Keras 3.15 or later is needed. {_install()}")


def check_widgets() -> Check:
    """Check the widget libraries, their JupyterLab extension, and one view of this package."""
    libraries = ("ipywidgets", "anywidget", "jupyterlab-widgets")
    missing = [library for library in libraries if not version_of(library)]
    if missing:
        return Check("Widgets", False, f"{', '.join(missing)} missing", _install())
    ok, said = probe("import prunewidgets as pw; pw.ThresholdSlider(pw.score(pw.example.W))")
    versions = ", ".join(f"{library} {version_of(library)}" for library in libraries)
    return Check("Widgets", ok, versions if ok else said, _install())


def check_jupyterlab() -> Check:
    """Check for JupyterLab 4 or later, in which the chapters open."""
    if in_colab():
        return Check("JupyterLab", True, "not needed, Google Colab has its own notebook", "")
    found = version_of("jupyterlab")
    ok = found is not None and int(found.split(".")[0]) >= 4
    detail = f"{found}; {TRAPS['jupyterlab']}" if ok else found or "not installed"
    return Check("JupyterLab", ok, detail, f"JupyterLab 4 is needed. {_install()}")


def check_hosts() -> Check:
    """Name the other programs here that show views, each with its trap."""
    name = "Other hosts"
    found = {host: version for host in TRAPS if host != "jupyterlab" and (version := version_of(host))}
    detail = "; ".join(f"{host} {version} {TRAPS[host]}" for host, version in found.items())
    kernel = "voila" not in found or version_of("ipykernel") is not None
    fix = "Run 'pip install ipykernel' for Voila."
    return Check(name, kernel, detail or "none installed", fix, needed=False)


def check_data() -> Check:
    """Check that MNIST has the right digest."""
    if not clone.in_clone():
        return Check("MNIST", True, "no clone here, so Keras fetches it once and keeps it in its cache", "")
    try:
        digits = sum(
            len(array)
            for name, array in mnist.read_npz(clone.FOLDER / "mnist.npz").items()
            if name.startswith("y_")
        )
    except (OSError, ValueError) as error:
        return Check("MNIST", False, str(error), "")  # the error says how to fix it
    return Check("MNIST", True, f"{digits:,} digits, digest as expected", "")


def check_pretrained() -> Check:
    """Check the trained weights that ship with the package."""
    ok, said = probe("import prunewidgets as pw; print(pw.models.pretrained('small_cnn').count_params())")
    detail = f"small_cnn, {int(said.split()[-1]):,} parameters" if ok else said
    return Check("Pretrained weights", ok, detail, "")  # the error says how to fix it


def check_browser() -> Check:
    """Check for a Chromium, which only the tests need."""
    name = "Browser for the tests"
    if wrong := wrong_browser():
        return Check(name, False, wrong, "Correct it or unset it.", needed=False)
    path = find_browser()
    return Check(name, path is not None, path or "none found", BROWSER_FIX, needed=False)


CHECKS: tuple[Callable[[], Check], ...] = (
    check_python,
    check_tensorflow,
    check_widgets,
    check_jupyterlab,
    check_hosts,
    check_data,
    check_pretrained,
    check_browser,
)


def find_browser() -> str | None:
    """Find the Chromium that the tests use.

    Returns:
        The path in ``PRUNEWIDGETS_CHROMIUM``, else the first of chromium, chromium-browser and google-chrome
        on PATH, else Playwright's own. None if there is none, or if the variable does not name a program.
    """
    chosen = os.environ.get("PRUNEWIDGETS_CHROMIUM")
    if chosen:
        return shutil.which(chosen)
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    ok, said = probe(
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as playwright: print(playwright.chromium.executable_path)"
    )
    return shutil.which(said) if ok else None


def wrong_browser() -> str:
    """Return what is wrong with ``PRUNEWIDGETS_CHROMIUM``; "" if it is not set, or names a program."""
    chosen = os.environ.get("PRUNEWIDGETS_CHROMIUM")
    if not chosen or shutil.which(chosen):
        return ""
    return f"PRUNEWIDGETS_CHROMIUM is {chosen!r}, which is not a program"


def how_to_get_a_browser() -> str:
    """Return what to do where `find_browser` finds none."""
    wrong = wrong_browser()
    return f"{wrong}; correct it or unset it." if wrong else BROWSER_FIX


def version_of(distribution: str) -> str | None:
    """Return the installed version of a distribution; None if it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def probe(code: str) -> tuple[bool, str]:
    """Run Python code in a separate process.

    Returns:
        Whether it succeeded, and its output or the last line of its error.
    """
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONUTF8": "1"}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", errors="replace", env=environment
    )
    if run.returncode == 0:
        return True, run.stdout.strip()
    lines = run.stderr.strip().splitlines()
    return False, lines[-1].strip() if lines else f"Python died (exit status {run.returncode})"


def in_colab() -> bool:
    """Return whether this is Google Colab, which has a notebook, TensorFlow and its own pip."""
    return version_of("google-colab") is not None


def _install() -> str:
    if in_colab():
        return "Run '!pip install prunewidgets' and restart the runtime."
    if clone.in_clone():
        return "Remove .venv and run 'make lab'."
    return "Run \"pip install 'prunewidgets[tensorflow,lab]'\"."
