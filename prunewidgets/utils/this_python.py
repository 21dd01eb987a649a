"""How a user calls the Python that is running."""

import shutil
import sys
from pathlib import Path


def this_python() -> str:
    """Return what to type for the Python that runs this: `python` may be another one.

    Returns:
        "python" if that is the one; otherwise its path, from the present folder where it lies within.
    """
    found = shutil.which("python")
    own = Path(sys.executable)
    if found and Path(found).absolute() == own.absolute():
        return "python"
    path = str(own.relative_to(Path.cwd()) if own.is_relative_to(Path.cwd()) else own)
    return f'"{path}"' if " " in path else path
