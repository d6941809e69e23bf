"""What partner types ask for, and when a plan has ended."""
from __future__ import annotations

from datetime import date

import pytest

from ckanext.civicswitchboard.core.schema import profiles
from ckanext.civicswitchboard.core.schema.document import PartnerType, ProfileField


def kind(name: str, **fields: str) -> PartnerType:
    asked = [ProfileField(field=f, expectation=e) for f, e in fields.items()]  # type: ignore[arg-type]
    return PartnerType(name=name, label=name, sector="library", fields=asked)


def test_of_several_types_the_strictest_counts() -> None:
    one = kind("one", roles="optional", spaces="recommended")
    two = kind("two", roles="required", skills="optional")
    expected = {"roles": "required", "spaces": "recommended", "skills": "optional"}
    assert profiles.requested([one, two]) == profiles.requested([two, one]) == expected
    assert profiles.requested([]) == {}


@pytest.mark.parametrize(
    ("end", "ended"),
    [
        ("2025", True), ("2026", False), ("2026-10", True), ("2026-11", False), ("2026-11-23", True),
        ("2026-11-24", False), ("2024-02", True), ("", False), ("soon", False), ("2026-13", False),
        ("2025-02-30", False), ("0000", False), ("2018-2022", False), ("²⁰²²", False),
    ],
)
def test_a_plan_ends_with_the_last_day_that_it_names(end: str, ended: bool) -> None:
    assert profiles.has_ended(end, date(2026, 11, 24)) is ended
