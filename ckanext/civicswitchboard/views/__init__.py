"""Pages, one module a domain."""
from __future__ import annotations

from flask import Blueprint

from ckanext.civicswitchboard.views import (
    downloads,
    draft_terms,
    editor,
    extents,
    home,
    impact,
    metadata_schema,
    partners,
    repairs,
    shelves,
    versions,
)


def get_blueprints() -> list[Blueprint]:
    """Every blueprint."""
    return [
        home.civicswitchboard_home,
        metadata_schema.civicswitchboard_metadata_schema,
        partners.civicswitchboard_partners,
        shelves.civicswitchboard_shelves,
        extents.civicswitchboard_extents,
        versions.civicswitchboard_versions,
        repairs.civicswitchboard_repairs,
        downloads.civicswitchboard_downloads,
        impact.civicswitchboard_impact,
        editor.civicswitchboard_editor,
        draft_terms.civicswitchboard_draft_terms,
    ]
