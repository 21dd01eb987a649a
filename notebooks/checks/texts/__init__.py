"""What the checks say: whole sentences, one folder a language, one file a chapter.

`text("chapter_05.break_even", "hint")` is the entry `hint` of the table `[break_even]` in
`en/chapter_05.toml`. An entry may have `{name}` and `{name:,}` in it, as in `str.format`. Another language is
another folder with the same entries.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGE = "en"


def text(exercise: str, entry: str, **values: Any) -> str:
    """Return one text of an exercise, with the values in it."""
    chapter, _, name = exercise.partition(".")
    return _texts(LANGUAGE, chapter)[name][entry].strip().format(**values)


@cache
def _texts(language: str, chapter: str) -> dict[str, dict[str, str]]:
    path = Path(__file__).parent / language / f"{chapter}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
