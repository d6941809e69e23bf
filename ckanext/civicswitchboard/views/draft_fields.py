"""One field of the draft: its form, its place, and how it comes and goes."""
from __future__ import annotations

from functools import partial
from typing import Any

import ckan.plugins.toolkit as tk
from flask import request

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.core import drafting as edits
from ckanext.civicswitchboard.core import wording
from ckanext.civicswitchboard.core.document import Document, Entity, Fault, Field
from ckanext.civicswitchboard.core.draft_forms import (
    STANDARDS,
    faults_at,
    in_languages,
    languages_of,
    types_for,
    values_of,
)
from ckanext.civicswitchboard.core.fieldtypes import FIELD_TYPES, lines
from ckanext.civicswitchboard.core.naming import name_of
from ckanext.civicswitchboard.core.patterns import matches
from ckanext.civicswitchboard.core.rules import faults_of
from ckanext.civicswitchboard.core.succession import faults_after
from ckanext.civicswitchboard.metadata_schema import drawing, editing, impact, live, uses
from ckanext.civicswitchboard.views import drafting
from ckanext.civicswitchboard.views.drafting import Answer, Frame, of_draft
from ckanext.civicswitchboard.views.editor import ENTITIES, civicswitchboard_editor, listing

_ENTITY = f"<any({', '.join(ENTITIES)}):entity>"
_FIELD = f"/fields/{_ENTITY}/<field_id>"
route = civicswitchboard_editor.route


@route(_FIELD, methods=["GET", "POST"])
@of_draft
def field(entity: Entity, field_id: str) -> Answer:
    """A field: its form on a page of its own, or beside the list."""
    if request.method == "GET":
        around = drafting.frame(editing.opened(drafting.user()), here_of(entity))
        return _shown(around, entity, field_id)
    sent = request.form.to_dict(flat=False)

    def edit(document: Document) -> Document:
        before = _found(document, entity, field_id)
        wanted = values_of(sent, before, _languages(document))
        return edits.set_field(entity, field_id, wanted)(document)

    return drafting.edited(
        edit,
        tk.h.url_for("civicswitchboard_editor.field", entity=entity, field_id=field_id),
        here_of(entity),
        part=lambda around: _result(around, entity, field_id),
    )


@route(f"{_FIELD}/vocabulary", methods=["POST"])
@of_draft
def new_vocabulary(entity: Entity, field_id: str) -> Answer:
    """A vocabulary of terms typed one a line, for a field."""
    label, labels = request.form.get("name", "").strip(), lines(request.form.get("terms", ""))
    address = tk.h.url_for("civicswitchboard_editor.field", entity=entity, field_id=field_id)
    if not label or not labels:
        return drafting.refused(tk._("A vocabulary has a name and at least one term"), address)

    def edit(document: Document) -> Document:
        before = _found(document, entity, field_id)
        vocabulary = edits.new_vocabulary(document, label, labels)
        values = {"vocabulary": vocabulary["id"]}
        if not _takes_terms(before):
            values["preset"] = "select"
        return edits.with_new_vocabulary(vocabulary, edits.set_field(entity, field_id, values))(document)

    return drafting.edited(edit, address, here_of(entity))


@route(f"{_FIELD}/move", methods=["GET", "POST"])
@of_draft
def move(entity: Entity, field_id: str) -> Answer:
    """A field put elsewhere: one place up or down, or where a menu says."""
    if request.method == "GET":
        around = drafting.frame(editing.opened(drafting.user()), here_of(entity))
        moving = _found(around.draft.document, entity, field_id)
        given = {**listing(around, entity), "field": moving, "field_entity": entity}
        return _rendered("move", given)
    direction = request.form.get("direction")
    if direction in ("up", "down"):
        edit = edits.nudge_field(entity, field_id, direction == "up")
    else:
        section, _, after = request.form.get("place", "").partition(":")
        edit = edits.move_field(entity, field_id, section, after)
    return drafting.edited(
        edit,
        _list_at(entity, field_id),
        here_of(entity),
        part=partial(_list, entity=entity),
        said=lambda around: _where(around.draft.document, entity, field_id),
    )


@route(f"/fields/{_ENTITY}/new", methods=["POST"])
@of_draft
def add(entity: Entity) -> Answer:
    """A new field."""
    label, section = request.form.get("label", "").strip(), request.form.get("section", "")
    if not label:
        return drafting.refused(tk._("A field has a name"), _list_at(entity))
    name = request.form.get("field_name", "").strip() or name_of(label)
    edit = edits.add_field(entity, label, section, name)
    address = tk.h.url_for("civicswitchboard_editor.field", entity=entity, field_id=name)
    return drafting.edited(edit, address, here_of(entity))


@route(f"{_FIELD}/state", methods=["POST"])
@of_draft
def state(entity: Entity, field_id: str) -> Answer:
    """A field that is no longer offered, or offered again, or taken out before it was published."""
    wanted = request.form.get("state")
    if wanted == "removed":
        base = live.of_version(editing.opened(drafting.user()).base)
        if base and any(f.id == field_id for f in base.document.fields_of(entity)):
            message = tk._("A field that was published stays; say that it is no longer offered instead")
            return drafting.refused(message, _list_at(entity, field_id))
        return drafting.edited(edits.remove_field(entity, field_id), _list_at(entity), here_of(entity))
    values = {"state": "retired" if wanted == "retired" else "active"}
    address = tk.h.url_for("civicswitchboard_editor.field", entity=entity, field_id=field_id)
    return drafting.edited(edits.set_field(entity, field_id, values), address, here_of(entity))


