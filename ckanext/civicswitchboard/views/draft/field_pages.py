"""One field of the draft, or a part of a repeating one: its form, its place, how it comes and goes."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import ckan.plugins.toolkit as tk
from flask import request

from ckanext.civicswitchboard import impact
from ckanext.civicswitchboard.core.editing import fields as edits
from ckanext.civicswitchboard.core.editing.fields import Edit
from ckanext.civicswitchboard.core.editing.form import faults_at, types_for, values_of
from ckanext.civicswitchboard.core.formats import crosswalks
from ckanext.civicswitchboard.core.formats.crosswalks import Pair
from ckanext.civicswitchboard.core.schema import labels
from ckanext.civicswitchboard.core.schema.document import Document, Entity, Fault, Field
from ckanext.civicswitchboard.core.schema.field_types import FIELD_TYPES, lines
from ckanext.civicswitchboard.core.schema.patterns import matches
from ckanext.civicswitchboard.core.schema.publish_rules import faults_after
from ckanext.civicswitchboard.core.schema.rules import faults_of
from ckanext.civicswitchboard.core.schema.slugs import name_of
from ckanext.civicswitchboard.helpers.crosswalks import shown_records
from ckanext.civicswitchboard.impact import using_records
from ckanext.civicswitchboard.schema_registry import merge_edit, versions
from ckanext.civicswitchboard.views import rendering
from ckanext.civicswitchboard.views.draft import common
from ckanext.civicswitchboard.views.draft.common import Answer, Frame, of_draft
from ckanext.civicswitchboard.views.draft.pages import ENTITIES, civicswitchboard_editor, listing

_ENTITY = f"<any({', '.join(ENTITIES)}):entity>"
_FIELD = f"/fields/{_ENTITY}/<field_id>"
_PART = f"{_FIELD}/parts/<part_id>"
route = civicswitchboard_editor.route


@dataclass(frozen=True)
class Where:
    """A field of the draft, or a part of a repeating one.

    :ivar field_id: the field, or the one that the part belongs to
    :ivar part_id: the part, empty for the field itself
    """

    entity: Entity
    field_id: str
    part_id: str = ""

    @property
    def whole(self) -> Where:
        """The field itself."""
        return Where(self.entity, self.field_id)

    @property
    def path(self) -> str:
        """The list of the document in which the field stands."""
        return edits.PATHS[self.entity]

    def part(self, part_id: str) -> Where:
        """A part of the field."""
        return Where(self.entity, self.field_id, part_id)

    def among(self, document: Document) -> list[Field]:
        """The fields, or the parts of the field, that it is one of.

        :raises NotFound: when the field is not there
        """
        if self.part_id:
            return self.whole.find(document).repeating_subfields
        return document.fields_of(self.entity)

    def find(self, document: Document) -> Field:
        """The field or part.

        :raises NotFound: when it is not there
        """
        wanted = self.part_id or self.field_id
        match = next((field for field in self.among(document) if field.id == wanted), None)
        if match is None:
            raise tk.ObjectNotFound(tk._("The draft doesn't have this field"))
        return match

    def address(self, page: str) -> str:
        """The address of one of its pages, by the name that :func:`pages` gave it."""
        ids = {"entity": self.entity, "field_id": self.field_id}
        if self.part_id:
            ids["part_id"] = self.part_id
        return str(tk.h.url_for(f"civicswitchboard_editor.{_endpoint(page, bool(self.part_id))}", **ids))

    def set(self, values: dict[str, Any]) -> Edit:
        """An edit of its attributes."""
        return edits.set_field(self.entity, self.field_id, values, self.part_id)


def _endpoint(page: str, part: bool) -> str:
    if not part:
        return page
    return "part" if page == "field" else f"part_{page}"


def pages(name: str, tail: str, *methods: str) -> Callable[[Callable[[Where], Answer]], Any]:
    """Bind a view to the address of a field and to that of a part.

    :param name: the page's name
    :param tail: what its address ends in
    """

    def bind(view: Callable[[Where], Answer]) -> Any:
        @of_draft
        @wraps(view)
        def answer(entity: Entity, field_id: str, part_id: str = "") -> Answer:
            return view(Where(entity, field_id, part_id))

        for start, part in ((_FIELD, False), (_PART, True)):
            route(f"{start}{tail}", methods=methods, endpoint=_endpoint(name, part))(answer)
        return answer

    return bind


@pages("field", "", "GET", "POST")
def field(where: Where) -> Answer:
    """Its form, on a page of its own or beside the list."""
    if request.method == "GET":
        return _shown(_frame(where), where)
    sent = request.form.to_dict(flat=False)

    def edit(document: Document) -> Document:
        wanted = values_of(sent, where.find(document), common.languages(document))
        return where.set(wanted)(document)

    return common.edited(
        edit, where.address("field"), here_of(where.entity), part=lambda around: _result(around, where)
    )


@pages("new_vocabulary", "/vocabulary", "POST")
def new_vocabulary(where: Where) -> Answer:
    """A vocabulary of terms typed one a line, for it."""
    label, term_labels = request.form.get("name", "").strip(), lines(request.form.get("terms", ""))
    if not label or not term_labels:
        message = tk._("Enter a name and at least one term")
        return common.refused(message, where.address("field"))

    def edit(document: Document) -> Document:
        vocabulary = edits.new_vocabulary(document, label, term_labels)
        values = {"vocabulary": vocabulary["id"]}
        if not _takes_terms(where.find(document)):
            values["preset"] = "select"
        return edits.with_new_vocabulary(vocabulary, where.set(values))(document)

    return common.edited(edit, where.address("field"), here_of(where.entity))


@pages("move", "/move", "GET", "POST")
def move(where: Where) -> Answer:
    """It put elsewhere: one place up or down, or where a menu says."""
    if request.method == "GET":
        around = _frame(where)
        document = around.draft.document
        extra_vars = {
            "frame": around,
            "field": where.find(document),
            "places": _places(document, where),
            "back": _list_at(where),
        }
        return str(tk.render("metadata_schema/editor/move.html", extra_vars=extra_vars))
    return common.edited(
        _moving(where),
        _list_at(where),
        here_of(where.entity),
        part=lambda around: _list(around, where),
        said=lambda around: _standing(around.draft.document, where),
    )


def _moving(where: Where) -> Edit:
    """The edit that a form or a key asks for."""
    direction = request.form.get("direction")
    section, _, after = request.form.get("place", "").partition(":")
    if where.part_id:
        if direction in ("up", "down"):
            return edits.nudge_part(where.entity, where.field_id, where.part_id, direction == "up")
        return edits.move_part(where.entity, where.field_id, where.part_id, after)
    if direction in ("up", "down"):
        return edits.nudge_field(where.entity, where.field_id, direction == "up")
    return edits.move_field(where.entity, where.field_id, section, after)


def _places(document: Document, where: Where) -> list[tuple[str, list[tuple[str, str]]]]:
    """Where it can go: under each heading the places, as a form sends them, and in words."""
    say, moving = tk.h.scheming_language_text, where.find(document)
    if where.part_id:
        within = {"": say(where.whole.find(document).label)}
    else:
        sections = edits.sections_of(document, where.entity)
        within = {section.id: say(section.label) for section in sections} or {"": tk._("Files and links")}
    return [
        (
            title,
            [
                (f"{section}:", tk._("first in {section}").format(section=title)),
                *(
                    (f"{section}:{field.id}", tk._("after {label}").format(label=say(field.label)))
                    for field in where.among(document)
                    if field.id != moving.id and field.section == section
                ),
            ],
        )
        for section, title in within.items()
    ]


@route(f"/fields/{_ENTITY}", methods=["POST"])
@of_draft
def add(entity: Entity) -> Answer:
    """A new field."""
    label, section = request.form.get("label", "").strip(), request.form.get("section", "")
    if not label:
        return common.refused(tk._("Enter a name for the field"), _list_of(entity))
    name = request.form.get("field_name", "").strip() or name_of(label)
    edit = edits.add_field(entity, label, section, name)
    return common.edited(edit, Where(entity, name).address("field"), here_of(entity))


@route(f"{_FIELD}/parts", methods=["POST"])
@of_draft
def add_part(entity: Entity, field_id: str) -> Answer:
    """A new part of a repeating field; the first one makes a field that was never published repeating."""
    where = Where(entity, field_id)
    label = request.form.get("label", "").strip()
    if not label:
        return common.refused(tk._("Enter a name for the part"), where.address("field"))
    around = _frame(where)
    if not where.find(around.draft.document).repeating_subfields and _published(around, where):
        message = tk._("Records already have single values in this field. Add a new field for entries")
        return common.refused(message, where.address("field"))
    name = request.form.get("field_name", "").strip() or name_of(label)
    edit = edits.add_part(entity, field_id, label, name)
    return common.edited(edit, where.part(name).address("field"), here_of(entity))


@pages("state", "/state", "POST")
def state(where: Where) -> Answer:
    """It is no longer offered, or offered again, or taken out before it was published."""
    wanted = request.form.get("state")
    if wanted != "removed":
        values = {"state": "retired" if wanted == "retired" else "active"}
        return common.edited(where.set(values), where.address("field"), here_of(where.entity))
    if _published(_frame(where), where):
        message = tk._("A published field can't be removed. Retire it instead")
        return common.refused(message, _list_at(where))
    if where.part_id:
        edit = edits.remove_part(where.entity, where.field_id, where.part_id)
        return common.edited(edit, where.whole.address("field"), here_of(where.entity))
    edit = edits.remove_field(where.entity, where.field_id)
    return common.edited(edit, _list_of(where.entity), here_of(where.entity))


@pages("try_pattern", "/try", "POST")
def try_pattern(where: Where) -> Answer:
    """Whether a value has the form that a pattern describes."""
    pattern, value = (request.form.get(name, "")[:10_000] for name in ("pattern", "value"))
    try:
        fits = not pattern or matches(pattern, value)
    except ValueError as error:
        return common.part("tried", {"fault": str(error), "fits": False, "value": value})
    answer = {"fault": "", "fits": fits, "value": value, "pattern": pattern}
    if common.is_htmx():
        return common.part("tried", answer)
    return _shown(_frame(where), where, tried=answer)


@pages("sample", "/sample", "GET")
def sample(where: Where) -> Answer:
    """What a record that has a value would give in other standards: the first that the reader may see."""
    around = _frame(where)
    document = around.draft.document
    shown, whole = where.find(document), where.whole.find(document)
    stored = whole.model_copy(update={"field_name": _stored(where.entity, whole).field_name})
    place = using_records.Place(where.entity, stored.field_name)
    uses = using_records.of(common.user(), [place]).records[:1]
    extra_vars = {
        "use": uses[0] if uses else None,
        "address": _address_of(where.entity, uses[0].name) if uses else "",
        "pairs": _sampled(where, shown, stored, uses[0].name) if uses else [],
        "standards": labels.STANDARDS,
    }
    if common.is_htmx():
        return common.part("sample", extra_vars)
    label = tk.h.scheming_language_text(shown.label)
    framed = {**extra_vars, "frame": around, "label": label, "back": where.address("field")}
    return str(tk.render("metadata_schema/editor/sampled.html", extra_vars=framed))


def _address_of(entity: Entity, name: str) -> str:
    return str(tk.h.url_for("organization.read" if entity == "organization" else "dataset.read", id=name))


def _sampled(where: Where, shown: Field, stored: Field, name: str) -> list[Pair]:
    """What a record would give for the field, or for the part of it."""
    samples = shown_records(common.user(), where.entity, name)
    say, terms = tk.h.scheming_language_text, versions.current().terms
    if not where.part_id:
        return [pair for row in samples for pair in crosswalks.sample(row, stored, terms, say)]
    rows = [
        row
        for sample_row in samples
        for row in sample_row.get(stored.field_name) or []
        if isinstance(row, dict)
    ]
    return [pair for row in rows for pair in crosswalks.sample(row, shown, terms, say)]


@pages("records", "/records", "GET")
def records(where: Where) -> Answer:
    """The records that have a value in it."""
    around = _frame(where)
    used = where.find(around.draft.document)
    back = (where.address("field"), tk._("Back to the part") if where.part_id else tk._("Back to the field"))
    title = tk.h.scheming_language_text(used.label)
    return common.listed(around, [_place(around, where)], title, back)


def _place(around: Frame, where: Where) -> using_records.Place:
    """Where records hold it today."""
    stored = _stored(where.entity, where.whole.find(around.draft.document))
    if not where.part_id:
        return using_records.Place(where.entity, stored.field_name)
    part = where.find(around.draft.document)
    named = next((candidate for candidate in stored.repeating_subfields if candidate.id == part.id), part)
    return using_records.Place(where.entity, stored.field_name, named.field_name)


def _stored(entity: Entity, wanted: Field) -> Field:
    """A field as the current version has it, which records go by; itself where that has it not."""
    today = versions.newest().document.fields_of(entity)
    return next((field for field in today if field.id == wanted.id), wanted)


def here_of(entity: Entity) -> str:
    """The page of the navigation that an entity's fields are on."""
    return "organization" if entity == "organization" else "fields"


