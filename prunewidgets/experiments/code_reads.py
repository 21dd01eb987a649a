"""Find what code reads from outside, from its bytecode: names, attributes of modules, imports."""

import dis
import types
from collections.abc import Iterator
from dataclasses import dataclass, field

_GLOBAL = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")
_ENCLOSING = ("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF")
_ATTRIBUTE = ("LOAD_ATTR", "LOAD_METHOD")
_ADDS = ("append", "extend", "insert", "appendleft", "add", "update")
_SHUFFLES = ("COPY", "SWAP", "DUP_TOP")
_JUMPS = frozenset((*dis.hasjrel, *dis.hasjabs))
_LOGS = (list, set, dict)


@dataclass
class Reads:
    """Names that a function and its inner functions load.

    Attributes:
        globals: {name: chains of attributes accessed on it, such as ("layers", "Dense")}.
        enclosing: Names of variables of the enclosing functions.
        logs: Names that are only added to, as in ``history.append(x)`` or ``found[key] = x``: if they are
            plain lists, sets or dicts, their content has no effect on the result.
        imports: (level, module, names imported from it) of each import statement.
    """

    globals: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)
    enclosing: set[str] = field(default_factory=set)
    logs: set[str] = field(default_factory=set)
    imports: list[tuple[int, str, tuple[str, ...]]] = field(default_factory=list)

    def ignores(self, name: str, value: object) -> bool:
        """Return whether a value has no effect: never read, only added to as a plain list, set or dict."""
        read = name in self.globals or name in self.enclosing
        return not read and (name not in self.logs or type(value) in _LOGS)


def reads(code: types.CodeType) -> Reads:
    """Return what a code object and those inside it (inner functions, comprehensions, classes) read."""
    found = Reads()
    for part in _with_inner(code):
        steps = [step for step in dis.get_instructions(part) if step.opname != "EXTENDED_ARG"]
        for place, step in enumerate(steps):
            if step.opname == "IMPORT_NAME":
                level, taken = steps[place - 2].argval, steps[place - 1].argval
                found.imports.append((level, step.argval, tuple(taken or ())))
            elif step.opname not in (*_GLOBAL, *_ENCLOSING):
                continue
            elif _only_added_to(steps, place):
                found.logs.add(step.argval)
            elif step.opname in _GLOBAL:
                found.globals.setdefault(step.argval, set()).add(_attributes(steps, place))
            else:
                found.enclosing.add(step.argval)
    return found


def _with_inner(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _with_inner(constant)


def _attributes(steps: list[dis.Instruction], place: int) -> tuple[str, ...]:
    """Return the chain of attributes accessed on the value loaded at this instruction."""
    chain = []
    for step in steps[place + 1 :]:
        if step.opname not in _ATTRIBUTE:
            break
        chain.append(step.argval)
    return tuple(chain)


def _only_added_to(steps: list[dis.Instruction], place: int) -> bool:
    """Return whether the value loaded here is only used in a statement ``x.append(…)`` or ``x[…] = …``.

    The stack is followed from here on: the result of the call must be discarded when nothing else is left on
    it, and the entry must be stored when only container and key are left besides its value.
    """
    following = steps[place + 1 :]
    calls = bool(following) and following[0].opname in _ATTRIBUTE
    if calls and following[0].argval not in _ADDS:
        return False
    # Some forms of a call push NULL below, before the name or together with it.
    pushed = place > 0 and steps[place - 1].opname == "PUSH_NULL"
    height = pushed + dis.stack_effect(steps[place].opcode, steps[place].arg, jump=False)
    for step in following:
        if step.opcode in _JUMPS or step.opname in _SHUFFLES:
            return False
        if calls and step.opname == "POP_TOP":
            return height == 1
        if not calls and step.opname == "STORE_SUBSCR":
            return height == 2
        try:
            height += dis.stack_effect(step.opcode, step.arg, jump=False)
        except ValueError:
            return False
        if height < 1:
            return False
    return False
