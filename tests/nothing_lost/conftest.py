"""Prints the table of what was tried, after the tests."""
from __future__ import annotations

from typing import Any

from nothing_lost.counting import COUNTS


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not COUNTS.tried:
        return
    terminalreporter.section("Nothing is lost")
    for line in COUNTS.lines():
        terminalreporter.line(line)
