"""Puts what somebody sends under the names of the current version, before a save begins.

A form that was opened before a publish still has the old names. Each value follows its
field by the field's permanent id. Values of fields that are no longer offered stay with the
record; a form that is shown again with an error carries them in one signed input.
"""
from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime, timezone
from typing import Any

import ckan.plugins.toolkit as tk
from itsdangerous import BadData, URLSafeSerializer

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.core.repairs import in_form_of
from ckanext.civicswitchboard.core.schema.compiler import CompiledField, Snapshot
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.field_types import (
    FIELD_TYPES,
    ROWS,
    FieldType,
    is_empty,
    is_empty_row,
    lines,
    load,
    same,
)
from ckanext.civicswitchboard.core.schema.input_checks import whole_number
from ckanext.civicswitchboard.core.schema.repeating_rows import gather
from ckanext.civicswitchboard.core.schema.reserved_names import CORE_FIELDS
from ckanext.civicswitchboard.records import repair_journal
from ckanext.civicswitchboard.records.stored import NOTHING, Stored
from ckanext.civicswitchboard.schema_registry import versions

# A hidden input of every form: the number of the version that made the form.
FORM_VERSION = "civicswitchboard_form_version"
# A hidden input of a form that is shown again: signed values of fields that are no longer offered.
# In a dict that has been translated, its Translation.
CARRIED = "civicswitchboard_carried"
# The error's key; CKAN's forms show it as "Earlier answers".
EARLIER_ANSWERS = "earlier_answers"

Record = dict[str, Any]


@dataclass(frozen=True)
class Sender:
    """Who sends input for which record.

    :ivar user: the account name, empty for none
    :ivar record: the record's id; for a new resource its dataset's id; empty for a new record
    """

    user: str = ""
    record: str = ""


@dataclass(frozen=True)
class CarriedValue:
    """A value that was sent for a field that is no longer offered.

    :ivar field: the field as the sender's version has it
    """

    field: CompiledField
    value: Any

    @property
    def name(self) -> str:
        """The field name, under which the record keeps the value."""
        return self.field.name


@dataclass
class Translation:
    """What translating a dict found beside the values of current fields.

    :ivar from_form: whether one of our forms sent the dict
    :ivar unseen: names of current fields that the sender's version doesn't have
    :ivar carried: values of fields that are no longer offered
    """

    entity: Entity
    sender: Sender
    from_form: bool = False
    unseen: frozenset[str] = frozenset()
    carried: list[CarriedValue] = attribute(default_factory=list)

    @property
    def token(self) -> str:
        """The carried values, signed for this sender and record."""
        values = [[value.field.field.id, value.name, value.value] for value in self.carried]
        return _signed(self.entity, self.sender, versions.current().version, values)


def translation_of(record: Record) -> Translation:
    """Take a dict's Translation out of it; an empty one when it has none."""
    carried = record.pop(CARRIED, None)
    return carried if isinstance(carried, Translation) else Translation("dataset", Sender())


def translate(
    snapshot: Snapshot,
    entity: Entity,
    record: Record,
    sender: Sender,
    read_by: Snapshot | None = None,
    stored: Callable[[], Stored] = lambda: NOTHING,
) -> None:
    """Put what was sent under the names of the current version, in the caller's own dict.

    A form that is shown again with an error shows that dict.

    :param read_by: the version by which the dict was read, when it isn't a form's
    :param stored: what the record holds
    :raises ckan.plugins.toolkit.ValidationError: when carried values have no valid signature;
        the dict still holds them, for the form
    """
    if not isinstance(record.get(CARRIED), Translation):
        _translate(snapshot, entity, record, sender, read_by, stored)
    expand_rows(snapshot, entity, record)


def _translate(
    snapshot: Snapshot,
    entity: Entity,
    record: Record,
    sender: Sender,
    read_by: Snapshot | None,
    stored: Callable[[], Stored],
) -> None:
    token, number = record.pop(CARRIED, None), record.pop(FORM_VERSION, None)
    named = _named_version(snapshot, number)
    sent_by = named or read_by or snapshot
    translation = Translation(entity, sender, from_form=named is not None)
    if sent_by is not snapshot:
        gather(record, _repeating(sent_by, entity))
        translation.unseen = _unseen(snapshot, sent_by, entity)
    translation.carried = _to_current_names(snapshot, sent_by, entity, record)
    _follow_renames(snapshot, entity, record)
    _convert(snapshot, sent_by, record, translation, stored)
    refused = bool(token) and not _add_signed(snapshot, translation, record, token)
    if translation.from_form or translation.carried:
        record[CARRIED] = translation
    if refused:
        message = tk._(
            "We couldn’t confirm that these answers come from your own form, so nothing was saved."
            " They are listed below: check them and save again"
        )
        raise tk.ValidationError({EARLIER_ANSWERS: [message]})


def _convert(
    snapshot: Snapshot,
    sent_by: Snapshot,
    record: Record,
    translation: Translation,
    stored: Callable[[], Stored],
) -> None:
    """Give values the form in which their field stores them today."""
    kinds = {field.field.id: field.kind for field in sent_by.fields[translation.entity].values()}
    for name, field in snapshot.fields[translation.entity].items():
        if name in record and not field.in_core:
            kind = kinds.get(field.field.id, field.kind)
            record[name] = _converted(record[name], kind, field, translation, stored)


