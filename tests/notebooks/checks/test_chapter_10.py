"""The checks of chapter 10 accept right answers and reject wrong ones."""

from pathlib import Path

import keras
import numpy as np
import pytest

import prunewidgets as pw

CHECKS = "checks.chapter_10"


def mark(capsys) -> str:
    return "".join(line[0] for line in capsys.readouterr().out.splitlines() if line[:1] in "✓✗○")


WIDEST = [(74, "✓"), ("74", "✓"), (75, "✗"), (100, "✗"), ("many", "✗"), (..., "○")]


@pytest.mark.parametrize("answer, verdict", WIDEST)
def test_widest(checks, capsys, answer, verdict):
    """74 · 400 is 29,600; 75 · 400 is 30,000, the same as one kernel."""
    checks.widest(answer, (300, 100))
    assert mark(capsys) == verdict


@pytest.mark.parametrize(
    "answer, mistake",
    [(75, "equal"), (100, "full"), (99, "one_layer"), (29_600, "weights"), (60, "hint"), ("many", "hint")],
)
def test_a_wrong_rank_gets_its_hint(checks, capsys, answer, mistake):
    assert checks.widest(answer, (300, 100)).mistake == mistake


def step(weights, values):
    """By sorting: the borders halfway between the values cut the weights into groups."""
    parts = np.split(np.sort(weights), np.searchsorted(np.sort(weights), (values[1:] + values[:-1]) / 2))
    return np.array([part.mean() if part.size else v for part, v in zip(parts, values, strict=True)])


def nearest(weights, values):
    return np.argmin(abs(weights[:, None] - values), axis=1)


@pytest.mark.parametrize(
    "function, mistake",
    [
        (step, ""),
        (lambda w, v: step(w, v).tolist(), ""),
        (nearest, "groups"),
        (lambda w, v: step(w, v)[nearest(w, v)], "each_weight"),
        (lambda w, v: step(w, v)[:1], "count"),
        (lambda w, v: v, "unchanged"),
        (lambda w, v: [np.median(w[nearest(w, v) == n]) for n in range(len(v))], "median"),
        (lambda w, v: np.full(len(v), w.mean()), "all"),
        (lambda w, v: step(w, v)[::-1], "order"),
        (lambda w, v: v + 1, "hint"),
        (lambda w, v: step(w, v[:2]), "fixed"),
        (
            lambda w, v: [
                w[nearest(w, v) == n].sum() / max(1, sum(nearest(w, v) == n)) for n in range(len(v))
            ],
            "empty",
        ),
        (lambda w: w, "stopped"),
    ],
)
def test_a_step_of_k_means_assigns_and_moves(checks, capsys, function, mistake):
    result = checks.kmeans_step(function, np.random.default_rng(0).normal(size=200).astype(np.float32))
    assert (result.passed, result.mistake) == (not mistake, mistake)


def test_a_step_that_is_right_for_a_few_weights_alone_is_found(checks, capsys):
    weights = np.random.default_rng(0).normal(size=200)
    few_only = lambda w, v: step(w, v) if len(w) < 10 else v  # noqa: E731
    assert checks.kmeans_step(few_only, weights).mistake == "fixed"
    assert not checks.kmeans_step(lambda w, v: ..., weights).answered


@pytest.mark.parametrize(
    "answer, verdict",
    [
        ((0.6, 0.85), "✓"),
        ((0.567, 0.8), "✗"),
        ((0.85, 0.6), "✓"),
        ({0.6, 0.85}, "✓"),
        ({"smaller": 0.6, "larger": 0.85}, "✓"),
        (["0.6", "0.85"], "✓"),
        (np.array([0.6, 0.85]), "✓"),
        ({0.6}, "✗"),
        ((0.6, (0.8, 0.9)), "✗"),
        (0.6, "✗"),
        ((..., 0.8), "○"),
        ((1, 2), "✗"),
    ],
)
def test_better_pair(checks, capsys, answer, verdict):
    weights = np.array([[0.5, 0.0, 0.6], [0.6, 0.7, 0.8], [0.9, 0.0, 0.0]])
    checks.better_pair(answer, weights, np.array([0.566667, 0.8]))
    assert mark(capsys) == verdict


@pytest.mark.parametrize(
    "answer, hint",
    [
        ({0.567, 0.8}, "squared error is 0.0267, and less than 0.0267 is asked for"),
        ((0.5, 0.85), "squared error is 0.0475"),  # 0 + 0.01 + 0.01 + 0.0225 + 0.0025 + 0.0025 is 0.0475
        (0.6, "Two different numbers"),
        ({0.6}, "Two different numbers"),
    ],
)
def test_a_worse_pair_gets_its_error(checks, capsys, answer, hint):
    weights = np.array([0.5, 0.6, 0.6, 0.7, 0.8, 0.9])
    checks.better_pair(answer, weights, np.array([0.566667, 0.8]))
    assert hint in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    "answer, mistake",
    [
        ((0.5, 0.85), "hint"),
        ((0.8, 0.567), "same"),
        (0.6, "not_two"),
        ({0.6}, "not_two"),
        ((0.4, 0.9), "hint"),
    ],
)
def test_a_worse_pair_gets_its_hint(checks, capsys, answer, mistake):
    weights = np.array([0.5, 0.6, 0.6, 0.7, 0.8, 0.9])
    assert checks.better_pair(answer, weights, np.array([0.566667, 0.8])).mistake == mistake


