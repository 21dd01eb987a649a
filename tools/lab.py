"""Open the workbook in JupyterLab; `make lab` runs this. Options for JupyterLab go through and win.

JupyterLab would show again whatever tabs the last session in this home had open. So the layout of the page is
kept in a folder of this start alone: chapter 00 is there and nothing else, whoever else has JupyterLab open.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
FIRST = "00_start_here.ipynb"
ROOT_SAID = (
    "You are root, so JupyterLab gets --allow-root; unless ARGS says otherwise, it listens on this machine "
    "alone and asks for its token."
)


def main() -> None:
    from jupyterlab.labapp import LabApp

    root = is_root()
    if root:
        print(ROOT_SAID, flush=True)
    with tempfile.TemporaryDirectory(prefix="prunewidgets-lab-") as folder:
        write_settings(Path(folder), root)
        before = os.environ.get("JUPYTER_CONFIG_PATH")
        os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [folder, before]))
        LabApp.launch_instance(sys.argv[1:])


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0  # Windows has no root


def write_settings(folder: Path, root: bool) -> None:
    """Write what JupyterLab reads before its command line and after the settings in the reader's home."""
    server: dict[str, object] = {"root_dir": str(NOTEBOOKS)}
    if root:
        server |= {"allow_root": True, "ip": "localhost"}
    lab = {"default_url": f"/lab/tree/{FIRST}", "workspaces_dir": str(folder / "workspaces")}
    (folder / "jupyter_server_config.json").write_text(json.dumps({"ServerApp": server}))
    (folder / "jupyter_lab_config.json").write_text(json.dumps({"LabApp": lab}))


if __name__ == "__main__":
    main()
