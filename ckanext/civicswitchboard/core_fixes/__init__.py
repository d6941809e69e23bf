"""Workarounds for CKAN itself, one file each; the configuration can turn any of them off."""
from __future__ import annotations

from dataclasses import dataclass

from ckanext.civicswitchboard import config


@dataclass(frozen=True)
class CoreFix:
    """What one file of this package declares.

    :ivar name: the file's name, under which it can be turned off
    :ivar fixes: what CKAN does without it, and since which version
    :ivar reported: where CKAN's maintainers know of it; empty if nobody told them yet
    :ivar until: when it can go
    """

    name: str
    fixes: str
    reported: str
    until: str

    @property
    def enabled(self) -> bool:
        """Whether the portal's configuration leaves it on."""
        return self.name not in config.disabled_core_fixes()
