"""The definitions: as documented, and refused with a way out when they are not whole."""

import hashlib

import numpy as np
import pytest

from prunewidgets import datasets
from prunewidgets.data import clone
from prunewidgets.data import glosses as module


def test_there_are_as_many_of_each_kind_and_none_names_its_own():
    (train, y_train), (test, y_test) = datasets.glosses()
    assert (len(train), len(test)) == (len(y_train), len(y_test)) == (3200, 800)
    assert np.bincount(np.concatenate([y_train, y_test])).tolist() == [500] * 8
    texts = train + test
    assert len(set(texts)) == 4000
    assert not any(kind in text.lower().split() for text in texts for kind in module.KINDS)


@pytest.mark.parametrize(
    ("word", "kind"),
    [("salami", "food"), ("urchin", "person"), ("ring finger", "body"), ("tear gas", "substance")],
)
def test_words_have_the_kind_that_anyone_would_give_them(word, kind):
    rows = {row[1]: row for row in module._rows()}
    (x, y), (x_test, y_test) = datasets.glosses()
    labels = dict(zip(x + x_test, [*y, *y_test], strict=True))
    assert module.KINDS[labels[rows[word][2]]] == rows[word][0] == kind


def test_the_readme_states_the_right_size_and_digest():
    content = (clone.FOLDER / "glosses.tsv").read_bytes()
    readme = (clone.FOLDER / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(content).hexdigest() in readme
    assert f"{len(content):,} bytes" in readme


@pytest.mark.parametrize(
    "content", [None, b"", b"food\tbun\ta small bread\n"], ids=["missing", "empty", "other"]
)
def test_a_damaged_file_is_named_with_a_fix(content, tmp_path, monkeypatch):
    (tmp_path / "build_mnist.py").touch()  # what marks a clone
    if content is not None:
        (tmp_path / "glosses.tsv").write_bytes(content)
    monkeypatch.setattr(clone, "FOLDER", tmp_path)
    with pytest.raises(FileNotFoundError if content is None else ValueError, match="git checkout") as caught:
        datasets.glosses()
    assert str(tmp_path / "glosses.tsv") in str(caught.value)


def test_without_a_clone_the_error_says_where_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(clone, "FOLDER", tmp_path)
    with pytest.raises(FileNotFoundError, match="clone the repository"):
        datasets.glosses()
