"""The draft's vocabularies, crosswalk, partner types and translations."""
from __future__ import annotations

from ckanext.civicswitchboard.views.draft_terms import (
    crosswalk,
    partner_types,
    term_import,
    translations,
    vocabularies,
)
from ckanext.civicswitchboard.views.draft_terms.blueprint import civicswitchboard_draft_terms

__all__ = [
    "civicswitchboard_draft_terms",
    "crosswalk",
    "partner_types",
    "term_import",
    "translations",
    "vocabularies",
]
