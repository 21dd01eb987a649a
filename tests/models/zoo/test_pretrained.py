import json
import shutil

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.models.zoo import pretrained as module

NAMES = ["lenet_300_100", "lenet_5", "small_cnn"]


@pytest.fixture(scope="module")
def digits():
    return pw.datasets.mnist()[1]


@pytest.fixture
def copy_of_files(tmp_path, monkeypatch):
    folder = shutil.copytree(module.FOLDER, tmp_path / "trained")
    monkeypatch.setattr(module, "FOLDER", folder)
    return folder


@pytest.mark.parametrize(("name", "least"), [*zip(NAMES, [0.981, 0.991, 0.989], strict=True)])
def test_accuracy_is_the_recorded_one(name, least, digits):
    accuracy = pw.LiveModel(pw.models.pretrained(name)).evaluate(*digits)
    record = json.loads((module.FOLDER / module.RECORD).read_text())[name]
    # A processor that adds in another order may tip a digit or two.
    assert abs(accuracy.correct - record["test_correct"]) <= 3
    assert accuracy.n == record["test_n"] == 10_000
    assert accuracy >= least


def test_half_of_small_cnn_costs_more_than_chance_where_the_intervals_overlap(digits):
    x, y = digits
    live = pw.LiveModel(pw.models.pretrained("small_cnn"))
    masks = pw.Masks.from_sparsity(pw.score(live.weights), 0.5)
    found = pw.paired(*(live.predict(x, m).argmax(axis=1) for m in (None, masks)), y)
    whole, half = live.evaluate(x, y), live.evaluate(x, y, masks)
    assert whole.interval[0] < half  # each lies within the other's interval
    assert half.interval[1] > whole
    assert half.correct - whole.correct == found.won - found.lost
    # 34 and 16, p = 0.015; a processor that adds in another order may tip a digit or two.
    assert (found.lost, found.won) == (pytest.approx(34, abs=2), pytest.approx(16, abs=2))
    assert found.p_value < 0.1


def test_each_call_gives_a_model_of_its_own():
    one, two = pw.models.pretrained("small_cnn"), pw.models.pretrained("small_cnn")
    one.layers[0].kernel.assign(np.zeros((3, 3, 1, 16)))
    assert two.layers[0].kernel.value.numpy().any()


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="'resnet'.*lenet_300_100, lenet_5, small_cnn"):
        pw.models.pretrained("resnet")


def test_an_altered_file_is_named_with_both_digests(copy_of_files):
    path = copy_of_files / "small_cnn.npz"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    with pytest.raises(
        ValueError, match=r"small_cnn\.npz is altered: its SHA-256 is \w{64}, expected was \w{64}"
    ):
        pw.models.pretrained("small_cnn")


@pytest.mark.parametrize("name", ["small_cnn.npz", "trained.json"])
def test_a_missing_file_is_named(copy_of_files, name):
    (copy_of_files / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"{name} is missing.*zoo.train"):
        pw.models.pretrained("small_cnn")
