"""Open the workbook in JupyterLab; `make lab` runs this. Options go to JupyterLab and override its settings.

JupyterLab would reopen the tabs that the last session in this home directory had open. So the page layout is
kept in a temporary folder of this run: only chapter 00 opens, whatever other JupyterLab sessions have open.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
FIRST = "00_start_here.ipynb"
ROOT_NOTE = (
    "You are root, so JupyterLab gets --allow-root; unless ARGS says otherwise, it listens on this machine "
    "alone and asks for its token."
)


def main() -> None:
    from jupyterlab.labapp import LabApp

    root = is_root()
    if root:
        print(ROOT_NOTE, flush=True)
    with tempfile.TemporaryDirectory(prefix="prunewidgets-lab-") as folder:
        write_settings(Path(folder), root)
        before = os.environ.get("JUPYTER_CONFIG_PATH")
        os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [folder, before]))
        LabApp.launch_instance(sys.argv[1:])


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0  # Windows has no root


def write_settings(folder: Path, root: bool) -> None:
    """Write settings that override those in the user's home and are overridden by the command line."""
    server: dict[str, object] = {"root_dir": str(NOTEBOOKS)}
    if root:
        server |= {"allow_root": True, "ip": "localhost"}
    lab = {"default_url": f"/lab/tree/{FIRST}", "workspaces_dir": str(folder / "workspaces")}
    (folder / "jupyter_server_config.json").write_text(json.dumps({"ServerApp": server}))
    (folder / "jupyter_lab_config.json").write_text(json.dumps({"LabApp": lab}))


if __name__ == "__main__":
    main()
