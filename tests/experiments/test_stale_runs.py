"""A stored run never answers for other code or other data: whatever a method reads is in its key.

Each text below is run as a cell of a notebook with two values; what is right is what the method returns when
it is called without a store.
"""

import sqlite3
import sys

import pytest

from prunewidgets.experiments.compare import compare_methods

VARIANTS = {
    "a global": "E = VALUE\ndef method(s, k): return E / 10",
    "a global that a helper reads": """
E = VALUE
def helper(): return E
def method(s, k): return helper() / 10""",
    "a helper": "def helper(): return VALUE\ndef method(s, k): return helper() / 10",
    "a helper's helper": """
def last(n): return VALUE if n == 0 else first(n - 1)
def first(n): return last(n)
def method(s, k): return first(3) / 10""",
    "an entry of a global": "E = {'a': [0, {'b': VALUE}]}\ndef method(s, k): return E['a'][1]['b'] / 10",
    "an array": "import numpy as np\nX = np.full(2000, VALUE)\ndef method(s, k): return X[1500] / 10",
    "an array of objects": """
import numpy as np
X = np.array(['a', VALUE], object)
def method(s, k): return X[1] / 10""",
    "a masked array": """
import numpy as np
X = np.ma.masked_array([1, 5], [VALUE == 5, VALUE == 1])
def method(s, k): return X.sum() / 10""",
    "a table": """
import pandas as pd
X = pd.DataFrame({'a': ['x', VALUE]})
def method(s, k): return X.a[1] / 10""",
    "the label of a column": """
import pandas as pd
X = pd.DataFrame([[1, 5]], columns=[VALUE, 0])
def method(s, k): return float(X[1].iloc[0] if 1 in X else 9) / 10""",
    "a class attribute": "class C:\n    rate = VALUE\ndef method(s, k): return C.rate / 10",
    "code of a class": "class C:\n    def go(self): return VALUE\ndef method(s, k): return C().go() / 10",
    "a base class": """
class Base:
    @staticmethod
    def go(): return VALUE
class C(Base): pass
def method(s, k): return C.go() / 10""",
    "a property": """
class C:
    @property
    def a(self): return VALUE
def method(s, k): return C().a / 10""",
    "a cached property": """
import functools
class C:
    @functools.cached_property
    def a(self): return VALUE
def method(s, k): return C().a / 10""",
    "a bound method": """
class C:
    def __init__(self, rate): self.rate = rate
    def go(self, s, k): return self.rate / 10
method = C(VALUE).go""",
    "slots": """
class C:
    __slots__ = ("rate",)
    def go(self, s, k): return self.rate / 10
c = C()
c.rate = VALUE
method = c.go""",
    "an object that can be called": """
class C:
    def __init__(self, rate): self.rate = rate
    def __call__(self, s, k): return self.rate / 10
    def __getstate__(self): return {}
method = C(VALUE)""",
    "an object that holds itself": """
class C:
    def __call__(self, s, k): return self.me.rate / 10
method = C()
method.me, method.rate = method, VALUE""",
    "a subclass of int": """
class Rate(int):
    def tenth(self): return VALUE / 10
E = Rate(3)
def method(s, k): return E.tenth()""",
    "a subclass of list": """
class Rates(list):
    def first(self): return self[0]
E = Rates([VALUE])
def method(s, k): return E.first() / 10""",
    "a subclass of an array": """
import numpy as np
class Rates(np.ndarray): pass
E = np.full(3000, VALUE).view(Rates)
def method(s, k): return E[1500] / 10""",
    "a named tuple": """
import collections
P = collections.namedtuple("P", "a b")
E = P(0, VALUE)
def method(s, k): return E.b / 10""",
    "a data class": """
import dataclasses
@dataclasses.dataclass
class P:
    a: int = VALUE
    b: list = dataclasses.field(default_factory=list)
def method(s, k): return P().a / 10""",
    "an enumeration": """
import enum
class E(enum.Enum):
    A = VALUE
def method(s, k): return E.A.value / 10""",
    "a bound built-in": """
from functools import partial
get = [0, VALUE].__getitem__
def method(s, k): return get(1) / 10""",
    "a bound built-in in a partial": """
from functools import partial
def call(s, k, get): return get('a') / 10
method = partial(call, get={'a': VALUE}.get)""",
    "the method of an array": """
import numpy as np
sum_ = np.full(3, VALUE).max
def method(s, k): return sum_() / 10""",
    "an attribute of a function": "def method(s, k): return method.rate / 10\nmethod.rate = VALUE",
    "a callable in a partial": """
from functools import partial
E = VALUE
def inner(): return E
def call(s, k, f): return f() / 10
method = partial(call, f=partial(partial(inner)))""",
    "a callable as a default": "E = VALUE\ndef inner(): return E\ndef method(s, k, f=inner): return f() / 10",
    "a callable as a keyword's default": "E = VALUE\ndef method(s, k, *, f=lambda: E): return f() / 10",
    "a callable in an enclosing variable": """
E = VALUE
def make():
    f = lambda: E
    return lambda s, k: f() / 10
method = make()""",
    "a class in an enclosing variable": """
def make():
    class C: rate = VALUE
    return lambda s, k: C.rate / 10
method = make()""",
    "functions that call each other": """
def make():
    def one(s, k): return two(s, 1) if k == 0 else VALUE / 10
    def two(s, k): return one(s, k)
    return one
method = make()""",
    "a function in a dict": "E = {'f': lambda: VALUE}\ndef method(s, k): return E['f']() / 10",
    "a decorated function": """
import functools
def by(n):
    def wrap(f):
        @functools.wraps(f)
        def inner(*a): return f(*a) * n / 10
        return inner
    return wrap
@by(VALUE)
def method(s, k): return 1""",
    "a function with a cache": """
import functools
@functools.lru_cache
def helper(): return VALUE
def method(s, k): return helper() / 10""",
    "a function in a library's decorator": """
import contextlib
@contextlib.contextmanager
def helper(): yield VALUE
def method(s, k):
    with helper() as value: return value / 10""",
    "a global in a comprehension": "E = VALUE\ndef method(s, k): return sum([E for _ in range(1)]) / 10",
    "a global in an inner function": "E = VALUE\ndef method(s, k): return (lambda: E)() / 10",
    "a global in an inner class": "E = VALUE\ndef method(s, k):\n    class C: a = E\n    return C.a / 10",
    "a generator function": "E = VALUE\ndef g(): yield E\ndef method(s, k): return next(g()) / 10",
    "a callable of the library": """
import operator
f = operator.itemgetter(0 if VALUE == 1 else 1)
def method(s, k): return f((.1, .5))""",
    "names of arguments": """
def helper(A, B): return A / 10
helper_of = {1: "def helper(a, b): return a / 10", 5: "def helper(b, a): return b / 10"}[VALUE]
exec(helper_of)
def method(s, k): return helper(a=.1 * 10, b=.5 * 10)""",
    "where an exception is caught": """
exec({1: "def helper():\\n    try: return 1 / 0\\n    except ZeroDivisionError: return 1",
      5: "def helper():\\n    try: return 5\\n    except ZeroDivisionError: return 1"}[VALUE])
def method(s, k): return helper() / 10""",
    "a tuple in place of a list": """
E = (0,) if VALUE == 1 else [0]
def method(s, k): return len(str(E)) / 10""",
    "the order of a dict": """
E = {1: 0, 5: 0} if VALUE == 1 else {5: 0, 1: 0}
def method(s, k): return next(iter(E)) / 10""",
    "the dtype of a number": """
import numpy as np
E = np.float32(.1) if VALUE == 1 else .1
def method(s, k): return float(E)""",
    "a module of one's own": """
import own_rates
own_rates.E = VALUE
def method(s, k): return own_rates.E / 10""",
    "a function of such a module": """
import own_rates
own_rates.E = VALUE
def method(s, k): return own_rates.rate() / 10""",
    "a module as argument": """
import own_rates
own_rates.E = VALUE
def helper(module): return module.rate()
def method(s, k): return helper(own_rates) / 10""",
    "an import inside": """
import own_rates
own_rates.E = VALUE
def method(s, k):
    from own_rates import rate
    return rate() / 10""",
    "a module imported inside": """
import own_rates
own_rates.E = VALUE
def method(s, k):
    import own_rates as r
    return r.rate() / 10""",
    "a random generator": "import random\nE = random.Random(VALUE)\ndef method(s, k): return E.random()",
    "a list that is read and added to": """
E = [VALUE]
def method(s, k):
    E.append(0)
    return E[0] / 10""",
    "an object with a method named append": """
class C:
    def append(self, x): self.x = VALUE
E = C()
def helper(): return E.x
def method(s, k):
    E.append(0)
    return E.x / 10""",
}

