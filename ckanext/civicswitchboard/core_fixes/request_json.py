"""JSON that a request sends: nothing that is nested so deep that Python gives up on it half way.

Python's own readers and writers call themselves for each level. Core answers 500 where they come to
the end of the stack.
"""
from __future__ import annotations

from typing import Any

from flask import Flask

from ckanext.civicswitchboard.core.schema.input_checks import MOST_LEVELS, is_too_deep
from ckanext.civicswitchboard.core_fixes import CoreFix


def limit_levels(app: Flask) -> None:
    """Have an application take JSON of :data:`MOST_LEVELS` levels at the most.

    Core answers 400 to any other.
    """
    if not FIX.enabled:
        return
    read = app.json.loads

    def loads(text: str | bytes, **options: Any) -> Any:
        try:
            value = read(text, **options)
        except RecursionError:
            raise ValueError(_TOO_DEEP) from None
        if is_too_deep(value):
            raise ValueError(_TOO_DEEP)
        return value

    app.json.loads = loads  # type: ignore[assignment,method-assign]


FIX = CoreFix(
    name="request_json",
    fixes="CKAN 2.12 answers 500 to JSON that is nested so deep that Python's reader or writer gives up",
    reported="",
    until="core limits the levels of the JSON that it reads",
)
_TOO_DEEP = f"it is nested in more than {MOST_LEVELS} levels"
