"""The checks of chapter 14 accept right and reject wrong answers, each with its hint."""

import numpy as np
import pandas as pd
import pytest

CHECKS = "checks.chapter_14"


def rank(scores, answer, known, tie=0.5):
    others = np.ones(len(scores), bool)
    others[[answer, *known]] = False
    own = scores[answer]
    return 1 + (scores[others] > own).sum() + tie * (scores[others] == own).sum()


@pytest.mark.parametrize(
    ("function", "mistake"),
    [
        pytest.param(rank, "", id="right"),
        pytest.param(lambda scores, answer, known: rank(scores, answer, []), "unfiltered", id="unfiltered"),
        pytest.param(lambda *one: rank(*one, tie=0), "best", id="best"),
        pytest.param(lambda *one: rank(*one, tie=1), "worst", id="worst"),
        pytest.param(lambda *one: rank(*one) - 1, "from_zero", id="from zero"),
        pytest.param(lambda scores, *one: rank(-scores, *one), "lowest_first", id="lowest"),
        pytest.param(lambda *one: 1, "hint", id="always first"),
        pytest.param(lambda scores: 1, "stopped", id="stopped"),
    ],
)
def test_a_rank_by_hand(checks, capsys, function, mistake):
    result = checks.filtered_rank(function)
    assert (result.passed, result.mistake) == (not mistake, mistake)


def test_a_rank_that_is_not_written_yet_is_an_open_question(checks, capsys):
    assert not checks.filtered_rank(lambda *one: ...).answered


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        ((0.125, 0.5), ""),
        (("12.5 %", "50 %"), ""),
        ((0.5, 0.125), "swapped"),
        ((0.5, 0.5), "same"),
        (0.125, "one_number"),
        ((0.25, 0.5), "two"),
        ((0.875, 0.5), "all_gone"),
        ((0.125, 0.3), "dimensions"),
        ((0.4, 0.3), "hint"),
    ],
)
def test_products_of_half_of_the_numbers(checks, capsys, answer, mistake):
    result = checks.products_left(answer, 0.5)
    assert (result.passed, result.mistake) == (not mistake, mistake)


def test_products_of_what_was_removed_have_their_hint(checks, capsys):
    assert checks.products_left((0.4**3, 0.6), 0.4).mistake == "hint"
    assert checks.products_left((0.6**3, 0.6), 0.4).passed
    assert checks.products_left((0.4**3, 0.4), 0.4).mistake == "removed"
    assert not checks.products_left((..., ...), 0.6).answered


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (8, ""),  # 8 · 4 · 8 = 256 facts
        (9, ""),  # whole bits, for those who round up
        (3, "bytes"),
        (24, "bytes"),
        (5, "once"),
        (256, "possible"),
        (2.408, "decimal"),
        (7, "hint"),
        ("few", "hint"),
    ],
)
def test_bits_of_a_fact(checks, capsys, answer, mistake):
    result = checks.bits_of_a_fact(answer, 8, 4)
    assert (result.passed, result.mistake) == (not mistake, mistake)


def test_bits_of_each_number_alone_are_more(checks, capsys):
    assert checks.bits_of_a_fact(22, 135, 46).mistake == "each_alone"
    assert checks.bits_of_a_fact(19.68, 135, 46).passed and checks.bits_of_a_fact(20, 135, 46).passed


def test_a_line_for_each_way_says_its_values(checks):
    frame = pd.DataFrame({"sparsity": [0, 0.5], "mrr": [0.875, 0.25]})
    picture = checks.curves({"scattered": frame, "dimensions": frame * 1.0})
    (axes,) = picture.axes
    assert [line.get_label() for line in axes.lines] == ["scattered", "dimensions"]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [0.875, 0.25])
    assert "scattered: 0.88 at 0 %, 0.25 at 50 %" in picture.description
