"""Run the products of chapter 01 in the real nbgrader and otter-grader: `python -m tools.graders`, minutes.

Each gets an environment of its own under build/graders, with the pins below and this clone by its path;
chapter 01 needs no TensorFlow. Prints the points of three students: one hands in the reference answers, one
the untouched hand-out, and one a mistake in the first exercise.
"""

import csv
import json
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "graders"
PINS = {"nbgrader": "nbgrader==0.9.6", "otter": "otter-grader==7.0.0"}
NEEDED = ["anywidget", "ipykernel", "ipywidgets", "matplotlib", "numpy", "pandas", "pillow", "plotly", "tqdm"]
NUMBER, NAME = "01", "01_the_3x4_matrix.ipynb"
MISTAKE = "too_often, missing = [0.2, 0.4], [0.8, 0.9]"  # swapped: half a point
EXPECTED = {
    "nbgrader": {"reference": 5.0, "untouched": 0.0, "mistake": 4.5},
    "otter": {"reference": 5.0, "untouched": 0.0, "mistake": 4.0},
}


def environment(grader: str) -> Path:
    """Make the environment of a grader if it is missing; return its folder of programs."""
    folder = FOLDER / grader
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    if not ready(grader):
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = [programs / "python", "-m", "pip", "install", "--quiet", PINS[grader], *NEEDED]
        subprocess.run(install, check=True)
        (folder / "ready").write_text(PINS[grader])
    return programs


def ready(grader: str) -> bool:
    """Return whether the environment of a grader is there."""
    stamp = FOLDER / grader / "ready"
    return stamp.is_file() and stamp.read_text() == PINS[grader]


def points(grader: str, folder: Path) -> dict[str, float]:
    """Hand out, hand in and grade in an empty folder; return the points of each student."""
    programs = environment(grader)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | {"PYTHONPATH": str(ROOT), "PATH": path}
    assign = [sys.executable, "-m", "prunewidgets", "assign", NUMBER, "--for", grader, "-o", str(folder)]
    subprocess.run(assign, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})

    def run(program: str, *options: str) -> None:
        command = [programs / program, *options]
        found = subprocess.run(command, cwd=folder, env=env, capture_output=True)
        if found.returncode:
            raise RuntimeError(f"{command} failed:\n{found.stdout.decode()}\n{found.stderr.decode()}")

    return (_nbgrader if grader == "nbgrader" else _otter)(folder, run)


def _nbgrader(folder: Path, run) -> dict[str, float]:
    name = f"chapter_{NUMBER}"
    run("nbgrader", "generate_assignment", name)
    released, master = folder / "release" / name / NAME, folder / "source" / name / NAME
    for student, notebook in _handed_in(released, master).items():
        path = folder / "submitted" / student / name / NAME
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")
    run("nbgrader", "autograde", name, "--create")
    run("nbgrader", "export")
    with open(folder / "grades.csv", newline="") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def _otter(folder: Path, run) -> dict[str, float]:
    run("otter", "assign", NAME, "dist")
    (autograder,) = (folder / "dist" / "autograder").glob("*.zip")
    found = {}
    released, master = folder / "dist" / "student" / NAME, folder / "dist" / "autograder" / NAME
    for student, notebook in _handed_in(released, master).items():
        path = folder / student / NAME
        path.parent.mkdir()
        path.write_text(json.dumps(notebook), encoding="utf-8")
        run("otter", "run", "-a", str(autograder), "-o", str(path.parent), str(path))
        results = json.loads((path.parent / "results.json").read_text(encoding="utf-8"))
        found[student] = sum(float(test.get("score", 0)) for test in results["tests"])
    return found


def _handed_in(released: Path, master: Path) -> dict[str, dict]:
    untouched = json.loads(released.read_text(encoding="utf-8"))
    answers = {cell["id"]: cell for cell in json.loads(master.read_text(encoding="utf-8"))["cells"]}
    reference = deepcopy(untouched)
    for cell in reference["cells"]:
        if cell["id"].endswith("-answer"):
            cell["source"] = answers[cell["id"]]["source"]
    mistake = deepcopy(reference)
    next(cell for cell in mistake["cells"] if cell["id"] == "ex1-answer")["source"] = MISTAKE
    return {"reference": reference, "untouched": untouched, "mistake": mistake}


def main() -> int:
    """Print the points that each grader gives; return 1 if they are not those expected."""
    import tempfile

    right = True
    for grader, expected in EXPECTED.items():
        with tempfile.TemporaryDirectory() as folder:
            found = points(grader, Path(folder))
        right &= found == expected
        print(f"{PINS[grader]}: {found}; expected: {expected}", flush=True)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
