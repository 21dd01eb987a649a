"""Chapter 01 in a real JupyterLab, light and dark: run it, move its views, read Python's value."""

import json

import numpy as np
import pytest

import prunewidgets as pw

from ..support.hands import drag
from ..support.jupyter import write_setting

NOTEBOOK = "01_the_3x4_matrix.ipynb"


@pytest.fixture(scope="module")
def opened(lab_page, workbook):
    """The page with the chapter run from top to bottom."""
    elsewhere = workbook.open(lab_page, NOTEBOOK)
    workbook.run_all(lab_page, NOTEBOOK)
    yield lab_page
    assert elsewhere == []
    assert lab_page.errors == []


def cell_of(page, source):
    """The cell whose source has this in it, in sight (JupyterLab renders only what is near)."""
    page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0")
    cell = page.locator(".jp-CodeCell", has=page.locator(f".cm-content:has-text('{source}')"))
    for _ in range(60):
        if cell.count() and cell.first.locator(".pw-view").count():
            cell.first.locator(".pw-view").scroll_into_view_if_needed()
            return cell.first
        page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollBy(0, 300)")
        page.wait_for_timeout(50)
    raise AssertionError(f"no view came up under the cell with {source!r}")


def test_it_runs_without_an_error(opened, workbook):
    workbook.save(opened)
    cells = json.loads((workbook.folder / NOTEBOOK).read_text())["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert len(outputs) > 10
    assert [output["ename"] for output in outputs if output["output_type"] == "error"] == []


def test_its_slider_moves_pythons_threshold(opened, workbook):
    cell = cell_of(opened, "slider = pw.ThresholdSlider")
    drag(opened, cell.locator(".pw-range"), 0.05, 0.6)
    opened.wait_for_timeout(500)
    threshold, sparsity = workbook.ask(NOTEBOOK, "[slider.threshold, slider.sparsity]")
    assert 0.3 < threshold < 0.8
    assert float(cell.locator(".pw-number >> nth=0").input_value()) == threshold
    assert sparsity == np.mean(np.abs(pw.example.W) < threshold)


def test_its_steps_are_clicked_and_reach_python(opened, workbook):
    cell = cell_of(opened, "steps = pw.SortingSteps")
    for _ in range(3):
        cell.locator("text=Next →").click()
    opened.wait_for_timeout(900)
    assert workbook.ask(NOTEBOOK, "steps.step") == 3
    blank = cell.locator(".pw-cell.pw-gone").count()
    assert blank == (np.abs(pw.example.W) < 0.25).sum()


def test_views_are_dark_in_a_dark_theme(opened, workbook):
    light = cell_of(opened, "slider = pw.ThresholdSlider").locator(".pw-view")
    assert "pw-dark" not in light.get_attribute("class")
    write_setting(workbook.settings / "themes.jupyterlab-settings", {"theme": "JupyterLab Dark"})
    workbook.reload(opened, NOTEBOOK)
    dark = cell_of(opened, "slider = pw.ThresholdSlider").locator(".pw-view")
    write_setting(workbook.settings / "themes.jupyterlab-settings", {"theme": "JupyterLab Light"})
    assert "pw-dark" in dark.get_attribute("class")
    ground, ink = dark.evaluate(
        "(view) => [getComputedStyle(view).backgroundColor, getComputedStyle(view).color]"
    )
    brightness = [
        sum(int(part) for part in c.split("(")[1].rstrip(")").split(",")[:3]) for c in (ground, ink)
    ]
    assert brightness[0] < 200 < 500 < brightness[1]
