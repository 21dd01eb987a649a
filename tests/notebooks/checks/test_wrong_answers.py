"""At least five wrong answers to each exercise are known to get their hint.

They are counted in the tables of the other files: rows with a "mistake", in tests that call the check of one
exercise. Those tests hand each answer in and look at the mistake that is found.
"""

import importlib
import inspect
import re
from collections import Counter
from collections.abc import Callable

import pytest

from prunewidgets.homework.chapter import chapter, numbers


@pytest.mark.parametrize("number", numbers())
def test_at_least_five_wrong_answers_to_each_exercise_get_their_hint(number):
    tests = vars(importlib.import_module(f"tests.notebooks.checks.test_chapter_{number}"))
    exercises = {each.check.partition(".")[2] for each in chapter(number).exercises}
    counts = Counter[str]()
    for test in (tests[name] for name in tests if name.startswith("test_")):
        called = exercises & set(re.findall(r"checks\.(\w+)\(", inspect.getsource(test)))
        if len(called) == 1:
            counts[called.pop()] += wrong_answers(test)
    assert {name: counts[name] for name in exercises if counts[name] < 5} == {}


def wrong_answers(test: Callable[..., None]) -> int:
    """The rows of a test's table that name a mistake."""
    count = 0
    for mark in getattr(test, "pytestmark", []):
        if mark.name == "parametrize":
            names = mark.args[0]
            names = names.split(",") if isinstance(names, str) else names
            columns = [name.strip() for name in names]
            if "mistake" in columns:
                place = columns.index("mistake")
                count += sum(bool(tuple(getattr(row, "values", row))[place]) for row in mark.args[1])
    return count
