"""The checks of chapter 17, its views, and what it says is luck, on what can be counted by hand."""

import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw

CHECKS = "checks.chapter_17"


@pytest.fixture(scope="module")
def model():
    return pw.models.small_cnn(seed=0)


@pytest.mark.parametrize(
    ("answer", "verdict", "mistake"),
    [
        (..., "○", ""),
        (676, "✓", ""),
        ("676", "✓", ""),
        (784, "✗", "input"),
        (144, "✗", "kernel"),
        (9, "✗", "kernel"),
        (26, "✗", "side"),
        (121, "✗", "second"),
        (1, "✗", "once"),
        (50, "✗", "hint"),
    ],
)
def test_the_price_of_a_weight(checks, capsys, model, answer, verdict, mistake):
    result = checks.price(answer, model)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


def one_layer(best, random):
    name = random.choice(list(best))
    return best | {name: best[name] * np.exp(random.normal(0, 0.5))}


def scaled(step):
    return lambda best, random: {n: share * np.exp(random.normal(0, step)) for n, share in best.items()}


@pytest.mark.parametrize(
    ("function", "verdict", "mistake"),
    [
        (lambda best, random: ..., "○", ""),
        (scaled(0.4), "✓", ""),
        (lambda best, random: {n: s * random.uniform(0.5, 2) for n, s in best.items()}, "✓", ""),
        (lambda best, random: {n: float(np.exp(random.uniform(-4.6, 0))) for n in best}, "✗", "hint"),
        (one_layer, "✗", "near"),
        (scaled(0.05), "✗", "small"),
        (lambda best, random: best, "✗", "same"),
        (lambda best, random: dict.fromkeys(best, 0.5), "✗", "fixed"),
        (lambda best, random: 0.5, "✗", "shape"),
        (lambda best, random: {"last": 0.5}, "✗", "shape"),
        (lambda best, random: dict.fromkeys(best, f"word {random.random()}"), "✗", "stopped"),
        (lambda best: best, "✗", "stopped"),
    ],
)
def test_shares_near_the_best(checks, capsys, function, verdict, mistake):
    result = checks.near_the_best(function)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


def test_a_climbing_study_keeps_the_best_and_the_limits(checks):
    asked = []

    def propose(best, random):
        asked.append(best)
        return {"a": 10 * best["a"], "b": 0.0}

    study = checks.climbing(propose)
    found = []
    for value in (1.0, 3.0, 2.0):
        trial = study.ask()
        found.append({name: trial.suggest_float(name, 0.01, 1.0, log=True) for name in "ab"})
        study.tell(trial, value)
    study.ask()
    assert found[1]["a"] == pytest.approx(min(10 * found[0]["a"], 1.0))
    assert found[1]["b"] == 0.01
    assert asked == [found[0], found[1], found[1]]


@pytest.mark.parametrize(
    ("answer", "verdict", "mistake"),
    [
        (..., "○", ""),
        (59, "✓", ""),
        (20, "✗", "one_in"),
        (19, "✗", "times"),
        (14, "✗", "half"),
        (58, "✗", "one_less"),
        (58.4, "✗", "one_less"),
        (100, "✗", "more"),
        (5, "✗", "hint"),
    ],
)
def test_how_many_random_trials(checks, capsys, answer, verdict, mistake):
    result = checks.trials_for(answer)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


def test_without_optuna_a_line_says_what_to_install(checks, capsys, monkeypatch):
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    assert checks.optuna() is None
    assert "pip install 'prunewidgets[applications]'" in capsys.readouterr().out.replace("\n", " ")


