"""The checks of chapter 04 on a small network."""

import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw

CHECKS = "checks.chapter_04"


@pytest.fixture(scope="module")
def live():
    import keras

    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(6, name="first"), keras.layers.Dense(3, activation="softmax", name="last")]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile(loss="sparse_categorical_crossentropy")
    return pw.LiveModel(model)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(40, 4)).astype("float32"), rng.integers(0, 3, 40)


class Network:
    """Each removed weight of `few` costs 1 of 1,000 digits, ten of `many` cost one."""

    weights = {"many/kernel": np.arange(1.0, 101), "few/kernel": np.arange(1.0, 21)}

    def evaluate(self, x, y, masks=None):
        lost = {} if masks is None else {name: np.count_nonzero(~mask) for name, mask in masks.items()}
        wrong = lost.get("few/kernel", 0) + lost.get("many/kernel", 0) // 10
        return pw.models.Accuracy(1000 - int(wrong), 1000)


DIGITS = (None, None)
BUDGETS = [
    ({"many/kernel": 0.8, "few/kernel": 0}, ""),
    ({"many": np.float64(0.8), "few": "0"}, ""),
    ([("many/kernel", 0.8), ("few/kernel", 0.0)], ""),
    ({"many": 80, "few": 0}, "per_cent"),
    ({"many": "80 %", "few": 0}, "per_cent"),
    ({"many": 0.2, "few": 1}, "turned"),
    ({"many": 0.5, "few": 0}, "too_many"),
    ({"many": 0.8, "few": 0.8}, "too_bad"),
    ({"many": 0.2, "few": 0.8}, "both"),
    ({"middle": 0.5}, "not_valid"),
    ({"many": 300, "few": 0}, "not_valid"),
    (0.8, "other_kind"),
]


@pytest.mark.parametrize(("answer", "mistake"), BUDGETS)
def test_budget(checks, answer, mistake):
    """At most 40 of 120 weights are kept, and at most 10 of 1,000 digits lost."""
    result = checks.budget(answer, Network(), *DIGITS, at_most=40, at_least=0.99)
    assert (result.mistake, result.passed) == (mistake, not mistake)


def test_an_open_budget_is_not_judged(checks, capsys):
    assert not checks.budget({"many": 0.8, "few": ...}, Network(), *DIGITS, 40, 0.99).answered
    assert capsys.readouterr().out.startswith("○")


def greedy(accuracy, sizes, at_most, at_least):
    budget = dict.fromkeys(sizes, 0.0)
    while sum(size * (1 - budget[name]) for name, size in sizes.items()) > at_most:
        tried = [budget | {name: budget[name] + 2 / size} for name, size in sizes.items()]
        budget = max(tried, key=accuracy)
    return budget


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (greedy, ""),
        (lambda *given: {"many": 0.8, "few": 0}, "too_many"),  # right for 40 weights, not for 30
        (lambda *given: {"many": 0.8, "few": 0.8}, "too_bad"),
        (lambda *given: {"many": 0.2, "few": 0.8}, "both"),
        (lambda *given: {"many": 0.1, "few": 1}, "turned"),
        (lambda *given: {"many": 90, "few": 0}, "per_cent"),
        (lambda *given: 0.8, "other_kind"),
        (lambda *given: {"middle": 0.8}, "not_valid"),
        (lambda *given: None, "nothing"),
        (lambda *given: 1 / 0, "stopped"),
        (lambda accuracy, *given: [accuracy({}) for _ in range(2000)], "stopped"),
    ],
)
def test_search(checks, function, mistake):
    result = checks.search(function, Network(), DIGITS, limits=(40, 30), most_loss=0.01)
    assert (result.mistake, result.passed) == (mistake, not mistake)


def test_an_unwritten_search_is_open(checks):
    for found in (..., {"many/kernel": 0.5, "few/kernel": ...}):
        assert not checks.search(lambda *given, found=found: found, Network(), DIGITS, (40,), 0.01).answered


