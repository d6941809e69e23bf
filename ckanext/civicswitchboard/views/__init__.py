"""Pages, one module a domain."""
from __future__ import annotations

from flask import Blueprint

from ckanext.civicswitchboard.core_fixes import csrf, login
from ckanext.civicswitchboard.views import (
    downloads,
    draft,
    draft_terms,
    extents,
    impact,
    metadata_schema,
    partners,
    repairs,
    shelves,
    suggestions,
    versions,
)

_BLUEPRINTS = [
    metadata_schema.civicswitchboard_metadata_schema,
    login.civicswitchboard_login,
    partners.civicswitchboard_partners,
    shelves.civicswitchboard_shelves,
    extents.civicswitchboard_extents,
    versions.civicswitchboard_versions,
    impact.civicswitchboard_impact,
    downloads.civicswitchboard_downloads,
    repairs.civicswitchboard_repairs,
    suggestions.civicswitchboard_suggestions,
    draft.civicswitchboard_editor,
    draft_terms.civicswitchboard_draft_terms,
]
for _blueprint in _BLUEPRINTS:
    _blueprint.before_request(csrf.protect)


def get_blueprints() -> list[Blueprint]:
    """Every blueprint."""
    return list(_BLUEPRINTS)
