"""Definitions of nouns in eight kinds, from WordNet: a small text to classify."""

import numpy as np

from . import clone

GLOSSES_SHA256 = "b909384002d1d1661a3f33a08d7bc87b9fe867399f2c534f910e8f8e305e1d5b"
KINDS = ("animal", "artifact", "body", "food", "person", "place", "plant", "substance")
_TRAIN = 3200
_WAY_OUT = (
    "Restore it with 'git checkout -- datasets/glosses.tsv', "
    "or make it again with 'python datasets/build_glosses.py' (needs npm)."
)

Split = tuple[list[str], np.ndarray]


def glosses() -> tuple[Split, Split]:
    """Return definitions of 4,000 nouns, 500 of each of eight kinds: 3,200 for training and 800 for testing.

    Returns:
        ``(texts, kinds), (texts, kinds)``: lists of strings of 5 to 20 words, and int64 labels from 0 to 7
        that count through ``prunewidgets.data.glosses.KINDS``: animal, artifact, body, food, person, place,
        plant, substance. No definition names its kind, and none is there twice.

    Raises:
        FileNotFoundError: ``datasets/glosses.tsv`` is missing, or there is no clone.
        ValueError: That file is truncated or altered.

    Example:
        >>> (texts, kinds), (test_texts, _) = pw.datasets.glosses()
        >>> len(texts), len(test_texts)
        (3200, 800)
        >>> texts[0], kinds[0]
        ('poor and often mischievous city child', np.int64(4))

    Source: Princeton University, WordNet 3.1 (2011), WordNet's own licence; see ``datasets/README.md``.
    """
    rows = _rows()
    texts = [text for _, _, text in rows]
    kinds = np.array([KINDS.index(kind) for kind, _, _ in rows], np.int64)
    return (texts[:_TRAIN], kinds[:_TRAIN]), (texts[_TRAIN:], kinds[_TRAIN:])


def _rows() -> list[list[str]]:
    """Return [kind, word, definition] of each line of the file."""
    if not clone.in_clone():
        raise FileNotFoundError(
            "The definitions are in datasets/glosses.tsv of the repository, and an installed package has no "
            "datasets/ folder: clone the repository and use the package from there."
        )
    content = clone.checked(clone.FOLDER / "glosses.tsv", GLOSSES_SHA256, _WAY_OUT)
    return [line.split("\t") for line in content.decode("ascii").splitlines()]
