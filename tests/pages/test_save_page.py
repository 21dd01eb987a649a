"""What `save_page` writes, without opening it; `tests/browser/test_saved_page.py` opens it."""

import base64
import gzip
import hashlib
import html
import json
import re
import subprocess
import sys

import keras
import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.labs.ledger_view import LedgerView
from prunewidgets.labs.page_facts import examples_of
from prunewidgets.pages.lab_data import as_sent, lab_data
from prunewidgets.pages.payload import packed

W = pw.example.W


def view():
    return pw.SparsityHeatmap(W, threshold=0.5)


def content(text, block):
    """What a block of a page has, its bytes as bytes."""
    (found,) = re.findall(rf'<script type="text/plain" id="{block}">(.*?)</script>', text)
    whole = gzip.decompress(base64.b85decode(found.replace(",", "<")))
    length = int.from_bytes(whole[:4], "little")

    def part(value):
        if set(value) != {"bytes"}:
            return value
        start, size = value["bytes"]
        assert (4 + length + start) % 8 == 0
        return whole[4 + length + start :][:size]

    return json.loads(whole[4 : 4 + length], object_hook=part)


def tiny_lab(*layers, x=None, **options):
    layers = layers or [keras.layers.Dense(3, activation="softmax")]
    x = np.eye(5, dtype=np.float32) if x is None else x
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers], name="tiny")
    model.compile(loss="sparse_categorical_crossentropy")
    return pw.PruningLab(model, x, np.arange(len(x)) % 3, **options)


def test_a_page_has_the_views_traits_and_no_script_twice(tmp_path):
    shown = view()
    text = pw.save_page([shown, pw.SparsityHeatmap(W)], tmp_path / "two.html").read_text(encoding="utf-8")
    first, second = content(text, "page")["parts"]
    assert first["view"] == second["view"] == "heatmap"
    assert first["state"]["weights"] == shown.weights and first["state"]["threshold"] == 0.5
    assert text.count("function mountHeatmap") == 1 and "script" not in first["state"]
    assert 'id="engine"' not in text and 'id="data"' not in text  # there is nothing to measure


def test_what_is_packed_comes_back(tmp_path):
    carried = {"text": "τ < ü", "list": [1, {"inner": b"abc"}], "more": b"\0" * 9, "none": None}
    page = f'<script type="text/plain" id="it">{packed(carried)}</script>'
    assert content(page, "it") == carried
    assert "<" not in packed(carried) and "&lt;" not in packed(carried)


def test_equal_bytes_are_in_a_page_once_so_that_labs_share_their_examples():
    examples = np.random.default_rng(0).bytes(4000)
    twice = packed({"0": {"x": examples, "y": b"a"}, "1": {"x": bytes(bytearray(examples)), "y": b"b"}})
    assert len(twice) < 1.1 * len(packed({"0": {"x": examples}}))
    assert content(f'<script type="text/plain" id="it">{twice}</script>', "it")["1"] == {
        "x": examples,
        "y": b"b",
    }


def test_the_policy_allows_nothing_but_this_script_and_style(tmp_path):
    text = pw.save_page(view(), tmp_path / "a.html").read_text(encoding="utf-8")
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    rules = dict(rule.split(" ", 1) for rule in html.unescape(policy).split("; "))
    for rule, tag in (("script-src", 'script type="module"'), ("style-src", "style")):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag.split()[0]}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in rules[rule]
    for rule in ("default-src", "base-uri", "form-action"):
        assert rules.pop(rule) == "'none'"
    assert rules.pop("worker-src") == "blob:" and set(rules) == {"script-src", "style-src"}
    assert not re.search(r"unsafe-(inline|eval(?<!wasm-unsafe-eval))|https?:", policy)


def test_a_title_is_text(tmp_path):
    title = "</title><script>window.hacked = 1</script>"
    text = pw.save_page(view(), tmp_path / "a.html", title=title).read_text(encoding="utf-8")
    assert title not in text
    assert (
        re.findall("<h1>(.*?)</h1>", text) == re.findall("<title>(.*?)</title>", text) == [html.escape(title)]
    )


