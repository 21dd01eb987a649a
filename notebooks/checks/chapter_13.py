"""The checks of chapter 13: a transformer's parameters, a head cut out by hand, BERT-large in GiB.

As in all checks, the truth is computed from its definition, whenever an answer is checked.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

import prunewidgets as pw
from prunewidgets.models import keras  # says what to install, and keeps TensorFlow's greeting off the page

from .answers import unanswered
from .exercises import Result, check, check_function, right, still_open, stopped, wrong
from .pictures_13 import kept_of_each  # noqa: F401  drawn by the chapter
from .texts import text
from .verdicts import say

BERT_LARGE = {"words": 30_522, "width": 1024, "blocks": 24, "units": 4096}
GIB = 2**30


def encoder(texts: list[str], kinds: np.ndarray, length: int) -> keras.Model:
    """Return MiniLM; where its package is missing, say so, and train a small transformer on the texts."""
    try:
        return pw.models.minilm()
    except ModuleNotFoundError as missing:
        say(text("engine.minilm", "missing", why=str(missing)))
    small = pw.models.text_encoder(width=96, layers=2, heads=6, units=384, longest=length, seed=0)
    model = keras.Model(small.input, keras.layers.Dense(int(kinds.max()) + 1, "softmax")(small.output))
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    keras.utils.set_random_seed(0)
    model.fit(pw.wordpieces.encode(texts, length), kinds, batch_size=64, epochs=4, verbose=0)
    return small


def part(layer: str) -> str:
    """Return which part of the encoder a layer is, for the table of parameters."""
    names = {"words": "table of words", "places": "table of places"}
    if layer in names:
        return names[layer]
    if "norm" in layer:
        return "normalisations"
    return "attention" if layer.startswith("attention") else "two dense layers of each block"


def full_rows(texts: list[str], length: int) -> np.ndarray:
    """Return texts strung together, and cut into rows between the marks of start and end, without padding."""
    longest = max(len(pw.wordpieces.pieces(each)) for each in texts) + 2
    table = pw.wordpieces.encode(texts, longest)
    start, end = table[0, 0], table[0][np.flatnonzero(table[0])[-1]]
    inner = table[(table != 0) & (table != start) & (table != end)]
    rows = inner[: len(inner) // (length - 2) * (length - 2)].reshape(-1, length - 2)
    return np.pad(rows, ((0, 0), (1, 1)), constant_values=((0, 0), (start, end))).astype(np.int32)


def judged(model: keras.Model, x: np.ndarray, kinds: np.ndarray, before: np.ndarray) -> dict[str, float]:
    """Return the accuracy of a classifier and how many of the ten nearest neighbours its vectors keep.

    Args:
        model: with a layer "mean" that makes the vectors.
        x: the texts.
        kinds: their labels.
        before: the vectors of the unpruned model.
    """
    both = keras.Model(model.input, [model.get_layer("mean").output, model.output])
    # Called as it is: tracing it for `predict` would take longer than the answers do.
    parts = [both(x[start : start + 100], training=False) for start in range(0, len(x), 100)]
    vectors, answers = (np.concatenate(part) for part in zip(*parts, strict=True))
    return {
        "accuracy": float((answers.argmax(axis=1) == kinds).mean()),
        "neighbours kept": pw.neighbors_kept(before, vectors),
    }


def block_parameters(function: Callable[[int, int], Any]) -> Result:
    """Check a function from (width, units) to the number of parameters of one block."""
    sizes = [(12, 20), (24, 96), (384, 1536)]
    truth = [_block(width, units) for width, units in sizes]
    widths, units = np.array(sizes).T
    norms, biases = 4 * widths, 5 * widths + units
    answers = {
        "": truth,
        "norms": truth - norms,
        "one_norm": truth - norms // 2,
        "kernels": truth - norms - biases,
        "biases": truth - biases,
        "one_dense": truth - widths * units - widths,
        "output": truth - widths * widths - widths,
    }
    exercise = "chapter_13.block_parameters"
    return check_function(exercise, "block", function, sizes, answers, truth=f"{truth[-1]:,}")


@cache
def _block(width: int, units: int) -> int:
    """Return what one more block adds to an encoder."""
    one, two = (
        pw.models.text_encoder(words=5, width=width, layers=n, heads=2, units=units, longest=4).count_params()
        for n in (1, 2)
    )
    return two - one


def head_by_hand(function: Callable[..., Any], heads: int = 4, width: int = 12) -> Result:
    """Check a function that cuts head k out of the eight arrays of an attention layer.

    Args:
        function: from (arrays, k) to the eight smaller arrays.
        heads: of the layer that it is tried on.
        width: of what goes in and comes out.
    """
    exercise = "chapter_13.head_by_hand"
    rng = np.random.default_rng(13)
    made = {"kernel": (width, heads, width // heads), "bias": (heads, width // heads)}
    shapes = [made["kernel"], made["bias"]] * 3 + [(heads, width // heads, width), (width,)]
    arrays = [rng.normal(size=shape) for shape in shapes]
    tried = [heads // 2, 0, heads - 1]  # a head that is written into the function fails
    try:
        given = [function([array.copy() for array in arrays], k) for k in tried]
        if unanswered(given):
            return still_open(exercise)
        flat = [[np.asarray(array, np.float64) for array in one] for one in given]
    except Exception as error:
        return stopped(exercise, "without_head", error)
    x = rng.normal(size=(3, 5, width))
    passed = [_same(arrays, small, k, x) for small, k in zip(flat, tried, strict=True)]
    if all(passed):
        return right(exercise)
    values = {"right": tried[0], "k": next((k for k, ok in zip(tried, passed, strict=True) if not ok), 0)}
    if passed[0]:
        return wrong(exercise, "fixed", **values)
    first, found = flat[0], [array.shape for array in flat[0]]
    few = {
        "count": len(found) != len(shapes),
        "nothing": found == shapes,
        "kernels": found[0:6:2] != [(width, heads - 1, width // heads)] * 3,
        "biases": found[1:6:2] != [(heads - 1, width // heads)] * 3,
        "output": len(found) == len(shapes) and found[6] != (heads - 1, width // heads, width),
        "last_bias": len(found) == len(shapes) and first[7].shape != (width,),
    }
    return wrong(exercise, next((name for name, holds in few.items() if holds), "places"), **values)


def attention(arrays: list[np.ndarray], x: np.ndarray, kept: Any = None) -> np.ndarray:
    """Return what attention computes of itself, head by head; heads that are not kept add nothing."""
    wq, bq, wk, bk, wv, bv, wo, bo = arrays
    total = np.zeros((*x.shape[:-1], wo.shape[-1])) + bo
    for head in range(wq.shape[1]) if kept is None else kept:
        q, k, v = (x @ w[:, head] + b[head] for w, b in ((wq, bq), (wk, bk), (wv, bv)))
        scores = np.exp(q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]))
        total += scores / scores.sum(axis=-1, keepdims=True) @ v @ wo[head]
    return total


def _same(arrays: list[np.ndarray], small: list[np.ndarray], k: int, x: np.ndarray) -> bool:
    """Return whether eight smaller arrays compute what the layer does when head k adds nothing."""
    stay = [head for head in range(arrays[0].shape[1]) if head != k]
    try:
        # The bias of the keys adds as much to all scores of a query, so no output shows it.
        keys = np.array_equal(small[3], np.delete(arrays[3], k, axis=0))
        return keys and np.allclose(attention(small, x), attention(arrays, x, stay))
    except (ValueError, IndexError):  # another number of arrays, or shapes that do not fit
        return False


def bert_gib(units: int = BERT_LARGE["units"], words: int = BERT_LARGE["words"]) -> float:
    """Return BERT-large in GiB of float32, with other numbers of units in each block and of words."""
    width, blocks = BERT_LARGE["width"], BERT_LARGE["blocks"]
    block = 4 * width * width + 2 * width * units + units + 9 * width
    tables = (words + 512 + 2) * width + 2 * width
    pooler = width * width + width
    return 4 * (blocks * block + tables + pooler) / GIB


def share_of_units(answer: Any) -> Result:
    """Check which share of the units of all blocks has to go until BERT-large takes 1 GiB."""
    truth = (bert_gib() - 1) / (bert_gib() - bert_gib(units=0))

    def near(value: float) -> Callable[[Any], bool]:
        return lambda given: abs(float(given) - value) <= 0.01

    return check(
        "chapter_13.share_of_units",
        answer,
        near(truth),
        {
            "percent": near(100 * truth),
            "kept": near(1 - truth),
            "of_all": near((bert_gib() - 1) / bert_gib()),
            "gigabytes": near((bert_gib() * GIB / 1e9 - 1) / ((bert_gib() - bert_gib(units=0)) * GIB / 1e9)),
        },
        share=100 * truth,
        left=round(BERT_LARGE["units"] * (1 - truth)),
        units=BERT_LARGE["units"],
        table=4 * BERT_LARGE["words"] * BERT_LARGE["width"] / GIB,
    )


def named(scores: Mapping[str, np.ndarray], start: str = "", end: str = "") -> dict[str, np.ndarray]:
    """Return the scores of the groups whose names start and end like this."""
    return {name: units for name, units in scores.items() if name.startswith(start) and name.endswith(end)}