def _converted(
    value: Any, kind: FieldType, field: CompiledField, translation: Translation, stored: Callable[[], Stored]
) -> Any:
    """A value in the form of today; what the record holds, where the sender only sent that back.

    :param kind: the field's type in the sender's version
    """
    if kind.shape == "several" != field.kind.shape and isinstance(value, str):
        value = load(kind, value) or lines(value)
    was_text = kind.shape == "text"
    separator = _separator(translation.sender, field, value) if was_text or not translation.from_form else ""
    converted = in_form_of(field, value, was_text or bool(separator), separator)
    if kind.shape == field.kind.shape and converted == value:
        return value
    stored_value = stored().value(field)
    if is_empty(stored_value) or not same(_kind_of(value, kind), stored_value, value):
        return converted
    loaded = load(field.kind, stored_value)
    return stored_value if loaded is None else loaded


def _kind_of(value: Any, kind: FieldType) -> FieldType:
    """The field type that a caller has gone by who sends a value: what a list holds tells it."""
    if not isinstance(value, list) or kind.shape != "text":
        return kind
    return ROWS if any(isinstance(member, dict) for member in value) else FIELD_TYPES["multiple_text"]


def _unseen(snapshot: Snapshot, sent_by: Snapshot, entity: Entity) -> frozenset[str]:
    seen = {field.field.id for field in sent_by.fields[entity].values()}
    return frozenset(name for name, f in snapshot.fields[entity].items() if f.field.id not in seen)


def _to_current_names(
    snapshot: Snapshot, sent_by: Snapshot, entity: Entity, record: Record
) -> list[CarriedValue]:
    """Rename what follows its field, and take out the values of fields that aren't offered."""
    moved: Record = {}
    carried = []
    for declared in sent_by.document.fields_of(entity):
        name = declared.field_name
        field = sent_by.known(entity, name)
        if field is None or name not in record or name in CORE_FIELDS[entity]:
            continue
        successor = snapshot.by_id[entity].get(declared.id)
        if successor is None or successor.state == "retired":
            carried.append(CarriedValue(field, record.pop(name)))
        elif successor.field_name != name:
            moved[successor.field_name] = record.pop(name)
    record.update(moved)
    return carried


def _follow_renames(snapshot: Snapshot, entity: Entity, record: Record) -> None:
    """A caller who read the record under a field's previous name sends it under that name."""
    for field in snapshot.document.fields_of(entity):
        for before in field.previous_names:
            current = before in snapshot.fields[entity] or field.field_name in record
            if before in record and not current:
                record[field.field_name] = record.pop(before)


def _separator(sender: Sender, field: CompiledField, value: Any) -> str:
    """Where the repair that made several values of this record's text divided it."""
    may_be_divided = field.kind.shape != "text" and isinstance(value, str) and value and sender.record
    return repair_journal.separator(sender.record, field.name) if may_be_divided else ""


def expand_rows(snapshot: Snapshot, entity: Entity, record: Record) -> None:
    """Make rows a list, however a form or caller sends them, without empty rows; in place."""
    repeating = _repeating(snapshot, entity)
    gather(record, repeating)
    for name in repeating:
        rows = record.get(name)
        if isinstance(rows, str) and rows.strip():
            rows = _loaded(rows)
        if isinstance(rows, list):
            record[name] = [row for row in rows if not isinstance(row, dict) or not is_empty_row(row)]


def _repeating(snapshot: Snapshot, entity: Entity) -> list[str]:
    return [name for name, field in snapshot.fields[entity].items() if field.kind.shape == "rows"]


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _named_version(snapshot: Snapshot, number: Any) -> Snapshot | None:
    """The version that a form names, None when it names none."""
    named = whole_number(number)
    if named == snapshot.version:
        return snapshot
    return None if named is None else versions.of_version(named)


def read_by(record: Record) -> Snapshot | None:
    """The version by which a caller read a dataset before fields exchanged their names, None where none did.

    By its names alone such a dict can't be told from one that was read after. Each exchange
    modifies the record, though, and the dict says when that was modified last.

    :param record: the caller's dict
    """
    modified = _time(record.get("metadata_modified"))
    if modified is None or not isinstance(record.get("id"), str):
        return None
    exchanged = repair_journal.exchanged_since(record["id"], modified)
    return versions.of_version(exchanged - 1) if exchanged else None


def _time(text: Any) -> datetime | None:
    """A time as CKAN gives it, in UTC without saying so."""
    try:
        read = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=timezone.utc)


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(config.secret_key(), salt="civicswitchboard-carried")


def _signed(entity: Entity, sender: Sender, version: int, values: list[list[Any]]) -> str:
    token = _serializer().dumps([entity, sender.user, sender.record, version, values])
    return token if isinstance(token, str) else token.decode()


def _add_signed(snapshot: Snapshot, translation: Translation, record: Record, token: Any) -> bool:
    """Add what a token carries.

    :returns: whether it was signed for this sender and record; without that its values are
        there to be shown again only
    """
    valid, payload = _payload(token)
    try:
        *signed_for, version, values = payload
        triples = [(str(field_id), str(name), value) for field_id, name, value in values]
    except (TypeError, ValueError):
        return False
    maker = _named_version(snapshot, version)
    for field_id, name, value in triples if maker else ():
        assert maker is not None
        field = maker.known(translation.entity, name)
        # Nobody carries a value for a name of core's.
        if field is None or field.field.id != field_id or name in CORE_FIELDS[translation.entity]:
            continue
        successor = snapshot.by_id[translation.entity].get(field_id)
        if successor is None or successor.state == "retired":
            translation.carried.append(CarriedValue(field, value))
        else:
            record.setdefault(successor.field_name, value)
    return valid and signed_for == [translation.entity, translation.sender.user, translation.sender.record]


def _payload(token: Any) -> tuple[bool, Any]:
    if not isinstance(token, str):
        return False, None
    try:
        return True, _serializer().loads(token)
    except BadData:
        return False, _serializer().loads_unsafe(token)[1]
