"""Google Colab switches on widgets of other packages only when asked; elsewhere nobody is asked."""

import subprocess
import sys
from types import ModuleType, SimpleNamespace

import anywidget._util
import pytest

import prunewidgets as pw

VIEW = "application/vnd.jupyter.widget-view+json"
MANAGER = "https://colab.example/manager.js"


@pytest.fixture
def colab(monkeypatch):
    """The part of Colab's module that matters here; `asked` counts the calls."""
    output = ModuleType("google.colab.output")
    output.asked = 0
    output._widgets = SimpleNamespace(_installed_url=None)

    def enable_custom_widget_manager():
        output.asked += 1
        output._widgets._installed_url = MANAGER

    output.enable_custom_widget_manager = enable_custom_widget_manager
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    anywidget._util.enable_custom_widget_manager_once.cache_clear()
    yield output
    anywidget._util.enable_custom_widget_manager_once.cache_clear()


def test_in_colab_the_first_view_switches_the_widget_manager_on(colab):
    views = [pw.ThresholdSlider([0.1, 0.5]), pw.SortingSteps(pw.example.W)]
    assert colab.asked == 1
    for view in views:
        data, metadata = view._repr_mimebundle_()
        assert VIEW in data and "image/png" in data
        assert metadata[VIEW] == {"colab": {"custom_widget_manager": {"url": MANAGER}}}
    assert colab.asked == 1


def test_elsewhere_a_view_names_no_widget_manager():
    assert "google.colab.output" not in sys.modules
    _, metadata = pw.ThresholdSlider([0.1, 0.5])._repr_mimebundle_()
    assert VIEW not in metadata


def test_ipywidgets_7_too_shows_a_view_with_its_still_picture():
    """Its own way of showing a widget has the widget alone, and IPython prefers it."""
    assert pw.ThresholdSlider([0.1, 0.5])._ipython_display_ is None


def test_ipywidgets_7_keeps_open_widgets_elsewhere():
    code = """
import importlib
import ipywidgets.widgets.widget as module
from prunewidgets.widgets import lifetimes, others
module.Widget.widgets = {"known": "a widget"}
del module._instances
importlib.reload(lifetimes)
importlib.reload(others)
print(others.widget_of("known"), others.widget_of("unknown"))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.stdout, run.returncode) == ("a widget None\n", 0), run.stderr
