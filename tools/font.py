"""Make the views' font: the characters that they need from two weights of Inter, all figures of one width.

    npm pack inter-ui@4.1.1 && tar xzf inter-ui-4.1.1.tgz
    python -m pip install fonttools==4.68.0 brotli==1.2.1
    python tools/font.py package

The files go to `prunewidgets/widgets/static/fonts`, where README.md has their digests. The environment of the
tests needs neither package: nobody has to run this unless the views get characters that the font lacks.
"""

import hashlib
import sys
from pathlib import Path

FONTS = Path(__file__).resolve().parents[1] / "prunewidgets" / "widgets" / "static" / "fonts"
SOURCES = {
    "regular": ("Inter-Regular", "e06f6b1bc553aaea4e4668023ed0ab0a147129c3107f511bc7d03d361b0ae085"),
    "semibold": ("Inter-SemiBold", "5cb7103e4e605989afebc03d989c79201e54b21b5183db33981f70db9178a301"),
}
LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, "ıŒœŠšŸŽž")]
SIGNS = "τ×÷−±≈≠≤≥∞µ²³½–—‘’“”„…•←→↑↓↶■▲▼◆●"
FIGURES = range(ord("0"), ord("9") + 1)


def main(package: Path) -> None:
    for name, (source, digest) in SOURCES.items():
        path = package / "web" / f"{source}.woff2"
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != digest:
            raise SystemExit(f"{path} is not the file of inter-ui 4.1.1: its digest is {found}.")
        made = FONTS / f"{name}.woff2"
        make(path, made)
        data = made.read_bytes()
        print(f"{made.name}: {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


def make(source: Path, target: Path) -> None:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(source, recalcTimestamp=False)  # the same bytes from every run
    wide = tabular(font)
    for table in font["cmap"].tables:
        table.cmap |= {code: wide.get(glyph, glyph) for code, glyph in table.cmap.items() if code in FIGURES}
    options = subset.Options(flavor="woff2", hinting=False, layout_features=["kern", "mark", "mkmk", "ccmp"])
    options.notdef_outline = True
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[*LATIN, *map(ord, SIGNS)])
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(target, reorderTables=True)


def tabular(font) -> dict[str, str]:
    """Return for each glyph the one that the feature `tnum` puts in its place."""
    table = font["GSUB"].table
    lookups = {
        i
        for f in table.FeatureList.FeatureRecord
        if f.FeatureTag == "tnum"
        for i in f.Feature.LookupListIndex
    }
    found: dict[str, str] = {}
    for lookup in sorted(lookups):
        for part in table.LookupList.Lookup[lookup].SubTable:
            found |= getattr(part, "ExtSubTable", part).mapping
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
