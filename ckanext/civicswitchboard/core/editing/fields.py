"""Edits of a draft: each makes the changed document of one, and leaves that as it is.

An edit is made for the page that asks for it and may be made again on a newer state of the
draft, so it names things by their lasting ids and positions by their neighbors.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ckanext.civicswitchboard.core.changes.paths import COLLECTIONS
from ckanext.civicswitchboard.core.schema.document import (
    Document,
    DocumentError,
    Entity,
    Field,
    Section,
    dump,
    parse,
)
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.limits import ATTRIBUTES
from ckanext.civicswitchboard.core.schema.messages import Message
from ckanext.civicswitchboard.core.schema.reserved_names import NAME, why_reserved
from ckanext.civicswitchboard.core.schema.slugs import name_of, unused

Raw = dict[str, Any]
Edit = Callable[[Document], Document]

PATHS: dict[Entity, str] = {
    "dataset": "dataset.fields",
    "resource": "dataset.resource_fields",
    "organization": "organization.fields",
}
SECTIONED: tuple[Entity, ...] = ("dataset", "organization")
# How one value is filled in and used, which means nothing to entries.
_OF_ONE_VALUE = ("preset", "vocabulary", "pattern", *ATTRIBUTES, "missing_values", "facet", "searchable")


class EditRefused(ValueError):
    """An edit that cannot be made, with the reason for whoever made it.

    :ivar reason: the reason, to be said in the reader's language
    """

    def __init__(self, template: str, **values: Any) -> None:
        self.reason = Message(template, values)
        super().__init__(self.reason.say(lambda text: text, str))


def making(change: Callable[[Raw], None]) -> Edit:
    """An edit that is made on plain data.

    :param change: changes the data in place; raises :class:`EditRefused` where it cannot
    """

    def edit(document: Document) -> Document:
        raw = dump(document)
        change(raw)
        try:
            return parse(raw)
        except DocumentError as error:
            raise EditRefused(N_("This can't be saved: {reason}"), reason=str(error)) from error

    return edit


def list_at(raw: Raw, path: str) -> list[Raw]:
    """A list of a document's plain data by its path, such as ``dataset.fields``."""
    *steps, name = path.split(".")
    for step in steps:
        raw = raw[step]
    members: list[Raw] = raw.setdefault(name, [])
    return members


def member(listing: Iterable[Raw], key: str, named_by: str = "id") -> Raw:
    """The member of a list with a lasting id.

    :raises EditRefused: when it is not there any more
    """
    for entry in listing:
        if entry[named_by] == key:
            return entry
    raise EditRefused(N_("“{name}” no longer exists. Someone removed it in the meantime"), name=key)


def set_values(thing: Raw, path: str, values: Mapping[str, Any], inner: bool = False) -> None:
    """Set attributes of a thing; what says the usual is left out, as in every document.

    :param path: the list in which it stands
    :param inner: whether it stands in a member's own list
    """
    collection = COLLECTIONS[path].inner if inner else COLLECTIONS[path]
    assert collection is not None
    known = collection.model.model_fields
    for name, value in values.items():
        if not known[name].is_required() and value == known[name].get_default():
            thing.pop(name, None)
        else:
            thing[name] = value


def moved(listing: list[Raw], key: str, after: str, named_by: str = "id") -> None:
    """Put a member behind another.

    :param after: the id of the one that it follows; empty for the first place
    """
    thing = member(listing, key, named_by)
    listing.remove(thing)
    place = listing.index(member(listing, after, named_by)) + 1 if after else 0
    listing.insert(place, thing)


def set_field(entity: Entity, field_id: str, values: Mapping[str, Any], part: str = "") -> Edit:
    """Other attributes of a field, or of a part of a repeating one."""

    def change(raw: Raw) -> None:
        field = member(list_at(raw, PATHS[entity]), field_id)
        if part:
            _keeps_one(field, part, {"state": "active", **values}["state"])
            field = member(_parts(field), part)
        set_values(field, PATHS[entity], values, inner=bool(part))

    return making(change)


def add_field(
    entity: Entity, label: str, section: str = "", name: str = "", vocabulary: Raw | None = None, **more: Any
) -> Edit:
    """A new field at the end of a section.

    :param name: the name under which records are to store it; made of the label when empty
    """

    def change(raw: Raw) -> None:
        wanted = name or name_of(label)
        _free(raw, entity, wanted)
        fields = list_at(raw, PATHS[entity])
        field = {"id": wanted, "field_name": wanted, "label": label, **more}
        if section:
            member(list_at(raw, f"{PATHS[entity].split('.')[0]}.sections"), section)
            field["section"] = section
        if vocabulary is not None:
            list_at(raw, "vocabularies").append(vocabulary)
            field["vocabulary"] = vocabulary["id"]
        fields.append(field)

    return making(change)


