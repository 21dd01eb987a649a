"""A program: read all of an HDF5 file and end with 0, or say in a line what is wrong and end with 1.

HDF5's C code may crash or never end on a damaged file. So this is run in a process of its own, before the
file is opened in that of the reader. It imports nothing of the package, or it would load TensorFlow.
"""

import os
import sys

import h5py

_FREE, _GROWTH = 1 << 24, 100
"""A file may hold the first in bytes, and the second times its own size."""


def check(path: str) -> None:
    """Read every attribute and dataset; raise whatever is wrong with them."""
    left = _FREE + _GROWTH * os.path.getsize(path)
    with h5py.File(path, "r") as file:

        def visit(name: str, part: h5py.Group | h5py.Dataset) -> None:
            nonlocal left
            dict(part.attrs)
            if isinstance(part, h5py.Dataset):
                if part.external or part.is_virtual:
                    raise ValueError(f"{name!r} lies in another file")
                left -= part.nbytes
                if left < 0:
                    raise ValueError(f"{name!r} claims more than the file can hold")
                part[()]
                return
            for key in part:
                if isinstance(part.get(key, getlink=True), h5py.ExternalLink):
                    raise ValueError(f"{key!r} lies in another file")

        visit("/", file)
        file.visititems(visit)


if __name__ == "__main__":
    try:
        check(sys.argv[1])
    except Exception as error:  # of many kinds
        print(f"{type(error).__name__}: {error}".splitlines()[0])
        sys.exit(1)
