"""Open a copy of the workbook in JupyterLab; `make lab` runs this.

Options go to JupyterLab and override its settings. Reading changes notebooks, so the chapters are copied to
`workbook/` first, which git ignores; what the reader has changed there stays. With
`--ServerApp.root_dir=notebooks` the clone's own chapters open, to edit them.

JupyterLab would reopen the tabs that the last session in this home directory had open. So the page layout is
kept in a temporary folder of this run: only chapter 00 opens, whatever other JupyterLab sessions have open.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from prunewidgets import workbook

CLONE = Path(__file__).resolve().parents[1]
NOTEBOOKS, WORKBOOK = CLONE / "notebooks", CLONE / "workbook"
OTHER_FOLDER = ("--ServerApp.root_dir", "--notebook-dir")
ROOT_NOTE = (
    "You are root, so JupyterLab gets --allow-root; unless ARGS says otherwise, it listens on this machine "
    "alone and asks for its token."
)


def main() -> None:
    from jupyterlab.labapp import LabApp

    root = is_root()
    if root:
        print(ROOT_NOTE, flush=True)
    if not any(option.startswith(OTHER_FOLDER) for option in sys.argv[1:]):
        print(copied(), flush=True)
    with tempfile.TemporaryDirectory(prefix="prunewidgets-lab-") as folder:
        write_settings(Path(folder), root)
        before = os.environ.get("JUPYTER_CONFIG_PATH")
        os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [folder, before]))
        LabApp.launch_instance(sys.argv[1:])


def copied() -> str:
    """Copy the chapters to where they open; return what to say about it."""
    try:
        done = workbook.copy(NOTEBOOKS, WORKBOOK)
    except OSError as error:
        sys.exit(workbook.why_not(error))
    where = f"The workbook opens as a copy, in {WORKBOOK}: what you change stays there."
    if not done.outdated:
        return where
    return (
        f"{where}\nThere is a new version of these, which you have changed: {', '.join(done.outdated)}. "
        "To get it, rename yours and run this again."
    )


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0  # Windows has no root


def write_settings(folder: Path, root: bool) -> None:
    """Write settings that override those in the user's home and are overridden by the command line."""
    server: dict[str, object] = {"root_dir": str(WORKBOOK)}
    if root:
        server |= {"allow_root": True, "ip": "localhost"}
    lab = {"default_url": f"/lab/tree/{workbook.FIRST}", "workspaces_dir": str(folder / "workspaces")}
    (folder / "jupyter_server_config.json").write_text(json.dumps({"ServerApp": server}))
    (folder / "jupyter_lab_config.json").write_text(json.dumps({"LabApp": lab}))


if __name__ == "__main__":
    main()
