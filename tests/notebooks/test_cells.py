"""Single cells of the chapters on small stand-ins: after a stop, a second time, with odd guesses."""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import prunewidgets as pw

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CHAPTERS = sorted(path.name for path in NOTEBOOKS.glob("[0-9][0-9]*_*.ipynb"))
WAYS = ["no retraining", "fine-tuned", "gradual"]


def cells(chapter: str) -> dict[str, str]:
    """The code cells of a chapter, by their names."""
    (path,) = NOTEBOOKS.glob(f"{chapter}_*.ipynb")
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: "".join(cell["source"]) for cell in found if cell["cell_type"] == "code"}


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(NOTEBOOKS))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "checks"]:
        del sys.modules[name]


def run(chapter: str, *names: str, **values: Any) -> dict[str, Any]:
    """Run cells with these values of the cells before them."""
    import_module(f"checks.chapter_{chapter}")
    import checks

    space = {
        "checks": checks,
        "pw": pw,
        "np": np,
        "pd": pd,
        "display": lambda *views: None,
        "guess": "show me",
        "expected": "show me",
    } | values
    for name in names:
        exec(cells(chapter)[name], space)
    return space


def exercises(path: Path, pattern: str) -> list[str]:
    """The numbers of the exercises that the texts of a notebook begin."""
    texts = [
        cell
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "markdown"
    ]
    return [n for cell in texts for n in re.findall(pattern, "".join(cell["source"]), re.MULTILINE)]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_exercise_has_its_text_and_its_solution(chapter):
    asked = exercises(NOTEBOOKS / chapter, r"^#+ Exercise (\d)")
    assert asked == [str(n + 1) for n in range(len(asked))]
    assert asked == exercises(NOTEBOOKS / "solutions" / chapter, r"^\*\*Exercise (\d)\.")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_and_solutions_check_the_same_exercises(chapter):
    number = chapter.partition("_")[0]
    texts = (NOTEBOOKS / "checks" / "texts" / "en" / f"chapter_{number}.toml").read_text(encoding="utf-8")
    known = set(tomllib.loads(texts))
    found = []
    for path in (NOTEBOOKS / chapter, NOTEBOOKS / "solutions" / chapter):
        every = json.loads(path.read_text(encoding="utf-8"))["cells"]
        called = re.findall(
            rf"checks\.chapter_{number}\.(\w+)\(", "".join(sum((c["source"] for c in every), []))
        )
        found.append((known & set(called), {c["id"] for c in every if re.fullmatch(r"ex\d-check", c["id"])}))
    assert found[0][0]
    assert found[0] == found[1]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_cell_indexes_or_unpacks_a_guess(chapter):
    """A reader who gives one number where several were asked for gets a sentence, from `checks.reveal`."""
    for name, source in cells(chapter.partition("_")[0]).items():
        assert not re.search(r"guess\w*[\[.]|\bin guess|zip\(guess", source), name


@pytest.mark.parametrize("guess", [0.5, "gradual", [0.5], None])
def test_a_guess_of_another_kind_gets_a_sentence(capsys, guess):
    accuracy = pw.models.Accuracy(9, 10)
    live = SimpleNamespace(apply=lambda masks: None)
    start = SimpleNamespace(rewind=lambda: None, shuffle=lambda seed: None)
    run(
        "07",
        "ticket",
        guess=guess,
        live=live,
        start=start,
        masks={},
        model=None,
        dense=accuracy,
        fit=lambda m: accuracy,
        answers=lambda m: np.zeros(4),
        y_test=np.zeros(4),
        flow=lambda found: None,
    )
    assert "one guess for each is asked for, {'ticket': ..., 'control': ...}" in capsys.readouterr().out


def runs_of(planned: int) -> pd.DataFrame:
    """The first few of the 24 runs of chapter 06; gradual has a clear gap at 0.95."""
    rows = [(way, s, seed) for s in (0.9, 0.95, 0.98, 0.99) for seed in (6, 7) for way in WAYS][:planned]
    frame = pd.DataFrame(rows, columns=["method", "sparsity", "seed"])
    frame["accuracy"] = np.where((frame.method == "gradual") & (frame.sparsity > 0.9), 0.9, 0.8)
    frame["low"], frame["high"] = frame.accuracy - 0.01, frame.accuracy + 0.01
    frame.attrs["complete"] = planned == 24
    return frame


