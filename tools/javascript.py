"""Check the JavaScript if Node is installed: formatting and lint (biome), types (tsc).

Their versions are in tools/npm; they are fetched once. A machine without Node, or without network the
first time, skips this and reports it in one line.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOME = ROOT / "tools" / "npm"
STAMP = HOME / "node_modules" / "prunewidgets.stamp"
CHECKS = [["biome", "check", "--error-on-warnings"], ["tsc", "--project", "tsconfig.json"]]


def main() -> int:
    if missing := install():
        print(f"Skipped the checks of the JavaScript: {missing}", flush=True)
        return 0
    tools = str(HOME / "node_modules" / ".bin")
    return max([run([shutil.which(name, path=tools), *options]) for name, *options in CHECKS])


def install() -> str:
    """Fetch what tools/npm/package-lock.json lists, once; return why that failed, or ""."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return "Node is not installed (npm was not found)."
    wanted = hashlib.sha256((HOME / "package-lock.json").read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return ""
    made = subprocess.run([npm, "ci"], cwd=HOME, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if made.returncode:
        said = [line for line in made.stderr.splitlines() if line.startswith("npm error ")]
        reason = said[0].removeprefix("npm error ") if said else "no reason given"
        return f"npm could not fetch what they need ({reason})."
    STAMP.write_text(wanted, encoding="utf-8")
    return ""


def run(command: list[str]) -> int:
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
