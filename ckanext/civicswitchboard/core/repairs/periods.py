"""Periods as people write them, read into a start and an end by a declared table of forms.

A text that could mean two things is in no form: it is never guessed.
"""
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ckanext.civicswitchboard.core.schema.dates import in_order

_YEAR = r"(?:1[0-9]|20)\d\d"
_DATE = rf"{_YEAR}(?:-\d\d(?:-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?)?|/\d\d/\d\d)?"
_NOW = r"(?:present|current|now|ongoing)"


@dataclass(frozen=True)
class Period:
    """A start and an end as years, months or days; the end of an open period is empty."""

    start: str
    end: str


@dataclass(frozen=True)
class Form:
    """One way to write a period.

    :ivar name: what the form is called
    :ivar example: a text in this form
    """

    name: str
    example: str
    pattern: str
    read: Callable[[re.Match[str]], tuple[str, str]]


def _both(match: re.Match[str]) -> tuple[str, str]:
    return match["start"], match["end"]


def _open(match: re.Match[str]) -> tuple[str, str]:
    return match["start"], ""


def _same(match: re.Match[str]) -> tuple[str, str]:
    return match["start"], match["start"]


FORMS: tuple[Form, ...] = (
    Form("interval", "2016-01-01/2016-12-31", rf"(?P<start>{_DATE})\s*/\s*(?P<end>{_DATE})", _both),
    Form("open end", "2016-12-01/", rf"(?P<start>{_DATE})\s*/\s*(?:\.\.)?", _open),
    Form(
        "open end in words",
        "2016-12-14 to present",
        rf"(?P<start>{_DATE})\s*(?:/|-|–|to|through)\s*{_NOW}",
        _open,
    ),
    Form("year span", "2019-2020", rf"(?P<start>{_YEAR})\s*[-–]\s*(?P<end>{_YEAR})", _both),
    Form("year", "1974", rf"(?P<start>{_YEAR})", _same),
    Form("month", "2016-05", rf"(?P<start>{_YEAR}-\d\d)", _same),
    Form("day", "2016-05-31", rf"(?P<start>{_YEAR}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?)", _same),
)


def period(text: str) -> Period | None:
    """The period that a text names.

    :param text: as somebody wrote it
    :returns: None where it is in no form, is no real date, or could mean something else too
    """
    for form in FORMS:
        match = re.fullmatch(form.pattern, text.strip(), re.IGNORECASE)
        if match:
            start, end = (partial_date(part) for part in form.read(match))
            if start is None or end is None or _doubtful(text.strip()):
                return None
            return Period(start, end) if not end or in_order(start, end) else None
    return None


def partial_date(text: str) -> str | None:
    """A year, month or day in the one form that date fields store.

    :param text: empty, or a date beginning with its year
    :returns: None where it is no real date
    """
    if not text:
        return ""
    match = re.fullmatch(rf"({_YEAR})(?:[-/](\d\d))?(?:[-/](\d\d))?(?:T.*)?", text.strip(), re.IGNORECASE)
    if not match:
        return None
    parts = [part for part in match.groups() if part]
    try:
        date(int(parts[0]), int(parts[1]) if len(parts) > 1 else 1, int(parts[2]) if len(parts) > 2 else 1)
    except ValueError:
        return None
    return "-".join(parts)


def _doubtful(text: str) -> bool:
    """``2011-12`` alone is a month, or two years in short."""
    match = re.fullmatch(r"\d\d(\d\d)-(\d\d)", text)
    return bool(match) and int(match[2]) > int(match[1])  # type: ignore[index]
