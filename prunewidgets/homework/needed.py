"""Which steps an exercise needs, found from the names that they store, use and change.

A step that stores a name counts if nothing stores it again before it is used. One that may change what a
name stands for, or what that was made of, counts wherever it is: rather too much than too little.
`marking.py` runs everything if a name turns out to be missing all the same.
"""

import ast
from dataclasses import dataclass
from functools import lru_cache

from .chapter import Exercise
from .repaired import Step
from .statements import names, python

METHODS = {
    "add", "append", "apply", "assign", "build", "cancel", "choice", "clear", "compile", "discard",
    "extend", "fit", "insert", "integers", "load_weights", "normal", "permutation", "pop", "random",
    "remove", "restore", "rewind", "rewind_learning_rate", "set_weights", "shuffle", "sort",
    "train_on_batch", "uniform", "update", "wait", "write_bytes", "write_text",
}  # fmt: skip
"""Methods that change what they are called on, random generators among it."""
FUNCTIONS = {"link", "lottery_tickets", "prune", "refresh_statistics", "tune_codebooks"}
"""Functions of the package that change what they are called with; a chapter's own are looked into."""
HANDLES = {"LiveModel", "Model", "PruningLab", "RewindPoint", "Sequential", "early_exits"}
"""Classes whose methods change what they were made with, and functions that make such a thing."""
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
    facts = _facts_of(tuple(steps))[: last + 1]
    own = {n for n in range(last + 1) if steps[n].exercise == exercise.name}
    answers = {n: set(exercise.answers) for n in range(last + 1) if steps[n].exercise and n not in own}
    kept = own
    while True:  # what is kept may be made of more, and that may be changed in more steps
        related = _related(facts, {name for n in kept for name in facts[n].used})
        more, live = set(own), set(facts[last].used)
        for n in range(last, -1, -1):
            others = answers.get(n, set())
            if n in own or facts[n].stored & live - others or facts[n].changed & related - others:
                more.add(n)
                live = (live - facts[n].made) | facts[n].used
        if more <= kept:
            return kept
        kept = kept | more


@lru_cache(maxsize=8)
def _facts_of(steps: tuple[Step, ...]) -> list[Facts]:
    """Return what each step does; for a class this is asked a hundred times of the same steps."""
    written: dict[str, ast.FunctionDef] = {}
    return [_facts(step, written) for step in steps]


def _related(facts: list[Facts], wanted: set[str]) -> set[str]:
    """Return the names through which wanted ones may change: they and handles on them."""
    while True:
        more = {name for fact in facts if fact.handled & wanted for name in fact.stored}
        if more <= wanted:
            return wanted
        wanted = wanted | more


def _facts(step: Step, written: dict[str, ast.FunctionDef]) -> Facts:
    """Return what a step does; functions that it writes are added to those of earlier steps."""
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
    written |= {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    changed = _changed(tree, written)
    handled = {name for node in ast.walk(tree) for name in _handled(node)}
    return Facts(stored, made, changed, used, handled)


def _changed(code: ast.AST, written: dict[str, ast.FunctionDef]) -> set[str]:
    """Return the names of what code may change without storing them, in the functions that it calls too."""
    found: set[str] = set()
    for node in ast.walk(code):
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            found.add(_root(node))
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            function = isinstance(node.func, ast.Name) or _root(node.func) == "pw"
            given = {_root(value) for value in [*node.args, *(word.value for word in node.keywords)]}
            if isinstance(node.func, ast.Name) and called in written:
                others = {name: function for name, function in written.items() if name != called}
                inside = _changed(written[called], others)
                takes = {each.arg for each in ast.walk(written[called].args) if isinstance(each, ast.arg)}
                found |= inside - takes | (given if inside & takes else set())
            elif function and called in FUNCTIONS:
                found |= given
            elif called in METHODS and not function:
                found.add(_root(node.func))
    return found - MODULES


def _handled(node: ast.AST) -> set[str]:
    """Return the names that a handle is made with."""
    if isinstance(node, ast.Call) and _is_handle(node):
        return {_root(argument) for argument in node.args[:1]} - MODULES
    return set()


def _root(node: ast.AST) -> str:
    """Return the name that an expression starts with; of a handle made in it, the name it is made with."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        if isinstance(node, ast.Call) and _is_handle(node) and node.args:
            node = node.args[0]
        else:
            node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_handle(node: ast.Call) -> bool:
    return ast.unparse(node.func).rpartition(".")[2] in HANDLES
