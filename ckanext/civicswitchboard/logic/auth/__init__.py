"""Who may call which action, one module a domain."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckanext.civicswitchboard.logic.auth import metadata_schema, partners, shelves, suggestions


def get_auth_functions() -> dict[str, Callable[..., Any]]:
    """Every auth function by its action's name."""
    return {**metadata_schema.AUTH, **partners.AUTH, **shelves.AUTH, **suggestions.AUTH}
