"""ScheduleView: how the sparsity rises with the training steps."""

import operator
from typing import Any

import traitlets as t

from ..core.schedules import SCHEDULES, Schedule, named_schedule, polynomial, rounds_to
from ..core.thresholds import checked_sparsity, number
from . import trait_bases
from .assets import module
from .drawn import Drawn
from .view import Number, Refused

SETTINGS = ("kind", "final", "begin", "end", "power", "share", "total")

# What the page can draw and send: finite numbers, and rounds that can be distinguished.
LIMITS = {"power": (0.01, 100), "share": (0.001, 0.999), "total": (1, 10**9)}


class Whole(trait_bases.Int):
    """A trait that accepts any whole number, including NumPy's."""

    name: str

    def validate(self, obj: t.HasTraits, value: Any) -> int:
        """Return it as a Python int."""
        try:
            return whole(value, self.name)
        except TypeError as error:
            raise Refused(str(error)) from None


class ScheduleView(Drawn):
    """A pruning schedule to choose, drag and read off step by step.

    Set settings that are valid only together in one step: `with view.hold_trait_notifications(): …`.

    Attributes:
        kind: "constant", "one_shot", "iterative" or "polynomial", see `prunewidgets.schedules`.
        final: final sparsity, 0 to 1.
        begin: step of the first pruning; for "one_shot" the only one.
        end: step of the last pruning, never before `begin`.
        power: exponent of "polynomial", 0.01 to 100.
        share: share of the surviving weights that each round of "iterative" removes, 0.001 to 0.999.
        total: steps of the whole training, which is the length of the axis.

    Example:
        >>> view = pw.ScheduleView(total=1_000, final=0.9)
        >>> view
        ScheduleView(total=1000, kind='polynomial', final=0.9, begin=0, end=750)
        >>> [round(view.schedule(step), 3) for step in (0, 250, 750)]
        [0.0, 0.633, 0.9]
        >>> callback = pw.GradualPruning(view.schedule)  # give it to model.fit
    """

    view_name = "schedule"
    script = t.Unicode(module(view_name)).tag(sync=True)

    kind = t.Unicode("polynomial").tag(sync=True, page=True)
    final = Number(0.9).tag(sync=True, page=True)
    begin = Whole(0).tag(sync=True, page=True)
    end = Whole(750).tag(sync=True, page=True)
    power = Number(3.0).tag(sync=True, page=True)
    share = Number(0.2).tag(sync=True, page=True)
    total = Whole(1000).tag(sync=True, page=True)

    def __init__(
        self,
        total: int = 1000,
        kind: str = "polynomial",
        final: float = 0.9,
        begin: int = 0,
        end: int | None = None,
        power: float = 3,
        share: float = 0.2,
    ) -> None:
        """Show a schedule; the arguments are the attributes.

        Args:
            total: see the attributes.
            kind: see the attributes.
            final: see the attributes.
            begin: see the attributes.
            end: see the attributes. Defaults to three quarters of `total`, which leaves the rest to recover,
                but not before `begin`.
            power: see the attributes.
            share: see the attributes.

        Raises:
            TypeError: a value is not a number, or a step is not a whole number.
            ValueError: an unknown kind, or settings that `prunewidgets.schedules` refuses.
        """
        if end is None:
            end = max(whole(begin, "begin"), whole(total, "total") * 3 // 4)
        # Checked first, so that an error leaves no widget behind.
        super().__init__(**checked_settings(kind, final, begin, end, power, share, total))

    @property
    def schedule(self) -> Schedule:
        """The function from step to sparsity with the current settings; later changes do not affect it."""
        own = {"iterative": {"share": self.share}, "polynomial": {"power": self.power}}.get(self.kind, {})
        return named_schedule(self.kind, self.final, self.begin, self.end, **own)

    @t.validate(*SETTINGS)
    def _check_setting(self, proposal: dict[str, Any]) -> Any:
        """Check a setting together with the others, as they would be after the change."""
        changed = proposal["trait"].name
        settings = {name: getattr(self, name) for name in SETTINGS} | {changed: proposal["value"]}
        try:
            return checked_settings(**settings)[changed]
        except ValueError as error:
            raise Refused(str(error)) from None

    def __repr__(self) -> str:
        """Return the settings; a page without widgets shows this text."""
        return (
            f"ScheduleView(total={self.total}, kind={self.kind!r}, final={self.final:g}, "
            f"begin={self.begin}, end={self.end})"
        )


def checked_settings(
    kind: str, final: float, begin: int, end: int, power: float, share: float, total: int
) -> dict[str, Any]:
    """Return the settings as plain numbers, by name.

    Raises:
        TypeError: a value is not a number, or a step is not a whole number.
        ValueError: an unknown kind, or settings that do not fit together.
    """
    if kind not in SCHEDULES:
        raise ValueError(f"kind {kind!r:.60} is not known; choose one of {', '.join(SCHEDULES)}.")
    final, power, share = number(final, "final"), number(power, "power"), number(share, "share")
    begin, end, total = whole(begin, "begin"), whole(end, "end"), whole(total, "total")
    for name, value in (("power", power), ("share", share), ("total", total)):
        low, high = LIMITS[name]
        if not low <= value <= high:
            raise ValueError(f"{name} is {value:g}; give a number from {low:,} to {high:,}.")
    polynomial(0, checked_sparsity(final), begin, end, power=power)
    if kind == "iterative":
        rounds_to(final, share)
    if end > total:
        raise ValueError(
            f"end is {end:,} and total {total:,}, so the last pruning comes after the training; give "
            "end <= total."
        )
    return dict(zip(SETTINGS, (kind, final, begin, end, power, share, total), strict=True))


def whole(value: Any, name: str) -> int:
    """Return a whole number as a Python int."""
    if not isinstance(value, bool):
        try:
            return operator.index(value)
        except TypeError:
            pass
    raise TypeError(f"{name} counts steps, so it is a whole number, not {value!r:.60}.")
