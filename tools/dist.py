"""Build the package into dist/ and check the wheel as users will install it; `make dist` runs this.

The wheel is built from the source archive, so a file missing from the archive is noticed. It is installed
into an empty environment with the newest packages that it allows; the README's first example runs there, and
the workbook is copied.
With `--tag v1.2.3`, as in the release workflow, the tag, the version and the CHANGELOG must agree first, and
pyproject.toml must have the address of the repository.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import prunewidgets
from tools import repository

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"


def main() -> None:
    parser = argparse.ArgumentParser(description="Build the package and check the wheel.")
    parser.add_argument("--tag", help="the tag to be released, such as v1.2.3")
    tag = parser.parse_args().tag
    if tag is not None:
        problem = why_not(
            tag,
            prunewidgets.__version__,
            (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
            repository.address(),
        )
        if problem:
            sys.exit(problem)
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(DIST), str(ROOT))
    (wheel,) = DIST.glob("*.whl")
    (archive,) = DIST.glob("*.tar.gz")
    with tempfile.TemporaryDirectory(prefix="prunewidgets-dist-") as folder:
        try_out(wheel, Path(folder))
    print(f"Ready: {wheel.name} and {archive.name} in dist/. The README's first example runs with the wheel.")


def why_not(tag: str, version: str, changelog: str, address: str | None) -> str | None:
    """Return why a tag cannot be released, in one line; None if it can."""
    if address is None:
        return "Where is the repository? Write its address into [project.urls] of pyproject.toml."
    if tag != f"v{version}":
        return f"The tag is {tag}, and prunewidgets/__init__.py has version {version}: make them agree."
    heading = re.search(r"^## .*$", changelog, re.MULTILINE)
    if heading is None or not re.fullmatch(rf"## {re.escape(version)} \(\d{{4}}-\d\d-\d\d\)", heading[0]):
        return f'The top heading of CHANGELOG.md has to be "## {version} (YYYY-MM-DD)", with the day.'
    return None


def try_out(wheel: Path, folder: Path) -> None:
    """Install the wheel into an empty environment and run the README's first example there."""
    print("Installing the wheel into an empty environment.", flush=True)
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel))
    came_from = "\nimport pathlib, sys\nassert pathlib.Path(sys.prefix) in pathlib.Path(pw.__file__).parents"
    code = first_example((ROOT / "README.md").read_text(encoding="utf-8")) + came_from
    run(str(python), "-I", "-c", code, cwd=folder)
    run(str(python), "-I", "-m", "prunewidgets", "workbook", str(folder / "workbook"), cwd=folder)


def first_example(readme: str) -> str:
    """Return the README's first Python code block."""
    found = re.search(r"^```python\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    if found is None:
        sys.exit("README.md has no ```python block to try the wheel with.")
    return found[1]


def run(*command: str, cwd: Path | None = None) -> None:
    """Run a command, quietly unless it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout[-3000:]}{done.stderr[-3000:]}\nThis failed: {' '.join(command[:6])} …")


if __name__ == "__main__":
    main()
