"""An environment for each host, under build/hosts, made from pins.toml and requirements.lock."""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOLDER = ROOT / "build" / "hosts"
PINS = tomllib.loads((HERE / "pins.toml").read_text(encoding="utf-8"))["packages"]


def environment(host: str) -> Path:
    """Return the folder of a host's environment; make it first if it is missing or its pins have changed."""
    folder = FOLDER / host
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    wanted = hashlib.sha256(json.dumps([str(ROOT), PINS[host], lock]).encode()).hexdigest()
    stamp = folder / "pins.stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return folder
    print(f"{host}: making its environment", flush=True)
    constraints = FOLDER / "constraints.txt"
    constraints.parent.mkdir(parents=True, exist_ok=True)
    constraints.write_text("".join(f"{name}=={pin}\n" for name, pin in locked(lock)))
    uv("venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
    package = ["--editable", f"{ROOT}[tensorflow]", "--constraint", str(constraints)]
    uv("pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), *package, *PINS[host])
    stamp.write_text(wanted)
    return folder


def uv(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "uv", *arguments], check=True)


def locked(lock: str) -> list[tuple[str, str]]:
    """Return the (name, version and marker) of each package in the lock file."""
    return re.findall(r"^([\w.-]+)==([^\\\n]*)", lock, re.MULTILINE)


def version(host: str) -> str:
    """Return the version of a host in its environment."""
    code = f"from importlib.metadata import version; print(version({host!r}))"
    python = str(FOLDER / host / "bin" / "python")
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()
