"""Who may see and name partners."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz


@tk.auth_allow_anonymous_access
def partner_type_list(context: Any, data_dict: Any) -> dict[str, Any]:
    """Everybody."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def partner_search(context: Any, data_dict: Any) -> Any:
    """Whoever may list organizations."""
    return authz.is_authorized("organization_list", context, {})


@tk.auth_allow_anonymous_access
def partner_show(context: Any, data_dict: Any) -> Any:
    """Whoever may see the organization."""
    return authz.is_authorized("organization_show", context, data_dict)


@tk.auth_allow_anonymous_access
def steward_show(context: Any, data_dict: Any) -> dict[str, Any]:
    """Everybody: who maintains the schema is public."""
    return {"success": True}


def steward_update(context: Any, data_dict: Any) -> dict[str, Any]:
    """Sysadmins, whom CKAN lets pass before it asks here."""
    return {"success": False, "msg": tk._("Only a portal administrator can choose the steward")}


AUTH = {
    "civicswitchboard_partner_type_list": partner_type_list,
    "civicswitchboard_partner_search": partner_search,
    "civicswitchboard_partner_show": partner_show,
    "civicswitchboard_steward_show": steward_show,
    "civicswitchboard_steward_update": steward_update,
}
