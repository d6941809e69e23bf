"""Pages of the draft: its fields and sections, and what is done with it as a whole."""
from __future__ import annotations

from ckanext.civicswitchboard.views.draft import field_names, field_pages, release
from ckanext.civicswitchboard.views.draft.pages import civicswitchboard_editor

__all__ = ["civicswitchboard_editor", "field_names", "field_pages", "release"]
