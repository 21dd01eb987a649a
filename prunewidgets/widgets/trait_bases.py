"""The trait types that ours derive from, with type parameters for mypy alone: traitlets 5.7 in Colab has none."""

from typing import TYPE_CHECKING, Any

import traitlets as t

if TYPE_CHECKING:
    Float = t.Float[float, Any]
    Int = t.Int[int, Any]
    AnyType = t.TraitType[Any, Any]
else:
    Float, Int, AnyType = t.Float, t.Int, t.TraitType
