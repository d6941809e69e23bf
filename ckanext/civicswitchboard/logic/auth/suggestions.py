"""Who may suggest changes of the shared schema, and who answers."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model

from ckanext.civicswitchboard.logic.auth.metadata_schema import curators

Result = dict[str, Any]


def suggestion_create(context: Any, data_dict: Any) -> Result:
    """Everybody who publishes for some organization."""
    publishes = authz.has_user_permission_for_some_org(context.get("user") or "", "create_dataset")
    return {
        "success": publishes,
        "msg": tk._("Only people who publish for an organization can suggest changes"),
    }


def suggestion_list(context: Any, data_dict: Any) -> Result:
    """Whoever is logged in: the action shows each what they may see.

    CKAN takes a visitor for somebody here, as an AnonymousUser is true.
    """
    user = model.User.get(context.get("user") or "")
    return {"success": user is not None, "msg": tk._("Log in to see your suggestions")}


AUTH = {
    "civicswitchboard_suggestion_create": suggestion_create,
    "civicswitchboard_suggestion_list": suggestion_list,
    "civicswitchboard_suggestion_update": curators,
}
