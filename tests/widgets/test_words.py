"""Every word that a view says has an entry, and no entry is left over."""

import re

import prunewidgets as pw
from prunewidgets.widgets.assets import STATIC
from prunewidgets.widgets.steps import SortingSteps
from prunewidgets.widgets.words import ENGLISH
from prunewidgets.widgets.words_lecture import LECTURE


def said() -> set[str]:
    """Keys in the JavaScript: say(view, "key") and the other ways to name one."""
    text = "".join(path.read_text(encoding="utf-8") for path in STATIC.rglob("*.js"))
    return {key for key in ENGLISH if re.search(rf'["`]{key}["`]', text)}


def said_in_python() -> set[str]:
    """Keys of the words that are for still pictures alone."""
    text = "".join(path.read_text(encoding="utf-8") for path in (STATIC.parent / "still").glob("*.py"))
    return {key for key in ENGLISH if key.startswith("still_") and re.search(f"[\"']{key}[\"']", text)}


def test_all_keys_that_the_views_name_exist():
    text = "".join(path.read_text(encoding="utf-8") for path in STATIC.rglob("*.js"))
    named = set(re.findall(r'say\(view, "(\w+)"', text))
    assert named
    assert named <= {*ENGLISH, *LECTURE}


def test_every_word_is_used():
    parts = re.compile(
        r".*_explained|scope_.*|still_(constant|one_shot|iterative|polynomial)|(stored|computed|time)(_.*)?"
        r"|plan_(unit|amount|axis)_.*"
    )
    made_up_of_parts = {key for key in ENGLISH if parts.fullmatch(key)}
    python = {"measuring_curve", "training", "finding_misread", "needs_kernel"} | said_in_python()
    assert set(ENGLISH) - said() - made_up_of_parts - python == set()


def test_every_word_of_the_lecture_is_used():
    files = [*STATIC.rglob("*.js"), *(STATIC.parents[1] / "pages" / "static").rglob("*.js")]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    unused = {key for key in LECTURE if not re.search(rf'(["`]|words\.){key}\b', text)}
    assert all(key.startswith("lecture_key_") for key in unused) and 'startsWith("lecture_key_")' in text


def test_views_send_their_words():
    assert SortingSteps(pw.example.W).words == ENGLISH
