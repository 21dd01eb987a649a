"""Run the products of chapters in the real nbgrader and otter-grader: `make graders`, minutes.

Each grader gets an environment of its own under build/graders, with the pins below; what else the chapters
need (this clone, TensorFlow) it takes from the environment that runs this. Prints the points of three
students: one hands in the reference answers, one the untouched hand-out, and one a mistake in the first
exercise. Chapters 01 and 05, or one of them: `make graders ARGS=01`.
"""

import csv
import json
import os
import subprocess
import sys
import sysconfig
from copy import deepcopy
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "graders"
PINS = {"nbgrader": "nbgrader==0.9.6", "otter": "otter-grader==7.0.0"}
MISTAKES = {
    "01": "too_often, missing = [0.2, 0.4], [0.8, 0.9]",
    "05": "answer = (0.75, 9)",
}
"""What one of the students answers in the first exercise: the right thing the wrong way round."""
EXPECTED = {
    ("nbgrader", "01"): {"reference": 5.0, "untouched": 0.0, "mistake": 4.5},
    ("otter", "01"): {"reference": 5.0, "untouched": 0.0, "mistake": 4.0},
    ("nbgrader", "05"): {"reference": 3.0, "untouched": 0.0, "mistake": 2.5},
    ("otter", "05"): {"reference": 3.0, "untouched": 0.0, "mistake": 2.0},
}
"""The points of each: nbgrader gives half a point for that mistake, otter none."""


def environment(grader: str) -> Path:
    """Make the environment of a grader if it is missing; return its folder of programs."""
    folder = FOLDER / grader
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    if not ready(grader):
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = [programs / "python", "-m", "pip", "install", "--quiet", PINS[grader]]
        subprocess.run(install, check=True)
        where = [programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        packages = Path(subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip())
        # Paths of such a file come last: the grader's own packages are found first.
        ours = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(ROOT)]
        (packages / "ours.pth").write_text("\n".join(dict.fromkeys(ours)), encoding="utf-8")
        (folder / "ready").write_text(PINS[grader])
    return programs


def ready(grader: str) -> bool:
    """Return whether the environment of a grader is there."""
    stamp = FOLDER / grader / "ready"
    return stamp.is_file() and stamp.read_text() == PINS[grader]


def points(grader: str, number: str, folder: Path) -> dict[str, float]:
    """Hand out, hand in and grade a chapter in an empty folder; return the points of each student."""
    programs = environment(grader)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | {"PYTHONPATH": str(ROOT), "PATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}
    assign = [sys.executable, "-m", "prunewidgets", "assign", number, "--for", grader, "-o", str(folder)]
    subprocess.run(assign, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})

    def run(program: str, *options: str) -> None:
        command = [programs / program, *options]
        found = subprocess.run(command, cwd=folder, env=env, capture_output=True)
        if found.returncode:
            raise RuntimeError(f"{command} failed:\n{found.stdout.decode()}\n{found.stderr.decode()}")

    return (_nbgrader if grader == "nbgrader" else _otter)(number, folder, run)


def _nbgrader(number: str, folder: Path, run) -> dict[str, float]:
    chapter = f"chapter_{number}"
    (master,) = (folder / "source" / chapter).glob("*.ipynb")
    run("nbgrader", "generate_assignment", chapter)
    for student, notebook in _handed_in(number, folder / "release" / chapter / master.name, master).items():
        path = folder / "submitted" / student / chapter / master.name
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")
    run("nbgrader", "autograde", chapter, "--create")
    run("nbgrader", "export")
    with open(folder / "grades.csv", newline="") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def _otter(number: str, folder: Path, run) -> dict[str, float]:
    (name,) = [path.name for path in folder.glob("*.ipynb")]
    run("otter", "assign", name, "dist")
    (autograder,) = (folder / "dist" / "autograder").glob("*.zip")
    found = {}
    released, master = folder / "dist" / "student" / name, folder / "dist" / "autograder" / name
    for student, notebook in _handed_in(number, released, master).items():
        path = folder / student / name
        path.parent.mkdir()
        path.write_text(json.dumps(notebook), encoding="utf-8")
        run("otter", "run", "-a", str(autograder), "-o", str(path.parent), str(path))
        results = json.loads((path.parent / "results.json").read_text(encoding="utf-8"))
        found[student] = sum(float(test.get("score", 0)) for test in results["tests"])
    return found


def _handed_in(number: str, released: Path, master: Path) -> dict[str, dict]:
    untouched = json.loads(released.read_text(encoding="utf-8"))
    answers = {cell["id"]: cell for cell in json.loads(master.read_text(encoding="utf-8"))["cells"]}
    reference = deepcopy(untouched)
    for cell in reference["cells"]:
        if cell["id"].endswith("-answer"):
            cell["source"] = answers[cell["id"]]["source"]
    mistake = deepcopy(reference)
    next(cell for cell in mistake["cells"] if cell["id"] == "ex1-answer")["source"] = MISTAKES[number]
    return {"reference": reference, "untouched": untouched, "mistake": mistake}


def main(chapters: list[str]) -> int:
    """Print the points that each grader gives; return 1 if they are not those expected."""
    import tempfile

    right = True
    for (grader, number), expected in EXPECTED.items():
        if not chapters or number in chapters:
            with tempfile.TemporaryDirectory() as folder:
                found = points(grader, number, Path(folder))
            right &= found == expected
            print(f"{PINS[grader]}, chapter {number}: {found}; expected: {expected}", flush=True)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
