"""Template helpers, each prefixed ``civicswitchboard_``."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckanext.civicswitchboard.core_fixes import faster_helpers, resource_views, translated_names
from ckanext.civicswitchboard.helpers import crosswalks, pages, partners, records, schema, shelves
from ckanext.civicswitchboard.repairs import labels as repair_labels

MODULES = (
    faster_helpers, resource_views, translated_names,
    records, crosswalks, schema, partners, shelves, repair_labels, pages,
)  # fmt: skip


def get_helpers() -> dict[str, Callable[..., Any]]:
    """Every helper by its name."""
    return {name: helper for module in MODULES for name, helper in module.get_helpers().items()}
