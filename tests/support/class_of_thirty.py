"""A class of thirty that hands in chapter 01, and the marks that each of them should get, set by hand."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from .homework import RIGHT, answered, cell_of, code

ALL, NONE = (1, 1, 1, 1, 1), (0, 0, 0, 0, 0)
OTHER = "02_what_makes_a_weight_unimportant.ipynb"

Notebook = dict[str, Any]


@dataclass(frozen=True)
class Student:
    """What a student hands in, and the marks for it.

    Attributes:
        files: {name of a file in the student's folder: its content}.
        points: of exercises 1 to 5, for the best file.
        errors: {exercise: how the error begins that the table has}.
        alone: whether marking needs a kernel of its own, since a cell never ends or ends everything.
    """

    files: dict[str, bytes]
    points: tuple[float, ...]
    errors: dict[str, str]
    alone: bool


def writers(
    handed_out: Notebook, right: dict[str, str]
) -> tuple[Callable[..., Notebook], Callable[[Callable[[Notebook], None]], Notebook]]:
    """Return what answers the exercises, rightly but for those named, and what then changes the notebook."""

    def solved(**answers: str) -> Notebook:
        return answered(deepcopy(handed_out), **right | answers)

    def changed(change: Callable[[Notebook], None]) -> Notebook:
        notebook = solved()
        change(notebook)
        return notebook

    return solved, changed


def students(handed_out: Notebook, other: bytes) -> dict[str, Student]:
    """Return {name: what is handed in} of thirty students.

    Args:
        handed_out: chapter 01 as they got it.
        other: the notebook of another chapter.
    """
    found: dict[str, Student] = {}

    def hands_in(
        name: str,
        content: Notebook | bytes | dict[str, bytes],
        points: tuple[float, ...],
        alone: bool = False,
        **errors: str,
    ) -> None:
        if not isinstance(content, dict) or "cells" in content:
            content = {"01_the_3x4_matrix.ipynb": content if isinstance(content, bytes) else saved(content)}
        found[name] = Student(content, points, errors, alone)

    solved, changed = writers(handed_out, RIGHT)
    broken = dict.fromkeys(["ex1", "ex2", "ex3", "ex4", "ex5"], "not a notebook")
    hands_in("ada, all right", solved(), ALL)
    hands_in("ben, untouched", handed_out, NONE)
    hands_in("cleo, all cells emptied", changed(emptied), NONE)
    hands_in("dan, one mistake in each", solved(**MISTAKES[0]), (0.5, 0.5, 0, 0.5, 0.5))
    hands_in("eva, one mistake in each", solved(**MISTAKES[1]), (0.5, 0, 0, 0, 0))
    hands_in("finn, one mistake in each", solved(**MISTAKES[2]), (0, 0, 0, 0, 0.5), ex4="")
    hands_in(
        "gil, two done", answered(deepcopy(handed_out), ex1=RIGHT["ex1"], ex2=RIGHT["ex2"]), (1, 1, 0, 0, 0)
    )
    hands_in("hana, cells deleted", changed(some_deleted), (1, 0, 1, 1, 1))
    hands_in("ivo, cells doubled", doubled(handed_out, solved()), ALL)
    hands_in("jan, no ids", changed(no_ids), ALL)
    hands_in("kim, upside down", changed(lambda notebook: notebook["cells"].reverse()), ALL)
    hands_in("lea, shuffled, no ids", changed(shuffled), ALL)
    hands_in("max, checks edited", changed(checks_edited), NONE)
    hands_in(
        "nora, a syntax error", solved(ex1="too_often = [0.8\nmissing"), (0, 1, 1, 1, 1), ex1="SyntaxError"
    )
    hands_in(
        "olga, an endless loop", solved(ex2="while True:\n    pass"), (1, 0, 1, 1, 1), True, ex2="took longer"
    )
    hands_in(
        "pia, the end of Python", solved(ex3="import os\nos._exit(0)"), (1, 1, 0, 1, 1), True, ex3="ended"
    )
    hands_in("quin, exit after the answer", solved(ex2=f"{RIGHT['ex2']}\nexit()"), ALL, True)
    hands_in("rosa, 51 MB of outputs", changed(long_output), ALL)
    hands_in("sam, a file cut off", saved(solved())[:9000], NONE, **broken)
    hands_in("tom, another chapter", {OTHER: other}, NONE, True)
    hands_in("uma, from Colab", changed(from_colab), ALL)
    hands_in("vic, from VS Code", changed(from_vs_code), ALL)
    hands_in("=cmd|' {C calc'!A0", solved(), ALL)
    hands_in("wim, two files", {"01.ipynb": saved(handed_out), "01 (1).ipynb": saved(solved())}, ALL)
    hands_in("xena, Windows", saved(changed(windows)).replace(b"\n", b"\r\n"), ALL)
    hands_in("yann, UTF-16", saved(solved()).decode().encode("utf-16"), ALL)
    hands_in(
        "zoë, Latin-1",
        saved(solved(ex3="right_places = 3  # drei Plätze")).replace(b"\xc3\xa4", b"\xe4"),
        ALL,
    )
    nothing = dict.fromkeys(broken, "there is no notebook")
    hands_in("abel, only a picture", {"01.pdf": b"%PDF-1.4"}, NONE, **nothing)
    hands_in("bea, her own matrix", changed(own_matrix), ALL)
    hands_in("cara, prints for ever", solved(ex1="while True:\n    print('x' * 999)"), (0, 1, 1, 1, 1), True)
    return found


MISTAKES = [
    {
        "ex1": "too_often, missing = [0.2, 0.4], [0.8, 0.9]",  # the wrong way round: half
        "ex2": "forgotten, entries = 0.4, 4",  # different values instead of entries: half
        "ex3": "right_places = 9",  # the wrong places
        "ex4": "def keep(w, tau):\n    return abs(w) > tau",  # what equals τ goes: half
        "ex5": "first, second, third = (0.3, 0.2), (0.4, 0.3), None",  # the wrong way round: half
    },
    {
        "ex1": "too_often, missing = [0.8, 0.9], [0.4]",  # without the second 0.2: half
        "ex2": "forgotten, entries = 0.5, 7",  # what equals τ is not below it
        "ex3": "right_places = 5",  # compared with W
        "ex4": "def keep(w, tau):\n    return abs(w) < tau",  # the mask of what goes
        "ex5": "first, second, third = (0.6, 0.7), (0.5, 0.6), None",  # removes so many
    },
    {
        "ex1": "too_often, missing = 'all', 'none'",
        "ex2": "forgotten, entries = 0.4, 9",  # counts what is kept
        "ex3": "right_places = 'three'",
        "ex4": "def keep(w, tau):\n    return absolute(w) >= tau",  # a name that is not there
        "ex5": "first, second, third = (0.2, 0.3), (0.3, 0.4), (0.3, 0.3)",  # no empty answer for eight: half
    },
]


def saved(notebook: Notebook) -> bytes:
    """Return a notebook as Jupyter writes it."""
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode()


def emptied(notebook: Notebook) -> None:
    """Delete what is in the cells."""
    for cell in notebook["cells"]:
        cell["source"] = []


def some_deleted(notebook: Notebook) -> None:
    """Delete the first cell, which imports, a cell of another exercise's data, and the cell of exercise 2."""
    for id in ("setup", "article-code", "ex2-check"):
        notebook["cells"].remove(cell_of(notebook, id))


def doubled(handed_out: Notebook, solved: Notebook) -> Notebook:
    """Return a notebook with each cell three times, the answer in the middle; ids are doubled too."""
    threefold = zip(handed_out["cells"], solved["cells"], handed_out["cells"], strict=True)
    return solved | {"cells": [cell for cells in threefold for cell in cells]}


def no_ids(notebook: Notebook) -> None:
    """Drop the ids, as programs do that know nbformat 4.4 only."""
    for cell in notebook["cells"]:
        del cell["id"]
    notebook["nbformat_minor"] = 4


def shuffled(notebook: Notebook) -> None:
    """Put the cells into a random order and drop their ids."""
    Random(30).shuffle(notebook["cells"])
    no_ids(notebook)


def checks_edited(notebook: Notebook) -> None:
    """Change the checks so that they pass, in five ways; no answer is right."""
    passes = "from checks.exercises import Result\nyes = lambda *given: Result('chapter_01.x', True, 1.0)\n"
    cheats = {
        "ex1": "print('✓ 0.8 and 0.9 are too many')",
        "ex2": f"forgotten, entries = 0.6, 5\n{passes}checks.chapter_01.wrong_in_removed = yes",
        "ex3": "class checks:\n    class chapter_01:\n        right_places = print",
        "ex4": f"{passes}checks.exercises.check = yes\nchecks.chapter_01.check = yes",
        "ex5": "first, second, third = ..., ..., ...\nimport sys\nsys.modules['checks.chapter_01'].np = None",
    }
    for exercise, source in cheats.items():
        cell_of(notebook, f"{exercise}-check")["source"] = source


def long_output(notebook: Notebook) -> None:
    """Keep 51 MB that a cell has printed."""
    text = {"output_type": "stream", "name": "stdout", "text": ["0123456789\n" * 4_700_000]}
    cell_of(notebook, "ex1-look")["outputs"] = [text]


def from_colab(notebook: Notebook) -> None:
    """Save as Colab does: format 4.0, the ids in the metadata, and metadata of its own."""
    for cell in notebook["cells"]:
        cell["metadata"] = {"id": cell.pop("id"), "colab": {"base_uri": "https://localhost:8080/"}}
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["✗ no\n"]}]
    notebook["nbformat_minor"] = 0
    notebook["metadata"] = {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3"},
    }