_NAME_REFUSED = N_("“{name}” can't be the name in records: {reason}")


def _permitted(entity: Entity, name: str) -> None:
    """Refuse a name that no field can have."""
    if reason := why_reserved(entity, name):
        raise EditRefused(_NAME_REFUSED, name=name, reason=reason)


def _free(raw: Raw, entity: Entity, name: str) -> None:
    """Refuse a name that a new field cannot have."""
    _permitted(entity, name)
    for field in list_at(raw, PATHS[entity]):
        if name in (field["id"], field["field_name"], *field.get("previous_names", [])):
            raise EditRefused(
                N_("“{label}” already has the name “{name}” in records. Choose another name"),
                label=field["label"], name=name,
            )


def rename_field(entity: Entity, published: Field, name: str) -> Edit:
    """A published field under another name in records; the one it had is remembered.

    :param published: the field as the version has it that the draft is based on
    """
    earlier = list(published.previous_names)
    if name != published.field_name:
        earlier.append(published.field_name)

    def change(raw: Raw) -> None:
        fields = list_at(raw, PATHS[entity])
        field = member(fields, published.id)
        _permitted(entity, name)
        other = next((other for other in fields if other is not field and other["field_name"] == name), None)
        if other:
            raise EditRefused(
                N_("“{label}” has the name “{name}” in records. Rename that field first"),
                label=other["label"], name=name,
            )  # fmt: skip
        field.update(field_name=name, previous_names=earlier)

    return making(change)


def add_part(entity: Entity, field_id: str, label: str, name: str = "") -> Edit:
    """A new part of a repeating field, at the end; the first one makes a field repeating.

    :param name: the name under which entries are to store it; made of the label when empty
    """

    def change(raw: Raw) -> None:
        field = member(list_at(raw, PATHS[entity]), field_id)
        wanted = name or name_of(label)
        if not NAME.match(wanted):
            reason = "use small letters, digits and _ only, beginning with a letter"
            raise EditRefused(_NAME_REFUSED, name=wanted, reason=reason)
        for part in _parts(field):
            if wanted in (part["id"], part["field_name"], *part.get("previous_names", [])):
                raise EditRefused(
                    N_("“{label}” already has the name “{name}” in records. Choose another name"),
                    label=part["label"], name=wanted,
                )
        if not _parts(field):
            # What an entry is made of takes the place of how one value was filled in.
            for key in _OF_ONE_VALUE:
                field.pop(key, None)
        list_at(field, "repeating_subfields").append({"id": wanted, "field_name": wanted, "label": label})

    return making(change)


def _parts(field: Raw) -> list[Raw]:
    parts: list[Raw] = field.get("repeating_subfields", [])
    return parts


def _keeps_one(field: Raw, part: str, state: str) -> None:
    """Refuse that the last part on offer goes: an entry would have nothing to fill in."""
    others = [candidate for candidate in _parts(field) if candidate["id"] != part]
    if state != "active" and all(other.get("state") == "retired" for other in others):
        message = N_("An entry has at least one part; retire the whole field, or add another part first")
        raise EditRefused(message)


def remove_part(entity: Entity, field_id: str, part: str) -> Edit:
    """A part taken out of the draft: for one that was never published."""

    def change(raw: Raw) -> None:
        field = member(list_at(raw, PATHS[entity]), field_id)
        _keeps_one(field, part, "removed")
        _parts(field).remove(member(_parts(field), part))

    return making(change)


def move_part(entity: Entity, field_id: str, part: str, after: str) -> Edit:
    """A part of a repeating field put behind another.

    :param after: the id of the part that it follows; empty for the first place
    """
    return making(lambda raw: moved(_parts(member(list_at(raw, PATHS[entity]), field_id)), part, after))


def nudge_part(entity: Entity, field_id: str, part: str, up: bool) -> Edit:
    """A part of a repeating field one place up or down."""

    def change(raw: Raw) -> None:
        parts = _parts(member(list_at(raw, PATHS[entity]), field_id))
        moving = member(parts, part)
        place = parts.index(moving)
        if place == (0 if up else len(parts) - 1):
            raise EditRefused(N_("“{label}” is already at the end of the list"), label=moving["label"])
        parts.insert(place + (-1 if up else 1), parts.pop(place))

    return making(change)


def remove_field(entity: Entity, field_id: str) -> Edit:
    """A field taken out of the draft: for one that was never published."""

    def change(raw: Raw) -> None:
        fields = list_at(raw, PATHS[entity])
        fields.remove(member(fields, field_id))
        if entity == "organization":
            for kind in raw["partner_types"]:
                kind["fields"] = [p for p in kind.get("fields", []) if p["field"] != field_id]

    return making(change)


