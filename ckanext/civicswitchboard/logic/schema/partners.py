"""What the actions of partners take."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.logic.schema.numbers import number
from ckanext.civicswitchboard.logic.schema.texts import text

ROWS = 20
MOST_ROWS = 1000


def partner_search() -> dict[str, Any]:
    """Filters, and which of the partners found."""
    # What no partner can have finds none.
    ignore_missing, any_text = tk.get_validator("ignore_missing"), tk.get_validator("unicode_safe")
    filters = ("q", "partner_type", "sector", "role", "skill", "audience")
    return {
        **{name: [ignore_missing, any_text] for name in filters},
        "rows": number(ROWS, MOST_ROWS),
        "start": number(0),
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
