"""What our trait types derive from; parameters are for mypy alone, since traitlets 5.7 (Colab) takes none."""

from typing import TYPE_CHECKING, Any

import traitlets as t

if TYPE_CHECKING:
    Float = t.Float[float, Any]
    Int = t.Int[int, Any]
    AnyType = t.TraitType[Any, Any]
else:
    Float, Int, AnyType = t.Float, t.Int, t.TraitType
