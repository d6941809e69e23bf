"""What a form, or a caller, sends by another version of the schema than the current one.

Whoever opened a form before a publish and saves it after loses nothing: each value follows
its field by the field's lasting id, and what has no place any more becomes an other field.
"""
from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ckanext.civicswitchboard.core.compiler import Snapshot
from ckanext.civicswitchboard.core.document import Document, Entity, Field
from ckanext.civicswitchboard.core.fieldtypes import FIELD_TYPES, ROWS, FieldType, field_type
from ckanext.civicswitchboard.core.repairs import in_form_of
from ckanext.civicswitchboard.core.reserved import CORE_FIELDS, why_reserved
from ckanext.civicswitchboard.core.rows import gather
from ckanext.civicswitchboard.metadata_schema import live
from ckanext.civicswitchboard.repairs import journal

# An input of every form: the number of the version that the form was made by.
FORM_VERSION = "civicswitchboard_form_version"
# Before the type and the name of a value that has no field any more: a form that is shown
# again with an error keeps it in an input of this name.
LEFT = "civicswitchboard_left"

Record = dict[str, Any]


def read_by(given: Record) -> Document | None:
    """The version by which a caller read a dataset before fields exchanged their names, None where none did.

    By its names alone such a dict can't be told from one that was read after. Each exchange
    modifies the record, though, and the dict says when that was modified last.

    :param given: the caller's dict
    """
    modified = _time(given.get("metadata_modified"))
    if modified is None or not isinstance(given.get("id"), str):
        return None
    exchanged = journal.exchanged_since(given["id"], modified)
    before = live.of_version(exchanged - 1) if exchanged else None
    return before.document if before else None


def _time(text: Any) -> datetime | None:
    """A time as CKAN gives it, in UTC without saying so."""
    try:
        read = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=timezone.utc)


def carry(
    snapshot: Snapshot, entity: Entity, given: Record, read_by: Document | None = None
) -> None:
    """Put what was sent under the names that the current version has for it.

    In the caller's own dict, so that a form shown again with an error loses nothing either.

    :param given: the caller's dict; what belongs to no field any more gets the prefix ``LEFT``
    :param read_by: the version by which it was read, where it is no form that names its own
    """
    sent_by = _version(given.pop(FORM_VERSION, None)) or read_by or snapshot.document
    if sent_by is not snapshot.document:
        gather(given, [field.field_name for field in _repeating(sent_by, entity)])
    now = {field.id: field for field in snapshot.document.fields_of(entity)}
    names = {field.field_name for field in now.values() if field.state == "active"}
    moved: Record = {}
    for field in sent_by.fields_of(entity):
        name = field.field_name
        if name in given and name not in CORE_FIELDS[entity]:
            successor = now.get(field.id)
            if successor is None or successor.state == "retired":
                kind = field_type(field.preset, bool(field.repeating_subfields))
                moved[f"{LEFT}__{kind.name}__{name}"] = given.pop(name)
            elif successor.field_name != name:
                moved[successor.field_name] = given.pop(name)
    given.update(moved)
    _follow_renames(snapshot.document, entity, given, names)
    were_texts = {field.id for field in sent_by.fields_of(entity) if _is_text(field)}
    for name, compiled in snapshot.fields[entity].items():
        if name in given and not compiled.in_core:
            given[name] = in_form_of(compiled, given[name], compiled.field.id in were_texts)


def _is_text(field: Field) -> bool:
    return field_type(field.preset, bool(field.repeating_subfields)).shape == "text"


@dataclass(frozen=True)
class Left:
    """A value that was sent for a field that is not there any more.

    :ivar kind: the type that the field had
    """

    name: str
    kind: FieldType
    value: Any


def left(given: Record) -> list[Left]:
    """What was sent for fields that are not there any more; taken out of the dict."""
    found = []
    for key in [key for key in given if key.startswith(f"{LEFT}__")]:
        value = given.pop(key)
        match = _LEFT.match(key)
        # A forged name could stand for something of core's.
        if match and not why_reserved("dataset", match["name"]):
            kind = FIELD_TYPES.get(match["kind"]) or ROWS
            found.append(Left(name=match["name"], kind=kind, value=value))
    return found


_LEFT = re.compile(rf"{LEFT}__(?P<kind>[a-z_]*?)__(?P<name>[a-z][a-z0-9_]*)\Z")


def left_inputs(data: Record) -> list[tuple[str, list[str]]]:
    """Inputs with which a form that is shown again keeps what has no field any more.

    :param data: the form's data
    :returns: names with their values
    """
    return [
        (name, [_as_input(each) for each in (value if isinstance(value, list) else [value])])
        for name, value in data.items()
        if name.startswith(f"{LEFT}__")
    ]


def _as_input(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _follow_renames(document: Document, entity: Entity, given: Record, names: set[str]) -> None:
    """A caller who read the record under a field's previous name sends it under that name."""
    for field in document.fields_of(entity):
        for before in field.previous_names:
            if before in given and before not in names and field.field_name not in given:
                given[field.field_name] = given.pop(before)


def _repeating(document: Document, entity: Entity) -> list[Field]:
    return [field for field in document.fields_of(entity) if field.repeating_subfields]


def _version(number: Any) -> Document | None:
    """The document of the version that a form names, None where it names none."""
    if not isinstance(number, str | int) or not str(number).isdecimal():
        return None
    if str(number) == str(live.current().version):
        return None
    snapshot = live.of_version(min(int(number), 2**31 - 1))
    return snapshot.document if snapshot else None
