"""Who may call which action, one module a domain."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckanext.civicswitchboard.logic.auth import metadata_schema, partners, repairs, shelves, suggestions


def get_auth_functions() -> dict[str, Callable[..., Any]]:
    """Every auth function by its action's name."""
    rooms = (metadata_schema, partners, repairs, shelves, suggestions)
    return {name: auth for room in rooms for name, auth in room.AUTH.items()}
