"""Make .venv from requirements.lock, once; called by make with the Python of the reader's choice.

A stamp in .venv tells that it is whole, where it was made and from which files. So a second start takes
milliseconds, and an interrupted install leaves no stamp and starts anew. Python 3.6 can read this file: an
old Python has to be able to say that it is too old.
"""

import hashlib
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "prunewidgets.stamp")
LOG = os.path.join(VENV, "install.log")
INSIDE = os.path.join(VENV, "bin", "python")
VERSION = ".".join(map(str, sys.version_info[:2]))


def main():
    wanted = [ROOT, digest("requirements.lock", "pyproject.toml")]
    found = read_stamp() if os.path.exists(INSIDE) else []
    if found == wanted:
        return
    if found[:1] != [ROOT]:  # none, unfinished, or moved with its links pointing elsewhere
        check_python()
        print(f"Making .venv with Python {VERSION}, once: 2.5 GB, a few minutes.", flush=True)
        make_venv()
    else:
        print("Bringing .venv up to date with requirements.lock.", flush=True)
        os.remove(STAMP)
    install()
    ask_no_news()
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
    """What pip says goes to a log; here a count while it works, and one line if it fails."""
    with open(LOG, "w", encoding="utf-8") as log:
        pip(log, "--require-hashes", "--requirement", "requirements.lock")
        pip(log, "--no-deps", "--no-build-isolation", "--editable", ".")


def ask_no_news():
    """JupyterLab's first screen is the chapter: no question about news, no look for updates on the web."""
    folder = os.path.join(VENV, "share", "jupyter", "lab", "settings")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "overrides.json"), "w") as file:
        json.dump({"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}, file)


def pip(log, *arguments):
    command = [INSIDE, "-m", "pip", "--disable-pip-version-check", "install"] + list(arguments)
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    said, collected = [], 0
    for line in process.stdout:
        log.write(line)
        log.flush()
        said.append(line.strip())
        collected += line.startswith("Collecting")
        if sys.stdout.isatty():
            print(f"\r{collected} packages ", end="", flush=True)
    if sys.stdout.isatty():
        print("\r", end="")
    if process.wait():
        sys.exit(reason(said) + " What pip said: " + LOG)


def reason(said):
    """One line from pip's many."""
    text = "\n".join(said)
    if re.search("connection broken|NewConnectionError|ConnectTimeout|ProxyError|name resolution", text):
        return "No network: the packages could not be fetched. Connect (once is enough), then run this again."
    if "No space left" in text:
        return "The disk is full: make room for 2.5 GB, then run this again."
    errors = [line for line in said if line.startswith("ERROR")]
    return f"pip could not install the packages ({errors[-1] if errors else 'no reason given'})."


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nStopped. The next make starts the installation again.")
