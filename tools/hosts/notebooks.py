"""The conformance notebook as it is for Jupyter, and as marimo's file.

Its views stand in the order that checks.py names them in.
"""

import shutil
from pathlib import Path

import nbformat

NAME = "conformance"
SOURCE = Path(__file__).with_name(f"{NAME}.ipynb")


def write_jupyter(folder: Path) -> None:
    """Copy the notebook into a folder."""
    shutil.copy(SOURCE, folder)


def write_marimo(folder: Path) -> None:
    """Write a marimo file. A cell's arguments are left out: marimo finds by itself what a cell refers to."""
    parts = ["import marimo\n\napp = marimo.App()\n"]
    for cell in nbformat.read(SOURCE, as_version=4).cells:
        body = "\n".join(f"    {line}" if line else "" for line in cell.source.splitlines())
        parts.append(f"\n\n@app.cell\ndef _():\n{body}\n    return\n")
    (folder / f"{NAME}.py").write_text("".join(parts), encoding="utf-8")
