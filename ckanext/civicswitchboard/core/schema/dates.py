"""Dates as date fields store them: a year, a year and month, or a day (ISO 8601)."""
from __future__ import annotations

import re
from datetime import date

_FORM = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def calendar_date(text: object) -> str | None:
    """A date of the calendar, without the blanks around it; None where the text is none.

    :param text: as somebody wrote it
    """
    text_read = str(text).strip()
    match = _FORM.fullmatch(text_read)
    try:
        if match is None:
            return None
        year, month, day = (int(part) if part else 1 for part in match.groups())
        date(year, month, day)
    except ValueError:
        return None
    return text_read


def in_order(start: str, end: str) -> bool:
    """Whether a period may begin and end so: as far as both are known, it does not end before it begins.

    :param start: a year, month or day, as of :func:`calendar_date`
    :param end: the same
    """
    shared = min(len(start), len(end))
    return start[:shared] <= end[:shared]
