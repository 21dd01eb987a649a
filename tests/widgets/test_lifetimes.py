"""Cells with views are run again in a real kernel: views neither shown nor referenced are closed."""

import ast
import itertools
import re

import pytest
from jupyter_client.manager import start_new_kernel

import prunewidgets as pw
from prunewidgets.widgets.assets import STATIC

# A view is known by its threshold.
PREPARE = """
import gc, threading, weakref
import prunewidgets as pw
from IPython.display import display
from ipywidgets import Button, Layout, VBox, Widget
from prunewidgets.widgets import lifetimes as widgets  # a module: its table of all widgets is not the user's
def view(threshold):
    return pw.ThresholdSlider([0.1, 0.5, 0.9], threshold=threshold)
def opened():
    return sorted(v.threshold for v in widgets._instances.values() if isinstance(v, pw.ThresholdSlider))
"""


class Notebook:
    """Runs cells in a kernel as JupyterLab does, with the cell's id in the request."""

    def __init__(self, client):
        self.client = client

    def run(self, cell, code, expressions=()):
        """Run a cell; return the values of the expressions, which belong to no cell."""
        content = {
            "code": code,
            "silent": cell is None,
            "store_history": cell is not None,
            "user_expressions": {text: f"repr({text})" for text in expressions},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        metadata = {"cellId": cell} if cell else {}
        message = self.client.session.msg("execute_request", content, metadata=metadata)
        self.client.shell_channel.send(message)
        while True:
            reply = self.client.get_shell_msg(timeout=60)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                break
        self.status = reply["content"]["status"]
        answers = reply["content"].get("user_expressions", {})
        return [ast.literal_eval(ast.literal_eval(answers[e]["data"]["text/plain"])) for e in expressions]

    def ask(self, expression):
        return self.run(None, "", [expression])[0]

    @property
    def opened(self):
        return self.ask("opened()")


@pytest.fixture(scope="module")
def kernel():
    manager, client = start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def notebook(kernel):
    """A notebook in which no view is open and no name is bound."""
    fresh = Notebook(kernel)
    fresh.run("reset", "%reset -f")
    fresh.run("prepare", PREPARE + "Widget.close_all()")
    assert fresh.opened == []
    return fresh


def test_a_cell_run_again_leaves_only_its_new_view(notebook):
    for threshold in (0.1, 0.2, 0.3):
        notebook.run("a", f"view({threshold})")
        assert notebook.opened == [threshold]
    notebook.run("a", "None")
    assert notebook.ask("len(widgets._instances)") == 0  # its layout is gone as well


def test_another_cell_closes_nothing(notebook):
    notebook.run("a", "view(0.1)")
    notebook.run("b", "view(0.2)")
    notebook.run("b", "None")
    assert notebook.opened == [0.1]


def test_views_of_the_cell_that_imports_the_package_are_closed_too(kernel):
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        notebook = Notebook(client)
        for threshold in (0.1, 0.2):
            notebook.run("a", f"{PREPARE}\nview({threshold})")
        assert notebook.opened == [0.2]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_closed_views_are_freed(notebook):
    notebook.run("a", "gc.disable(); made = view(0.1); gone = weakref.ref(made); made")
    notebook.run("b", "made")
    notebook.run("b", "made = None")
    assert notebook.ask("gone() is None") is False  # cell a shows it
    notebook.run("a", "view(0.2)")
    assert notebook.ask("[gone() is None, len(Out), _.threshold]") == [True, 1, 0.2]
    notebook.run("a", "gc.enable()")


@pytest.mark.parametrize(
    "hold, drop",
    [
        ("kept = view(0.1)", "kept = None"),
        ("kept = [view(0.1)]", "kept.clear()"),
        ("kept = {'first': [view(0.1)]}", "del kept['first']"),
        ("class Box: pass\nkept = Box()\nkept.view = view(0.1)", "del kept.view"),
        ("kept = VBox([view(0.1)])", "kept.children = ()"),
        ("kept = VBox([VBox([view(0.1)])])", "kept.children[0].children = ()"),
    ],
)
def test_views_that_the_user_holds_stay_alive(notebook, hold, drop):
    notebook.run("a", hold)
    notebook.run("a", "None")
    assert notebook.opened == [0.1]
    notebook.run("b", drop)
    assert notebook.opened == []


@pytest.mark.parametrize("order", sorted(set(itertools.permutations(["make", "make", "show", "show"]))))
def test_a_view_made_in_one_cell_and_shown_in_another_stays_open(notebook, order):
    cells = {"make": "n += 1; lab = view(n / 10)", "show": "lab"}
    notebook.run("n", "n = 1; lab = view(0.1)")
    notebook.run("show", "lab")
    shown = 0.1
    for cell in order:
        notebook.run(cell, cells[cell])
        latest = notebook.ask("n / 10")
        shown = latest if cell == "show" else shown
        first = {0.1}  # its cell was not run again
        assert notebook.opened == sorted({shown, latest} | first)
    notebook.run("n", "None")
    notebook.run("show", "lab")
    assert notebook.opened == [latest]


def test_several_views_in_one_cell_and_one_shown_twice_are_closed_together(notebook):
    code = "for i in range(10):\n    one = view(i / 10)\n    display(one, one)\nlast = one = None"
    notebook.run("a", code)
    assert len(notebook.opened) == 10
    notebook.run("a", code)
    assert len(notebook.opened) == 10
    notebook.run("a", "view(0.5)")
    assert notebook.opened == [0.5]


def test_a_cell_that_raises_keeps_the_views_it_has_shown(notebook):
    notebook.run("a", "view(0.1)")
    notebook.run("a", "display(view(0.2))\n1 / 0")
    assert (notebook.status, notebook.opened) == ("error", [0.2])
    notebook.run("a", "this is no Python")
    assert (notebook.status, notebook.opened) == ("error", [])


def test_closing_a_linked_view_keeps_the_others(notebook):
    notebook.run("a", "slider = view(0.1)\nslider")
    for _ in range(3):
        notebook.run("b", "other = pw.SparsityHeatmap(pw.example.W)\npw.link(slider, other)\nother")
    assert notebook.ask("[len(slider.linked), other in slider.linked]") == [2, True]
    assert notebook.ask("sum(isinstance(v, pw.SparsityHeatmap) for v in widgets._instances.values())") == 1
    notebook.run("c", "slider.threshold = 0.3")
    assert notebook.ask("other.threshold") == 0.3


def test_in_a_closure_a_closed_view_is_still_a_view(notebook):
    notebook.run("a", "def hold(v):\n    return lambda: v\nget = hold(view(0.3))")
    notebook.run("a", "None")
    assert notebook.opened == []
    assert notebook.ask("repr(get())") == "ThresholdSlider(threshold=0.3, sparsity=33.33 %)"
    notebook.run("b", "get().threshold = 0.6")
    assert notebook.ask("get().sparsity") == pytest.approx(2 / 3)
    notebook.run("b", "get()")
    assert notebook.opened == [0.6]
    assert notebook.ask("'application/vnd.jupyter.widget-view+json' in get()._repr_mimebundle_()[0]")
    assert notebook.ask("len(Widget.get_manager_state()['state'])") == 2
    notebook.run("b", "None")
    assert notebook.opened == []


def test_a_layout_used_elsewhere_stays_open(notebook):
    notebook.run("a", "button = Button(layout=view(0.1).layout)")
    notebook.run("a", "None")
    assert notebook.opened == []
    assert notebook.ask("button.layout.comm is not None")
    assert notebook.ask("len(Widget.get_manager_state()['state'])") == 3  # button, its style, the layout


def test_a_view_made_by_a_thread_is_closed_too(notebook):
    notebook.run("a", "t = threading.Thread(target=lambda: display(view(0.1)))\nt.start()\nt.join()")
    assert notebook.opened == [0.1]
    notebook.run("a", "t = None")
    assert notebook.opened == []


def test_a_lab_whose_cell_is_run_again_stops_measuring_and_is_freed(notebook):
    notebook.run(
        "m",
        "import keras, numpy as np\n"
        "model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(8)])\n"
        "x, y = np.eye(8, dtype=np.float32), np.arange(8)",
    )
    made = "lab = pw.PruningLab(model, x, y)\nlab.measure_curve()"
    notebook.run("a", f"{made}\ngone = weakref.ref(lab)\nlab")
    notebook.run("b", "lab")
    notebook.run("a", f"{made}\nlab")
    assert notebook.ask("gone().comm is not None")  # cell b shows it
    notebook.run("b", "lab")
    assert notebook.ask("sum(isinstance(v, pw.PruningLab) for v in widgets._instances.values())") == 1
    assert notebook.ask("gone() is None or gone().wait(60)")
    assert notebook.ask("bool(gc.collect() or 1) and gone() is None")
    assert notebook.ask("[lab.wait(60), lab.error]") == [True, ""]


def test_outside_of_notebooks_no_view_is_closed(notebook):
    for threshold in (0.1, 0.2):
        notebook.run(None, f"view({threshold})")
    notebook.run("a", "None")
    assert notebook.opened == [0.1, 0.2]
    view = pw.ThresholdSlider([0.1])  # nor outside IPython
    assert view.comm is not None


def test_a_closed_view_gives_the_page_all_its_bytes_back():
    """The page keeps a closed model for ever; loader.js names what it must not keep."""
    source = (STATIC / "loader.js").read_text(encoding="utf-8")
    named = set(re.findall(r'"(\w+)"', re.search(r"const LARGE = \[(.*)\]", source)[1]))
    views = [pw.ThresholdSlider, pw.SparsityHeatmap, pw.SortingSteps, pw.AccuracyCurve, pw.PruningLab]
    large = {
        name
        for view in views
        for name, trait in view.class_traits(sync=True).items()
        if isinstance(trait.default_value, bytes)
    }
    assert large >= {"weights", "scores", "ordered", "flip_images"}
    assert large <= named
