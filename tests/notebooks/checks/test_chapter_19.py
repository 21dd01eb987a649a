"""The checks of chapter 19 accept right and reject wrong answers; its pictures say what they show."""

import html
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw

CHECKS = "checks.chapter_19"
RUNS = Path(__file__).parents[3] / "notebooks" / "runs" / "moved_tickets.csv"


def by_chance(first, second):
    return sum(first[name].sum() * second[name].sum() / first[name].size for name in first)


def whole(masks):
    return np.concatenate([mask.ravel() for mask in masks.values()])


@pytest.mark.parametrize(
    ("function", "verdict", "mistake"),
    [
        (lambda first, second: ..., "○", ""),
        (by_chance, "✓", ""),
        (lambda first, second: pw.mask_overlap(first, second).by_chance, "✓", ""),
        (lambda first, second: None, "✗", "nothing"),
        (lambda first, second: whole(first).sum() * whole(second).mean(), "✗", "pooled"),
        (lambda first, second: (whole(first) & whole(second)).sum(), "✗", "counted"),
        (lambda first, second: by_chance(first, second) / whole(first).sum(), "✗", "share"),
        (lambda first, second: 3, "✗", "hint"),
        (lambda first, second: "many", "✗", "hint"),
        (lambda first: 3, "✗", "stopped"),
    ],
    ids=["open", "right", "package", "nothing", "pooled", "counted", "share", "three", "word", "arguments"],
)
def test_what_chance_gives(checks, capsys, function, verdict, mistake):
    result = checks.by_chance(function)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


@pytest.mark.parametrize(
    ("answer", "verdict", "mistake"),
    [
        (..., "○", ""),
        (0.2373, "✓", ""),
        ("23.7 %", "✓", ""),
        (0.7627, "✗", "taken"),
        (-0.25, "✗", "of_all"),
        (0.3164, "✗", "one_less"),
        (0.178, "✗", "one_more"),
        (0.0791, "✗", "last"),
        (0.5, "✗", "hint"),
    ],
)
def test_room_for_tasks(checks, capsys, answer, verdict, mistake):
    result = checks.room(answer)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


@pytest.fixture
def runs():
    """Three seeds: 2, 3 and −1 points better than random, and 10 points below the own ticket."""
    rows = []
    for seed, gain in enumerate((0.02, 0.03, -0.01)):
        accuracies = {"random mask": 0.7, "ticket moved": 0.7 + gain, "own ticket": 0.8 + gain}
        for kind, accuracy in accuracies.items():
            for letters, sparsity, more in ((10_000, 0.95, 0), (10_000, 0.8, 0.1), (1_000, 0.95, 0.2)):
                value = accuracy + more * (kind == "ticket moved")
                rows.append((seed, letters, sparsity, kind, value))
    return pd.DataFrame(rows, columns=["seed", "letters", "sparsity", "kind", "accuracy"])


@pytest.mark.parametrize(
    ("answer", "verdict", "mistake"),
    [
        ((..., ...), "○", ""),
        ((1.3333, 2), "✓", ""),
        ([1.33, "2"], "✓", ""),
        ((0.01333, 2), "✗", "fraction"),
        ((10, 3), "✗", "own"),
        ((-1.333, 2), "✗", "other_way"),
        ((1.333, 3), "✗", "seeds"),
        ((5, 2), "✗", "hint"),
        (1.333, "✗", "hint"),
    ],
)
def test_what_a_moved_ticket_is_worth(checks, capsys, runs, answer, verdict, mistake):
    result = checks.worth(answer, runs)
    assert capsys.readouterr().out[:1] == verdict
    assert result.mistake == mistake


def test_how_far_a_line_leans(checks):
    """Lines that go 0, 0.5 and −1 columns to the right for each row upwards."""
    images = np.zeros((3, 28, 28, 1))
    for place, slope in enumerate((0, 0.5, -1)):
        for row in range(8, 20):
            column = 14 + slope * (13 - row)
            left = int(np.floor(column))
            images[place, row, left] = 1 - (column - left)
            images[place, row, left + 1] = column - left
    assert checks.lean(images) == pytest.approx([0, 0.5, -1])


def test_the_stored_runs_are_whole():
    runs = pd.read_csv(RUNS, comment="#")
    assert RUNS.read_text(encoding="utf-8").startswith("# keras ")  # the machine and the date
    assert set(runs["seed"]) == set(range(5))
    counts = runs.groupby(["seed", "letters"]).size()
    assert len(counts) == 10 and set(counts) == {1 + 3 * 4}
    assert runs["accuracy"].between(0.1, 1).all()


def tiny_masks(sparsity):
    scores = {name: np.random.default_rng(place).random((784, 3)) for place, name in enumerate("ab")}
    return {name: pw.Masks.from_sparsity({"dense_1/kernel": s}, sparsity) for name, s in scores.items()}


def test_the_picture_follows_the_slider(checks):
    measured = []

    def read(masks):
        measured.append(masks.sparsity)
        return {"digit": 1 - masks.sparsity, "lean": 0.5}

    box = checks.follow(tiny_masks, read, ("a", "b"))
    slider, picture = box.children
    first = picture.value
    assert repr(pw.mask_overlap(*tiny_masks(0.9).values())) in html.unescape(first)
    assert "Mask a: digit 10.0 %, lean 50.0 %" in first
    slider.value = 0.5
    assert picture.value != first and "Mask b: digit 50.0 %" in picture.value
    slider.value = 0.9  # measured already
    assert picture.value == first
    assert [round(sparsity, 2) for sparsity in measured] == [0.9, 0.9, 0.5, 0.5]


def test_the_other_pictures_name_what_they_show(checks, runs):
    masks = tiny_masks(0.5)
    both = int((masks["a"]["dense_1/kernel"] & masks["b"]["dense_1/kernel"]).sum())
    assert f"both: {both:,}" in checks.pixels(masks["a"], masks["b"], ("a", "b")).description
    labels = {"letter": ["A", "B"], "font": ["thin", "thick"]}
    assert "A thin; B thick" in checks.labelled(np.zeros((2, 28, 28, 1)), labels).description
    dense = runs[runs["kind"] == "random mask"].assign(kind="dense", sparsity=0.0)
    described = checks.moved(pd.concat([runs, dense]), {"ticket moved": 0.7}).description
    assert "10,000 letters: dense 70.0 %; random mask 70.0 at 80 %, 70.0 at 95 %" in described
