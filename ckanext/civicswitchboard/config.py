"""Typed getters for every option; nothing else reads the configuration."""
from __future__ import annotations

import ckan.plugins.toolkit as tk


def home_shelves() -> list[str]:
    """The home page's shelves in their order: ``library``, ``others``."""
    return [str(name) for name in tk.config["civicswitchboard.home.shelves"]]


def home_shelf_size() -> int:
    """How many datasets a shelf of the home page shows: 1 to 20."""
    return max(1, min(20, int(tk.config["civicswitchboard.home.shelf_size"])))


def home_shelf_title(shelf: str) -> str:
    """The heading an admin gave a shelf, empty for the usual one."""
    return str(tk.config[f"civicswitchboard.home.{shelf}_title"])


def locale_default() -> str:
    """The portal's own language."""
    return str(tk.config["ckan.locale_default"])
