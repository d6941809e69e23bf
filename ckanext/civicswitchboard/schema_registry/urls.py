"""Lasting addresses of what the shared schema holds."""
from __future__ import annotations

from ckanext.civicswitchboard import config


def vocabularies_address() -> str:
    """Under which each vocabulary, and each of its terms, has an address of its own."""
    return f"{config.site_address()}/metadata-schema/vocabularies"
