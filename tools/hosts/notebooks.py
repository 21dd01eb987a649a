"""The conformance notebook as it is for Jupyter, as marimo's file, and as an app for Shiny.

Its views stand in the order that checks.py names them in.
"""

import ast
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


def write_shiny(folder: Path) -> None:
    """Write an app that makes the views anew for each visitor; Shiny allows no widget outside a session."""
    outputs, server = [], []
    for cell in nbformat.read(SOURCE, as_version=4).cells:
        lines = cell.source.splitlines()
        if isinstance(ast.parse(cell.source).body[-1], ast.Expr):
            outputs.append(name := f"view_{len(outputs)}")
            lines[-1:] = ["@render_widget", f"def {name}():", f"    return {lines[-1]}"]
        server += [f"    {line}" if line else "" for line in lines]
    head = "from shiny import App, ui\nfrom shinywidgets import output_widget, render_widget\n\n\n"
    places = "".join(f", output_widget('{name}', height='auto', fill=False)" for name in outputs)
    app = f"\n\n\napp = App(ui.page_fluid(ui.input_dark_mode(){places}), server)\n"
    source = head + "def server(input, output, session):\n" + "\n".join(server) + app
    (folder / f"{NAME}_app.py").write_text(source, encoding="utf-8")
