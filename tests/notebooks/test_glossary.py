"""The glossary has every term that a chapter gives in Chinese, under the same Chinese; its views run."""

import re

import pytest

from tools.chapters import NOTEBOOKS, cells, chapters

APPENDIX = NOTEBOOKS / "appendix_keys_and_glossary.ipynb"
CHINESE = "[\\u4e00-\\u9fff]"


def prose(path) -> str:
    return "\n".join("".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "markdown")


def glossary() -> list[tuple[str, str]]:
    """Rows of the glossary: English and Chinese."""
    rows = re.findall(rf"^\| ([^|]+?) \| ([^|]*{CHINESE}[^|]*?) \|", prose(APPENDIX), re.MULTILINE)
    assert len(rows) > 60
    return rows


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_what_a_chapter_names_in_chinese_is_in_the_glossary(path):
    known = {part for _, chinese in glossary() for part in re.split(r"[,，]\s*", chinese)}
    named = re.findall(rf"\(({CHINESE}[^()《]*)\)", prose(path))
    used = {part.strip() for words in named for part in re.split(r"[,，:：;]\s*", words)}
    assert {part for part in used if re.fullmatch(f"{CHINESE}+", part)} - known == set()


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_a_term_in_bold_has_the_same_chinese_in_the_glossary(path):
    """`**threshold** (阈值)` in a chapter is a row of the glossary; a plural counts as its singular."""
    for term, chinese in re.findall(rf"\*\*([\w -]+)\*\*[^(.]{{0,3}} \(({CHINESE}+)\)", prose(path)):
        singular = re.sub("ases$", "as", re.sub("ices$", "ix", term.casefold())).removesuffix("s")
        rows = [english for english, words in glossary() if chinese in words]
        assert any(singular in english.casefold() for english in rows), f"{term} ({chinese})"


def test_the_views_of_the_appendix_run():
    shown = []
    for cell in cells(APPENDIX):
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), {"display": lambda *views: shown.extend(views)})
    assert [type(view).__name__ for view in shown] == ["ThresholdSlider", "SparsityHeatmap"]
