"""What `make hosts` is made of, without running a host: notebook, pins, the table of docs/hosts.md."""

import ast
import collections

import nbformat
import pytest

from prunewidgets.doctor import TRAPS
from tools.hosts import checks, colab, environments, notebooks, table
from tools.hosts.every import HOSTS, checks_of
from tools.hosts.hosts import NbClassic


def test_the_page_has_the_table_of_the_last_run():
    made = table.PAGE.read_text(encoding="utf-8").split(table.START)[1].split(table.END)[0]
    assert made.strip() == table.table(table.read_results()).strip()


def test_the_last_run_had_all_hosts_and_all_checks():
    results = table.read_results()
    assert results.keys() == HOSTS.keys() == TRAPS.keys()
    assert environments.PINS.keys() == HOSTS.keys() - {"google-colab"}
    for name, entry in results.items():
        assert list(entry["checks"]) == list(checks_of(name)), name


def test_every_host_is_pinned_in_one_place(root):
    """In the lock file, or here and then in the version of the last run."""
    in_lock = dict(environments.locked((root / "requirements.lock").read_text(encoding="utf-8")))
    results = table.read_results()
    for name, (host, *others) in environments.PINS.items():
        assert host == (name if name in in_lock else f"{name}=={results[name]['version']}")
        assert all(other in in_lock or "==" in other for other in others)


def test_a_row_says_what_failed_and_what_is_not_offered():
    found = {"opens": "passed", "close": "failed: a | b", "run again": "not offered"}
    assert table.result(found) == "1 of 2 passed; not “close”: a \\| b; not offered: run again"


def test_a_failed_check_and_a_missing_answer_are_noticed(tmp_path):
    """A check that cannot fail would make every host look fine."""
    host = NbClassic(tmp_path)
    checks.no_script_error(host)
    checks.nothing_from_the_network(host)
    host.errors.append("RangeError: offset is outside the bounds")
    host.elsewhere.append("fonts.example")
    with pytest.raises(checks.Failed, match="RangeError"):
        checks.no_script_error(host)
    with pytest.raises(checks.Failed, match="fonts.example"):
        checks.nothing_from_the_network(host)


def shown(data: dict, **metadata) -> nbformat.NotebookNode:
    return nbformat.v4.new_output(
        "display_data", {"text/plain": "a view\nneeds its kernel", colab.VIEW: {}} | data, metadata=metadata
    )


def test_colab_notices_a_view_that_it_could_not_load(tmp_path):
    picture, named = (
        {"image/png": ""},
        {colab.VIEW: {"colab": {"custom_widget_manager": {"url": colab.MANAGER}}}},
    )
    cell = nbformat.v4.new_code_cell()
    notebook = nbformat.v4.new_notebook(cells=[cell])
    cell.outputs = [shown(picture, **named)]
    colab.look_at(notebook)
    for outputs, found in (
        ([], "no view"),
        ([shown(picture)], "widget manager"),
        ([shown({}, **named)], "no still picture"),
        ([shown(picture, **named), nbformat.v4.new_output("stream", text="✗ Keras: too old")], "too old"),
    ):
        cell.outputs = outputs
        with pytest.raises(checks.Failed, match=found):
            colab.look_at(notebook)


def test_colab_notices_that_pip_would_replace_more_than_it_must(tmp_path, monkeypatch):
    host = colab.Colab(tmp_path)
    monkeypatch.setattr(host, "run_python", lambda *_: "")
    host.changed, host.added = (
        {"keras": ("3.10.0", "3.15.1"), "anywidget": ("0.9.21", "0.11.0")},
        {"prunewidgets"},
    )
    colab.little_replaced(host)
    host.changed["numpy"] = ("2.0.2", "2.5.5")
    with pytest.raises(checks.Failed, match="numpy"):
        colab.little_replaced(host)


def test_marimos_file_is_python_with_every_cell_and_each_name_once(tmp_path):
    """marimo refuses a notebook in which two cells define one name."""
    notebooks.write_marimo(tmp_path)
    source = (tmp_path / "conformance.py").read_text(encoding="utf-8")
    cells = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    assert len(cells) == len(nbformat.read(notebooks.SOURCE, as_version=4).cells)
    names = collections.Counter(name for cell in cells for name in _assigned(cell))
    assert {"slider", "large", "lab", "closing", "probe"} <= names.keys()
    assert [name for name, count in names.items() if count > 1] == []


def _assigned(cell: ast.FunctionDef) -> set[str]:
    """The names that a cell defines for others; those that begin with _ are its own."""
    assigned = [part for line in cell.body if isinstance(line, ast.Assign) for part in ast.walk(line)]
    stored = {name.id for name in assigned if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)}
    return {name for name in stored if not name.startswith("_")}
