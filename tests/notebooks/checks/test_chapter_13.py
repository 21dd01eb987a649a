"""The checks of chapter 13 accept right and reject wrong answers, on numbers that can be counted by hand."""

import keras
import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw

CHECKS = "checks.chapter_13"


def block(width, units, norms=2, biases=True, squares=4, dense=2):
    made = squares * width**2 + dense * width * units + 2 * norms * width
    return made + biases * (5 * width + units)


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (block, ""),
        (lambda w, u: f"{block(w, u)}", ""),
        (lambda w, u: block(w, u, norms=0), "norms"),
        (lambda w, u: block(w, u, norms=1), "one_norm"),
        (lambda w, u: block(w, u, norms=0, biases=False), "kernels"),
        (lambda w, u: block(w, u, biases=False), "biases"),
        (lambda w, u: block(w, u) - w * u - w, "one_dense"),
        (lambda w, u: block(w, u) - w * w - w, "output"),
        (lambda w, u: 7, "hint"),
        (lambda w, u: "many", "hint"),
        (lambda w, u: None, "nothing"),
        (lambda w: 1, "stopped"),
    ],
)
def test_the_parameters_of_a_block_are_counted(checks, function, mistake):
    result = checks.block_parameters(function)
    assert (result.mistake, result.passed) == (mistake, not mistake)


def without_head(arrays, k):
    *made, joins, last = arrays
    return [*(np.delete(a, k, axis=a.ndim - 2) for a in made), np.delete(joins, k, axis=0), last]


def changed(place, change):
    def function(arrays, k):
        small = without_head(arrays, k)
        small[place] = change(small[place], arrays[place])
        return small

    return function


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        (without_head, ""),
        (lambda arrays, k: without_head(arrays, 2), "fixed"),
        (lambda arrays, k: without_head(arrays, k)[:7], "count"),
        (lambda arrays, k: arrays, "nothing"),
        (changed(4, lambda small, whole: whole), "kernels"),
        (changed(3, lambda small, whole: whole), "biases"),
        (changed(6, lambda small, whole: whole), "output"),
        (changed(7, lambda small, whole: whole[1:]), "last_bias"),
        (changed(2, lambda small, whole: small[:, ::-1]), "places"),
        (lambda arrays, k: 3, "stopped"),
    ],
)
def test_a_head_goes_from_seven_of_eight_arrays(checks, function, mistake):
    result = checks.head_by_hand(function)
    assert (result.mistake, result.passed) == (mistake, not mistake)


def test_attention_head_by_head_is_that_of_keras(checks):
    keras.utils.set_random_seed(1)
    layer = keras.layers.MultiHeadAttention(3, 2)
    x = np.random.default_rng(0).normal(size=(2, 5, 6)).astype(np.float32)
    expected = np.asarray(layer(x, x))
    np.testing.assert_allclose(checks.attention(layer.get_weights(), x), expected, atol=1e-5)


def test_bert_large_has_the_size_of_its_layers(checks):
    # Of the paper: 24 blocks, width 1024, 4096 units, 30,522 words, 512 places, 2 kinds of text, a pooler.
    assert checks.bert_gib() * 2**30 / 4 == 335_141_888
    # A unit less in each block: 24 columns, biases and rows.
    assert (checks.bert_gib() - checks.bert_gib(units=4095)) * 2**30 == pytest.approx(4 * 24 * 2049)


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (0.33, ""),
        ("0.331", ""),
        (33.1, "percent"),
        (0.67, "kept"),
        (0.2, "of_all"),
        (0.42, "gigabytes"),
        (0.9, "hint"),
    ],
)
def test_a_third_of_the_units_has_to_go(checks, answer, mistake):
    result = checks.share_of_units(answer)
    assert result.passed == (not mistake)
    assert result.mistake in (mistake, "per_cent" if mistake == "percent" else mistake)


@pytest.mark.parametrize("name", ["block_parameters", "head_by_hand"])
def test_without_an_answer_the_exercise_is_open(checks, capsys, name):
    assert not getattr(checks, name)(lambda *given: ...).answered
    assert not checks.share_of_units(...).answered
    assert capsys.readouterr().out.count("○") == 2


def test_rows_for_calibration_have_no_padding_and_miss_no_piece_in_between(checks):
    texts = ["a small dog", "a puppy", "a dog that is not small and no puppy"]
    rows = checks.full_rows(texts, 6)
    assert rows.shape == (3, 6) and (rows != 0).all()  # 14 pieces in all: three rows of four, two left over
    assert (rows[:, 0] == 101).all() and (rows[:, -1] == 102).all()
    vocabulary = pw.wordpieces.vocabulary()
    said = " ".join(vocabulary[n] for n in rows[:, 1:-1].ravel())
    assert said == "a small dog a puppy a dog that is not small and"


def test_the_judge_measures_accuracy_and_neighbours(checks):
    encoder = pw.models.text_encoder(words=30, width=8, layers=1, heads=2, units=8, longest=4, seed=0)
    model = keras.Model(encoder.input, keras.layers.Dense(2, "softmax")(encoder.output))
    x = np.random.default_rng(0).integers(1, 30, (20, 4)).astype(np.int32)
    before, answers = encoder.predict(x, verbose=0), model.predict(x, verbose=0).argmax(axis=1)
    labels = np.where(np.arange(20) < 5, 1 - answers, answers)
    found = checks.judged(model, x, labels, before)
    assert found == {"accuracy": 0.75, "neighbours kept": 1}


def test_without_its_package_a_small_transformer_takes_minilms_place(checks, capsys, monkeypatch):
    def missing():
        raise ModuleNotFoundError("not installed: pip install it")

    trained = []
    monkeypatch.setattr(pw.models, "minilm", missing)
    monkeypatch.setattr(keras.Model, "fit", lambda *given, **options: trained.append(given[1:]))
    model = checks.encoder(["a dog", "a puppy"] * 4, np.array([0, 1] * 4), 4)
    assert model.output_shape == (None, 96)
    ((x, kinds),) = trained
    assert x.shape == (8, 4) and kinds.tolist() == [0, 1] * 4
    assert "pip install it. Until then" in " ".join(capsys.readouterr().out.split())


def test_the_parts_of_an_encoder_are_named(checks):
    encoder = pw.models.text_encoder(words=9, width=8, layers=1, heads=2, units=8, longest=4)
    parts = {layer.name: checks.part(layer.name) for layer in encoder.layers if layer.weights}
    assert parts["words"] == "table of words" and parts["attention_0"] == "attention"
    assert {parts[name] for name in ("norm", "attention_norm_0", "norm_0")} == {"normalisations"}
    assert parts["up_0"] == parts["down_0"] == "two dense layers of each block"


def test_both_bars_of_each_network_are_drawn_and_said(checks):
    frame = pd.DataFrame({"accuracy": [0.9, 0.8], "neighbours kept": [1.0, 0.25]}, index=["whole", "<half>"])
    picture = checks.kept_of_each(frame)
    assert [bar.get_width() for bar in picture.axes[0].patches] == [0.9, 0.8, 1, 0.25]
    assert "&lt;half&gt;: accuracy 0.800, neighbours kept 0.250." in picture._repr_html_()


def test_groups_are_chosen_by_start_and_end(checks):
    scores = {"words": 1, "up_0": 2, "attention_0/heads": 3, "attention_0/keys": 4}
    assert checks.named(scores, end="/heads") == {"attention_0/heads": 3}
    assert checks.named(scores, start="up_") == {"up_0": 2}