def move_field(entity: Entity, field_id: str, section: str, after: str) -> Edit:
    """A field put elsewhere.

    :param section: the section that it stands in then; empty for files and links
    :param after: the id of the field that it follows there; empty for the first place
    """

    def change(raw: Raw) -> None:
        fields = list_at(raw, PATHS[entity])
        field = member(fields, field_id)
        if section:
            member(list_at(raw, f"{PATHS[entity].split('.')[0]}.sections"), section)
            field["section"] = section
        if after:
            moved(fields, field_id, after)
            return
        fields.remove(field)
        beside = (n for n, f in enumerate(fields) if f.get("section", "") == section)
        fields.insert(next(beside, len(fields)), field)

    return making(change)


def add_section(entity: Entity, label: str) -> Edit:
    """A new section at the end."""

    def change(raw: Raw) -> None:
        sections = list_at(raw, f"{entity}.sections")
        sections.append({"id": unused(name_of(label), (s["id"] for s in sections)), "label": label})

    return making(change)


def set_section(entity: Entity, section_id: str, values: Mapping[str, Any]) -> Edit:
    """Other attributes of a section."""
    path = f"{entity}.sections"
    return making(lambda raw: set_values(member(list_at(raw, path), section_id), path, values))


def move_section(entity: Entity, section_id: str, after: str) -> Edit:
    """A section behind another one, or first."""
    return making(lambda raw: moved(list_at(raw, f"{entity}.sections"), section_id, after))


def remove_section(entity: Entity, section_id: str) -> Edit:
    """A section taken out; one that has fields is not."""

    def change(raw: Raw) -> None:
        if any(f.get("section") == section_id for f in list_at(raw, PATHS[entity])):
            raise EditRefused(N_("A section that has fields can't be removed. Move its fields first"))
        sections = list_at(raw, f"{entity}.sections")
        sections.remove(member(sections, section_id))

    return making(change)


def new_vocabulary(document: Document, label: str, labels: Iterable[str]) -> Raw:
    """A vocabulary of terms that were typed one a line.

    :param document: the document, whose vocabularies' ids are taken
    :param label: what it is called
    :param labels: its terms
    """
    terms: list[Raw] = []
    for text in dict.fromkeys(labels):
        name = unused(name_of(text), (term["id"] for term in terms))
        terms.append({"id": name, "value": name, "label": text})
    taken = (vocabulary.id for vocabulary in document.vocabularies)
    return {"id": unused(name_of(label), taken), "label": label, "terms": terms}


def with_new_vocabulary(vocabulary: Raw, edit: Edit) -> Edit:
    """An edit, with a vocabulary added before it."""
    adding = making(lambda raw: list_at(raw, "vocabularies").append(vocabulary))
    return lambda document: edit(adding(document))


def neighbors(document: Document, entity: Entity, field: Field) -> list[Field]:
    """The active and retired fields of a field's section, in their order."""
    return [neighbor for neighbor in document.fields_of(entity) if neighbor.section == field.section]


def sections_of(document: Document, entity: Entity) -> list[Section]:
    """The sections in which an entity's fields stand; files and links have none."""
    if entity == "resource":
        return []
    return document.dataset.sections if entity == "dataset" else document.organization.sections


def nudge_field(entity: Entity, field_id: str, up: bool) -> Edit:
    """A field one place up or down; over the edge of its section into the next one."""

    def edit(document: Document) -> Document:
        field = next((f for f in document.fields_of(entity) if f.id == field_id), None)
        if field is None:
            gone = N_("“{name}” no longer exists. Someone removed it in the meantime")
            raise EditRefused(gone, name=field_id)
        section, after = _beside(document, entity, field, up)
        return move_field(entity, field_id, section, after)(document)

    return edit


def _beside(document: Document, entity: Entity, field: Field, up: bool) -> tuple[str, str]:
    """The section and the predecessor of a field that goes one place up or down."""
    beside = [neighbor.id for neighbor in neighbors(document, entity, field)]
    place = beside.index(field.id)
    if up and place > 0:
        return field.section, beside[place - 2] if place > 1 else ""
    if not up and place < len(beside) - 1:
        return field.section, beside[place + 1]
    sections = [section.id for section in sections_of(document, entity)]
    if field.section not in sections or (field.section == sections[0 if up else -1]):
        raise EditRefused(N_("“{label}” is already at the end of the list"), label=field.label)
    section = sections[sections.index(field.section) + (-1 if up else 1)]
    there = [field.id for field in document.fields_of(entity) if field.section == section]
    return section, there[-1] if up and there else ""
