"""Partner types of the draft: what each is called, and what it is asked for."""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import get_args

import ckan.plugins.toolkit as tk
from flask import request

from ckanext.civicswitchboard import partners
from ckanext.civicswitchboard.core.editing.fields import Edit, EditRefused
from ckanext.civicswitchboard.core.editing.vocabularies import (
    ICONS,
    add_partner_type,
    move_partner_type,
    remove_partner_type,
    set_partner_type,
)
from ckanext.civicswitchboard.core.schema.document import Document, Expectation, Sector
from ckanext.civicswitchboard.core.schema.labels import EXPECTATIONS, N_, SECTORS
from ckanext.civicswitchboard.core.schema.slugs import name_of
from ckanext.civicswitchboard.views.draft import common
from ckanext.civicswitchboard.views.draft.common import Answer, Frame, of_draft
from ckanext.civicswitchboard.views.draft_terms.blueprint import (
    address,
    civicswitchboard_draft_terms,
    opened,
    typed,
)


@civicswitchboard_draft_terms.route("/partner-types")
@of_draft
def partner_types() -> Answer:
    """Every partner type, one of them opened."""
    frame = opened("partner_types")
    document = frame.draft.document
    return str(
        tk.render(
            "metadata_schema/terms/partner_types.html",
            extra_vars={
                "frame": frame,
                "types": document.partner_types,
                "fields": [f for f in document.organization.fields if f.state == "active"],
                "open": request.args.get("type", ""),
                "icons": ICONS,
                "sectors": SECTORS,
                "expectations": EXPECTATIONS,
                "organizations": _organizations(),
            },
        )
    )


@civicswitchboard_draft_terms.route("/partner-types", methods=["POST"])
@of_draft
def edit_partner_type() -> Answer:
    """An edit of a partner type, or a new one; the button says which."""
    try:
        return _edited()
    except EditRefused as error:
        return common.refused(
            error.reason.say(tk._, tk.h.scheming_language_text), address("partner_types")
        )


def _edited() -> Answer:
    name = typed("type")
    if "add" in request.form:
        name = name_of(typed("label"))
        return _save(add_partner_type(typed("label"), _sector()), name)
    if "remove" in request.form:
        return _save(remove_partner_type(name, _organizations()), "")
    if "up" in request.form or "down" in request.form:
        name = typed("up") or typed("down")
        return _save(partial(_moved, name), name)
    return _save(partial(_set, name), name, partial(_saved, name))


def _organizations() -> Counter[str]:
    """How many organizations are of which type, by its name."""
    return Counter(name for partner in partners.all_partners() for name in partner.type_names)


def _save(edit: Edit, name: str, part: Callable[[Frame], str] | None = None) -> Answer:
    back = address("partner_types", **({"type": name} if name else {}))
    return common.edited(edit, back, "partner_types", part=part)


def _saved(name: str, frame: Frame) -> str:
    """What a saved type changes on the page: its line."""
    shown = {
        "kind": frame.draft.document.partner_type(name),
        "opened": True,
        "action": address("partner_types"),
        "frame": frame,
        "sectors": SECTORS,
        "organizations": _organizations(),
        "oob": True,
    }
    return str(tk.render_snippet("metadata_schema/terms/partner_type_row.html", shown))


def _moved(name: str, document: Document) -> Document:
    """A type one place up or down."""
    names = [partner_type.name for partner_type in document.partner_types]
    if name not in names:
        raise EditRefused(N_("“{name}” no longer exists. Someone removed it in the meantime"), name=name)
    others = [other for other in names if other != name]
    place = max(0, names.index(name) + (-1 if "up" in request.form else 1))
    return move_partner_type(name, others[min(place, len(others)) - 1] if place else "")(document)


def _sector() -> Sector:
    wanted = typed("sector")
    match: Sector | None = next((sector for sector in get_args(Sector) if sector == wanted), None)
    if match is None:
        raise EditRefused(N_("Choose a sector"))
    return match


def _set(name: str, document: Document) -> Document:
    """What the form says of a type."""
    kind = document.partner_type(name)
    if kind is None:
        raise EditRefused(N_("“{name}” no longer exists. Someone removed it in the meantime"), name=name)
    icon = typed("icon")
    if icon not in ("", kind.icon, *ICONS):
        raise EditRefused(N_("Choose an icon from the list"))
    values = {
        "label": common.said(kind.label, "label"),
        "description": common.said(kind.description, "description"),
        "icon": icon,
        "sector": _sector(),
        "note": typed("note"),
    }
    levels = {field.field: field.expectation for field in kind.fields}
    known = {"", *get_args(Expectation)}
    chosen = {
        key.removeprefix("field:"): value
        for key, value in request.form.items()
        if key.startswith("field:") and value in known
    }
    changed = {field: level for field, level in chosen.items() if levels.get(field, "") != level}
    return set_partner_type(name, values, changed)(document)
