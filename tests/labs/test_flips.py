"""What a lab says of examples that flipped: what they were read as, and how sure the model was."""

import keras
import numpy as np
import pytest

import prunewidgets as pw
from prunewidgets.labs import flips

from ..support.labs import digits, lab


def test_flipped_digits_have_both_probabilities():
    view = lab(threshold=0.14)
    x, _ = digits()
    now = view.live.predict(x, view.masks)
    before = view.live.predict(x)
    shown = view.flips["shown"]
    assert len(shown) > 3
    for flip in shown:
        i = flip["index"]
        assert before[i].argmax() == flip["label"] and now[i].argmax() == flip["read"]
        assert flip["before"] == pytest.approx(before[i].max(), abs=1e-5)
        assert flip["after"] == pytest.approx(now[i].max(), abs=1e-5)


def test_before_means_before_the_model_itself_was_pruned():
    model = pw.models.pretrained("small_cnn")
    x, y = digits()
    before = pw.LiveModel(model).predict(x)
    view = pw.PruningLab(model, x, y, threshold=0.14)
    view.apply()
    assert view.wait(120)
    shown = view.flips["shown"]
    assert len(shown) > 3
    assert [flip["before"] for flip in shown] == pytest.approx(
        [before[f["index"]].max() for f in shown], abs=1e-5
    )


def test_a_model_that_carries_state_gives_no_probabilities_for_single_examples():
    inputs = keras.Input(batch_shape=(8, 5, 3))
    hidden = keras.layers.LSTM(6, stateful=True)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(hidden))
    x = np.random.default_rng(0).normal(size=(16, 5, 3)).astype(np.float32)
    view = pw.PruningLab(model, x, pw.LiveModel(model).predict(x).argmax(axis=-1))
    view.sparsity = 1
    assert view.wait(60)
    assert view.error == "" and view.flips["shown"]
    assert all(flip.keys() == {"index", "label", "read"} for flip in view.flips["shown"])


@pytest.mark.parametrize(
    ("outputs", "answers", "expected"),
    [
        ([[0.25, 0.75], [0.5, 0.5]], [1, 0], [0.75, 0.5]),
        ([[-2.0, 3.0]], [1], None),  # logits
        ([[0.9, 0.9]], [0], None),
        ([[0.25, 0.75]], [0], None),  # it answered otherwise before
        ([[np.nan, np.nan]], [0], None),
        ([[0.7]], [1], None),
    ],
)
def test_probabilities_are_given_only_where_the_outputs_are_some(outputs, answers, expected):
    assert flips.probabilities(np.array(outputs), answers) == expected


def test_outputs_of_another_structure_have_no_probabilities():
    assert flips.probabilities({"a": np.ones((1, 2))}, [0]) is None
