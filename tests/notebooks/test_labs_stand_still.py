"""No cell moves a lab or a view that an earlier cell displays: what a reader sees there stays as it was."""

import ast

import pytest

import prunewidgets as pw
from tools.chapters import cells, chapters

LABS = {"PruningLab", "LedgerLab"}
VIEWS = {name for name, home in pw._HOME.items() if home.startswith(("widgets:", "labs."))} - {"link"}
MOVE_A_VIEW = {"apply", "fit", "follow", "undo"}
MOVE_A_MODEL = {"apply", "fit", "set_weights", "rewind"}


class Reader:
    """Reads the cells of a notebook in order and notes what moves an earlier view."""

    def __init__(self) -> None:
        self.views: dict[str, set[str]] = {}
        """The views by name, labs with the names of their model."""
        self.models: dict[str, set[str]] = {}
        """The names of one model: `live = pw.LiveModel(model)` is both."""
        self.displayed: set[str] = set()
        self.moved: list[str] = []

    def read(self, name: str, source: str) -> None:
        """Read one cell."""
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign | ast.AugAssign):
                self.assigned(name, node)
            elif isinstance(node, ast.Call):
                self.called(name, node)
        shown = [node.value for node in tree.body if isinstance(node, ast.Expr)]
        shown = [each for each in shown if each is shown[-1] or ast.unparse(each).startswith("display(")]
        self.displayed |= {n for each in shown for n in names(each)} & set(self.views)

    def assigned(self, cell: str, node: ast.Assign | ast.AugAssign) -> None:
        """Note an attribute of a displayed view that is set, and the views and models that get a name."""
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Attribute) and set(names(part.value)) & self.displayed:
                    self.moved.append(f"{cell}: {ast.unparse(node)}")
        made = list(zip(targets, [node.value], strict=False))
        if isinstance(targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
            made = list(zip(targets[0].elts, node.value.elts, strict=False))
        for target, value in made:
            if not isinstance(target, ast.Name):
                continue
            self.displayed.discard(target.id)
            self.views.pop(target.id, None)
            if isinstance(value, ast.Call):
                self.named(target.id, value)

    def named(self, name: str, call: ast.Call) -> None:
        """Note what a name stands for."""
        kind = ast.unparse(call.func).removeprefix("pw.")
        first = set(names(call.args[0])) if call.args else set()
        if kind in VIEWS:
            same = set().union(*(self.models.get(each, set()) for each in first)) if kind in LABS else set()
            self.views[name] = (first | same) if kind in LABS else set()
        elif kind == "LiveModel":
            group = first | {name}.union(*(self.models.get(each, set()) for each in first))
            for each in group:
                self.models[each] = group

    def called(self, cell: str, call: ast.Call) -> None:
        """Note a call that moves a displayed view, or the model of a displayed lab."""
        held = {model for view in self.displayed for model in self.views[view]}
        arguments = {n for argument in call.args[:1] for n in names(argument)}
        owner = set(names(call.func.value)) if isinstance(call.func, ast.Attribute) else set()
        what = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if (
            (what in MOVE_A_VIEW and owner & self.displayed)
            or (what in MOVE_A_MODEL and owner & held)
            or (what == "prune" and arguments & held)
            or (what == "FollowTraining" and {n for a in call.args for n in names(a)} & self.displayed)
        ):
            self.moved.append(f"{cell}: {ast.unparse(call)[:80]}")


def names(node: ast.AST) -> list[str]:
    """The names in an expression."""
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]


def moved(code: list[tuple[str, str]]) -> list[str]:
    """What moves an earlier view, in cells given by name and source."""
    reader = Reader()
    for name, source in code:
        reader.read(name, source)
    return reader.moved


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_no_cell_moves_what_an_earlier_cell_displays(path):
    code = [(cell["id"], "".join(cell["source"])) for cell in cells(path) if cell["cell_type"] == "code"]
    assert moved(code) == []


LAB = ("lab", "live = pw.LiveModel(model)\nlab = pw.PruningLab(live, x, y)\nlab.sparsity = 0.5\nlab")


@pytest.mark.parametrize(
    "later",
    [
        "lab.sparsity = 0.9",
        "lab.layer, a = 'dense_1', 2",
        "lab.apply()",
        "live.apply(masks)",
        "pw.prune(model, 0.5)",
        "history = model.fit(x, y)",
        "watch = pw.FollowTraining(lab)",
    ],
)
def test_what_moves_a_displayed_lab_is_found(later):
    assert len(moved([LAB, ("later", later)])) == 1


@pytest.mark.parametrize(
    "later",
    [
        "lab.restore()",
        "live.evaluate(x, y, masks)",
        "pw.prune(other, 0.5)",
        "copy.fit(x, y)",
        "lab = pw.PruningLab(other, x, y)\nlab.sparsity = 0.9",
        "a = lab.sparsity",
    ],
)
def test_what_leaves_a_displayed_lab_alone_is_not_found(later):
    assert moved([LAB, ("later", later)]) == []
