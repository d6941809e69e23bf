"""Pages, one module a domain."""
from __future__ import annotations

from flask import Blueprint

from ckanext.civicswitchboard.views import (
    csrf,
    extents,
    home,
    metadata_schema,
    partners,
    shelves,
    suggestions,
    versions,
)

_BLUEPRINTS = [
    home.civicswitchboard_home,
    metadata_schema.civicswitchboard_metadata_schema,
    partners.civicswitchboard_partners,
    shelves.civicswitchboard_shelves,
    extents.civicswitchboard_extents,
    versions.civicswitchboard_versions,
    suggestions.civicswitchboard_suggestions,
]
for _blueprint in _BLUEPRINTS:
    _blueprint.before_request(csrf.protect)


def get_blueprints() -> list[Blueprint]:
    """Every blueprint."""
    return list(_BLUEPRINTS)