def _frame(where: Where) -> Frame:
    return common.frame(merge_edit.opened(common.user()), here_of(where.entity))


def _shown(around: Frame, where: Where, **more: Any) -> Answer:
    shown = {**listing(around, where.entity), **_panel(around, where), **more}
    if common.is_htmx():
        return common.part("panel", shown)
    return str(tk.render("metadata_schema/editor/index.html", extra_vars=shown))


def _panel(around: Frame, where: Where) -> dict[str, Any]:
    """What the form needs."""
    document = around.draft.document
    shown = where.find(document)
    types = types_for(shown, part=bool(where.part_id))
    return {
        "published": _published(around, where),
        "types": [(name, labels.filled_in_as(name), FIELD_TYPES[name]) for name in types],
        "vocabularies": document.vocabularies,
        "languages": common.languages(document),
        "list_address": _list_at(where),
        "parts_usage": _parts_usage(where.entity, where.whole.find(document)),
        **_outcome(around, where),
    }


def _outcome(around: Frame, where: Where) -> dict[str, Any]:
    """What follows from what the form says."""
    document = around.draft.document
    shown, whole = where.find(document), where.whole.find(document)
    drafted = rendering.drafted(document, around.next)
    return {
        "frame": around,
        "where": where,
        "field": shown,
        "whole": whole,
        "faults": faults_at(all_faults(around), document, where.entity, where.field_id, where.part_id),
        "standards": labels.STANDARDS,
        "targets": crosswalks.targets(shown.mapping),
        "vocabulary": document.vocabulary(shown.vocabulary) if shown.vocabulary else None,
        "control": rendering.control(drafted, where.entity, whole, where.part_id and shown.field_name),
        "changes": [
            change.say(tk._, tk.h.scheming_language_text)
            for change in around.changes
            if (change.place.path, change.place.id) == (where.path, where.field_id)
            and where.part_id in ("", change.place.part)
        ],
    }


