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


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        ({3}, "count"),
        ({0, 1}, "first_alone"),  # sums: 5.1, 0.7, 4.0, 0.4, 1.0
        ({2, 3}, "second_alone"),
        ({0, 2}, "largest"),
        ({2, 4}, "from_one"),
        ({1, 4}, "hint"),
        ("both", "hint"),
    ],
)
def test_a_wrong_choice_of_channels_gets_its_hint(checks, capsys, answer, mistake):
    first, second = np.array([0.1, 0.2, 3.9, 0.3, 0.4]), np.array([5.0, 0.5, 0.1, 0.1, 0.6])
    assert checks.coupled_choice(answer, first, second, 2).mistake == mistake


def test_the_smaller_of_two_norms_is_no_score(checks, capsys):
    first, second = np.array([0.1, 9.0, 0.5, 0.6, 9.5]), np.array([9.0, 0.1, 0.5, 0.6, 9.5])
    assert checks.coupled_choice({0, 1}, first, second, 2).mistake == "smaller_of_both"


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (1, "one_row"),
        ([1], "one_row"),
        (range(4, 8), "block"),  # as if the places of one filter were side by side
        (range(3, 6), "place"),
        (range(2, 13, 3), "from_one"),
        ([0, 2, 3, 5, 6, 8, 9, 11], "kept"),
        (range(1, 12, 4), "step"),
        ([1, 4, 7], "some"),
        ([1, 2], "hint"),
        ("all", "hint"),
    ],
)
def test_wrong_rows_get_their_hint(checks, capsys, answer, mistake):
    assert checks.rows_of_a_filter(answer, 1, (2, 2, 3)).mistake == mistake


@pytest.fixture(scope="module")
def pair():
    import keras
    from keras import layers

    parts = [layers.Conv2D(3, 2), layers.BatchNormalization(), layers.ReLU(), layers.Conv2D(2, 2)]
    return keras.Sequential([keras.Input((4, 4, 1)), *parts])


def by_hand(kernel_1, bias_1, norm, kernel_2, k):
    return np.delete(kernel_1, k, 3), np.delete(bias_1, k), np.delete(norm, k, 1), np.delete(kernel_2, k, 2)


def instead(place, value):
    """`by_hand` with one of its four results replaced by what `value` makes of the five arguments."""

    def function(*arrays):
        parts = list(by_hand(*arrays))
        parts[place] = value(*arrays)
        return parts

    return function


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (by_hand, ""),
        (instead(2, lambda a, b, norm, c, k: [np.delete(part, k) for part in norm]), ""),
        (instead(0, lambda a, *rest: a), "first_whole"),
        (instead(0, lambda a, *rest: a[1:]), "first_axis"),
        (instead(1, lambda a, b, *rest: b), "bias"),
        (instead(2, lambda a, b, norm, c, k: [*np.delete(norm[:2], k, 1), *norm[2:]]), "norm_some"),
        (instead(2, lambda a, b, norm, c, k: norm), "norm"),
        (instead(3, lambda a, b, norm, c, k: c), "second_whole"),
        (instead(3, lambda a, b, norm, c, k: np.delete(c, 0, 3)), "second_axis"),
        (instead(3, lambda a, b, norm, c, k: np.delete(c, k - 1, 2)), "places"),
        (lambda *arrays: by_hand(*arrays[:4], 1), "fixed"),
        (lambda *arrays: arrays[0], "stopped"),
        (lambda kernel: kernel, "stopped"),
    ],
)
def test_a_filter_is_cut_out_of_every_array_that_has_it(checks, capsys, pair, function, mistake):
    result = checks.filter_by_hand(function, pair)
    assert (result.passed, result.mistake) == (not mistake, mistake)


def test_a_filter_that_is_not_cut_yet_is_an_open_question(checks, capsys, pair):
    assert not checks.filter_by_hand(lambda *arrays: ..., pair).answered


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


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (lambda *arrays: cut(*arrays[:4], 1, columns=[1, 4, 7, 10]), "fixed"),
        (lambda *arrays: arrays[:4], "hint"),
        (lambda *arrays: arrays[0], "four"),
        (lambda *arrays: cut(*arrays, columns=[1])[:3], "four"),
        (lambda *arrays: cut(*arrays, columns=[1]), "one_gate"),
        (lambda *arrays: cut(*arrays, columns=arrays[-1] + 3 * np.arange(4), rows=[]), "recurrent_rows"),
        (lambda *arrays: (*cut(*arrays, columns=arrays[-1] + 3 * np.arange(4))[:3], arrays[3]), "dense"),
        (lambda *arrays: cut(*arrays, columns=4 * arrays[-1] % 9 + np.arange(4)), "side_by_side"),
        (
            lambda *arrays: cut(*arrays, columns=arrays[-1] + 3 * np.arange(4), rows=(arrays[-1] + 1) % 3),
            "rows",
        ),
        (lambda *arrays: cut(*arrays, columns=[0, 2, 4, 6]), "columns"),
        (lambda kernel: kernel, "stopped"),
    ],
)
def test_a_wrong_lstm_gets_its_hint(checks, capsys, function, mistake):
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=shape) for shape in ((2, 12), (3, 12), (12,), (3, 2))]
    assert checks.lstm_without(function, 1, weights, rng.normal(size=(4, 5, 2))).mistake == mistake


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
