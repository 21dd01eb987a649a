"""Tidy the files named on the command line: no outputs in notebooks, one newline at the end of each file.

A hook in .pre-commit-config.yaml. Exits with 1 if it changed a file, so that the commit stops and the change
can be reviewed.
"""

import json
import sys
from pathlib import Path


def main(names: list[str]) -> int:
    changed = [name for name in names if tidy(Path(name))]
    for name in changed:
        print(f"tidied {name}")
    return 1 if changed else 0


def tidy(path: Path) -> bool:
    """Tidy one file; return whether it was changed."""
    before = path.read_bytes()
    text = before.decode()
    after = (without_outputs(text) if path.suffix == ".ipynb" else text).rstrip("\n")
    tidied = (after + "\n" if after else "").encode()
    if tidied == before:
        return False
    path.write_bytes(tidied)
    return True


def without_outputs(text: str) -> str:
    """Return a notebook without outputs and execution counts; one that has none is returned unchanged."""
    notebook = json.loads(text)
    dirty = False
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and (cell["outputs"] or cell["execution_count"] is not None):
            cell["outputs"], cell["execution_count"] = [], None
            dirty = True
    return json.dumps(notebook, ensure_ascii=False, indent=1) if dirty else text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