@pytest.mark.parametrize(
    ("file", "limit", "labels", "mistake"),
    [
        ("a.pwc", 0, [0, 1, 2, 3], ""),
        ("a.pwc", -1, [0, 1, 2, 3], "too_large"),
        ("a.pwc", 0, [3, 2, 1, 0], "too_bad"),
        ("a.pwc", -1, [3, 2, 1, 0], "both"),
        ("none.pwc", 0, [0, 1, 2, 3], "no_file"),
        ("text.pwc", 0, [0, 1, 2, 3], "no_file"),
        (".", 0, [0, 1, 2, 3], "no_file"),
        (3, 0, [0, 1, 2, 3], "no_file"),
    ],
)
def test_a_file_is_measured_and_read_back(checks, monkeypatch, tmp_path, file, limit, labels, mistake):
    monkeypatch.chdir(tmp_path)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, use_bias=False, name="a")])
    model.set_weights([np.eye(4, dtype="float32")])
    at_most = pw.save_compact(model, "a.pwc") + limit
    Path("text.pwc").write_text("no compact file")
    digits = np.eye(4, dtype="float32"), np.array(labels)
    result = checks.file_on_disk(file, digits, at_most=at_most, at_least=0.9)
    assert (result.passed, result.mistake) == (not mistake, mistake)
    assert not checks.file_on_disk(..., digits, at_most=at_most, at_least=0.9).answered


def test_a_file_gets_the_hint_that_it_needs(checks, capsys, tmp_path):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, use_bias=False, name="a")])
    model.set_weights([np.eye(4, dtype="float32")])
    x, path = np.eye(4, dtype="float32"), tmp_path / "a.pwc"
    size = pw.save_compact(model, path)
    result = checks.file_on_disk(path, (x, np.arange(4)), at_most=size - 1, at_least=0.9)
    assert result.mistake == "too_large"
    too_large = capsys.readouterr().out
    result = checks.file_on_disk(path, (x, np.arange(4)[::-1]), at_most=size, at_least=0.9)
    assert result.mistake == "too_bad"
    wrong = capsys.readouterr().out
    result = checks.file_on_disk(path, (x, np.arange(4)[::-1]), at_most=size - 1, at_least=0.9)
    assert result.mistake == "both"
    assert "fewer bits. Also less than 90 %: train on" in " ".join(capsys.readouterr().out.split())
    too_large, wrong = (" ".join(text.split()) for text in (too_large, wrong))
    assert f". More than {size - 1} bytes. Try more zeros" in too_large and ". Less than 90 %. " in wrong
    assert "fewer bits" in too_large and "Train on" not in too_large
    assert "Train on" in wrong and "fewer bits" not in wrong


def test_energies_are_drawn_from_zero_to_all(checks):
    axes = checks.energies({"a": np.diag([2.0, 1.0])}).axes[0]
    assert np.allclose(axes.lines[0].get_ydata(), [0, 0.8, 1])


def test_a_number_line_joins_each_weight_to_the_nearest_value(checks):
    weights, values = np.array([0.2, 0.3, 0.5, 0.9, 0.9]), [0.25, 0.75]
    picture = checks.number_line(weights, {"start": values})
    (axes,) = picture.axes
    thin = [line for line in axes.lines if line.get_linestyle() == "-" and line.get_ydata()[0] > -1.5]
    pairs = {tuple(line.get_xdata()) for line in thin}
    upper_of_a_tie = [values[::-1][np.argmin(np.abs(np.subtract(values[::-1], w)))] for w in weights]
    assert pairs == set(zip(weights, upper_of_a_tie, strict=True))
    assert "start: 0.25 for 2, 0.75 for 3." in picture._repr_html_()


def test_a_number_line_counts_many_weights_by_the_values_of_each_quantization(checks):
    weights = np.random.default_rng(0).normal(size=500).astype(np.float32)
    stored = {
        "shared": pw.quantization.cluster_values(weights, 2),
        "uniform": pw.quantization.round_values(weights, 2),
    }
    picture = checks.number_line(weights, stored)
    written = [text.get_text() for text in picture.axes[0].texts]
    expected = [np.unique(part.values, return_counts=True)[1] for part in stored.values()]
    assert written == [f"{count:,}" for count in np.concatenate(expected)]


def test_a_picture_at_a_few_ranks_is_the_sum_of_as_many_parts(checks):
    image = np.random.default_rng(0).random((6, 4))
    picture = checks.at_ranks(image, (1, 3))
    shown = [np.asarray(axes.images[0].get_array()) for axes in picture.axes]
    for rank, found in zip((1, 3, 4), shown, strict=True):
        np.testing.assert_allclose(found, pw.low_rank.truncated_svd(image, rank).product, atol=1e-6)
    assert "rank 1: 10 numbers" in picture.description
    assert "rank 4, whole: 24 numbers, 100.0 % of the energy" in picture.description


def test_pictures_have_a_clear_ground_and_text_that_reads_on_white_and_on_black(checks):
    from io import BytesIO

    from matplotlib.image import imread

    data, _ = checks.at_ranks(np.eye(3), (1,))._repr_png_()
    assert imread(BytesIO(data))[0, 0, 3] == 0
    grey = int(checks.number_line(np.ones(3), {"one": [1]}).axes[0].texts[0].get_color()[1:3], 16) / 255
    light = ((grey + 0.055) / 1.055) ** 2.4
    dark_page = (17 / 255 + 0.055) ** 2.4 / 1.055**2.4
    assert min(1.05 / (light + 0.05), (light + 0.05) / (dark_page + 0.05)) > 4


def test_the_curves_of_energy_say_what_a_tenth_of_the_ranks_keeps(checks):
    sizes = np.array([3.0, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    picture = checks.energies({"one large": np.diag(sizes)})
    assert "one large: a tenth keeps 50 % of the energy." in picture._repr_html_()
