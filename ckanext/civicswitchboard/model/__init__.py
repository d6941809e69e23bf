"""Our own tables.

They are made by the migrations in ``migration/civicswitchboard`` alone, never from here.
"""
from __future__ import annotations

from ckanext.civicswitchboard.model.base import Base, is_missing_table
from ckanext.civicswitchboard.model.repairs import JournalLine, Run
from ckanext.civicswitchboard.model.shelves import ShelfItem

__all__ = ["Base", "JournalLine", "Run", "ShelfItem", "is_missing_table"]
