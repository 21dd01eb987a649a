"""Which steps an exercise needs, found from the names that they store, use and change.

A step that stores a name counts if nothing stores it again before it is used. One that may change what a
name stands for, or what that was made of, counts wherever it is: rather too much than too little.
`marking.py` runs everything if a name turns out to be missing all the same.
"""

import ast
from dataclasses import dataclass

from .chapter import Exercise
from .repaired import Step
from .statements import names, python

METHODS = {
    "add", "append", "apply", "assign", "build", "clear", "compile", "discard", "extend", "fit", "insert",
    "load_weights", "pop", "remove", "restore", "rewind", "rewind_learning_rate", "set_weights", "shuffle",
    "sort", "train_on_batch", "update", "write_bytes", "write_text",
}  # fmt: skip
"""Methods that change what they are called on."""
OWN = {"fit"}
"""Functions that chapters write and that change what they are called with."""
FUNCTIONS = OWN | {"link", "prune", "refresh_statistics", "tune_codebooks"}
"""All functions that do: those, and the package's."""
HANDLES = {"LiveModel", "PruningLab", "RewindPoint"}
"""Classes whose methods change what they were made with."""
MODULES = {"", "keras", "np", "pd", "pw", "tf"}


@dataclass(frozen=True)
class Facts:
    """What a step does to names.

    Attributes:
        stored: names that it may store.
        made: those that it stores in any case, and before it uses them.
        changed: names of what it may change.
        used: names that it uses before it stores them.
        handled: names that it makes a handle with.
    """

    stored: set[str]
    made: set[str]
    changed: set[str]
    used: set[str]
    handled: set[str]


def needed(steps: list[Step], exercise: Exercise) -> set[int]:
    """Return the numbers of the steps that the check of an exercise needs, its own among them.

    Another exercise's steps are needed only for a name that this one does not open itself, so an `answer`
    that is computed for ever in one does not keep the next from being marked.
    """
    last = max(number for number, step in enumerate(steps) if step.check and step.exercise == exercise.name)
    facts = [_facts(step) for step in steps[: last + 1]]
    own = {n for n in range(last + 1) if steps[n].exercise == exercise.name}
    related = _related(facts, {name for n in own for name in facts[n].used})
    kept, live = set(own), set(facts[last].used)
    for n in range(last, -1, -1):
        fact = facts[n]
        others = set(exercise.answers) if steps[n].exercise not in ("", exercise.name) else set()
        if n in own or fact.stored & live - others or fact.changed & related - others:
            kept.add(n)
            live = (live - fact.made) | fact.used
    return kept


def _related(facts: list[Facts], wanted: set[str]) -> set[str]:
    """Return the names through which wanted ones may change: what they are made of, and handles on that."""
    while True:
        more = {name for fact in facts if fact.stored & wanted for name in fact.used}
        more |= {name for fact in facts if fact.handled & wanted for name in fact.stored}
        if more <= wanted:
            return wanted
        wanted = wanted | more


def _facts(step: Step) -> Facts:
    try:
        source, tree = python(step.source)
        stored, _ = names(source)
    except SyntaxError:
        return Facts(set(), set(), set(), set(), set())
    made: set[str] = set()
    used: set[str] = set()
    for node in tree.body:
        stores, uses = names(ast.unparse(node))
        used |= uses - made
        if isinstance(node, ast.Assign | ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
            made |= stores - used
    if step.check:  # each check has these of its own
        stored, made = stored - {"checks", "record"}, made - {"checks", "record"}
    changed = {name for node in ast.walk(tree) for name in _changed(node)}
    handled = {name for node in ast.walk(tree) for name in _handled(node)}
    return Facts(stored, made, changed, used, handled)


def _changed(node: ast.AST) -> set[str]:
    """Return the names that one part of the code may change without storing them."""
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
        return {_root(node)}
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        function = isinstance(node.func, ast.Name) or _root(node.func) == "pw"
        if function and called in FUNCTIONS:
            return {_root(argument) for argument in node.args} - MODULES
        if called in METHODS and not function:
            return {_root(node.func)}
    return set()


def _handled(node: ast.AST) -> set[str]:
    """Return the names that a handle is made with."""
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in HANDLES:
        return {_root(argument) for argument in node.args[:1]} - MODULES
    return set()


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