def test_sliders_are_scaled_to_the_budget_and_each_press_is_one_measurement(checks, model):
    random = np.random.default_rng(0)
    x, y = random.random((30, 28, 28, 1), np.float32), random.integers(0, 10, 30)
    price = {"conv_1/kernel": 676, "conv_2/kernel": 121, "dense_1/kernel": 1, "dense_2/kernel": 1}
    hand = checks.ByHand(model, x, y)
    assert list(hand.shares) == list(price)
    whole = sum(price[name] * w.size for name, w in pw.LiveModel(model).weights.items())
    shares = [hand.kept[name] / w.size for name, w in pw.LiveModel(model).weights.items()]
    assert shares == pytest.approx([0.2] * 4, abs=0.01)  # it begins with the same share of each layer
    hand.shares["conv_1/kernel"].value = 0.1
    kept = hand.kept
    spent = sum(price[name] * number for name, number in kept.items())
    assert 0.998 * whole * 0.2 < spent <= whole * 0.2
    assert kept["conv_1/kernel"] / 144 == pytest.approx(0.1 * kept["dense_1/kernel"] / 51200, rel=0.1)
    assert f"{kept['dense_1/kernel']:,} of 51,200" in hand.picture.value
    assert hand.tries.empty
    hand.measure.click()
    hand.budget.value, hand.unit.value = "5 %", "weights"
    assert sum(hand.kept.values()) == int(0.05 * 56_592)
    hand.measure.click()
    assert hand.tries[["unit", "budget"]].values.tolist() == [["multiply-adds", 20], ["weights", 5]]
    masks = hand.best()
    assert {name: int(mask.sum()) for name, mask in masks.items()} == kept
    assert hand.tries["accuracy"][0] == float(pw.LiveModel(model).evaluate(x, y, masks))
    assert "Best of 1 at this budget" in hand.found.value
    plan = pw.search_plan(model, x, y, "20 % of multiply-adds", trials=2)
    rules = {"same share": pw.Masks.from_sparsity(pw.score(pw.LiveModel(model).weights), 0.8, scope="layer")}
    found = checks.choices(rules, {"same share": 0.1}, plan, 7.0, {"random": [plan, plan]}, hand)
    assert found.index.tolist() == ["same share", "you", "arithmetic", "random 0", "random 1"]
    assert found["measurements"].tolist() == [1, 1, 2, 2, 2]
    assert found["promised"].tolist() == [0.1, hand.tries["accuracy"][0]] + 3 * [float(plan.on_search)]
    assert found["masks"]["you"] == masks and found["seconds"]["arithmetic"] == 7
    hand = checks.ByHand(model, x, y)
    assert "you" not in checks.choices(rules, {"same share": 0.1}, plan, 7.0, {}, hand).index


def test_a_saved_page_gets_pictures_without_sliders(checks, model, monkeypatch):
    monkeypatch.setenv("PRUNEWIDGETS_WRITES_A_PAGE", "1")
    hand = checks.ByHand(model, np.zeros((2, 28, 28, 1), np.float32), np.zeros(2, int))
    assert list(hand.children) == [hand.picture]
    frame = pd.DataFrame(
        [("10 %", "one", 0.5, 0.4, 0.6), ("5 %", "one", 0.25, 0.2, 0.3)],
        columns=["budget", "method", "accuracy", "low", "high"],
    )
    assert checks.by_budget(frame).value.count("<svg") == 2


def test_what_is_luck_is_counted(checks):
    random = np.random.default_rng(0)
    right = random.random((20, 4000)) < 0.8  # equals: every difference between them is luck
    found = checks.lucky(right).set_index(["trials", "digits"])
    for digits in (10, 100, 1000):
        best = random.binomial(digits, 0.8, (20_000, 20)).max(axis=1).mean() / digits
        assert found.loc[(20, digits), "promised"] == pytest.approx(best, abs=0.012)
        assert found.loc[(20, digits), "came out"] == pytest.approx(0.8, abs=0.006)
    assert found["best of them"].max() == pytest.approx(right.mean(axis=1).max())
    right[3] = True
    found = checks.lucky(right).set_index(["trials", "digits"])
    assert found.loc[(20, 1000)].tolist() == [1, 1, 1]


def test_the_views_follow_their_sliders(checks):
    frame = pd.DataFrame(
        [("10 %", "<b>", 0.5, 0.4, 0.6), ("5 %", "<b>", 0.25, 0.2, 0.3)],
        columns=["budget", "method", "accuracy", "low", "high"],
    )
    slider, picture = checks.by_budget(frame).children
    slider.value = "10 %"
    assert "50.0 %" in picture.value and "&lt;b&gt;" in picture.value and "<b>" not in picture.value
    slider.value = "5 %"
    assert "25.0 %" in picture.value
    found = checks.lucky(np.random.default_rng(0).random((6, 200)) < 0.5)
    digits, trials, picture = checks.luck(found).children
    digits.value, trials.value = "50", "5"
    row = found[(found["digits"] == 50) & (found["trials"] == 5)].iloc[0]
    assert f"promised {100 * row['promised']:.1f} %" in picture.value