REFUSED = {
    "eval": "E = VALUE\ndef method(s, k): return eval('E') / 10",
    "globals": "E = VALUE\ndef method(s, k): return globals()['E'] / 10",
    "a generator": "E = (n for n in [VALUE])\ndef method(s, k): return next(E) / 10",
    "a lock": "import threading\nE = threading.Lock()\ndef method(s, k):\n    with E: return VALUE / 10",
    "an open file": "E = open(__import__('os').devnull)\ndef method(s, k): return VALUE / 10 if E else 0",
}


def cell(text: str, value: int):
    """What a cell of a notebook leaves under the name "method"."""
    scope = {"__name__": "__main__"}
    exec(text.replace("VALUE", str(value)), scope)
    return scope["method"]


@pytest.fixture
def own_module(tmp_path, monkeypatch):
    (tmp_path / "own_rates.py").write_text("E = 0\ndef rate():\n    return E\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("own_rates", None)


@pytest.mark.parametrize("name", VARIANTS)
def test_other_code_or_data_is_another_run_and_the_same_is_not(name, tmp_path, own_module):
    store, text = tmp_path / "runs.sqlite", VARIANTS[name]
    for value in (1, 5, 1):
        right = compare_methods({"m": cell(text, value)}, [0.5], [0])["accuracy"][0]
        assert compare_methods({"m": cell(text, value)}, [0.5], [0], store)["accuracy"][0] == right
    assert sqlite3.connect(store).execute("SELECT COUNT(*) FROM runs").fetchone() == (2,)


@pytest.mark.parametrize("name", REFUSED)
def test_values_that_cannot_be_described_are_refused_with_a_fix(name, tmp_path):
    with pytest.raises(TypeError, match=r"method 'm': .*cannot be described.*functools\.partial"):
        compare_methods({"m": cell(REFUSED[name], 1)}, [0.5], [0], tmp_path / "runs.sqlite")


@pytest.mark.parametrize(
    "line", ["log.append(s)", "log.extend([k])", "found[s, k] = len('x')", "seen.add(s)"]
)
def test_a_list_that_is_only_appended_to_does_not_change_the_key(line, tmp_path):
    text = f"log, found, seen = [], {{}}, set()\ndef method(s, k):\n    {line}\n    return .5\n"
    inside = text.replace("\n", "\n    ")
    for written in (text, f"def make():\n    {inside}\n    return method\nmethod = make()"):
        store, method = tmp_path / f"{len(written)}.sqlite", cell(written, 1)
        for _ in range(2):
            compare_methods({"m": method}, [0.5], [0, 1], store)
        assert sqlite3.connect(store).execute("SELECT COUNT(*) FROM runs").fetchone() == (2,)
