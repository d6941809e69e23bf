"""Partners: what kind an organization is, its profile, and what partners publish."""
from __future__ import annotations

from ckanext.civicswitchboard.core.schema.profiles import ALSO as ALSO_KEY
from ckanext.civicswitchboard.core.schema.profiles import TYPE as TYPE_KEY
from ckanext.civicswitchboard.partners.registry import (
    STEWARD,
    Partner,
    active_organization,
    all_partners,
    by_organization,
    partner,
    set_steward,
    steward,
)

__all__ = [
    "ALSO_KEY",
    "STEWARD",
    "TYPE_KEY",
    "Partner",
    "active_organization",
    "all_partners",
    "by_organization",
    "partner",
    "set_steward",
    "steward",
]
