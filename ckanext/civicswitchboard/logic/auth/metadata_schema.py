"""Who may read, draft and publish the shared schema.

The steward's editors draft, its admins publish; sysadmins, whom CKAN lets pass before it
asks here, do both, also while no steward is named.
"""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import authz, model

from ckanext.civicswitchboard import partners

Result = dict[str, Any]


@tk.auth_allow_anonymous_access
def everybody(context: Any, data_dict: Any) -> Result:
    """The schema is public, and checking a document stores nothing."""
    return {"success": True}


@tk.auth_allow_anonymous_access
def versions(context: Any, data_dict: Any) -> Result:
    """Everybody reads versions; the draft is for those who work on it."""
    named = {str((data_dict or {}).get(key)) for key in ("from_version", "to_version", "version")}
    return curators(context, data_dict) if "draft" in named else {"success": True}


def curators(context: Any, data_dict: Any) -> Result:
    """Editors and admins of the steward."""
    return _steward(context, ("admin", "editor"), tk._("Only the steward's editors work on the draft"))


def publishers(context: Any, data_dict: Any) -> Result:
    """Admins of the steward."""
    return _steward(context, ("admin",), tk._("Only the steward's administrators publish"))


def _steward(context: Any, roles: tuple[str, ...], message: str) -> Result:
    steward = partners.steward()
    user = model.User.get(context.get("user") or "")
    if steward is None or user is None:
        return {"success": False, "msg": message}
    role = authz.users_role_for_group_or_org(steward.id, user.name)
    return {"success": role in roles, "msg": message}


AUTH = {
    "civicswitchboard_schema_show": everybody,
    "civicswitchboard_schema_validate": everybody,
    "civicswitchboard_schema_version_list": everybody,
    "civicswitchboard_schema_diff": versions,
    "civicswitchboard_term_search": versions,
    "civicswitchboard_schema_impact": curators,
    "civicswitchboard_schema_draft_create": curators,
    "civicswitchboard_schema_draft_show": curators,
    "civicswitchboard_schema_draft_update": curators,
    "civicswitchboard_schema_draft_undo": curators,
    "civicswitchboard_schema_draft_rebase": curators,
    "civicswitchboard_schema_draft_delete": curators,
    "civicswitchboard_schema_publish": publishers,
    "civicswitchboard_schema_rollback": publishers,
}
