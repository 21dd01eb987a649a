"""What a page carries of its views: their traits, the data that labs are measured with, and the scripts."""

from pathlib import Path
from typing import Any

from ..widgets.assets import joined
from ..widgets.drawn import Drawn
from ..widgets.lab_view import LabView
from ..widgets.words import ENGLISH
from .payload import packed
from .traits import drawn_traits
from .words import PAGE

PACKAGE = Path(__file__).parents[1]
VENDOR = Path(__file__).parent / "vendor"


def content_of(views: list[Drawn]) -> tuple[list[str], dict[str, str]]:
    """Return the names of the views' modules, and {id: block of the page}."""
    parts, data = [], {}
    for number, view in enumerate(views):
        part, measured = part_of(view)
        parts.append({"view": view.view_name, **part})
        if measured:
            data[str(number)] = measured
    blocks = {"page": packed({"words": ENGLISH | PAGE, "parts": parts})}
    if data:
        blocks |= {"data": packed(data), "engine": packed(engine())}
    return sorted({part["view"] for part in parts}), blocks


def part_of(view: Drawn) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a page shows of a view, and the data to measure it with; none if nothing is measured."""
    if isinstance(view, LabView):
        from .lab_part import lab_part  # with it come Keras and TensorFlow, which no other view needs

        return lab_part(view)
    note = {}
    if hasattr(view, "wait"):  # a ledger: the page shows what it measures now
        view.wait()
        note = {"note": PAGE["page_counts"].format(sparsity=f"{100 * view.sparsity:.4g}")}
    return {"state": {**drawn_traits(view), "in_page": "fixed"}, **note}, {}


def script_with(names: list[str]) -> str:
    """Return the page's script, which shows views of these names."""
    places = {name: f"widgets/static/views/{name}.js" for name in names}
    main = "pages/static/main.js"
    views = ", ".join(f'{name}: files["{place}"].{name}' for name, place in places.items())
    return joined([*places.values(), main], PACKAGE) + f'files["{main}"].start({{ {views} }});\n'


def engine(worker: str = "pages/static/worker.js", root: Path = PACKAGE) -> dict[str, Any]:
    """Return the script of the worker that measures, and the WebAssembly that it runs.

    Args:
        worker: path of the worker's file, which exports `listen`.
        root: the folder under which that file and all that it imports are.
    """
    names = ("tf-core.min.js", "tf-backend-wasm.min.js")
    library = [(VENDOR / name).read_text(encoding="utf-8") for name in names]
    # A debugger would ask for the files named there, which are not in the page.
    library = [text.partition("//# sourceMappingURL=")[0] for text in library]
    source = "\n".join([*library, joined([worker], root), f'files["{worker}"].listen();\n'])
    return {"source": source, "wasm": (VENDOR / "tfjs-backend-wasm-simd.wasm").read_bytes()}
