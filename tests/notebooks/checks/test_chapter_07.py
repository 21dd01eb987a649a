"""The checks of chapter 07 accept right answers and reject wrong ones."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw

CHECKS = "checks.chapter_07"
ROOT = Path(__file__).parents[3]
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


KNOWN = [
    (0.5, ""),
    ("0.5", ""),
    (np.float32(0.5), ""),
    (0.25, "of_all"),
    (50, "per_cent"),
    ("50 %", "per_cent"),
    (2, "count"),
    (1 / 3, "of_either"),
    ("half", "hint"),
    (0.9, "hint"),
]


@pytest.mark.parametrize("answer, mistake", KNOWN)
def test_known_before(checks, answer, mistake):
    """Largest four: 0.9, -0.8, -0.7, 0.4; the ticket has two of them, 0.9 and -0.7."""
    result = checks.known_before(answer, INITIAL, TICKET)
    assert (result.mistake, result.passed) == (mistake, not mistake)


@pytest.mark.parametrize(
    "answer, mistake", [(0.75, ""), (0.25, "not_among"), (25, "not_among"), (0.8, "same_places")]
)
def test_known_before_of_a_sparser_ticket(checks, answer, mistake):
    """Four of 10 are kept, three of them among the four largest: 3 + 5 places agree."""
    initial = {"a/kernel": np.arange(1.0, 11)}
    ticket = pw.Masks({"a/kernel": np.isin(np.arange(10), [0, 7, 8, 9])})
    assert checks.known_before(answer, initial, ticket).mistake == mistake


def test_chance_is_computed_from_the_shares_of_each_layer(checks, capsys):
    """Ticket and largest have 2 of 4 in a and in b each: by chance 2·2/4 + 2·2/4 of 4 are in both."""
    checks.known_before(0.5, INITIAL, TICKET)
    said = " ".join(capsys.readouterr().out.split())
    assert "with as many in each layer as these two masks have, 0.500." in said
    initial = {"a/kernel": INITIAL["a/kernel"], "b/kernel": INITIAL["b/kernel"] / 10}  # all largest are in a
    checks.known_before(0.5, initial, TICKET)
    said = " ".join(capsys.readouterr().out.split())
    assert "share 0.500 with" in said and "these two masks have, 0.500." in said
    skewed = pw.Masks({"a/kernel": np.ones((1, 4), bool), "b/kernel": np.zeros((4, 1), bool)})
    checks.known_before(1.0, initial, skewed)  # both keep all of a: chance alone would do it
    assert "these two masks have, 1.000." in " ".join(capsys.readouterr().out.split())


def test_the_stored_runs_support_what_the_chapter_says():
    runs = pd.read_csv(ROOT / "notebooks" / "runs" / "lottery_tickets.csv")
    for _, seed in runs.groupby("seed"):
        ticket = seed[seed.kind == "ticket"].set_index("sparsity")
        control = seed[seed.kind == "control"].set_index("sparsity")
        dense = ticket.loc[0]
        above, below = ticket.low > dense.high, ticket.high < dense.low
        assert above[(ticket.index > 0.79) & (ticket.index < 0.92)].all()
        assert below[ticket.index > 0.985].all() and not below[ticket.index < 0.98].any()
        assert (control.accuracy < ticket.accuracy.loc[control.index])[control.index > 0.3].all()
        assert (control.high < dense.low)[control.index > 0.86].all()


@pytest.mark.parametrize(
    "answer, mistake",
    [
        (0.8, ""),
        ("0.8", ""),
        (np.float64(0.8), ""),
        (80, "per_cent"),
        (0.2, "kept"),
        (0.9, "first_below"),
        (0.5, "most_accurate"),
        (0.95, "beyond"),
        (0.0, "hint"),
    ],
)
def test_smallest_winner(checks, answer, mistake):
    """The mean, not a single seed; and not the control."""
    sparsity = [0, 0.5, 0.8, 0.9, 0.95]
    ticket = [[0.90, 0.92], [0.95, 0.97], [0.95, 0.88], [0.99, 0.70], [0.6, 0.6]]
    rows = [("ticket", s, a) for s, pair in zip(sparsity, ticket, strict=True) for a in pair]
    runs = pd.DataFrame([*rows, ("control", 0.9, 0.99)], columns=["kind", "sparsity", "accuracy"])
    result = checks.smallest_winner(answer, runs)
    assert (result.mistake, result.passed) == (mistake, not mistake)


def test_the_worth_of_mask_and_values_is_a_difference_in_points(checks):
    read = {"ticket": 94, "control": 91, "other places": 90, "other places, shuffled": 89}
    table = checks.worth({name: pw.models.Accuracy(n, 100) for name, n in read.items()})
    assert table.loc["worth of the mask"].tolist() == ["4.00", "2.00", ""]
    assert table["worth of the values"].tolist() == ["3.00", "1.00", ""]


def test_the_flow_says_what_is_known(checks):
    from checks.pictures_07 import flow

    assert flow({}).description.count("?") == 5
    drawn = flow({"dense": 0.9, "ticket": 0.9}, {"ticket": 0.95})
    assert "ticket: mask found, own values: 90.00 %, ○ 95.00 %" in drawn.description
    assert drawn._repr_png_()[0].startswith(b"\x89PNG")


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
    fixed = lambda w: np.sign(w) * 0.2  # noqa: E731  right for the first example alone
    for wrong in (
        lambda w: ...,
        np.sign,
        lambda w: w,
        lambda w: 0.5,
        lambda w: w.sign(),
        fixed,
        lambda w: "w",
    ):
        checks.signs(wrong, ..., initial, masks, model, start, fit, found)
        assert mark(capsys) in "○✗"
    assert trained == []
    checks.signs(lambda w: np.sign(w) * abs(w).mean(), "control", initial, masks, model, start, fit, found)
    assert "ticket\n" in (said := capsys.readouterr().out)
    assert said[0] == "✓"
    for name, array in trained[0].items():
        wanted = np.where(masks[name], np.sign(initial[name]) * abs(initial[name]).mean(), 0)
        assert np.allclose(array, wanted)


@pytest.mark.parametrize(
    "function, says",
    [
        (
            lambda w: np.sign(w) * 0.2,
            "Of (0.5, -0.1), (-0.3, 0.3) it makes (0.2, -0.2), (-0.2, 0.2); it should",
        ),
        (lambda w: abs(w), "Of -0.2, 0.1, 0.3 it makes 0.2, 0.1, 0.3; it should be -0.2, 0.2, 0.2, the mean"),
        (
            lambda w: (np.sign(w) * abs(w).mean()).ravel(),
            "For an array of shape (2, 2) it returns one of shape (4,)",
        ),
        (
            lambda w: np.sign(w) * (abs(w).mean() if w.size < 9 else 1),
            "Right for small arrays, but not for one",
        ),
    ],
)
def test_an_array_that_is_wrong_is_shown_and_none_that_is_right(checks, capsys, function, says):
    initial = {"a/kernel": np.linspace(-1, 0.9, 20).reshape(4, 5)}
    checks.signs(function, ..., initial, None, None, None, None, {})
    assert says in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    "function, mistake",
    [
        (lambda w: abs(w) * 0 + abs(w).mean(), "no_sign"),
        (np.sign, "no_size"),
        (lambda w: np.sign(w) * w.mean(), "mean_of_w"),
        (lambda w: w, "hint"),
        (lambda w: w.ravel()[:1], "shape"),
        (lambda w: w.sign(), "stopped"),
    ],
)
def test_each_wrong_function_gets_its_hint(checks, function, mistake):
    result = checks.signs(function, ..., INITIAL, None, None, None, None, {})
    assert (result.mistake, result.passed) == (mistake, False)


@pytest.mark.parametrize("zero", [-0.5, 0, 0.5])
def test_a_weight_of_zero_may_have_either_sign(checks, zero):
    initial = np.array([0.0, -1, 0.25, 0.75])  # mean of |w|: 0.5
    assert checks.one_size([zero, -0.5, 0.5, 0.5], initial)
    assert not checks.one_size([zero, -0.5, 0, 0.5], initial)
    assert not checks.one_size([0.25, -0.5, 0.5, 0.5], initial)


def test_a_function_cannot_change_the_initial_values(checks, capsys):
    def in_place(w):
        w[:] = np.sign(w)
        return w

    initial = {"a/kernel": np.array([[0.5, -0.25]])}
    checks.signs(in_place, ..., initial, None, None, None, None, {})
    assert initial["a/kernel"].tolist() == [[0.5, -0.25]]
