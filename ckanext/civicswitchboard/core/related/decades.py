"""Which decades a record tells about, from the many forms in which periods are written."""
from __future__ import annotations

import re

# A longer period belongs to no decade.
LONGEST_YEARS = 20
# Most datasets are younger: their decade tells nothing.
MODERN = 2000

_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_OPEN = re.compile(r"present|current|ongoing|to date|now\b|[/–-]\s*$", re.IGNORECASE)


def decades(start: str, end: str, coverage: str, title: str) -> tuple[int, ...]:
    """The decades of a closed period before the year 2000, each by its first year.

    The dates come first, then the source's own words, then a year in the title.

    :param start: the date on which the data begin, empty when not said
    :param end: the date on which they end; empty for a series that goes on
    :param coverage: the period in the source's words
    :param title: the record's title
    """
    period = f"{start}/{end}" if start and end else coverage.strip()
    said = period or ("" if start or end else title)
    if _OPEN.search(said):
        return ()
    years = [int(year) for year in _YEAR.findall(said)]
    if not years or max(years) >= MODERN or max(years) - min(years) > LONGEST_YEARS:
        return ()
    return tuple(range(min(years) // 10 * 10, max(years) + 1, 10))
