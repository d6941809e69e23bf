"""Decades, out of the many forms in which periods are written."""
from __future__ import annotations

import pytest

from ckanext.civicswitchboard.core.related.decades import decades


@pytest.mark.parametrize(
    ("coverage", "found"),
    [
        ("1974", (1970,)),
        ("1907-1913", (1900, 1910)),
        ("1920/1926", (1920,)),
        ("1972-01-01/1979-12-31", (1970,)),
        ("School years 1974 to 1977", (1970,)),
        ("the 1950s", (1950,)),
        ("8/10/1966", (1960,)),
        ("", ()),
        ("N/A", ()),
        ("current", ()),
        ("2013/2015", ()),
        ("2016-30-09", ()),
        ("1992-12-10/2023-04-14", ()),
        ("1991-2010", ()),
        ("1974-01-01/", ()),
        ("1974 to present", ()),
        ("1950/1979", ()),
        ("Tax Year 19745", ()),
    ],
)
def test_in_the_words_of_the_source(coverage: str, found: tuple[int, ...]):
    assert decades("", "", coverage, "") == found


def test_dates_come_before_words_and_words_before_the_title():
    assert decades("1931-05", "1934", "1974", "Atlas, 1977") == (1930,)
    assert decades("", "", "1974", "Atlas, 1927") == (1970,)
    assert decades("", "", "", "Atlas, 1977") == (1970,)


def test_a_beginning_without_an_end_goes_on():
    assert decades("1974", "", "", "Atlas, 1977") == ()
    assert decades("1974", "", "1974-1977", "Atlas") == (1970,)
