"""Methods as bytes for worker processes: the code of this process, not what a worker would import."""

import functools
import io
import pickle
import platform
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..utils.installed import version_of

CACHED = functools._lru_cache_wrapper
VERSIONED = ("python", "numpy", "keras", "tensorflow", "prunewidgets")
"""What must be the same in all workers, or results differ; the first two digits are enough for Python."""


def packed(methods: Mapping[str, Any]) -> bytes:
    """Return methods as bytes for `pickle.loads`, with all the code of the user that they need.

    What a notebook, a script or a module of the user defines goes along with everything it reads, so that a
    worker on another machine need not have it, and one that has imported an earlier version does not use it.
    Installed packages go by name.

    Raises:
        TypeError: a method holds something that cannot be sent, such as a lock or an open file.
    """
    import cloudpickle

    class Pickler(cloudpickle.Pickler):
        def reducer_override(self, value: Any) -> Any:
            if isinstance(value, CACHED) and version_of(value.__module__) is None:
                return _cached, (value.cache_parameters(), value.__wrapped__)
            return super().reducer_override(value)

    def dump(value: Any) -> bytes:
        buffer = io.BytesIO()
        with _by_value(own, cloudpickle):
            Pickler(buffer).dump(value)
        return buffer.getvalue()

    own = list(_own_modules())
    for name, method in methods.items():
        try:
            dump(method)
        except Exception as error:
            raise TypeError(
                f"method {name!r} cannot be sent to worker processes ({type(error).__name__}: {error}). Pass "
                "what it needs as arguments, functools.partial(function, name=value) with numbers, text, "
                "arrays, models or functions, and build the rest, such as a pw.LiveModel, inside."
            ) from error
    return pickle.dumps((_versions(VERSIONED), dump(dict(methods))))


def opened(content: bytes) -> dict[str, Any]:
    """Return the methods from what `packed` gave, in a worker.

    Raises:
        RuntimeError: the worker has other versions of what the results depend on, or cannot read the methods.
    """
    theirs, methods = pickle.loads(content)
    ours = _versions(theirs)
    differ = [
        f"{name} {ours[name]} in place of {theirs[name]}" for name in theirs if ours[name] != theirs[name]
    ]
    if differ:
        raise RuntimeError(
            f"the worker has {', '.join(differ)}, so its results could not stand beside the others; start "
            "workers in the same environment as the notebook"
        )
    found: dict[str, Any] = pickle.loads(methods)
    return found


def _versions(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of Python and of packages; of this one, where it is not installed, a digest."""
    found = {name: version_of(name) or "none" for name in names if name != "python"}
    return {"python": ".".join(platform.python_version_tuple()[:2])} | {n: v[:12] for n, v in found.items()}


def _cached(parameters: dict[str, Any], function: Callable[..., Any]) -> Any:
    return functools.lru_cache(**parameters)(function)


def _own_modules() -> Iterator[types.ModuleType]:
    """Yield the top modules and packages that are the user's own; those of packages are not looked up."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if "." in name or name in ("__main__", "__mp_main__") or not isinstance(file, str):
            continue
        installed = {"site-packages", "dist-packages"} & set(Path(file).parts)
        if not installed and version_of(name) is None:
            yield module


@contextmanager
def _by_value(modules: list[types.ModuleType], cloudpickle: Any) -> Iterator[None]:
    """Let cloudpickle send the content of modules instead of their names."""
    new = [module for module in modules if module.__name__ not in cloudpickle.list_registry_pickle_by_value()]
    for module in new:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in new:
            cloudpickle.unregister_pickle_by_value(module)
