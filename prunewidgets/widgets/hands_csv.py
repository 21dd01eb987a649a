"""Read a class's guesses from a CSV: one guess a line, or an answer and its count."""

import io
import os
from pathlib import Path
from typing import IO

import pandas as pd

from .checked_hands import MOST_HANDS, Answers, checked_counts

ROUNDS = {"before": 0, "1": 0, "after": 1, "2": 1}
ANSWER = ("answer", "guess")
COLUMNS = (*ANSWER, "count", "round")


def read_guesses(source: str | os.PathLike[str] | IO[str], answers: Answers) -> tuple[list[int], list[int]]:
    """Return the hands of both rounds; those of the second are [] if the file has no column for it.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file is not such a CSV; the message names its line and what to do.
    """
    text = _text_of(source)
    table = _table(text)
    first = [cell.casefold() for cell in table.iloc[0]]
    headed = any(name in COLUMNS for name in first)
    if not headed and len(first) > 1:
        raise ValueError(
            f"line 1 of the CSV is {', '.join(table.iloc[0])!r:.60}; begin with the names of the columns, "
            "such as answer,count or guess,round."
        )
    names = first if headed else ["guess"]
    own = [name for name in names if name in ANSWER]
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if len(own) != 1 or twice:
        raise ValueError(
            f"line 1 of the CSV names the columns {', '.join(names)!r:.60}; name one of them answer, "
            "and each once."
        )
    hands = [[0] * len(answers.labels), [0] * len(answers.labels)]
    for line, cells in enumerate(table.itertuples(index=False), 1):
        row = dict(zip(names, cells, strict=True))
        if (headed and line == 1) or not any(cells):
            continue
        try:
            place = answers.place_of(row[own[0]])
            hands[_round(row)][place] += _count(row)
        except ValueError as error:
            raise ValueError(f"line {line} of the CSV: {error}; correct this line or remove it.") from None
    both = [checked_counts(counts, answers) for counts in hands]
    return both[0], both[1] if "round" in names else []


def _text_of(source: str | os.PathLike[str] | IO[str]) -> str:
    if not isinstance(source, str | os.PathLike):
        return source.read()
    try:
        return Path(source).read_text(encoding="utf-8-sig")  # spreadsheets begin UTF-8 with a mark
    except UnicodeDecodeError as error:
        line = Path(source).read_bytes()[: error.start].count(b"\n") + 1
        raise ValueError(f"line {line} of the CSV is not UTF-8; save the file as “CSV UTF-8”.") from None


def _table(text: str) -> pd.DataFrame:
    """Return all cells as text, a row for each line."""
    first = text.strip().partition("\n")[0]
    separator = ";" if ";" in first and "," not in first else ","
    try:
        table = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
        )
    except pd.errors.EmptyDataError:
        raise ValueError("the CSV is empty; it has one guess a line, or answer,count.") from None
    except pd.errors.ParserError as error:
        said = str(error).strip().rpartition("C error: ")[2]
        raise ValueError(f"the CSV cannot be read: {said}; put a text with a comma into quotes.") from None
    return table.fillna("").map(str.strip)


def _round(row: dict[str, str]) -> int:
    said = row.get("round", "before").casefold()
    if said not in ROUNDS:
        raise ValueError(f"the round is {said!r:.60}, and rounds are before and after")
    return ROUNDS[said]


def _count(row: dict[str, str]) -> int:
    said = row.get("count", "1")
    if not said.isdecimal() or int(said[:9]) > MOST_HANDS:
        raise ValueError(f"the count is {said!r:.60}, and counts are whole numbers from 0 to {MOST_HANDS:,}")
    return int(said)
