"""Make .venv from requirements.lock, once; called by make with the Python of the user's choice.

A stamp in .venv records that it is complete, where it was made and from which files. So a second start takes
milliseconds, and an interrupted install leaves no stamp and starts again. Python 3.6 can parse this file,
because an old Python must be able to report that it is too old.
"""

import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "prunewidgets.stamp")
LOG = os.path.join(VENV, "install.log")
FETCHED = os.path.join(VENV, "fetched")  # what pip is downloading; removed once it is installed
INSIDE = os.path.join(VENV, "bin", "python")
VERSION = ".".join(map(str, sys.version_info[:2]))


def main():
    wanted = [ROOT, digest("requirements.lock", "pyproject.toml")]
    found = read_stamp() if os.path.exists(INSIDE) else []
    if found == wanted:
        turn_off_news()  # an environment made by an earlier version may lack some of these settings
        return
    if found[:1] != [ROOT]:  # missing, unfinished, or moved, so that its links point elsewhere
        check_python()
        print(f"Making .venv with Python {VERSION}, once: 2.9 GB, a few minutes.", flush=True)
        make_venv()
    else:
        print("Bringing .venv up to date with requirements.lock.", flush=True)
        os.remove(STAMP)
    install()
    turn_off_news()
    with open(STAMP + ".tmp", "w") as file:
        file.write("\n".join(wanted))
    os.replace(STAMP + ".tmp", STAMP)


def digest(*names):
    sha = hashlib.sha256()
    for name in names:
        with open(os.path.join(ROOT, name), "rb") as file:
            sha.update(file.read())
    return sha.hexdigest()


def read_stamp():
    try:
        with open(STAMP) as file:
            return file.read().split("\n")
    except OSError:
        return []


def check_python():
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        sys.exit(
            f"{sys.executable} is Python {VERSION}, and TensorFlow needs 3.11, 3.12 or 3.13. "
            "Install one and name it, for example: make lab PYTHON=python3.12"
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        sys.exit(
            f"{sys.executable} has no venv module. On Debian and Ubuntu: apt-get install "
            f"python{VERSION}-venv. Elsewhere install Python from python.org or conda."
        )


def make_venv():
    command = [sys.executable, "-m", "venv", "--clear", VENV]
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        sys.exit("Could not make .venv: " + " ".join(made.stdout.decode(errors="replace").split()))


def install():
    """Install the packages: write pip's output to a log, show the progress, and one line if it fails."""
    shutil.rmtree(FETCHED, ignore_errors=True)
    os.makedirs(FETCHED)
    with open(LOG, "w", encoding="utf-8") as log:
        progress = Progress(count_packages())
        pip(log, progress, "--require-hashes", "--requirement", "requirements.lock")
        pip(log, progress, "--no-deps", "--no-build-isolation", "--editable", ".")
    shutil.rmtree(FETCHED, ignore_errors=True)


def count_packages():
    with open(os.path.join(ROOT, "requirements.lock"), encoding="utf-8") as file:
        return sum(re.match(r"[\w.-]+==", line) is not None for line in file)


def turn_off_news():
    """Turn off JupyterLab's question about news and its update checks, so no request leaves the machine."""
    folder = os.path.join(VENV, "share", "jupyter", "lab", "settings")
    os.makedirs(folder, exist_ok=True)
    silent = {"fetchNews": "false", "checkForUpdates": False}
    with open(os.path.join(folder, "overrides.json"), "w") as file:
        json.dump({"@jupyterlab/apputils-extension:notification": silent}, file)


class Progress:
    """The progress of pip: a bar updated each second on a terminal, else a line every PAUSE seconds.

    Half of the bar is for fetching, half for installing. pip prints nothing while it installs, so the
    installed packages are counted.
    """

    WIDTH = 30
    PAUSE = 15  # seconds between two lines without a terminal

    def __init__(self, packages):
        self.packages = packages
        self.found = set()
        self.installing = False
        self.started = time.time()
        self.line_due = self.started + self.PAUSE

    def read_line(self, line):
        """Process one line of pip's output."""
        found = re.match(r"\s*(?:Collecting|Processing|Requirement already satisfied:) ([^\s=<>!~]+)", line)
        if found:
            self.found.add(found.group(1))
        elif line.startswith("Ignoring "):  # for another system
            self.packages -= 1
        elif line.startswith("Installing collected packages") and not self.installing:
            self.installing = True
            self.installed_before = count_installed()
            self.packages = line.count(",") + 1

    def show(self):
        share, text = self.state()
        seconds = int(time.time() - self.started)
        text = f"{text}, {seconds // 60}:{seconds % 60:02d} min"
        if sys.stdout.isatty():
            full = int(share * self.WIDTH)
            bar = "#" * full + "-" * (self.WIDTH - full)
            print(f"\r[{bar}] {100 * share:3.0f} %  {text:<48}", end="", flush=True)
        elif time.time() >= self.line_due:
            self.line_due += self.PAUSE
            print(f"{100 * share:3.0f} %  {text}", flush=True)

    def state(self):
        """Return the share done, 0 to 1, and a text about it."""
        if self.installing:
            done = min(max(count_installed() - self.installed_before, 0), self.packages)
            return 0.5 + 0.5 * done / self.packages, f"installed {done} of {self.packages} packages"
        done = min(len(self.found), self.packages)
        text = f"found {done} of {self.packages} packages, fetched {folder_size(FETCHED) / 1e6:.0f} MB"
        return 0.5 * done / self.packages, text

    def end(self):
        if sys.stdout.isatty():
            print("\r" + " " * (self.WIDTH + 60) + "\r", end="", flush=True)


def count_installed():
    return len(glob.glob(os.path.join(VENV, "lib", "python*", "site-packages", "*.dist-info")))


def folder_size(folder):
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.path.getsize(os.path.join(place, name))
            except OSError:  # pip has just removed it
                pass
    return size


def pip(log, progress, *arguments):
    command = [INSIDE, "-m", "pip", "--disable-pip-version-check", "install"] + list(arguments)
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=dict(os.environ, TMPDIR=FETCHED),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    said = []

    def read():
        for line in process.stdout:
            log.write(line)
            log.flush()
            said.append(line.strip())
            progress.read_line(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    while reader.is_alive():
        progress.show()
        reader.join(1)
    progress.end()
    if process.wait():
        sys.exit(reason(said) + " pip's output: " + LOG)


def reason(said):
    """Return the reason for a failure in one line, from pip's output."""
    text = "\n".join(said)
    if re.search("connection broken|NewConnectionError|ConnectTimeout|ProxyError|name resolution", text):
        return "No network: the packages could not be fetched. Connect (once is enough), then run this again."
    if "No space left" in text:
        return "The disk is full: make room for 2.9 GB, then run this again."
    errors = [line for line in said if line.startswith("ERROR")]
    return f"pip could not install the packages ({errors[-1] if errors else 'no reason given'})."


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nStopped. The next make starts the installation again.")
