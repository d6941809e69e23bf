"""Rows of a repeating field, as a form sends them: ``spaces-0-name``, ``spaces-1-name``."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def gather(data: dict[str, Any], names: Iterable[str]) -> None:
    """Make lists of rows, in the order of their numbers; in place.

    Anything else under ``name-…``, such as an empty row that a script copies, only says
    that the form has the field: without rows it is an empty list.

    :param data: what a form sent
    :param names: the repeating fields; one that is there as itself is left alone
    """
    for name in names:
        keys = [key for key in data if isinstance(key, str) and key.startswith(f"{name}-")]
        if name in data or not keys:
            continue
        rows: dict[int, dict[str, Any]] = {}
        for key in keys:
            value = data.pop(key)
            number, _dash, part = key[len(name) + 1 :].partition("-")
            if part and number.isascii() and number.isdigit() and len(number) < 10:
                rows.setdefault(int(number), {})[part] = value
        data[name] = [rows[number] for number in sorted(rows)]
