"""What the guide for teachers says of the chapters is so: what they need, their minutes, their exercises."""

import re
import sys
import tomllib
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from prunewidgets.pages.exporter import cells_of
from prunewidgets.widgets.words import ENGLISH
from prunewidgets.widgets.words_lab import LAB
from prunewidgets.widgets.words_lecture import LECTURE
from tools.course import headings, lessons, notes
from tools.site.links import Links

ROOT = Path(__file__).parents[2]
TEACHING = ROOT / "docs" / "teaching"
PAGES = sorted(TEACHING.glob("*.md"))
EVERY = {lesson.number: lesson for lesson in lessons()}
LESSON = re.compile(r"^## (Lesson \d+): chapters? (.*?)$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
PLANS = {name: (named, plan) for name, named, plan in LESSON.findall((TEACHING / "lessons.md").read_text())}


@pytest.fixture
def extensions(monkeypatch):
    """The folder of Sphinx's extensions, importable."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    yield
    for name in ("chapter_graph", "course_pages"):
        sys.modules.pop(name, None)


@pytest.fixture
def chapter_graph(extensions):
    import chapter_graph

    return chapter_graph


def test_chapters_need_what_they_say():
    """A few as a person reads their first cells."""
    needs = {number: (lesson.needs, lesson.helps) for number, lesson in EVERY.items()}
    assert needs["00"] == needs["Keys and glossary"] == ((), ())
    assert needs["01"] == (("00",), ())
    assert needs["06"] == (("03", "03b", "04", "05"), ())  # "chapters 03 to 05"
    assert needs["08"] == (("02", "03", "03b", "04", "05"), ())  # "… (A derivative helps; …)"
    assert needs["14"] == (("03", "03b", "04", "05"), ("09",))  # "…; chapter 09 for removing …"
    assert needs["20"] == (("03", "06"), ("10", "12"))


def test_goals_are_whole():
    assert EVERY["03b"].goals[1] == "tell a test that shows something from one that shows nothing"
    assert {len(lesson.goals) for number, lesson in EVERY.items() if number[0].isdigit()} <= {3, 4}


@pytest.mark.parametrize("number", [number for number in EVERY if number[0].isdigit()])
def test_lines_of_the_picture_lead_from_all_that_a_chapter_needs(chapter_graph, number):
    """And from nothing else: what its first cell names, and what those name."""
    lines = chapter_graph.arrows(list(EVERY.values()))

    def behind(name):
        near = {one for one, other, helps in lines if other == name and not helps}
        return near | {far for each in near for far in behind(each)}

    def named(name):
        near = set(EVERY[name].needs)
        return near | {far for each in near for far in named(each)}

    assert behind(number) == named(number)
    assert {one for one, other, helps in lines if other == number and helps} == set(EVERY[number].helps)


def test_lines_of_the_picture_lead_to_the_right(chapter_graph):
    every = list(EVERY.values())
    column = chapter_graph.columns(every)
    assert [line for line in chapter_graph.arrows(every) if column[line[0]] >= column[line[1]]] == []
    ways = [way for way, _ in chapter_graph.stops(every)]
    assert [(way[0], way[-1]) for way in ways] == [line[:2] for line in chapter_graph.arrows(every)]
    places = chapter_graph._places(every)  # a line behind a box would look as if it led there
    assert {stop for way in ways for stop in way} <= set(places) and len(set(places.values())) == len(places)
    assert chapter_graph.drawing(every).count("<rect") == sum(number[0].isdigit() for number in EVERY)


def test_a_run_sheet_has_every_note():
    assert sum(minutes for _, minutes, _ in notes(EVERY["01"].path)) == EVERY["01"].lecture == 20
    heading, minutes, asked = notes(EVERY["05"].path)[0]
    assert (heading, minutes) == ("05 · A CNN on MNIST", 1)
    assert asked.startswith("Ask how many of the weights")


def test_there_is_a_run_sheet_for_every_chapter():
    page = (TEACHING / "run_sheets.md").read_text(encoding="utf-8")
    sheets = re.findall(r"^## (\w+) · (.*)\n\n```\{run-sheet\} (\w+)$", page, re.MULTILINE)
    chapters = [lesson for lesson in EVERY.values() if lesson.number[0].isdigit()]
    assert sheets == [(lesson.number, lesson.title, lesson.number) for lesson in chapters]


def test_a_note_is_under_a_heading_that_is_on_a_slide():
    """In chapter 06 exercise 2 is left out of the slides; the notes after it belong to the section."""
    under = [heading for heading, _, _ in notes(EVERY["06"].path)]
    assert "Cut a little at a time" in under and not any(heading.startswith("Exercise") for heading in under)


@pytest.mark.parametrize("name", PLANS)
def test_a_lesson_takes_90_minutes_and_gives_the_slides_their_time(name):
    named, plan = PLANS[name]
    assert sum(map(int, re.findall(r"^  - (\d+) min:", plan, re.MULTILINE))) == 90
    slides = re.findall(r"^  - (\d+) min: slides(?: of chapter (\w+))?", plan, re.MULTILINE)
    assert slides
    for minutes, chapter in slides:
        assert abs(EVERY[chapter or named].lecture - int(minutes)) <= 5


@pytest.mark.parametrize("page", ["lessons", "courses"])
def test_exercises_that_are_given_are_there(page):
    text = (TEACHING / f"{page}.md").read_text(encoding="utf-8")
    chapter, given = None, 0
    for word in re.finditer(
        r"[Cc]hapters? (\d\d\w?)(?: and (\d\d\w?))?|exercises? (\d(?:(?:,| to| and) \d)*)", text
    ):
        chapter = word[2] or word[1] or chapter
        if word[3]:
            given += 1
            assert int(word[3][-1]) <= EVERY[chapter].exercises, f"{chapter}: {word[0]}"
    assert given > (20 if page == "lessons" else 1)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_cells_that_a_page_names_are_there(page):
    text = page.read_text(encoding="utf-8")
    for number, cell in re.findall(r"\{cell\}`(\w+)/([\w-]+)`", text):
        assert headings(EVERY[number].path).get(cell), f"{number}/{cell}"
    assert len(re.findall(r"\{cell\}`", text)) == len(re.findall(r"\{cell\}`\w+/[\w-]+`", text))


def test_headings_are_found_in_the_page_of_a_chapter(extensions):
    """Chapter 03 has headings with signs that an address writes otherwise."""
    from course_pages import anchor_of

    path = EVERY["03"].path
    there = Links(cells_of(nbformat.read(path, 4), path.parent)).anchors
    assert {anchor_of(heading) for heading in headings(path).values()} <= there


ROW = re.compile(
    r"^\| (?!students|---)(.*) \| (.*) \| \{cell\}`(\w+)/([\w-]+)`(?: `(\w+)\.(\w+)`)? \|$", re.MULTILINE
)
MISCONCEPTIONS = (TEACHING / "misconceptions.md").read_text(encoding="utf-8")


def test_each_misconception_has_a_cell_and_mistakes_are_known_to_the_check():
    rows = ROW.findall(MISCONCEPTIONS)
    assert len(rows) == MISCONCEPTIONS.count("\n| ") - MISCONCEPTIONS.count("| students think") > 50
    for _, _, number, _, exercise, entry in rows:
        if exercise:
            file = ROOT / "notebooks" / "checks" / "texts" / "en" / f"chapter_{number}.toml"
            known = tomllib.loads(file.read_text(encoding="utf-8"))
            assert entry in known[exercise], f"chapter_{number}.{exercise}.{entry}"
            check = f"checks.chapter_{number}.{exercise}("
            assert check in EVERY[number].path.read_text(encoding="utf-8")


def test_every_chapter_with_exercises_cures_something():
    cured = {row[2] for row in ROW.findall(MISCONCEPTIONS)}
    assert {number for number, lesson in EVERY.items() if lesson.exercises} <= cured


def test_messages_that_are_quoted_are_said():
    page = (TEACHING / "when_something_fails.md").read_text(encoding="utf-8")
    quoted = re.findall(r"^> (.*)$", page, re.MULTILINE)
    said = {text for words in (ENGLISH, LAB, LECTURE) for text in words.values()}
    assert len(quoted) == 3
    assert [line for line in quoted if not any(line in text for text in said)] == []


def test_the_moved_tickets_of_the_projects_are_those_of_the_recorded_runs():
    runs = pd.read_csv(ROOT / "notebooks" / "runs" / "moved_tickets.csv", comment="#")
    chosen = runs[(runs.sparsity == 0.95) & (runs.letters == 10_000)]
    page = " ".join((TEACHING / "projects.md").read_text(encoding="utf-8").split())
    for kind, mean in chosen.groupby("kind")["accuracy"].mean().drop("dense", errors="ignore").items():
        assert f"{kind} {100 * mean:.1f} %" in page


def test_the_rubric_has_twenty_points():
    page = (TEACHING / "projects.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^\| \*\*", page, re.MULTILINE)) * 4 == 20 and "Twenty points" in page
    assert len(re.findall(r"^## \d\. ", page, re.MULTILINE)) == page.count("**A good result:**") == 8


def test_chinese_terms_are_those_of_the_glossary():
    glossary = EVERY["Keys and glossary"].path.read_text(encoding="utf-8")
    terms = re.findall(r"[\u4e00-\u9fff]+", "".join(page.read_text(encoding="utf-8") for page in PAGES))
    assert len(terms) > 8
    assert [term for term in terms if f"| {term} |" not in glossary] == []