@pytest.mark.parametrize("finished", [0, 1, 2, 3, 23])
def test_chapter_06_continues_after_a_stopped_comparison(capsys, finished):
    runs = runs_of(finished)
    right = {tuple(run): np.array([True, False]) for run in runs[["method", "sparsity", "seed"]].to_numpy()}
    space = run("06", "compare-view", "compare-table", "gap", "paired", runs=runs, right=right)
    assert "first clear gap: not measured" in capsys.readouterr().out
    assert len(space["pairs"]) == finished // 3


def test_chapter_06_gives_a_line_the_same_colour_in_both_pictures():
    pictures = []
    checks = SimpleNamespace(after=lambda guesses, *views, what: pictures.extend(views))
    run("06", "compare-view", runs=runs_of(24), checks=checks)
    every, retrained = ([line["name"] for line in view.series] for view in pictures)
    assert len(every) == 6
    assert every[:4] == retrained  # colours go by the order of the lines


def test_chapter_06_names_the_first_gap_and_counts_lost_and_won(capsys):
    right = {
        ("fine-tuned", 0.9, 6): np.array([True, True, False, False, False]),
        ("gradual", 0.9, 6): np.array([True, False, True, True, False]),
    }
    space = run("06", "gap", "paired", runs=runs_of(24), right=right, guess=0.9)
    assert "first clear gap: 0.95\nyour guess: 0.9, not that one" in capsys.readouterr().out
    assert space["pairs"] == [[0.9, 6, 1, 2, 1.0]]  # any split of three is at least as uneven


def test_chapter_06_prunes_gradually_from_the_first_weights_each_time():
    import keras

    x, y = np.random.default_rng(0).random((1280, 28, 28, 1), np.float32), np.arange(1280) % 10
    values = {
        "x_train": x,
        "y_train": y,
        "x_held": x,
        "y_held": y,
        "keras": keras,
    }
    schedule = SimpleNamespace(schedule=lambda step: 0.9 * min(1, step / 80), begin=2)
    space = run("06", "gradual", **values, schedule=schedule)
    first = space["slim"].history.history["sparsity"]
    again = run("06", "gradual", **space)["slim"].history.history["sparsity"]
    assert first == again
    assert first[0] < 0.5 < first[-1] == pytest.approx(0.9, abs=1e-5)


