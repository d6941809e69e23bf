"""Rules across fields of one record, and of its entries."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.plugins.toolkit import _

from ckanext.civicswitchboard.core.schema import cross_field_rules
from ckanext.civicswitchboard.records.record_validation import RecordValidation

Record = dict[str, Any]
Errors = dict[str, Any]


def check_record(part: RecordValidation, errors: Errors) -> None:
    """Rules across fields, where one of the fields is changed and each is right by itself."""
    for rule in cross_field_rules.applied(part.entity, (field.field for field in part.fields.values())):
        names = [field.field_name for field in rule.fields]
        settled = part.accepted.intersection(names) or any(errors.get(name) for name in names)
        if settled or not any(name in part.given for name in names):
            continue
        if rule.broken_by([part.given.get(name, part.kept.get(name)) for name in names]):
            errors[names[-1]] = [rule.message.say(_, tk.h.scheming_language_text)]


def check_entries(part: RecordValidation, errors: Errors) -> None:
    """The same within each entry that is new or changed, where no entry of the record has it so."""
    for name, field in part.fields.items():
        rows, parts = part.given.get(name), field.field.repeating_subfields
        rules = cross_field_rules.applied(part.entity, parts, within=field.field.id)
        if not rules or not isinstance(rows, list) or errors.get(name):
            continue
        standing = part.stored.rows(field)
        broken = [_broken_in(row, rules, standing) for row in rows]
        if any(broken):
            errors[name] = broken


def _broken_in(row: Record, rules: list[cross_field_rules.Applied], standing: list[Record]) -> Errors:
    """The rules that an entry breaks and no standing one breaks with the same values."""
    broken = {}
    for rule in rules:
        names = [one.field_name for one in rule.fields]
        values = [row.get(name) for name in names]
        as_before = any(values == [one.get(name) for name in names] for one in standing)
        if not as_before and rule.broken_by(values):
            broken[names[-1]] = [rule.message.say(_, tk.h.scheming_language_text)]
    return broken