def from_vs_code(notebook: Notebook) -> None:
    """Save as VS Code does after cells were copied: other ids, and `vscode` metadata."""
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"{number:08x}"
        cell["metadata"] = {"vscode": {"languageId": "python"}} if cell["cell_type"] == "code" else {}


def windows(notebook: Notebook) -> None:
    """End the lines within the cells as Windows does."""
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")


def own_matrix(notebook: Notebook) -> None:
    """Change W for the whole notebook, add a cell and a magic: what is asked stays what was handed out."""
    setup = cell_of(notebook, "setup")
    setup["source"] = "".join(setup["source"]).replace("W = pw.example.W", "W = np.zeros((3, 4))")
    notebook["cells"].insert(4, code("%matplotlib inline\nW = np.ones((3, 4)); mask = None"))


def another_network(notebook: Notebook) -> None:
    """Load another network in the chapter's own cell."""
    cell = cell_of(notebook, "model")
    cell["source"] = "".join(cell["source"]).replace("small_cnn", "lenet_300_100")


def inserted(notebook: Notebook, cell: dict[str, Any], before: str) -> None:
    """Add a cell of the student's own before another."""
    notebook["cells"].insert(notebook["cells"].index(cell_of(notebook, before)), cell)


def write(folder: Path, students: dict[str, Student]) -> None:
    """Write a folder for each student."""
    for name, student in students.items():
        (folder / name).mkdir(parents=True)
        for file, content in student.files.items():
            (folder / name / file).write_bytes(content)