def _result(around: Frame, where: Where) -> str:
    extra_vars = {**_outcome(around, where), "usage": impact.usage(where.entity)}
    return common.part("result", extra_vars)


def all_faults(around: Frame) -> list[Fault]:
    """Why the draft cannot be published as it is."""
    base = versions.newest().document
    return [*faults_of(around.draft.document), *faults_after(base, around.draft.document)]


def _published(around: Frame, where: Where) -> bool:
    base = versions.of_version(around.draft.base)
    try:
        return base is not None and bool(where.find(base.document))
    except tk.ObjectNotFound:
        return False


def _takes_terms(field: Field) -> bool:
    return field.preset in FIELD_TYPES and FIELD_TYPES[field.preset].needs_vocabulary


def _list_of(entity: Entity, anchor: str | None = None) -> str:
    name = "organization" if entity == "organization" else "index"
    return str(tk.h.url_for(f"civicswitchboard_editor.{name}", _anchor=anchor))


def _list_at(where: Where) -> str:
    """The list in which it stands, at its row."""
    anchor = f"field-{where.entity}-{where.field_id}"
    if where.part_id:
        return f"{where.whole.address('field')}#{anchor}-{where.part_id}"
    return _list_of(where.entity, anchor)


def _list(around: Frame, where: Where) -> str:
    """The list in which it stands."""
    if not where.part_id:
        return common.part("list", listing(around, where.entity))
    whole = where.whole.find(around.draft.document)
    extra_vars = {"frame": around, "where": where.whole, "whole": whole}
    return common.part("parts", {**extra_vars, "parts_usage": _parts_usage(where.entity, whole)})


def _parts_usage(entity: Entity, whole: Field) -> dict[str, tuple[int, int]]:
    """In how many records of how many each part of a field says something, by its id."""
    stored = _stored(entity, whole)
    names = {part.id: part.field_name for part in stored.repeating_subfields}
    if not names:
        return {}
    counted = impact.part_usage(entity, stored.field_name, list(names.values()))
    return {part: (counted.of(name), counted.total) for part, name in names.items()}


def _standing(document: Document, where: Where) -> str:
    """Where it stands, said in a sentence."""
    say = tk.h.scheming_language_text
    moving = where.find(document)
    beside = [field for field in where.among(document) if field.section == moving.section]
    place = beside.index(moving)
    if where.part_id:
        section = say(where.whole.find(document).label)
    else:
        named = {s.id: say(s.label) for s in edits.sections_of(document, where.entity)}
        section = named.get(moving.section, tk._("Files and links"))
    if not place:
        return tk._("“{label}” is now first in “{section}”").format(
            label=say(moving.label), section=section
        )
    return tk._("“{label}” is now after “{other}” in “{section}”").format(
        label=say(moving.label), other=say(beside[place - 1].label), section=section
    )
