"""An organization's profile on its way to the database: its partner types decide what is taken."""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ckanext.civicswitchboard.core.schema.compiler import CompiledField, Snapshot
from ckanext.civicswitchboard.core.schema.document import PartnerType
from ckanext.civicswitchboard.core.schema.profiles import ALSO, TYPE, kinds_of, profile_fields, requested
from ckanext.civicswitchboard.records.stored import Stored

Record = dict[str, Any]
Fields = Mapping[str, CompiledField]


def admit(snapshot: Snapshot, profile: Record, stored: Stored) -> tuple[Fields, Record]:
    """What of a caller's dict is taken, and how strictly it is asked for.

    What a type requires is asked of who sends the field: an organization is made a partner
    by its type alone, and fills in its profile later.

    :param profile: the caller's dict; not changed
    :param stored: the organization as it is, or NOTHING for a new one
    :returns: the fields, the required ones of its types among them, and the dict without
        inputs for fields that its types don't have
    """
    document, fields = snapshot.document, snapshot.fields["organization"]
    wanted = requested(kinds(snapshot, profile, stored))
    foreign = profile_fields(document) - wanted.keys()
    admitted = {key: value for key, value in profile.items() if key not in foreign}
    required = {name for name, how in wanted.items() if how == "required" and name in admitted}
    return {n: _required(f) if n in required else f for n, f in fields.items()}, admitted


def kinds(snapshot: Snapshot, profile: Record, stored: Stored) -> tuple[PartnerType, ...]:
    """The partner types that an organization has once this is saved."""
    own = profile.get(TYPE) if TYPE in profile else stored.extras.get(TYPE)
    also = profile.get(ALSO) if ALSO in profile else stored.extras.get(ALSO)
    return kinds_of(snapshot.document, [*names_in(own), *names_in(also)])


def names_in(value: Any) -> list[str]:
    """The names in a value, given by a form or stored: one, a list, or a list as JSON text."""
    if isinstance(value, str):
        try:
            loaded = json.loads(value)
        except (ValueError, RecursionError):
            loaded = None
        value = loaded if isinstance(loaded, list) else [value]
    names = value if isinstance(value, list) else []
    return [name for name in names if isinstance(name, str) and name]


def name_extras(snapshot: Snapshot, record: Record, stored: Stored) -> None:
    """Take an extra that has a field's name for the field, with the field's own checks; in place.

    Who may not change a field must not reach it by another way. One that says what is stored
    came along when the organization was read: the field itself says more.
    """
    extras = record.get("extras")
    if not isinstance(extras, list):
        return
    fields = {n for n, field in snapshot.fields["organization"].items() if not field.in_core}
    named = [e for e in extras if isinstance(e, dict) and str(e.get("key")) in fields]
    for extra in named:
        key, gone = str(extra["key"]), extra.get("deleted") or extra.get("state") == "deleted"
        value = "" if gone else extra.get("value")
        if key not in record or value != stored.extras.get(key):
            record[key] = value
    record["extras"] = [extra for extra in extras if extra not in named]


def _required(field: CompiledField) -> CompiledField:
    return replace(field, field=field.field.model_copy(update={"expectation": "required"}))
