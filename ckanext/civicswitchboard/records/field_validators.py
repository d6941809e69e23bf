"""navl validators of fields, made by ckanext-scheming, which also accept what the record has already."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckanext.scheming import plugins as scheming

from ckanext.civicswitchboard.core.schema.choices import choices_of
from ckanext.civicswitchboard.core.schema.compiler import CompiledField
from ckanext.civicswitchboard.core.schema.field_types import field_type, is_empty, load
from ckanext.civicswitchboard.records.stored import Stored

Record = dict[str, Any]


def field_validators(field: CompiledField, stored: list[Stored], convert: bool) -> Any:
    """navl validators of a field, which also take what stands in the stored records.

    Required values are asked for in RecordValidation, those of entries here: scheming would ask for unchanged
    ones too.
    """
    declared = {**field.scheming, "required": False}
    if field.kind.shape != "rows":
        standing = [value for source in stored for value in source.members(field)]
        return scheming._field_validators(_allowing(declared, standing), {}, convert)
    rows = [row for source in stored for row in source.rows(field)]
    declared["repeating_subfields"] = [
        _part(sub, [row.get(sub["field_name"]) for row in rows])
        for sub in field.scheming["repeating_subfields"]
    ]
    nested: Record = scheming._field_validators(declared, {}, False)
    for sub in declared["repeating_subfields"]:
        if sub["required"]:
            nested[sub["field_name"]] = [tk.get_validator("not_empty"), *nested[sub["field_name"]]]
    nested["__extras"] = [tk.get_validator("ignore_missing"), tk.get_validator("keep_extras")]
    return nested


def _part(declared: Record, values: list[Any]) -> Record:
    """A part of a repeating field: asked for in each entry that is new or changed.

    Where an entry of the record lacks it already, none is asked: entries have nothing by which
    a changed one would be known again.
    """
    gap = any(is_empty(value) for value in values)
    kind = field_type(declared.get("preset", ""))
    members = [loaded for value in values if (loaded := load(kind, value))]
    single = [member for value in members for member in (value if isinstance(value, list) else [value])]
    return _allowing({**declared, "required": declared["required"] and not gap}, single)


def _allowing(declared: Record, values: list[Any]) -> Record:
    """A choice field that also takes the values that stand in the record."""
    if "choices" not in declared:
        return declared
    offered = choices_of(declared).labels
    standing = dict.fromkeys(v for v in values if isinstance(v, str) and v and v not in offered)
    return {**declared, "standing_values": list(standing)} if standing else declared