def small_class(handed_out: Notebook) -> dict[str, Student]:
    """Return {name: what is handed in} of ten students of chapter 05, with the points of three exercises."""
    right = {"ex1": "answer = (9, 0.75)", "ex2": "answer = 336653 / 706752", "ex3": "answer = 1 / 5"}
    tries = code("live.apply(pw.Masks.from_sparsity(scores, 0.9))\nlive.restore()\nsteps = list(steps)")

    solved, changed = writers(handed_out, right)
    content: dict[str, tuple[Notebook, tuple[float, ...]]] = {
        "ada, all right": (solved(), (1, 1, 1)),
        "ben, untouched": (handed_out, (0, 0, 0)),
        "cleo, the wrong way round": (
            solved(ex1="answer = 0.75, 9", ex2="answer = 706752 / 336653", ex3="answer = 0.8"),
            (0.5, 0.5, 0.5),
        ),
        "dan, other mistakes": (
            solved(ex1="answer = 9, 0.9", ex2="answer = 336653", ex3="answer = 20"),  # 20 is in per cent
            (0.5, 0.5, 0.5),
        ),
        "eva, no half points": (
            solved(ex1="answer = 8, 0.95", ex2="answer = 0.2", ex3="answer = 0.25"),
            (0, 0, 0),
        ),
        "finn, computes": (
            solved(
                ex1="table = digits < 0.95\nstep = table.any().idxmax()\nanswer = table[step].idxmax(), step",
                ex2="answer = pruned['nonzero_multiply_adds'] / whole['multiply_adds']",
            ),
            (1, 1, 1),
        ),
        "gil, shuffled, no ids": (changed(shuffled), (1, 1, 1)),
        "hana, another network": (changed(another_network), (1, 1, 1)),
        "ivo, prunes and restores": (changed(lambda nb: inserted(nb, tries, before="digit-law")), (1, 1, 1)),
        "jan, an endless loop": (solved(ex2="while True:\n    answer = 0.476"), (1, 0, 1)),
    }
    return {
        name: Student({"05.ipynb": saved(notebook)}, points, {}, True)
        for name, (notebook, points) in content.items()
    }
