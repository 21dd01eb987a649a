"""The checks of chapter 07 tell right answers from wrong ones."""

import keras
import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw

CHECKS = "checks_tickets"
INITIAL = {
    "a/kernel": np.array([[0.9, -0.8, 0.1, 0.2]]),
    "b/kernel": np.array([[-0.7], [0.3], [0.4], [0.05]]),
}
TICKET = pw.Masks(
    {
        "a/kernel": np.array([[True, False, True, False]]),
        "b/kernel": np.array([[True], [True], [0], [0]], bool),
    }
)


def mark(capsys) -> str:
    return capsys.readouterr().out[0]


@pytest.mark.parametrize("answer, verdict", [(0.5, "✓"), (0.25, "✗"), (50, "✗"), (..., "○"), ("half", "✗")])
def test_known_before(checks, capsys, answer, verdict):
    """Largest four: 0.9, -0.8, -0.7, 0.4; the ticket has two of them, 0.9 and -0.7."""
    checks.known_before(answer, INITIAL, TICKET)
    assert mark(capsys) == verdict


@pytest.mark.parametrize("answer, verdict", [(0.8, "✓"), (0.5, "✗"), (0.9, "✗"), (..., "○")])
def test_smallest_winner(checks, capsys, answer, verdict):
    """The mean, not a single seed; and not the control."""
    sparsity, ticket = [0, 0.5, 0.8, 0.9], [[0.90, 0.92], [0.90, 0.90], [0.95, 0.88], [0.99, 0.70]]
    rows = [("ticket", s, a) for s, pair in zip(sparsity, ticket, strict=True) for a in pair]
    runs = pd.DataFrame([*rows, ("control", 0.9, 0.99)], columns=["kind", "sparsity", "accuracy"])
    checks.smallest_winner(answer, runs)
    assert mark(capsys) == verdict


def test_signs_are_trained_only_when_right(checks, capsys):
    layers = [keras.Input((3,)), keras.layers.Dense(4, name="a"), keras.layers.Dense(2, name="b")]
    model = keras.Sequential(layers)
    model.compile("sgd", "sparse_categorical_crossentropy")
    start = pw.RewindPoint()
    model.fit(np.ones((2, 3)), np.zeros(2), verbose=0, callbacks=[start])
    live, trained = pw.LiveModel(model), []
    initial = {name: np.asarray(array) for name, array in live.weights.items()}
    masks = pw.Masks.from_sparsity(pw.score(initial), 0.5)

    def fit(model):
        trained.append(live.weights)
        return pw.models.Accuracy(93, 100)

    found = {"ticket": pw.models.Accuracy(94, 100), "control": pw.models.Accuracy(90, 100)}
    for wrong in (lambda w: ..., np.sign, lambda w: w, lambda w: 0.5, lambda w: w.sign()):
        checks.signs(wrong, ..., initial, masks, model, start, fit, found)
        assert mark(capsys) in "○✗"
    assert trained == []
    checks.signs(lambda w: np.sign(w) * abs(w).mean(), "control", initial, masks, model, start, fit, found)
    assert "ticket\n" in (said := capsys.readouterr().out)
    assert said[0] == "✓"
    for name, array in trained[0].items():
        wanted = np.where(masks[name], np.sign(initial[name]) * abs(initial[name]).mean(), 0)
        assert np.allclose(array, wanted)
