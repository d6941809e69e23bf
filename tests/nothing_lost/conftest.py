"""The portal of all cells; prints the table of what was tried, after the tests."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from nothing_lost.counting import COUNTS
from nothing_lost.documents import Versions, publish_versions
from nothing_lost.records import Portal, enter_portal

KEPT_PORTAL = "table"
_shared: dict[str, Any] = {}


@pytest.fixture
def table(request: Any, kept: Any, with_plugins: Any) -> Iterator[tuple[Portal, Versions]]:
    """The portal of all cells, entered once; each test saves records of its own."""
    if kept.portal != KEPT_PORTAL:
        request.getfixturevalue("clean_portal")
        _shared["portal"] = enter_portal()
        _shared["versions"] = publish_versions()
        kept.portal = KEPT_PORTAL
    yield _shared["portal"], _shared["versions"]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not COUNTS.tried:
        return
    terminalreporter.section("Nothing is lost")
    for line in COUNTS.lines():
        terminalreporter.line(line)
