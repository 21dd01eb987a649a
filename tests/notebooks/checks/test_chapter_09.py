"""The checks of chapter 09 accept right and reject wrong answers, on sizes that can be checked by hand."""

import numpy as np
import pytest

CHECKS = "checks.chapter_09"


def verdict(capsys) -> str:
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (..., "○"),
        (range(1, 12, 3), "✓"),
        ({10, 7, 4, 1}, "✓"),
        (np.array([1, 4, 7, 10]), "✓"),
        ([1, 4, 7], "✗"),
        (range(4, 8), "✗"),  # as if the places of one filter were side by side
        (1, "✗"),
        ("all", "✗"),
    ],
)
def test_rows_that_read_a_filter(checks, capsys, answer, expected):
    checks.rows_of_a_filter(answer, 1, (2, 2, 3))
    assert verdict(capsys)[:1] == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (..., "○"),
        ({1, 3}, "✓"),
        ([3, 1], "✓"),
        ({0, 1}, "✗"),
        ({3}, "✗"),
        (2, "✗"),
        ([3, 1, 1], "✗"),
        ("both", "✗"),
    ],
)
def test_coupled_channels_have_one_score(checks, capsys, answer, expected):
    checks.coupled_choice(answer, np.array([0.1, 0.2, 3.0, 0.3]), np.array([5.0, 0.5, 1.0, 0.1]), 2)
    assert verdict(capsys)[:1] == expected


def test_a_choice_by_one_layer_alone_gets_a_hint(checks, capsys):
    checks.coupled_choice({0, 1}, np.array([0.1, 0.2, 3.0, 0.3]), np.array([5.0, 0.5, 1.0, 0.1]), 2)
    assert "of conv_a alone" in verdict(capsys)


def test_too_few_channels_are_counted(checks, capsys):
    checks.coupled_choice({3}, np.array([0.1, 0.2, 3.0, 0.3]), np.array([5.0, 0.5, 1.0, 0.1]), 2)
    assert "2 channels were asked for" in verdict(capsys)


def test_a_word_is_not_taken_for_one_row(checks, capsys):
    checks.rows_of_a_filter("all", 1, (2, 2, 3))
    assert "one row" not in verdict(capsys)
    checks.rows_of_a_filter(1, 1, (2, 2, 3))
    assert "one row" in verdict(capsys)


def cut(kernel, recurrent, bias, dense, unit, columns, rows=None):
    kernel, bias = np.delete(kernel, columns, axis=1), np.delete(bias, columns)
    recurrent = np.delete(np.delete(recurrent, columns, axis=1), unit if rows is None else rows, axis=0)
    return kernel, recurrent, bias, np.delete(dense, unit, axis=0)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda *arrays: ..., "○"),
        (lambda *arrays: (..., ..., ..., ...), "○"),
        (lambda *arrays: cut(*arrays, columns=arrays[-1] + 3 * np.arange(4)), "✓"),
        (lambda *arrays: list(cut(*arrays, columns=range(arrays[-1], 12, 3))), "✓"),
        (lambda *arrays: cut(*arrays, columns=[1, 4, 7, 10]), "✗"),  # whichever unit is asked for
        (lambda *arrays: cut(*arrays[:4], 1, columns=[1, 4, 7, 10]), "✗"),
        (lambda *arrays: cut(*arrays, columns=[4, 5, 6, 7]), "✗"),  # the gates of a unit side by side
        (lambda *arrays: cut(*arrays, columns=arrays[-1] + 3 * np.arange(4), rows=0), "✗"),
        (lambda *arrays: cut(*arrays, columns=[1]), "✗"),
        (lambda *arrays: arrays[:4], "✗"),
        (lambda kernel: kernel, "✗"),
    ],
)
def test_an_lstm_without_a_unit(checks, capsys, function, expected):
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=shape) for shape in ((2, 12), (3, 12), (12,), (3, 2))]
    checks.lstm_without(function, 1, weights, rng.normal(size=(4, 5, 2)))
    assert verdict(capsys)[:1] == expected


def test_a_hard_coded_unit_gets_a_hint(checks, capsys):
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=shape) for shape in ((2, 12), (3, 12), (12,), (3, 2))]
    fixed = lambda *arrays: cut(*arrays[:4], 1, columns=[1, 4, 7, 10])  # noqa: E731
    checks.lstm_without(fixed, 1, weights, rng.normal(size=(4, 5, 2)))
    assert "Right for unit 1, but not for unit 0." in " ".join(verdict(capsys).split())


def test_the_lstm_of_the_checks_equals_that_of_keras(checks):
    import keras

    model = keras.Sequential([keras.Input((5, 2)), keras.layers.LSTM(3)])
    x = np.random.default_rng(0).normal(size=(4, 5, 2)).astype("float32")
    found = checks.run_lstm(*(array.astype(float) for array in model.get_weights()[:3]), x)
    np.testing.assert_allclose(found, np.asarray(model(x)), atol=1e-5)


def test_cut_filters_are_blank_where_they_are_made_and_where_they_are_read(checks):
    rng = np.random.default_rng(0)
    kernels = {"one": rng.random((3, 3, 1, 4)) + 1, "two": rng.random((3, 3, 4, 2)) + 1}
    kept = np.array([True, False, True, False])
    picture = checks.cut_filters(kernels, kept)
    made, read = (np.ma.filled(axes.images[0].get_array(), np.nan) for axes in picture.axes)
    for place in range(4):
        for tiles, kernel in ((made, kernels["one"][..., place]), (read, kernels["two"][:, :, place])):
            row = tiles[3 * place : 3 * place + 3]
            if kept[place]:
                np.testing.assert_array_equal(row, kernel.transpose(0, 2, 1).reshape(3, -1))
            else:
                assert np.isnan(row).all()
    assert "filters 1, 3. 18 of 36 weights of one and 36 of 72 weights of two go." in picture.description


def test_the_shared_sum_hatches_only_channels_that_are_silent_for_every_picture(checks):
    a, c = np.ones((2, 3, 3, 4)), np.full((2, 3, 3, 4), -2.0)
    a[..., 1] = 0
    a[0, ..., 2] = 0  # for one of the two pictures
    picture = checks.shared_sum({"a": a, "c": c, "sum": a + c})
    drawn = np.ma.filled(picture.axes[0].images[0].get_array(), np.nan)
    np.testing.assert_allclose(drawn, [[1, np.nan, 0.5, 1], [2] * 4, [1, 2, 1.5, 1]])
    assert [patch.get_xy() for patch in picture.axes[0].patches] == [(0.5, -0.5)]
    assert "a: silent 1; c: none silent; sum: none silent" in picture._repr_html_()


def test_the_frames_hold_what_lstm_without_removes(checks):
    kernel, recurrent = np.zeros((2, 12)), np.zeros((3, 12))
    picture = checks.gate_blocks(kernel, recurrent, unit=1)
    framed = np.zeros((5, 12), bool)
    for patch in picture.axes[0].patches:
        (x, y), w, h = patch.get_xy(), patch.get_width(), patch.get_height()
        framed[int(y + 0.5) : int(y + 0.5 + h), int(x + 0.5) : int(x + 0.5 + w)] = True
    whole = np.delete(np.delete(np.ones((5, 12)), [1, 4, 7, 10], axis=1), 2 + 1, axis=0)
    assert (~framed).sum() == whole.size
    assert not framed[np.ix_([0, 1, 2, 4], [0, 2, 3, 5, 6, 8, 9, 11])].any()
    assert "unit 1: column 1, 4, 7, 10" in picture.description
