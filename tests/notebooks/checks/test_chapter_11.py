"""The checks of chapter 11 accept right and reject wrong answers, on numbers that can be checked by hand."""

import keras
import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw

CHECKS = "checks.chapter_11"


def mark(capsys) -> str:
    """The first character of the verdict."""
    return capsys.readouterr().out[:1]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(..., "○"), (3, "✓"), ("3", "✓"), (3.0, "✓"), (2, "✗"), (1, "✗"), ("three", "✗")],
)
def test_adam_keeps_two_numbers_beside_each_weight(checks, capsys, answer, expected):
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(4)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    checks.numbers_for_each_weight(answer, model)
    assert mark(capsys) == expected


def test_the_means_of_a_network_that_was_only_pruned_are_zero(checks, capsys):
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(4, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    pw.prune(model, 0.5)
    checks.numbers_for_each_weight(3, model)
    assert "all of them are zero" in " ".join(capsys.readouterr().out.split())
    model.fit(np.ones((4, 5)), np.arange(4), verbose=0)
    checks.numbers_for_each_weight(3, model)
    assert "are zero" not in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("answer", "mistake"), [(3.03, "nearly"), (2, "beside"), (12.1, "bytes"), (806_000, "all"), (5, "hint")]
)
def test_a_wrong_number_for_each_weight_gets_its_hint(checks, capsys, answer, mistake):
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(4)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    assert checks.numbers_for_each_weight(answer, model).mistake == mistake


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda k: ..., "○"),
        (lambda k: 1 - 1 / k, "✓"),
        (lambda k: (k - 1) / k, "✓"),
        (lambda k: f"{1 - 1 / k}", "✓"),
        (lambda k: 1 / k, "✗"),
        (lambda k: 100 * (1 - 1 / k), "✗"),
        (lambda k: 0.9, "✗"),
        (lambda k: "late", "✗"),
        (lambda k: 1 / (k - k), "✗"),
        (lambda: 0.5, "✗"),
    ],
)
def test_the_sparse_kernel_wins_where_both_cost_the_same(checks, capsys, function, expected):
    checks.break_even_kernel(function)
    assert mark(capsys) == expected


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (lambda k: None, "nothing"),
        (lambda k: 100 - 100 / k, "percent"),
        (lambda k: 1 / k, "density"),
        (lambda k: k, "ratio"),
        (lambda k: 1 - 1 / (2 * k), "half"),
        (lambda k: 0.9, "hint"),
        (lambda k: "late", "hint"),
        (lambda k: 1 / (k - k), "stopped"),
    ],
)
def test_a_wrong_break_even_gets_its_hint(checks, capsys, function, mistake):
    assert checks.break_even_kernel(function).mistake == mistake


@pytest.mark.parametrize("function", [lambda k: ..., lambda k: 1 / (k - k), lambda k: 1 / k])
def test_a_k_that_was_measured_is_named_by_right_functions_alone(checks, capsys, function):
    checks.break_even_kernel(function, 5.0)
    assert "your k" not in capsys.readouterr().out
    checks.break_even_kernel(lambda k: 1 - 1 / k, 5.0)
    assert "with your k = 5.0 from 80 %" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((..., ...), "○"),
        ((0.1, ...), "○"),
        ((0.6, 0.09), "✓"),  # 0.9 · 20 of 30; 0.9 · 20 of 20 + 10 · 18
        ([0.59, 0.091], "✓"),
        (("0.6", "0.09"), "✓"),
        ((60, 9), "✗"),
        ((0.6, 0.6), "✗"),
        ((0.09, 0.6), "✗"),
        (("many", 0.09), "✗"),
        (0.6, "✗"),
        ((0.6, 0.09, 0.1), "✗"),
    ],
)
def test_the_last_layer_has_weights_but_little_work(checks, capsys, answer, expected):
    checks.last_layer(answer, {"conv": 10, "last": 20}, {"conv": 18, "last": 1})
    assert mark(capsys) == expected


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (0.6, "two"),
        ((0.6, 0.09, 0.1), "two"),
        (("many", 0.09), "two"),
        ((2 / 3, 0.1), "whole_layer"),
        ((0.4, 0.91), "kept"),
        ((0.09, 0.6), "swapped"),
        ((18, 18), "counts"),
        ((0.5, 0.5), "equal"),
        ((0.6, 0.01), "second"),
        ((0.3, 0.09), "first"),
        ((0.3, 0.01), "hint"),
    ],
)
def test_a_wrong_pair_of_shares_gets_its_hint(checks, capsys, answer, mistake):
    assert checks.last_layer(answer, {"conv": 10, "last": 20}, {"conv": 18, "last": 1}).mistake == mistake


@pytest.mark.parametrize("answer", [(60, 9), (60, 9.0)])
def test_shares_in_per_cent_are_named(checks, capsys, answer):
    result = checks.last_layer(answer, {"conv": 10, "last": 20}, {"conv": 18, "last": 1})
    assert result.mistake in ("percent", "per_cent") and "from 0 to 1" in result.hint


def test_the_curve_is_drawn_for_each_batch_with_its_draw(checks):
    curve = pd.DataFrame({"batch": [1, 1, 32, 32], "sparsity": [0, 0.9] * 2, "ratio": [0.1, 0.9, 0.2, 3]})
    lines = checks.ratio_to_sparsity(curve).axes[0].get_lines()
    assert [line.get_label() for line in lines] == ["batch 1", "batch 32", "a draw"]
    assert lines[1].get_ydata().tolist() == [0.2, 3]


def test_bars_are_shares_of_the_first_network_with_their_numbers_written(checks):
    frame = pd.DataFrame({"whole": [4000.0, 8.0], "zeros": [1000.0, 12.0]}, index=["bytes", "<ms>"])
    picture = checks.bars(frame, "kB")
    axes = picture.axes[0]
    assert [bar.get_width() for bar in axes.patches] == [1, 1, 0.25, 1.5]
    assert [text.get_text().strip() for text in axes.texts] == ["4,000", "8", "1,000", "12"]
    assert "&lt;ms&gt;: whole 8, zeros 12." in picture._repr_html_()


def test_bars_of_times_keep_the_order_of_the_networks_and_draw_their_quartiles(checks):
    rows = [("whole", "keras", 1, 2.0, 1.0, 3.0), ("a few", "keras", 1, 1.0, 0.5, 5.0)]
    picture = checks.times(
        pd.DataFrame(rows, columns=["model", "runner", "batch", "median_ms", "low_ms", "high_ms"])
    )
    axes = picture.axes[0]
    assert [bar.get_width() for bar in axes.patches] == [1, 0.5]
    ends = [tuple(segment[:, 0]) for lines in axes.collections for segment in lines.get_segments()]
    assert ends == [(0.5, 1.5), (0.25, 2.5)]
    assert axes.get_xlim()[1] > 2.5
    assert "keras, batch 1: whole 2 (1 to 3), a few 1 (0.5 to 5)." in picture.description


def test_the_curve_of_the_sparse_product_says_its_ratios(checks):
    curve = pd.DataFrame({"batch": [1, 1, 32], "sparsity": [0.0, 0.9, 0.9], "ratio": [0.25, 2.0, 1.5]})
    says = checks.ratio_to_sparsity(curve)._repr_html_()
    assert "batch 1: 0.25 at 0, 2 at 0.9; batch 32: 1.5 at 0.9." in says
