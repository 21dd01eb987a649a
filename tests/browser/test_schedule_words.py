"""What the schedule says is what it draws, and both are Python's function."""

import numpy as np
import pytest

from prunewidgets.core.schedules import rounds_to
from prunewidgets.widgets.schedule import SETTINGS, ScheduleView

from ..support.bare import run, set_traits, show

KINDS = ["constant", "one_shot", "iterative", "polynomial"]


def any_settings(random):
    """Settings of a short training; small numbers, so that marks meet and rounds fall together."""
    total = int(random.integers(1, 41))
    begin, end = np.sort(random.integers(0, total + 1, 2)).tolist()
    begin, end = [(begin, end), (begin, begin), (0, end), (begin, total)][random.integers(4)]
    final = float(random.choice([0, 0.1, 0.36, 0.5, 0.9, 0.95, 0.975, 0.9999]))
    share, power = float(random.choice([0.1, 0.2, 0.5, 0.9])), float(random.choice([0.5, 1, 3]))
    return ScheduleView(total, str(random.choice(KINDS)), final, begin, end, power, share)


def said_by(view):
    """The explanation that the function of this view deserves, and how many jumps it has, from its values."""
    values = np.array([0.0, *(view.schedule(step) for step in range(view.total + 1))])
    jumps, rounds = np.count_nonzero(np.diff(values)), rounds_to(view.final, view.share)
    at = int(np.flatnonzero(np.diff(values))[0]) if jumps else None
    if not jumps:
        return "nothing_removed", jumps
    if view.kind == "constant":
        return "constant_explained", jumps
    if view.kind == "one_shot":
        return {0: "one_shot_first", view.total: "one_shot_last"}.get(at, "one_shot_explained"), jumps
    if view.kind == "iterative" and jumps == 1:
        return "one_round" if rounds == 1 else "rounds_at_once", jumps
    if view.kind == "iterative":
        return "iterative_explained" if jumps == rounds else "rounds_together", jumps
    if view.begin == view.end:
        return "polynomial_at_once", jumps
    names = {0.5: "polynomial_late", 1: "polynomial_straight", 3: "polynomial_explained"}
    return names[view.power], jumps


def test_the_page_says_and_draws_the_jumps_of_pythons_function(bare):
    random = np.random.default_rng(13)
    views = [any_settings(random) for _ in range(600)]
    body = """({ explanationOf, outline }, all) => all.map((s) => [explanationOf(s), outline(s, 1000)])"""
    asked = [{name: getattr(v, name) for name in SETTINGS} for v in views]
    seen = set()
    for view, (said, drawn) in zip(views, run(bare, "numbers/schedules", body, asked), strict=True):
        key, jumps = said_by(view)
        assert said["key"] == key, view
        assert said.get("jumps", jumps) == jumps and said.get("rounds", 1) >= 1, view
        if "rounds" in said:
            assert said["rounds"] == rounds_to(view.final, view.share)
        upright = [a for a, b in zip(drawn, drawn[1:], strict=False) if a[0] == b[0] and a[1] != b[1]]
        if view.kind in ("one_shot", "iterative") or key == "polynomial_at_once":
            assert len(upright) == jumps, view
        assert {step: value for step, value in drawn} == pytest.approx(  # noqa: C416  the later of two
            {step: view.schedule(step) for step, _ in drawn}, abs=1e-12
        )
        seen.add(key)
    assert len(seen) == 13  # of every kind of sentence


def test_the_words_follow_the_marks(bare):
    show(bare, ScheduleView(kind="iterative", final=0.95, begin=400, end=400))
    assert "All 14 rounds fall on step 400, so 95 %" in bare.inner_text(".pw-explained")
    set_traits(bare, end=410)
    assert "14 rounds, but only 11 steps" in bare.inner_text(".pw-explained")
    set_traits(bare, end=500, final=0.975)
    text = "17 rounds, evenly spaced: each removes 20 % of the weights that are still left, the last one"
    assert bare.inner_text(".pw-explained") == f"{text} what is missing to 97.5 %."
