"""Small notebooks for the tests in a real JupyterLab."""

from pathlib import Path

import nbformat

VIEWS = [
    "import time\nimport prunewidgets as pw\nW = pw.example.W",
    "slider = pw.ThresholdSlider(pw.score(W), threshold=0.3)\nslider",
    "heat = pw.SparsityHeatmap(W)\npw.link(slider, heat)\nheat",
    "time.sleep(0)",
    "slider.threshold = 0.7",
    "steps = pw.SortingSteps(W, threshold=0.5)\nsteps",
]
"""Views without a model, which is fast. The tests make the fourth cell wait."""

LAB = [
    "import keras\nimport numpy as np\nimport prunewidgets as pw",
    "_, (x, y) = pw.datasets.mnist()\nx, y = x[:1500], y[:1500]\nmodel = pw.models.pretrained('small_cnn')",
    "lab = pw.PruningLab(model, x, y, data_name='test digits', threshold=0.03)\nlab",
    "other = pw.PruningLab(pw.models.pretrained('lenet_300_100'), x, y, threshold=0.01)\nother",
    "None",
]

TRAINING = [
    "import keras\nimport numpy as np\nimport prunewidgets as pw",
    "(x, y), (x_test, y_test) = pw.datasets.mnist()\n"
    "x, y, x_test, y_test = x[:40_000], y[:40_000], x_test[:3000], y_test[:3000]",
    """
def bits():
    return [variable.value.numpy().tobytes() for variable in model.variables]

def again():
    model.set_weights(first)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    keras.utils.set_random_seed(1)

options = {"epochs": 2, "batch_size": 16}
model = pw.models.lenet_300_100()
first = model.get_weights()
again()
model.fit(x, y, verbose=0, **options)
alone = bits()
again()""",
    "lab = pw.PruningLab(model, x_test, y_test, data_name='test digits', threshold=0.01)\nlab",
    "None",
]
"""A model that trains while the threshold is dragged; the tests write the fifth cell."""

KEYS = [
    "import collections\nimport pandas as pd\nimport prunewidgets as pw\nW = pw.example.W\n"
    "ran = collections.Counter()",
    *(
        f"ran[{name!r}] += 1\n{view}"
        for name, view in {
            "schedule": "pw.ScheduleView(total=2000, final=0.95, begin=100)",
            "slider": "pw.ThresholdSlider(pw.score(W), threshold=0.3)",
            "histogram": "pw.WeightHistogram(W, threshold=0.3)",
            "heatmap": "pw.SparsityHeatmap(W, threshold=0.3)",
            "steps": "pw.SortingSteps(W, threshold=0.5)",
            "curve": "pw.AccuracyCurve(pd.DataFrame({'sparsity': [0, 0.5], 'accuracy': [0.9, 0.8], "
            "'threshold': [0, 0.3]}))",
            "ledger": "pw.LedgerView({'w': W}, {'w': 1}, threshold=0.3)",
        }.items()
    ),
    "None",
]
"""Each view in its own cell, which counts its runs."""

LECTURE = [
    ("", "import prunewidgets as pw\npw.Lecture()"),
    ("slide", "# A lecture\n\nbegins."),
    ("notes", "**2 minutes.** Ask *why*."),
    ("slide", "W = pw.example.W\nslider = pw.ThresholdSlider(pw.score(W), threshold=0.3)\nslider"),
    ("fragment", "heat = pw.SparsityHeatmap(W)\npw.link(slider, heat)\nheat"),
    ("skip", "Only to read."),
    ("subslide", "## Run it"),
    ("", "ran = globals().get('ran', 0) + 1\nprint('ran', ran)"),
    ("slide", "## Long\n\n" + "\n\n".join(f"Line {number}." for number in range(60))),
]
"""Slides with their types; the notes are folded. What does not look like code is prose."""

ORACLE = """
before = model.get_weights()

def by_hand(threshold):
    clone = keras.models.clone_model(model)
    clone.set_weights([
        np.where(np.abs(w) >= np.float32(threshold), w, 0) if w.ndim > 1 else w for w in before
    ])
    clone.compile(metrics=["accuracy"], loss="sparse_categorical_crossentropy")
    return float(clone.evaluate(x, y, verbose=0)[1])

def removed_by_hand(threshold):
    return sum(int((np.abs(w) < np.float32(threshold)).sum()) for w in before if w.ndim > 1)

def zeros_now():
    return sum(int((w == 0).sum()) for w in model.get_weights() if w.ndim > 1)

def untouched():
    return all(np.array_equal(a, b) for a, b in zip(before, model.get_weights()))
"""
"""The lab's numbers computed independently: NumPy masks on a clone, and Keras's own evaluate."""


def write_all(folder: Path) -> None:
    """Write the small notebooks into a folder."""
    write(folder / "views.ipynb", VIEWS)
    write(folder / "keys.ipynb", KEYS)
    write(folder / "training.ipynb", [cell.strip() for cell in TRAINING])
    write(folder / "lab.ipynb", [*LAB[:2], ORACLE.strip(), *LAB[2:]])
    write_slides(folder / "lecture.ipynb")


def write_slides(path: Path) -> None:
    """Write LECTURE as a notebook."""
    cells = []
    for kind, source in LECTURE:
        metadata = {"slideshow": {"slide_type": kind}} if kind else {}
        if kind == "notes":
            metadata["jupyter"] = {"source_hidden": True}
        code = "=" in source or "pw." in source
        made = nbformat.v4.new_code_cell if code else nbformat.v4.new_markdown_cell
        cells.append(made(source, metadata=metadata))
    write_cells(path, cells)


def write(path: Path, cells: list[str]) -> None:
    """Write a notebook of code cells."""
    write_cells(path, [nbformat.v4.new_code_cell(cell) for cell in cells])


def write_cells(path: Path, cells: list[nbformat.NotebookNode]) -> None:
    """Write a notebook."""
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
