"""Values and code described as JSON, for comparing them across processes.

Equal values have equal descriptions in every process; anything that may behave differently has another one.
The user's own functions and classes are described with everything they read, those of installed packages by
name and version, arrays by a digest. Anything that cannot be described is rejected.
"""

import functools
import hashlib
import importlib
import importlib.util
import json
import types
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Any, ParamSpec, TypeVar

import numpy as np

from ..utils.installed import version_of
from .code_reads import reads
from .object_parts import object_parts

_ANYTHING = ("eval", "exec", "globals", "__import__")
"""With these, a function can read things that its code does not name."""
_WORDS = {type(None), bool, int, str}
_CONSTANTS = {float, complex, range, slice, type(Ellipsis), type(NotImplemented), TypeVar, ParamSpec}
_BUILT_IN = (types.BuiltinFunctionType, types.MethodWrapperType)
_HELD = {
    types.MethodType: ("__func__", "__self__"),
    property: ("fget", "fset", "fdel"),
    staticmethod: ("__func__",),
    classmethod: ("__func__",),
    functools.cached_property: ("func",),  # the rest is a lock
    functools._lru_cache_wrapper: ("__wrapped__",),
}
_SLOTS = (
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.ClassMethodDescriptorType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
)
_PLACES = (types.MemberDescriptorType, types.GetSetDescriptorType)
_NOT_BEHAVIOUR = (
    "__dict__ __weakref__ __module__ __doc__ __qualname__ __slotnames__ __firstlineno__ "
    "__static_attributes__ __annotations__ __annotations_cache__ __annotate_func__ __abstractmethods__ "
    "_abc_impl"
).split()


