"""The statements of a cell: which names they store and use, and which call is the check of an exercise."""

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager

DEEPEST = 100
"""Levels of a syntax tree: more could not be written back as text, within Python's limit of recursion."""


@dataclass(frozen=True)
class Statement:
    """One statement at the top level of a cell.

    Attributes:
        text: as it is written, without comments in lines of their own.
        node: its syntax tree.
    """

    text: str
    node: ast.stmt

    @property
    def shape(self) -> str:
        """What stays the same when spaces, quotes or comments change."""
        return ast.dump(self.node)

    @property
    def is_open(self) -> bool:
        """Whether a `...` waits for an answer in it."""
        return any(isinstance(part, ast.Constant) and part.value is ... for part in ast.walk(self.node))


def python(source: str) -> tuple[str, ast.Module]:
    """Return a cell and its syntax tree, after IPython's own syntax (`%`, `!`) has become Python.

    Raises:
        SyntaxError: the cell is not Python.
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")  # as Windows, or an old Mac, has written it
    try:
        source = TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]
        tree = ast.parse(source)
        _check_depth(tree)
        ast.dump(tree)  # fails for a number of more than 4,300 digits
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte, a thousand brackets
        raise SyntaxError(str(error)) from None
    return source, tree


def _check_depth(tree: ast.AST) -> None:
    level = [tree]
    for _ in range(DEEPEST):
        level = [part for node in level for part in ast.iter_child_nodes(node)]
    if level:
        raise RecursionError("an expression is nested too deeply")


def statements(source: str) -> list[Statement]:
    """Return the statements of a cell.

    Raises:
        SyntaxError: the cell is not Python.
    """
    source, tree = python(source)
    lines = source.split("\n")  # splitlines would break a line at a form feed too, which Python does not
    found = []
    for node in tree.body:
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
        last = node.end_lineno or node.lineno
        alone = sum(other.lineno <= last and (other.end_lineno or 0) >= first for other in tree.body) == 1
        text = "\n".join(lines[first - 1 : last]) if alone else ast.unparse(node)
        found.append(Statement(text, node))
    return found


def joined(parts: list[Statement]) -> str:
    """Return statements as the source of a cell, with two empty lines around a function."""
    text = ""
    previous: ast.stmt | None = None
    for part in parts:
        if previous is not None:
            function = any(isinstance(node, ast.FunctionDef) for node in (previous, part.node))
            text += "\n\n\n" if function else "\n"
        text, previous = text + part.text, part.node
    return text


def names(source: str) -> tuple[set[str], set[str]]:
    """Return the names that a cell stores for later cells, and those that it uses, in functions too.

    Raises:
        SyntaxError: the cell is not Python.
    """
    table = symtable.symtable(source, "cell", "exec")
    stored = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    used = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    for inner in _inner(table):
        symbols = [s for s in inner.get_symbols() if s.is_global()]
        used |= {s.get_name() for s in symbols if s.is_referenced()}
        stored |= {s.get_name() for s in symbols if s.is_assigned()}  # after `global`
    return stored, used


def _inner(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _inner(child)


def check_call(statement: Statement) -> ast.Call | None:
    """Return the call of a check, `checks.chapter_05.break_even(answer)`, if the statement is one."""
    value = statement.node.value if isinstance(statement.node, ast.Expr | ast.Assign) else None
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return None
    place = ast.unparse(value.func.value)
    return value if place.startswith("checks.chapter_") else None


def check_name(call: ast.Call) -> str:
    """Return the chapter and the check of a call, such as "chapter_05.break_even"."""
    return ast.unparse(call.func).removeprefix("checks.")


def answers_in(given: ast.Call, asked: ast.Call, names: tuple[str, ...]) -> dict[str, str]:
    """Return what stands in a call of a check where the chapter's call has names to be answered.

    Args:
        given: a call such as `right_places(3)`.
        asked: the chapter's call, such as `right_places(answer)`.
        names: those that are to be answered.

    Returns:
        {name: expression}; not where the name itself stands.
    """
    pairs = list(zip(asked.args, given.args, strict=False))
    keywords = {word.arg: word.value for word in given.keywords}
    pairs += [(word.value, keywords[word.arg]) for word in asked.keywords if word.arg in keywords]
    found = {}
    for place, value in pairs:
        if isinstance(place, ast.Name) and place.id in names and ast.dump(place) != ast.dump(value):
            found[place.id] = ast.unparse(value)
    return found
