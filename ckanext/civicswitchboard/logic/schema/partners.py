"""What the actions of partners take."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.logic.schema.texts import text

ROWS = 20
MOST_ROWS = 1000


def partner_search() -> dict[str, Any]:
    """Filters, and which of the partners found."""
    # What no partner can have finds none.
    ignore_missing, any_text = tk.get_validator("ignore_missing"), tk.get_validator("unicode_safe")
    default, number = tk.get_validator("default"), tk.get_validator("natural_number_validator")
    filters = ("q", "partner_type", "sector", "role", "skill", "audience")
    return {
        **{name: [ignore_missing, any_text] for name in filters},
        "rows": [default(ROWS), number],
        "start": [default(0), number],
        "__junk": [tk.get_validator("ignore")],
        "__extras": [tk.get_validator("ignore")],
    }


def partner_show() -> dict[str, Any]:
    """Which organization."""
    return {
        "id": [tk.get_validator("not_empty"), text],
        "__junk": [tk.get_validator("ignore")],
        "__extras": [tk.get_validator("ignore")],
    }


def steward_update() -> dict[str, Any]:
    """Which organization."""
    return {"organization_id": [tk.get_validator("not_empty"), text]}
