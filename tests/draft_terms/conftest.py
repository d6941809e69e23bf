"""Curators at work on a draft's vocabularies."""
from __future__ import annotations

from draft.conftest import as_user, curators

__all__ = ["as_user", "curators"]
