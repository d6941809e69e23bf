"""Who may read and change the shared schema."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk


@tk.auth_allow_anonymous_access
def schema_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """Everybody: the schema is public."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def schema_validate(context: Any, data_dict: Any) -> dict[str, Any]:
    """Everybody: nothing is stored."""
    return {"success": True}


AUTH = {
    "civicswitchboard_schema_show": schema_show,
    "civicswitchboard_schema_validate": schema_validate,
}