def test_chapter_06_trains_anew_when_its_cell_runs_again_in_the_middle():
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(50), keras.layers.Dense(3, "softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    x, y = np.random.default_rng(0).random((20_000, 4), np.float32), np.arange(20_000) % 3
    digits = dict(x_train=x, y_train=y, x_held=x[:100], y_held=y[:100])
    space = run("06", "tune-lab", "tune", **digits, keras=keras, model=model, live=pw.LiveModel(model))
    lab = space["lab"]
    again = run("06", "tune", **space)
    assert again["lab"] is lab  # the one on the page, with its Cancel
    assert again["live"].applied.removed == again["masks"].removed
    lab.cancel()
    assert lab.wait(60)


def test_chapter_06b_shows_the_steps_where_a_weight_crosses_zero():
    space = run("06b", "walk", "walk-reveal")
    around = np.sign(space["path"].L1.loc[83:86])
    assert around.tolist() == [1, -1, 1, -1]


@pytest.mark.parametrize(
    ("more", "verdict"), [(6, "better"), (5, "cannot tell"), (-5, "cannot tell"), (-6, "worse")]
)
def test_chapter_07_judges_other_places_by_lost_and_won(capsys, more, verdict):
    """Six digits won and none lost have p = 1/32, five 1/16."""
    control, other = np.arange(40) < 20, np.arange(40) < 20 + more
    accuracy = pw.models.Accuracy(20, 40)
    names = ["ticket", "control", "other places", "other places, shuffled"]
    read = {"control": control, "other places": other}
    run("07", "table", found=dict.fromkeys(names, accuracy), read=read, y_test=np.ones(40, bool))
    assert f"initial values: {verdict}\n" in capsys.readouterr().out


@pytest.mark.parametrize("finished", [0, 4, 9, 10])
def test_chapter_07_continues_after_stopped_ways(capsys, finished):
    ways = ["fine-tuning", "learning rate", "weights", "weights, step 60"]
    results = [[way, s, 0.9 + n / 100, 0.8, 0.95] for s in (0.9, 0.95, 0.98) for n, way in enumerate(ways)]
    run("07", "ways-found", results=results[:finished])
    assert "at 98 %: not measured" in capsys.readouterr().out


@pytest.mark.parametrize(
    "right, says",
    [
        ([80, 90, 96], "best: weights, worst: fine-tuning"),  # six won and none lost: p = 1/32
        ([80, 91, 96], "best: cannot tell, worst: fine-tuning"),  # five: p = 1/16
        ([96, 85, 80], "best: fine-tuning, worst: cannot tell"),
    ],
)
def test_chapter_07_names_no_winner_where_chance_explains_the_gap(capsys, right, says):
    ways = ["fine-tuning", "learning rate", "weights", "weights, step 60"]
    rows = [[way, 0.98, r / 100, 0.0, 1.0] for way, r in zip(ways, [*right, 99], strict=True)]
    read = {(way, 0.98): np.arange(100) < r for way, r in zip(ways, [*right, 99], strict=True)}
    run("07", "ways-found", results=rows, read=read, y_test=np.ones(100, bool))
    assert f"at 98 %: {says}" in capsys.readouterr().out


@pytest.mark.parametrize("finished", [0, 1, 2])
def test_chapter_10_continues_after_a_stopped_comparison(capsys, finished):
    accuracies = {"pruning": 0.9, "low rank": 0.8, "both": 0.85}
    rows = dict.fromkeys(["25 %", "10 %"][:finished], accuracies)
    run("10", "versus-table", rows=rows)
    assert "most digits read: not measured" in capsys.readouterr().out
    even = {"pruning": 0.98, "low rank": 0.982, "both": 0.979}
    run("10", "versus-table", rows={"25 %": even, "10 %": accuracies, "5 %": accuracies})
    assert "25 %: equal, 5 %: pruning" in capsys.readouterr().out


def test_chapter_10_fits_what_a_stopped_comparison_skipped():
    kernel = np.diag(np.arange(60.0))
    values = {"hidden": {"dense_1": kernel}, "pruned": lambda share: {"dense_1/kernel": kernel > 2}}
    for fitted in ({}, {0.1: {"dense_1/kernel": kernel}}):
        space = run("10", "nearer", **values, fitted=fitted, both=lambda share: {"dense_1/kernel": kernel})
        assert space["near"]["both"] is kernel


def test_chapter_11_says_never_where_the_sparse_product_never_wins(capsys, monkeypatch):
    import checks.chapter_11

    monkeypatch.setattr(checks.chapter_11, "ratio_to_sparsity", lambda curve: None)
    curve = pd.DataFrame()
    fake = SimpleNamespace(sparse_speedup=lambda *sizes, seconds: curve)
    for wins, says in (
        ({1: None, 32: 0.9}, "1: never, 32: 0.9"),
        ({1: 0.9}, "not measured"),
        ({}, "not measured"),
    ):
        curve.attrs["wins_from"] = wins
        run("11", "wins", pw=fake)
        assert f"the sparse product wins from: {says}" in capsys.readouterr().out


@pytest.fixture
def spoiled() -> dict[str, Any]:
    """A lab in which nearly all weights were taken and applied, and what the network was before."""
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(50), keras.layers.Dense(3, "softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 4)).astype("float32"), rng.integers(0, 3, 200)
    live = pw.LiveModel(model)
    whole = live.weights
    lab = pw.PruningLab(live, x, y)
    lab.sparsity = 0.96
    lab.apply()
    return dict(lab=lab, live=live, x_test=x, y_test=y, whole=whole)


def test_the_half_of_03_is_half_of_the_whole_network(spoiled, capsys):
    assert run("03", "reveal-half", **spoiled)["half"].removed == 175
    assert spoiled["live"].applied is None


def test_the_signed_filter_of_03_sees_the_whole_network(spoiled):
    signed = run("03", "signed", **spoiled)["signed"]
    assert signed.removed == sum((w < 0).sum() for w in spoiled["whole"].values())
