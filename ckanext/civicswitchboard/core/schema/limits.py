"""Limits of what a field takes: a least and a greatest number, a first and a last date, a longest text.

Each kind of limit is declared once. A limit that cannot be read, as a draft may have one,
asks for nothing; publishing refuses it.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from operator import gt, lt
from typing import Any

from ckanext.civicswitchboard.core.schema.dates import calendar_date, in_order
from ckanext.civicswitchboard.core.schema.document import Field
from ckanext.civicswitchboard.core.schema.field_types import ROWS
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message, shortened

ATTRIBUTES = ("minimum", "maximum", "max_length")
_TEXTS = frozenset({"", "title", "textarea", "markdown", "multiple_text"})

Bounds = Mapping[str, Any]


def _number(text: object) -> Decimal | None:
    try:
        number = Decimal(str(text).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _length(text: object) -> int | None:
    return text if isinstance(text, int) and text > 0 else None


def characters(text: str) -> int:
    """How long a text is; a line end, which browsers send as two, is one character."""
    return len(text.replace("\r\n", "\n"))


@dataclass(frozen=True)
class Limit:
    """A kind of limit.

    :ivar attribute: the field's attribute that holds it
    :ivar presets: the field types that have it
    :ivar constraint: its name in DCTAP, a ``valueConstraintType``
    :ivar read: the bound that an attribute holds, None where it cannot be read
    :ivar keeps: whether a value stays within a bound; one that is none of the field's type does
    :ivar tighter: whether the first of two bounds lets less through than the second
    :ivar needs: what the attribute has to hold, in words
    :ivar words: what the field takes, with a place for the bound
    :ivar fault: what is wrong with a value beyond it, with places for both
    """

    attribute: str
    presets: frozenset[str]
    constraint: str
    read: Callable[[object], Any]
    keeps: Callable[[Any, str], bool]
    tighter: Callable[[Any, Any], bool]
    needs: str
    words: str
    fault: str


def _at_least(bound: Decimal, value: str) -> bool:
    number = _number(value)
    return number is None or number >= bound


def _at_most(bound: Decimal, value: str) -> bool:
    number = _number(value)
    return number is None or number <= bound


def _not_before(bound: str, value: str) -> bool:
    date = calendar_date(value)
    return date is None or in_order(bound, date)


def _not_after(bound: str, value: str) -> bool:
    date = calendar_date(value)
    return date is None or in_order(date, bound)


def _ends_sooner(one: str, other: str) -> bool:
    """Whether a last date is before another; a month is before the end of its year."""
    return f"{one}~" < f"{other}~"


def _no_longer(bound: int, value: str) -> bool:
    return characters(value) <= bound


_A_NUMBER = N_("has to be a number")
_A_DATE = N_("has to be a year, month or day, such as 2019, 2019-07 or 2019-07-31")
_NUMBERS, _DATES = frozenset({"number"}), frozenset({"partial_date"})

LIMITS: tuple[Limit, ...] = (
    Limit(
        "minimum", _NUMBERS, "minInclusive", _number, _at_least, gt, _A_NUMBER,
        N_("at least {bound}"), N_("“{value}” is less than {bound}"),
    ),
    Limit(
        "maximum", _NUMBERS, "maxInclusive", _number, _at_most, lt, _A_NUMBER,
        N_("at most {bound}"), N_("“{value}” is more than {bound}"),
    ),
    Limit(
        "minimum", _DATES, "minInclusive", calendar_date, _not_before, gt, _A_DATE,
        N_("not before {bound}"), N_("“{value}” is before {bound}"),
    ),
    Limit(
        "maximum", _DATES, "maxInclusive", calendar_date, _not_after, _ends_sooner, _A_DATE,
        N_("not after {bound}"), N_("“{value}” is after {bound}"),
    ),
    Limit(
        "max_length", _TEXTS, "maxLength", _length, _no_longer, lt, N_("has to be a whole number above 0"),
        N_("at most {bound} characters"), N_("This is {length} characters long. The limit is {bound}"),
    ),
)


@dataclass(frozen=True)
class Bound:
    """A limit with what a field says of it.

    :ivar limit: the kind of limit
    :ivar raw: what the field's attribute holds
    :ivar value: the same, read
    """

    limit: Limit
    raw: Any
    value: Any

    def broken_by(self, value: str) -> bool:
        """Whether a value is beyond it.

        :param value: one stored value, or one of several
        """
        return not self.limit.keeps(self.value, value)

    @property
    def words(self) -> Message:
        """What the field takes."""
        return Message(self.limit.words, {"bound": str(self.raw)})

    def fault(self, value: str) -> Message:
        """What is wrong with a value beyond it."""
        places = {"bound": str(self.raw), "value": shortened(value), "length": str(characters(value))}
        return Message(self.limit.fault, places)


def bounds_of(preset: str, raw_limits: Bounds) -> list[Bound]:
    """The limits of a field.

    :param preset: its type
    :param raw_limits: its attributes, by their names
    """
    said = ((limit, raw_limits.get(limit.attribute)) for limit in LIMITS if preset in limit.presets)
    read = (Bound(limit, text, limit.read(text)) for limit, text in said if text)
    return [bound for bound in read if bound.value is not None]


def limits_of(field: Field) -> list[Bound]:
    """The limits of a document's field; one with entries has none, its parts have."""
    return [] if field.repeating_subfields else bounds_of(field.preset, stated(field))


def stated(field: Field) -> dict[str, Any]:
    """What a field says of its limits, by attribute; those that say nothing are left out."""
    return {name: said for name in ATTRIBUTES if (said := getattr(field, name))}


def beyond(bounds: Iterable[Bound], value: str) -> Bound | None:
    """The first of some limits that a value is beyond, None when it keeps them all."""
    return next((bound for bound in bounds if bound.broken_by(value)), None)


def tightened(before: list[Bound], after: list[Bound]) -> bool:
    """Whether a value that kept the limits before may be beyond them after."""
    earlier = {bound.limit: bound.value for bound in before}
    return any(
        bound.limit not in earlier or bound.limit.tighter(bound.value, earlier[bound.limit])
        for bound in after
    )


def faults(field: Field) -> Iterator[tuple[str, str]]:
    """What is wrong with a field's limits: the attribute, and why."""
    preset = ROWS.name if field.repeating_subfields else field.preset
    for attribute, text in stated(field).items():
        known = [limit for limit in LIMITS if limit.attribute == attribute]
        limit = next((limit for limit in known if preset in limit.presets), None)
        if limit is None:
            yield attribute, "this type of field has no such limit; empty it, or choose another type"
        elif limit.read(text) is None:
            yield attribute, f"'{text}' cannot be used: it {limit.needs}"
    low, high = _pair(limits_of(field))
    if low and high and low.broken_by(str(high.raw)):
        yield "maximum", f"'{high.raw}' lies below the least value, '{low.raw}'"


def _pair(bounds: list[Bound]) -> tuple[Bound | None, Bound | None]:
    named = {bound.limit.attribute: bound for bound in bounds}
    return named.get("minimum"), named.get("maximum")