@route(f"{_FIELD}/try", methods=["POST"])
@of_draft
def try_pattern(entity: Entity, field_id: str) -> Answer:
    """Whether a value has the form that a pattern describes."""
    pattern, value = (request.form.get(name, "")[:10_000] for name in ("pattern", "value"))
    try:
        fits = not pattern or matches(pattern, value)
    except ValueError as error:
        return drafting.part("tried", {"fault": str(error), "fits": False, "value": value})
    answer = {"fault": "", "fits": fits, "value": value, "pattern": pattern}
    if drafting.is_htmx():
        return drafting.part("tried", answer)
    around = drafting.frame(editing.opened(drafting.user()), here_of(entity))
    return _shown(around, entity, field_id, tried=answer)


@route(f"{_FIELD}/records")
@of_draft
def records(entity: Entity, field_id: str) -> Answer:
    """The records that have a value in a field."""
    around = drafting.frame(editing.opened(drafting.user()), here_of(entity))
    used = _found(around.draft.document, entity, field_id)
    page = tk.h.get_page_number(request.args)
    found = uses.of_field(drafting.user(), entity, _stored_name(around, entity, used), max(page, 1))
    given = {"frame": around, "field": used, "entity": entity, "uses": found, "page": page}
    return str(tk.render("metadata_schema/editor/records.html", extra_vars=given))


def _stored_name(around: Frame, entity: Entity, wanted: Field) -> str:
    """The name under which records hold it today."""
    base = live.newest().document.fields_of(entity)
    return next((f.field_name for f in base if f.id == wanted.id), wanted.field_name)


def here_of(entity: Entity) -> str:
    """The page of the navigation that an entity's fields are on."""
    return "organization" if entity == "organization" else "fields"


def _shown(around: Frame, entity: Entity, field_id: str, **more: Any) -> Answer:
    shown = {**listing(around, entity), **_panel(around, entity, field_id), **more}
    if drafting.is_htmx():
        return drafting.part("panel", shown)
    return _rendered("index", shown)


def _panel(around: Frame, entity: Entity, field_id: str) -> dict[str, Any]:
    """What the form of a field needs."""
    document = around.draft.document
    shown = _found(document, entity, field_id)
    languages = _languages(document)
    return {
        "field": shown,
        "field_entity": entity,
        "published": _published(around, entity, field_id),
        "types": [(name, wording.filled_in_as(name), FIELD_TYPES[name]) for name in types_for(shown)],
        "vocabularies": document.vocabularies,
        "languages": languages,
        "in_languages": lambda text: in_languages(text, languages),
        "standards": STANDARDS,
        **_outcome(around, entity, shown),
    }


def _outcome(around: Frame, entity: Entity, shown: Field) -> dict[str, Any]:
    """What follows from what the form says."""
    document = around.draft.document
    return {
        "frame": around,
        "field": shown,
        "field_entity": entity,
        "faults": faults_at(all_faults(around), document, entity, shown.id),
        "vocabulary": document.vocabulary(shown.vocabulary) if shown.vocabulary else None,
        "control": drawing.control(drawing.drafted(document, around.next), entity, shown),
        "takes_terms": _takes_terms(shown),
        "changes": [
            each.say(tk._, tk.h.scheming_language_text)
            for each in around.changes
            if each.place.path == edits.PATHS[entity] and each.place.id == shown.id
        ],
    }


def _result(around: Frame, entity: Entity, field_id: str) -> str:
    shown = _found(around.draft.document, entity, field_id)
    given = {**_outcome(around, entity, shown), "usage": impact.usage(entity)}
    return drafting.part("result", given)


def all_faults(around: Frame) -> list[Fault]:
    """Why the draft cannot be published as it is."""
    base = live.newest().document
    return [*faults_of(around.draft.document), *faults_after(base, around.draft.document)]


def _published(around: Frame, entity: Entity, field_id: str) -> bool:
    base = live.of_version(around.draft.base)
    return base is not None and any(f.id == field_id for f in base.document.fields_of(entity))


def _found(document: Document, entity: Entity, field_id: str) -> Field:
    for each in document.fields_of(entity):
        if each.id == field_id:
            return each
    raise tk.ObjectNotFound(tk._("The draft has no such field"))


def _takes_terms(field: Field) -> bool:
    return field.preset in FIELD_TYPES and FIELD_TYPES[field.preset].needs_vocabulary


def _languages(document: Document) -> list[str]:
    return languages_of(document, config.schema_languages())


def _list_at(entity: Entity, field_id: str = "") -> str:
    name = "organization" if entity == "organization" else "index"
    anchor = f"field-{entity}-{field_id}" if field_id else None
    return str(tk.h.url_for(f"civicswitchboard_editor.{name}", _anchor=anchor))


def _list(around: Frame, entity: Entity) -> str:
    return drafting.part("list", listing(around, entity))


def _where(document: Document, entity: Entity, field_id: str) -> str:
    """Where a field stands, said in a sentence."""
    say = tk.h.scheming_language_text
    moving = _found(document, entity, field_id)
    beside = edits.neighbors(document, entity, moving)
    place = [each.id for each in beside].index(field_id)
    named = {s.id: say(s.label) for s in edits.sections_of(document, entity)}
    section = named.get(moving.section, tk._("Files and links"))
    if not place:
        return tk._("“{label}” is the first in “{section}” now").format(
            label=say(moving.label), section=section
        )
    return tk._("“{label}” stands after “{other}” in “{section}” now").format(
        label=say(moving.label), other=say(beside[place - 1].label), section=section
    )


def _rendered(name: str, given: dict[str, Any]) -> Answer:
    if drafting.is_htmx():
        return drafting.part(name, given)
    return str(tk.render(f"metadata_schema/editor/{name}.html", extra_vars=given))