SCAN = pd.DataFrame(
    [
        ("big/kernel", 0.0, 0.9, 0),
        ("big/kernel", 0.8, 0.89, 800),
        ("big/kernel", 0.9, 0.88, 900),  # 0.0001 for each further weight
        ("small/kernel", 0.0, 0.9, 0),
        ("small/kernel", 0.8, 0.7, 8),
        ("small/kernel", 0.9, 0.66, 9),  # 0.04
    ],
    columns=["layer", "sparsity", "accuracy", "removed"],
)
BIG_SMALL = ("big/kernel", "small/kernel")


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (400, ""),
        (np.float32(399.9), ""),
        ("400", ""),
        (4, "loss_alone"),
        (1 / 400, "upside_down"),
        (2000, "from_the_first"),  # up to 80 %: 0.025 against 0.0000125
        (1200, "from_the_first"),  # up to 90 %: 0.24 / 9 against 0.02 / 900
        (300, "hint"),
        ("small", "hint"),
    ],
)
def test_next_weights(checks, answer, mistake):
    result = checks.next_weights(answer, SCAN, BIG_SMALL, between=(0.8, 0.9))
    assert (result.mistake, result.passed) == (mistake, not mistake)


@pytest.mark.parametrize("scan", [SCAN[:3], SCAN[:0], SCAN.assign(accuracy=0.9)])
def test_next_weights_have_no_price_in_a_stopped_scan(checks, scan):
    assert checks.next_weights(400, scan, BIG_SMALL, (0.8, 0.9)).mistake == "no_price"
    assert not checks.next_weights(..., scan, BIG_SMALL, (0.8, 0.9)).answered


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (0.25, ""),
        (np.float32(0.25), ""),
        ("25 %", "per_cent"),
        (0.3, "of_the_layer"),
        (0.75, "kept"),
        (75, "kept"),
        (30, "of_the_layer"),
        (0.1, "hint"),
    ],
)
def test_true_sparsity(checks, answer, mistake):
    masks = pw.Masks({"many/kernel": np.arange(100) >= 30})
    result = checks.true_sparsity(answer, masks, Network.weights)
    assert (result.mistake, result.passed) == (mistake, not mistake)


def test_applied_masks_are_named_and_restored(checks, live, capsys):
    before = live.weights
    pw.prune(live, 0.5)
    checks.restore_if_applied(live)
    assert "50.00 %" in capsys.readouterr().out
    assert live.applied is None
    assert all(np.array_equal(before[name], live.weights[name]) for name in before)
    checks.restore_if_applied(live)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("budget", [{"first/kernel": 80}, {"nothing": 0.5}, "much"])
def test_an_invalid_budget_leaves_the_test_set_closed(checks, live, data, capsys, budget):
    checks.once_on_the_test_set(budget, live, data, data, "larger")
    out = capsys.readouterr().out
    assert out.startswith("✗") and "The test set stays closed." in " ".join(out.split())


@pytest.mark.parametrize(("budget", "guess"), [({"first": ...}, "larger"), ({"first": 0.5}, ...)])
def test_the_test_set_stays_closed_without_a_budget_or_a_guess(checks, live, data, capsys, budget, guess):
    checks.once_on_the_test_set(budget, live, data, data, guess)
    assert capsys.readouterr().out.startswith("○")


def test_the_test_set_is_measured_on_the_restored_network(checks, live, data, capsys):
    checks.once_on_the_test_set({"first/kernel": 0.5}, live, data, data, "larger")
    before = capsys.readouterr().out
    assert "points, equal; your guess: larger" in before
    pw.prune(live, 0.9)  # as Apply in a lab does
    checks.once_on_the_test_set({"first/kernel": 0.5}, live, data, data, "larger")
    assert capsys.readouterr().out.endswith(before)
    assert live.applied is None
