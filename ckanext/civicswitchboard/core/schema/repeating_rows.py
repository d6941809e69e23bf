"""Rows of a repeating field, as a form sends them: ``spaces-0-name``, ``spaces-1-name``."""
from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

# An input of each row: what the row holds of which the form shows nothing.
KEPT = "civicswitchboard_kept"


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
        data[name] = [_with_kept(rows[number]) for number in sorted(rows)]


def kept_text(row: dict[str, Any], shown: Collection[str]) -> str:
    """What a row holds beside the parts that a form shows, for the input :data:`KEPT`.

    :param row: the row
    :param shown: the names of the parts that the form has inputs for
    :returns: JSON, which no browser changes; empty when there is nothing
    """
    kept = {name: value for name, value in row.items() if name not in shown}
    return json.dumps(kept) if kept else ""


def _with_kept(row: dict[str, Any]) -> dict[str, Any]:
    try:
        kept = json.loads(row.pop(KEPT, "") or "{}")
    except (ValueError, TypeError, RecursionError):
        kept = {}
    return {**kept, **row} if isinstance(kept, dict) else row
