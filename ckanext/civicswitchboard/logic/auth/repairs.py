"""Who may repair records: those who may publish the shared schema."""
from __future__ import annotations

from ckanext.civicswitchboard.logic.auth.metadata_schema import curators, publishers

AUTH = {
    "civicswitchboard_repair_list": curators,
    "civicswitchboard_repair_show": curators,
    "civicswitchboard_repair_preview": publishers,
    "civicswitchboard_repair_start": publishers,
    "civicswitchboard_repair_pause": publishers,
    "civicswitchboard_repair_resume": publishers,
    "civicswitchboard_repair_cancel": publishers,
    "civicswitchboard_repair_undo": publishers,
}
