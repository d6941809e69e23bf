"""The draft's own forms and pages, made by the very snippets that serve the published version."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.helpers import license_options
from markupsafe import Markup

from ckanext.civicswitchboard.core.editing.form import showable
from ckanext.civicswitchboard.core.schema.compiler import CompiledField, Snapshot
from ckanext.civicswitchboard.core.schema.document import Document, Entity, Field
from ckanext.civicswitchboard.schema_registry import versions

OBJECT_TYPES: dict[Entity, str] = {
    "dataset": "dataset",
    "resource": "dataset",
    "organization": "organization",
}


def drafted(document: Document, version: int) -> Snapshot:
    """The Snapshot that a draft would be, as far as it can be shown.

    :param version: the number it would have
    """
    return replace(versions.compiled(showable(document), version), is_draft=True)


def control(snapshot: Snapshot, entity: Entity, field: Field, part: str = "") -> Markup:
    """A field's control, empty, as a form by this version would have it.

    :param part: the name of the part whose control is wanted, empty for the whole field's
    """
    compiled = _compiled(snapshot, entity, field)
    if compiled is None:
        return Markup()
    shown = compiled.scheming
    if part:
        parts = [candidate for candidate in shown["repeating_subfields"] if candidate["field_name"] == part]
        if not parts:
            return Markup()
        shown = parts[0]
    with versions.pinned(snapshot):
        return Markup(
            tk.render_snippet(
                "scheming/snippets/form_field.html",
                {
                    "field": shown,
                    "data": {},
                    "errors": {},
                    "licenses": license_options(),
                    "entity_type": entity,
                    "object_type": OBJECT_TYPES[entity],
                },
            )
        )


def _compiled(snapshot: Snapshot, entity: Entity, field: Field) -> CompiledField | None:
    """The field by its id; a retired one has no control."""
    compiled = (f for f in snapshot.fields[entity].values() if f.field.id == field.id)
    return next(compiled, None)


def record(user: str, snapshot: Snapshot, name: str) -> dict[str, Any]:
    """A dataset as a version reads it.

    :raises NotFound: when there is none of this name
    :raises NotAuthorized: when the account may not see it
    """
    with versions.pinned(snapshot):
        shown: dict[str, Any] = tk.get_action("package_show")(
            {"user": user, "use_cache": False}, {"id": name}
        )
    shown["tag_string"] = ", ".join(sorted(tag["name"] for tag in shown.get("tags", [])))
    return shown


def owner(user: str, snapshot: Snapshot, shown: dict[str, Any]) -> dict[str, Any]:
    """The organization of a dataset as a version reads it; empty where there is none.

    :param shown: the dataset, empty for none
    :raises NotAuthorized: when the account may not see it
    """
    if not shown.get("owner_org"):
        return {}
    with versions.pinned(snapshot):
        organization: dict[str, Any] = tk.get_action("organization_show")(
            {"user": user}, {"id": shown["owner_org"], "include_users": False, "include_datasets": False}
        )
    return organization