def canonical(value: Any) -> str:
    """Return JSON with exactly one spelling for each value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


class Description:
    """Description of the values of one method.

    Attributes:
        parts: [kind, name, digest] of each function, class, module and object found, in order. One that is
            found again is represented by its index, so circular references are possible.
    """

    def __init__(self) -> None:
        """Start with no parts."""
        self.parts: list[list[str]] = []
        self._numbers: dict[int, int] = {}
        self._seen: list[Any] = []  # keeps objects alive, so that no other gets the same id
        self._digests: dict[int, str] = {}
        self._inside: set[int] = set()

    def of(self, value: Any, what: str) -> Any:
        """Describe a value.

        Args:
            value: Anything.
            what: Its role in the method, for the error, such as "the global 'E'".

        Raises:
            TypeError: It cannot be described; the message is the beginning of a sentence about the method.
        """
        kind = type(value)
        if kind in _WORDS:
            return value
        if kind in _CONSTANTS:
            return {kind.__name__: repr(value)}
        if kind in (list, tuple, dict, set, frozenset):
            return self._container(value, what)
        if kind in (bytes, bytearray):
            return {kind.__name__: hashlib.sha256(value).hexdigest()}
        if kind in (np.ndarray, np.memmap):
            return self._array(value, what)
        if isinstance(value, np.generic) and kind.__module__ == "numpy":
            return {"scalar": [value.dtype.str, repr(value.item())]}
        if isinstance(value, PurePath) and version_of(kind.__module__):
            return {"path": str(value)}
        for kinds, describe in self._CODE:
            if isinstance(value, kinds):
                return describe(self, value, what)
        return self._part(
            "object", kind.__qualname__, value, lambda: self.of(object_parts(value, what), what)
        )

    def _part(self, kind: str, name: str, value: Any, describe: Callable[[], Any]) -> dict[str, int]:
        """Describe an object once, and refer to it by its index after that, also from inside itself."""
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self.parts)
            self._seen.append(value)
            self.parts.append([kind, name, ""])
            self.parts[number][2] = hashlib.sha256(canonical(describe()).encode()).hexdigest()
        return {"part": number}

    def _all(self, values: Iterable[Any], what: str) -> list[Any]:
        return [self.of(value, what) for value in values]

    def _names(self, named: Mapping[str, Any], what: str) -> dict[str, Any]:
        return {name: self.of(value, what) for name, value in sorted(named.items())}

    def _container(self, value: Any, what: str) -> Any:
        if id(value) in self._inside:
            raise TypeError(f"{what} contains itself, so it cannot be described")
        self._inside.add(id(value))
        try:
            if isinstance(value, dict):  # the order of a dict can matter
                return {"dict": [self._all(pair, what) for pair in value.items()]}
            entries = self._all(value, what)
        finally:
            self._inside.discard(id(value))
        if isinstance(value, set | frozenset):
            return {type(value).__name__: sorted(map(canonical, entries))}
        return entries if isinstance(value, list) else {"tuple": entries}

    def _array(self, array: np.ndarray, what: str) -> Any:
        if array.dtype.hasobject:
            return {"array": ["object", list(array.shape), self._all(array.ravel().tolist(), what)]}
        if id(array) not in self._digests:
            self._seen.append(array)
            plain: Any = np.ascontiguousarray(array)  # a buffer, which NumPy's types declare from 3.12 on
            self._digests[id(array)] = hashlib.sha256(plain).hexdigest()
        return {"array": [str(array.dtype), list(array.shape), self._digests[id(array)]]}

    def _code(self, code: types.CodeType, what: str) -> Any:
        """Describe what runs, without the source text or where it was defined."""
        named = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
        counts = [code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags]
        table = getattr(code, "co_exceptiontable", b"").hex()
        return {"code": [code.co_code.hex(), table, counts, *map(list, named), self.of(code.co_consts, what)]}

    def _partial(self, partial: functools.partial[Any], what: str) -> Any:
        named = [self._names(partial.keywords, what), self._names(vars(partial), what)]
        return {"partial": [self.of(partial.func, what), self.of(partial.args, what), *named]}

    def _wrapper(self, value: Any, what: str) -> Any:
        """Describe a wrapper of functions: the functions, and the settings of the wrapper."""
        held = [getattr(value, name) for name in _HELD[type(value)]]
        if isinstance(value, functools._lru_cache_wrapper):
            held.append(value.cache_parameters())
        return {type(value).__name__: self._all(held, what)}

    def _slot(self, value: Any, what: str) -> Any:
        """Describe ``str.lower``, or the slot of an attribute in a class that is described itself."""
        owner = value.__objclass__
        return {"slot": [value.__name__, owner.__name__ if version_of(owner.__module__) else ""]}

    def _built_in(self, value: Any, what: str) -> Any:
        """Describe ``len``, ``math.sin``, ``[…].append``, ``"…".__len__``; the last two hold a value."""
        owner = value.__self__
        if owner is None or isinstance(owner, types.ModuleType):
            return {
                "name": f"{value.__module__}.{value.__qualname__}",
                "version": version_of(value.__module__),
            }
        return {"built-in method": [value.__name__, self.of(owner, what)]}

    def _function(self, function: types.FunctionType, what: str) -> Any:
        module, code = function.__globals__.get("__name__"), function.__code__
        version, name = version_of(module), function.__qualname__
        if version and "<locals>" not in getattr(code, "co_qualname", name):
            return {"name": f"{module}.{name}", "version": version}
        return self._part("function", name, function, lambda: self._function_part(function, what, version))

    def _function_part(self, function: types.FunctionType, what: str, version: str | None) -> Any:
        """Describe everything that determines what a function does.

        For a function created by an installed package, such as by a decorator, describe the values it holds.
        """
        name, code, found = function.__qualname__, function.__code__, reads(function.__code__)
        enclosed = {}
        for variable, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            try:
                value = cell.cell_contents
            except ValueError:
                raise TypeError(
                    f"{variable!r}, from the function around {name!r}, has no value yet and cannot be "
                    "described"
                ) from None
            if not found.ignores(variable, value):
                enclosed[variable] = self.of(value, f"{variable!r} of the function around {name!r}")
        fixed = [
            self.of(function.__defaults__, f"a default of {name!r}"),
            self._names(function.__kwdefaults__ or {}, f"a default of {name!r}"),
            enclosed,
            self._names(vars(function), f"an attribute of {name!r}"),
        ]
        if version:
            return [code.co_qualname, version, *fixed]
        return [
            self._code(code, what),
            *fixed,
            self._globals(function, found),
            self._imports(function, found),
        ]

    def _globals(self, function: types.FunctionType, found: Any) -> dict[str, Any]:
        described, known = {}, function.__globals__
        for name in sorted(found.globals.keys() | found.logs):
            if name not in known:
                if name in _ANYTHING:
                    raise TypeError(
                        f"{function.__qualname__!r} calls {name}, so what it reads cannot be described"
                    )
                continue  # a builtin, or an undefined name that fails when it runs
            value, what = known[name], f"the global {name!r}, which {function.__qualname__!r} reads,"
            if isinstance(value, types.ModuleType):
                described[name] = self._module(value, found.globals.get(name, {()}), what)
            elif not found.ignores(name, value):
                described[name] = self.of(value, what)
        return described

    def _imports(self, function: types.FunctionType, found: Any) -> list[Any]:
        described, package = [], function.__globals__.get("__package__")
        for level, name, taken in found.imports:
            full = importlib.util.resolve_name("." * level + name, package) if level else name
            if version_of(full):
                described.append({"module": full, "version": version_of(full)})
                continue
            try:
                module = importlib.import_module(full)
            except Exception:  # the function itself will fail when it runs
                continue
            what = f"the module {full!r}, which {function.__qualname__!r} imports,"
            described.append(self._module(module, {(part,) for part in taken} or {()}, what))
        return described

    def _module(self, module: types.ModuleType, chains: Iterable[tuple[str, ...]], what: str) -> Any:
        """Describe the user's own module by what is used of it, or by its full content if that is unknown."""
        name = module.__name__
        if version_of(name):
            return {"module": name, "version": version_of(name)}
        if () in chains:
            held = {key: value for key, value in vars(module).items() if not key.startswith("__")}
            return self._part("module", "", module, lambda: self._names(held, what))
        described = {}
        for first, *rest in sorted(chains):
            value, place = getattr(module, first, None), f"{name}.{first}"
            if isinstance(value, types.ModuleType):
                described[".".join((first, *rest))] = self._module(value, {tuple(rest)}, place)
            else:
                described[first] = self.of(value, f"{place!r}, which the method reads,")
        return {"from module": described}

    def _class(self, cls: type, what: str) -> Any:
        version = version_of(cls.__module__)
        if version:
            return {"name": f"{cls.__module__}.{cls.__qualname__}", "version": version}

        def body() -> Any:
            held = {key: value for key, value in vars(cls).items() if key not in _NOT_BEHAVIOUR}
            # The descriptors of slots; their names are in __slots__, and cloudpickle leaves them out.
            held = {key: value for key, value in held.items() if not isinstance(value, _PLACES)}
            inside = f"in the class {cls.__qualname__!r} something"
            kinds = [self._class(kind, what) for kind in (type(cls), *cls.__bases__)]
            return [cls.__name__, kinds, self._names(held, inside)]

        return self._part("class", cls.__qualname__, cls, body)

    _CODE: tuple[tuple[Any, Callable[..., Any]], ...] = (
        (types.CodeType, _code),
        (functools.partial, _partial),
        (tuple(_HELD), _wrapper),
        (_BUILT_IN, _built_in),
        (_SLOTS, _slot),
        (types.MappingProxyType, lambda self, value, what: {"mapping": self.of(dict(value), what)}),
        (types.ModuleType, lambda self, value, what: self._module(value, {()}, what)),
        (type, _class),
        (types.FunctionType, _function),
    )
