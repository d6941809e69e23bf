"""Actions, one module a domain."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckanext.civicswitchboard.logic.action import (
    drafts,
    metadata_schema,
    partners,
    repairs,
    search,
    shelves,
    suggestions,
)


def get_actions() -> dict[str, Callable[..., Any]]:
    """Every action by its API name."""
    return {
        **metadata_schema.ACTIONS,
        **drafts.ACTIONS,
        **partners.ACTIONS,
        **repairs.ACTIONS,
        **search.ACTIONS,
        **shelves.ACTIONS,
        **suggestions.ACTIONS,
    }
