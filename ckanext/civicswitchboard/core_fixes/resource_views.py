"""Previews of files, of a type that no plugin of this portal has: core's page of one is an error.

An address may name any type, and a record keeps the previews that a plugin made before it went.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.datapreview import get_view_plugin

from ckanext.civicswitchboard.core_fixes import CoreFix

FIX = CoreFix(
    name="resource_views",
    fixes="CKAN 2.12 answers 500 to the page of a preview whose plugin isn't enabled",
    reported="",
    until="core answers 404",
)


@tk.chained_helper
def rendered_resource_view(
    original: Callable[..., Any], resource_view: dict[str, Any], *args: Any, **kwargs: Any
) -> Any:
    """The preview, as core's helper of this name; a page that isn't there where it has no plugin."""
    if get_view_plugin(resource_view.get("view_type")) is None:
        tk.abort(404, tk._("View Type Not found"))
    return original(resource_view, *args, **kwargs)


def get_helpers() -> dict[str, Callable[..., Any]]:
    """The helper by its name."""
    if not FIX.enabled:
        return {}
    return {"rendered_resource_view": rendered_resource_view}
