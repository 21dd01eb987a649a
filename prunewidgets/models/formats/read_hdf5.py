"""Script that reads a whole HDF5 file and exits with 0, or prints one line on the error and exits with 1.

HDF5's C code may crash or hang on a damaged file. So this runs in a separate process before the file is
opened in the user's process. It imports nothing from the package, since that would load TensorFlow.
"""

import os
import sys

import h5py

_FREE, _GROWTH = 1 << 24, 100
"""The data in a file may take _FREE bytes plus _GROWTH times the size of the file."""


def check(path: str) -> None:
    """Read every attribute and dataset; raise an exception if one is damaged."""
    left = _FREE + _GROWTH * os.path.getsize(path)
    with h5py.File(path, "r") as file:

        def visit(name: str, part: h5py.Group | h5py.Dataset) -> None:
            nonlocal left
            dict(part.attrs)
            if isinstance(part, h5py.Dataset):
                if part.external or part.is_virtual:
                    raise ValueError(f"{name!r} is stored in another file")
                left -= part.nbytes
                if left < 0:
                    raise ValueError(f"{name!r} claims more than the file can hold")
                part[()]
                return
            for key in part:
                if isinstance(part.get(key, getlink=True), h5py.ExternalLink):
                    raise ValueError(f"{key!r} is stored in another file")

        visit("/", file)
        file.visititems(visit)


if __name__ == "__main__":
    try:
        check(sys.argv[1])
    except Exception as error:  # of many types
        print(f"{type(error).__name__}: {error}".splitlines()[0])
        sys.exit(1)
