"""What partner types ask of an organization's profile."""
from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date

from ckanext.civicswitchboard.core.schema.document import Document, Expectation, PartnerType

TYPE = "partner_type"
ALSO = "also_acts_as"

_STRICTEST: tuple[Expectation, ...] = ("required", "recommended", "optional")


def profile_fields(document: Document) -> frozenset[str]:
    """The organization fields that some types ask for: the others are every organization's."""
    return frozenset(field.field for kind in document.partner_types for field in kind.fields)


def requested(kinds: Iterable[PartnerType]) -> dict[str, Expectation]:
    """The profile fields of an organization of these types.

    :param kinds: its own type and what it also acts as
    :returns: each field with the strictest expectation that one of the types has
    """
    levels: dict[str, Expectation] = {}
    for kind in kinds:
        for field in kind.fields:
            strictest = min(
                levels.get(field.field, field.expectation), field.expectation, key=_STRICTEST.index
            )
            levels[field.field] = strictest
    return levels


def kinds_of(document: Document, names: Iterable[str]) -> tuple[PartnerType, ...]:
    """The partner types of these names, each once, unknown names left out."""
    matches = (document.partner_type(name) for name in dict.fromkeys(names) if name)
    return tuple(kind for kind in matches if kind)


def has_ended(end: str, today: date) -> bool:
    """Whether a plan's period is over.

    :param end: its last year, month or day; what is no date has not ended
    """
    try:
        year, month, day = (int(part) for part in f"{end}-12-31".split("-")[:3])
        if end.count("-") == 1:
            day = calendar.monthrange(year, month)[1]
        return date(year, month, day) < today
    except ValueError:
        return False
