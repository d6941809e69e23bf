"""Entries of a repeating field on their way through validation."""
from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.plugins.toolkit import _

from ckanext.civicswitchboard.core.schema.compiler import CompiledField
from ckanext.civicswitchboard.core.schema.field_types import field_type, same_row

Record = dict[str, Any]


def no_text_in(rows: list[Record], standing: Collection[int], field: CompiledField) -> str:
    """What is wrong where an entry's part is a structure that no form sends; empty when none is.

    :param standing: the places of rows that stand in the record so: they are not asked
    """
    single = [
        part for part in field.field.repeating_subfields if field_type(part.preset).shape == "text"
    ]
    for number, row in enumerate(rows, start=1):
        if number - 1 in standing:
            continue
        for part in single:
            if isinstance(row.get(part.field_name), (dict, list)):
                return _("Entry {number}: “{part}” has to be a text").format(
                    number=number, part=tk.h.scheming_language_text(part.label)
                )
    return ""


def same_row_in(field: CompiledField, stored: list[Record], row: Record) -> Record | None:
    return next((row_stored for row_stored in stored if same_row(field.kind, row_stored, row)), None)


@dataclass(frozen=True)
class _Sealed:
    """A value inside an entry that validation can't take for records of its own."""

    value: Any


def sealed(row: Record, field: CompiledField) -> Record:
    """An entry in which what belongs to none of its parts passes validation as it is."""
    parts = {part.field_name for part in field.field.repeating_subfields}
    return {key: value if key in parts else _Sealed(value) for key, value in row.items()}


def opened(row: Record) -> Record:
    return {key: value.value if isinstance(value, _Sealed) else value for key, value in row.items()}
