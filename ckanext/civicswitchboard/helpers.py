"""Template helpers, each prefixed ``civicswitchboard_``."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any


def get_helpers() -> dict[str, Callable[..., Any]]:
    """Every helper by name."""
    return {}
