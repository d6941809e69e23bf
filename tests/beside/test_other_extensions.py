"""With ckanext-dcat, ckanext-harvest and ckanext-xloader enabled, on the same real services."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def test_saving_publishing_harvesting_and_exports_go_on_beside_others(portal_beside: Callable[[str], None]) -> None:
    portal_beside(str(Path(__file__).with_name("stories.py")))