def test_the_title_of_a_lab_is_that_of_its_model(tmp_path):
    text = pw.save_page(tiny_lab(), tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<h1>Pruning tiny</h1>" in text


@pytest.mark.parametrize(
    ("what", "path", "title", "error", "message"),
    [
        (3, "a.html", None, TypeError, "labs and views.*not int"),
        ([], "a.html", None, ValueError, "nothing to save"),
        (["view", 3], "a.html", None, TypeError, "not int"),
        ("view", "a.txt", None, ValueError, "'.txt'.*html"),
        ("view", 5, None, TypeError, "name of a file.*not 5"),
        ("view", "a.html", 5, TypeError, "title has to be text, not int"),
        ("view", "missing/a.html", None, FileNotFoundError, "no folder"),
    ],
)
def test_a_wrong_argument_is_named(tmp_path, monkeypatch, what, path, title, error, message):
    monkeypatch.chdir(tmp_path)
    made = view()
    what = made if what == "view" else [made, 3] if what == ["view", 3] else what
    with pytest.raises(error, match=message):
        pw.save_page(what, path, title)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_page_stays_if_the_new_one_cannot_be_made(tmp_path):
    path = pw.save_page(view(), tmp_path / "a.html")
    before = path.read_bytes()
    lab = tiny_lab(metric=lambda y, p: float("nan"))
    with pytest.raises(RuntimeError, match="no view can show"):
        pw.save_page(lab, path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_a_lab_goes_into_its_page_with_everything_that_measures_it(tmp_path):
    x = np.random.default_rng(0).integers(0, 256, (40, 6)).astype(np.float32) / np.float32(255)
    lab = tiny_lab(x=x)
    lab.sparsity = 0.5
    text = pw.save_page(lab, tmp_path / "a.html").read_text(encoding="utf-8")
    (part,), data = content(text, "page")["parts"], content(text, "data")["0"]
    assert part["state"]["measured"] == {**lab.measured} and part["state"]["in_page"] == "measures"
    assert not part["state"]["restorable"] and part["state"]["criteria"] == ["magnitude"]
    (sent,) = data["x"]
    carried = np.frombuffer(sent["values"], np.uint8).astype(np.float32) / np.float32(sent["scale"])
    np.testing.assert_array_equal(carried.reshape(x.shape), x)
    expected = lab.live.model.predict(x, verbose=0).argmax(axis=1)
    for read in ("whole", "unpruned"):
        np.testing.assert_array_equal(np.frombuffer(data[read], "<i4"), expected)
    assert sorted(np.frombuffer(data["order"], "<i4")) == list(range(40))


def test_a_pruned_model_goes_into_its_page_with_what_it_read_before():
    lab = tiny_lab(x=np.random.default_rng(0).normal(size=(60, 6)).astype(np.float32))
    before = lab.live.model.predict(examples_of(lab).x, verbose=0).argmax(axis=1)
    lab.sparsity = 0.8
    lab.apply()
    now = lab.live.model.predict(examples_of(lab).x, verbose=0).argmax(axis=1)
    data, _ = lab_data(lab)
    assert (before != now).any() and data["applied"]
    np.testing.assert_array_equal(np.frombuffer(data["unpruned"], "<i4"), before)
    np.testing.assert_array_equal(np.frombuffer(data["whole"], "<i4"), now)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_examples_may_have_values_that_are_no_numbers(tmp_path, value):
    x = np.zeros((40, 784), np.float32)
    x[3, 400] = value
    lab = tiny_lab(keras.layers.Dense(10), x=x)
    text = pw.save_page(lab, tmp_path / "a.html").read_text(encoding="utf-8")
    (sent,), (part,) = content(text, "data")["0"]["x"], content(text, "page")["parts"]
    np.testing.assert_array_equal(np.frombuffer(sent["values"], np.float32).reshape(x.shape), x)
    assert not part["state"]["takes_drawings"]  # their range says nothing of ground and ink


def test_inputs_by_name_go_to_the_layers_of_these_names():
    first, second = keras.Input((4,), name="zeta"), keras.Input((6,), name="alpha")
    outputs = keras.layers.Dense(3)(keras.layers.Concatenate()([first, second]))
    x = {"alpha": np.ones((5, 6), np.float32), "zeta": np.zeros((5, 4), np.float32)}
    data, _ = lab_data(pw.PruningLab(keras.Model([first, second], outputs), x, np.arange(5) % 3))
    assert [(sent["shape"], set(sent["values"])) for sent in data["x"]] == [([4], {0}), ([6], {255})]


def test_a_closed_lab_is_named(tmp_path):
    lab = tiny_lab()
    lab.close()
    with pytest.raises(RuntimeError, match=r"^This lab is closed\.$"):
        pw.save_page(lab, tmp_path / "a.html")


def test_the_saved_weights_are_those_that_the_model_has_now(tmp_path):
    lab = tiny_lab()
    lab.wait()
    lab.live.model.layers[-1].kernel.assign(np.full((5, 3), 0.25))
    (part,) = content(pw.save_page(lab, tmp_path / "a.html").read_text(encoding="utf-8"), "page")["parts"]
    assert np.frombuffer(part["state"]["weights"], np.float32).tolist() == [0.25] * 15
    assert part["state"]["measured"]["generation"] == part["state"]["generation"]


ROWS = np.ones((6, 4, 2), np.float32)
UNKNOWN = {
    "a layer": (lambda: tiny_lab(keras.layers.LSTM(3, name="memory"), x=ROWS), r"memory \(LSTM\)"),
    "a use of a layer": (lambda: in_training(), r"drop \(Dropout\)"),
    "a metric": (lambda: tiny_lab(metric=lambda y, p: 0.5), "no metric but accuracy"),
    "weights of examples": (lambda: tiny_lab(sample_weight=np.arange(1.0, 6.0)), "same weight"),
    "a precision": (lambda: tiny_lab(keras.layers.Dense(3, name="half", dtype="float16")), r"half \(Dense\)"),
    "answers per place": (lambda: pw.PruningLab(on_each_row(), ROWS, np.zeros((6, 4))), "gives several"),
}  # fmt: skip


def on_each_row():
    return keras.Sequential([keras.Input((4, 2)), keras.layers.Dense(3)])


def in_training():
    inputs = keras.Input((5,))
    x = keras.layers.Dropout(0.5, name="drop")(keras.layers.Dense(3, name="first")(inputs), training=True)
    return pw.PruningLab(keras.Model(inputs, x), np.eye(5, dtype=np.float32), np.arange(5) % 3)


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_a_page_cannot_measure_is_named(name):
    make, reason = UNKNOWN[name]
    lab = make()
    lab.wait()
    data, reasons = lab_data(lab)
    assert data == {} and re.search(reason, "; ".join(reasons))


def test_a_lab_that_a_page_cannot_measure_has_stops_measured_in_python(tmp_path):
    x = np.random.default_rng(1).normal(size=(50, 4, 3)).astype(np.float32)
    lab = tiny_lab(keras.layers.LSTM(6), keras.layers.Dense(3), x=x)
    lab.sparsity = 0.42
    threshold = lab.threshold
    text = pw.save_page(lab, tmp_path / "a.html").read_text(encoding="utf-8")
    (part,) = content(text, "page")["parts"]
    assert (lab.threshold, part["state"]["threshold"]) == (
        threshold,
        threshold,
    )  # it does not move
    sparsities = [stop["sparsity"] for stop in part["stops"]]
    assert sparsities == sorted(sparsities) and lab.sparsity in sparsities and len(sparsities) > 15
    for stop in part["stops"][::6]:
        lab.threshold = stop["threshold"]
        assert stop["measured"]["accuracy"] == float(lab.accuracy)
        assert stop["measured"]["counts"] == lab.removed_per_layer()


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (np.arange(256) / np.float32(255), 255),
        (np.arange(256, dtype=np.uint8), 1),
        (np.array([0.0, 1.0]), 255),
        (np.array([0.5, 300.0]), 0),
        (np.array([-1.0, 1.0]), 0),
        (np.array([0.1234567, 0.5]), 0),
    ],
)
def test_examples_are_sent_as_bytes_only_where_nothing_is_lost(values, scale):
    sent = as_sent(np.asarray(values, np.float32)[:, np.newaxis], [1])
    assert sent["scale"] == scale
    kept = np.frombuffer(sent["values"], np.uint8 if scale else "<f4")
    np.testing.assert_array_equal(kept.astype(np.float32) / np.float32(scale or 1), np.float32(values))


def test_a_page_of_views_needs_no_model_library(tmp_path):
    code = (
        "import sys, prunewidgets as pw; pw.save_page(pw.SortingSteps(pw.example.W), 'a.html'); "
        "print({'keras', 'tensorflow'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"


def test_a_ledger_says_which_of_its_numbers_the_page_cannot_measure(tmp_path):
    ledger = LedgerView({"w": W}, {"w": 1}, threshold=0.5)
    text = pw.save_page(ledger, tmp_path / "a.html").read_text(encoding="utf-8")
    (part,) = content(text, "page")["parts"]
    assert "were measured in Python when it was saved, at a sparsity of 50 %" in part["note"]
