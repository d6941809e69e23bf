"""Pages, one module a domain."""
from __future__ import annotations

from flask import Blueprint


def get_blueprints() -> list[Blueprint]:
    """Every blueprint."""
    return []
