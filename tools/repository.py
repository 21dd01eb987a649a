"""The address of the repository, from pyproject.toml, and the links that follow from it.

It is empty until the release recipe in CONTRIBUTING.md has asked for it; then all links are None.
"""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COLAB = "https://colab.research.google.com/github"
BINDER = "https://mybinder.org/v2/gh"
GITHUB = "https://github.com/"


def address(root: Path = ROOT) -> str | None:
    """Return `Repository` of `[project.urls]`; None where it is not set yet.

    Raises:
        ValueError: It is set and is not the address of a repository on GitHub, which Colab and Binder read.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = project.get("urls", {}).get("Repository")
    if found is None:
        return None
    owner_and_name = found.removeprefix(GITHUB).split("/")
    if not found.startswith(GITHUB) or len(owner_and_name) != 2 or not all(owner_and_name):
        raise ValueError(f"Repository in pyproject.toml is {found!r}; expected {GITHUB}OWNER/NAME.")
    return found


def on_github(path: str, root: Path = ROOT) -> str | None:
    """Return where a file of the main branch is read on GitHub."""
    found = address(root)
    return found and f"{found}/blob/main/{path}"


def in_colab(path: str, root: Path = ROOT) -> str | None:
    """Return the link that opens a notebook of the main branch in Google Colab."""
    found = address(root)
    return found and f"{COLAB}/{found.removeprefix(GITHUB)}/blob/main/{path}"


def in_binder(path: str, root: Path = ROOT) -> str | None:
    """Return the link that opens a notebook of the main branch in JupyterLab on Binder."""
    found = address(root)
    return found and f"{BINDER}/{found.removeprefix(GITHUB)}/main?urlpath=lab/tree/{path}"
