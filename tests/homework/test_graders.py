"""Chapters 01 and 05 in the real nbgrader and otter-grader; `make graders` gets those."""

import pytest

from tools import graders


@pytest.mark.heavy
@pytest.mark.parametrize(("grader", "number"), graders.EXPECTED)
def test_the_real_grader_gives_these_points(grader, number, tmp_path):
    if not graders.ready(grader):
        pytest.skip(f"no {grader} in build/graders: make graders")
    assert graders.points(grader, number, tmp_path / "course") == graders.EXPECTED[grader, number]
