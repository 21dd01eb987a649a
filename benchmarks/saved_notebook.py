"""Size of chapter 05, run in a real JupyterLab and saved with its widget state."""

import shutil

from tests.support.jupyter import write_setting

from .common import ROOT, row
from .pages import laboratory

NOTEBOOK = "05_a_cnn_on_mnist.ipynb"
MANAGER = "../@jupyter-widgets/jupyterlab-manager/plugin.jupyterlab-settings"

if __name__ == "__main__":
    with laboratory() as (workbook, page):
        shutil.copytree(ROOT / "notebooks", workbook.folder, dirs_exist_ok=True)
        write_setting(workbook.settings.parent / MANAGER, {"saveState": True})
        workbook.open(page, NOTEBOOK)
        workbook.run_all(page, NOTEBOOK)
        page.wait_for_timeout(1000)  # until the last measured values have arrived
        workbook.save(page)
        saved = (workbook.folder / NOTEBOOK).read_text(encoding="utf-8")
    assert "prunewidgets.labs.pruning_lab.PruningLab" in saved, "saved without its widgets"
    row("saved_notebook", "chapter 05", len(saved.encode()) / 1e6, limit=3, unit="MB")
