"""A value that is still stored under a field's earlier name is the field's value."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ckanext.civicswitchboard.core.schema.field_types import is_empty


def followed(keys: Iterable[str], earlier: Mapping[str, str]) -> dict[str, str]:
    """Keys that stand for a field of another name today.

    :param keys: the keys under which a record holds something
    :param earlier: earlier names with today's, the newest first
    :returns: today's name by the key that stands for it; a field that has a value under its own
        name has no use for others
    """
    stored_names = set(keys)
    renamed: dict[str, str] = {}
    for name, today in earlier.items():
        if name in stored_names and today not in stored_names and today not in renamed.values():
            renamed[name] = today
    return renamed


def renamed(values: Mapping[str, Any], earlier: Mapping[str, str]) -> dict[str, Any]:
    """Values under the names of today.

    :param values: as they are stored
    :param earlier: as of :func:`followed`
    """
    stand = followed((key for key, value in values.items() if not is_empty(value)), earlier)
    if not stand:
        return dict(values)
    gone = set(stand.values())
    return {stand.get(key, key): value for key, value in values.items() if key in stand or key not in gone}
