"""Validating a save: grace for what is unchanged, nothing lost that the schema doesn't know.

The order is the same for datasets, resources and organizations. Values that only passed
through are set aside with their stored bytes; the rest is validated as scheming would;
then what was set aside, and what the schema doesn't know, is put back. So after a save
everything that the record held is as it was, except what differs from what the caller was shown.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.records import profiles, resource_files
from ckanext.civicswitchboard.records.cross_field import check_entries, check_record
from ckanext.civicswitchboard.records.field_validators import field_validators
from ckanext.civicswitchboard.records.record_validation import CORES_OWN, RecordValidation
from ckanext.civicswitchboard.records.sources import allows_gaps
from ckanext.civicswitchboard.records.stored import NOTHING, Stored

GAPS = "civicswitchboard_gaps"

Record = dict[str, Any]
Errors = dict[str, Any]


def dataset(
    snapshot: Snapshot, record: Record, schema: Record, context: Any, stored: Stored
) -> tuple[Record, Errors]:
    """Validate a dataset on its way to the database.

    :param record: the caller's dict, translated; nothing changes in it
    :param schema: core's schema for the action
    :param context: CKAN's; with ``gaps`` set to ``"allow"`` faults of schema fields are
        stored all the same and listed under ``civicswitchboard_gaps``
    :param stored: the record as it is, or NOTHING for a new one
    :returns: the validated data and the errors
    """
    data, errors = _dataset_once(snapshot, record, schema, context, stored, _Accepted())
    if not errors or not allows_gaps(context, record.get("id")):
        return data, errors
    accepted = _Accepted.of(snapshot, errors)
    context.setdefault(GAPS, []).extend(accepted.reports(errors))
    return _dataset_once(snapshot, record, schema, context, stored, accepted)


@dataclass(frozen=True)
class _Accepted:
    """Fields whose faults an import accepts: the dataset's, and each resource's by place."""

    fields: frozenset[str] = frozenset()
    resources: Mapping[int, frozenset[str]] = attribute(default_factory=dict)

    @classmethod
    def of(cls, snapshot: Snapshot, errors: Errors) -> _Accepted:
        ours = {e: set(snapshot.fields[e]) - CORES_OWN[e] for e in ("dataset", "resource")}
        ours["resource"].add(resource_files.URL)
        resources = errors.get("resources")
        if not isinstance(resources, list):
            resources = []
        return cls(
            fields=frozenset(ours["dataset"] & set(errors)),
            resources={i: frozenset(ours["resource"] & set(e)) for i, e in enumerate(resources)},
        )

    def reports(self, errors: Errors) -> Iterable[Record]:
        for name in sorted(self.fields):
            yield {"field": name, "text": _words(errors[name])}
        for place, names in self.resources.items():
            for name in sorted(names):
                text = _words(errors["resources"][place][name])
                yield {"field": name, "resource": place, "text": text}


def _dataset_once(
    snapshot: Snapshot,
    record: Record,
    schema: Record,
    context: Any,
    stored: Stored,
    accepted: _Accepted,
) -> tuple[Record, Errors]:
    strict = stored.state.startswith("draft") and record.get("state") == "active"
    earlier = snapshot.earlier_names["dataset"]
    fields, page = snapshot.fields["dataset"], _page_sent(snapshot, record)
    whole = RecordValidation("dataset", fields, dict(record), stored, strict, accepted.fields, earlier, page)
    whole.prepare()
    resources = _resources(snapshot, record, stored, accepted)
    if resources is not None:
        whole.given["resources"] = [part.given for part in resources]
    schema = {**_without(schema, whole), **whole.validators()}
    schema["resources"] = _resource_schema(schema["resources"], snapshot, resources or [])
    data, errors = tk.navl_validate(whole.given, schema, context)
    _merge_errors(whole, errors)
    check_record(whole, errors)
    for place, part in enumerate(resources or []):
        _merge_resource_errors(part, place, errors, len(resources or []))
    if not errors:
        whole.restore(data)
        for part, resource in zip(resources or [], data.get("resources", [])):
            part.restore(resource)
    return data, errors


def _page_sent(snapshot: Snapshot, record: Record) -> frozenset[str] | None:
    """The fields of the page that a form of more than one page sends of a draft; None otherwise."""
    number, pages = str(record.get("_ckan_phase") or ""), snapshot.form_pages
    if record.get("state") != "draft" or not number.isdecimal() or not 0 < int(number) <= len(pages):
        return None
    return frozenset(field["field_name"] for field in pages[int(number) - 1]["fields"])


def organization(
    snapshot: Snapshot, record: Record, schema: Record, context: Any, stored: Stored
) -> tuple[Record, Errors]:
    """Validate an organization; fields that the caller does not send are left as they are.

    So are the profile fields that its partner types don't have, whatever is sent.
    Parameters and results as of :func:`dataset`.
    """
    fields, admitted = profiles.admit(snapshot, record, stored)
    part = RecordValidation(
        "organization", fields, admitted, stored, earlier=snapshot.earlier_names["organization"]
    )
    part.prepare()
    schema = {**_without(schema, part), **part.validators()}
    data, errors = tk.navl_validate(part.given, schema, context)
    check_entries(part, errors)
    _merge_errors(part, errors)
    if not errors:
        part.restore(data)
    return data, errors


def _resources(
    snapshot: Snapshot, record: Record, stored: Stored, accepted: _Accepted
) -> list[RecordValidation] | None:
    resources = record.get("resources")
    if not isinstance(resources, list) or not all(isinstance(r, dict) for r in resources):
        return None
    parts = [
        RecordValidation(
            "resource",
            snapshot.fields["resource"],
            dict(resource),
            stored.resources.get(str(resource.get("id")), NOTHING),
            accepted=accepted.resources.get(place, frozenset()),
        )
        for place, resource in enumerate(resources)
    ]
    for part in parts:
        part.prepare()
    return parts


def _resource_schema(stock: Record, snapshot: Snapshot, parts: list[RecordValidation]) -> Record:
    """Validators for the resources: what any of them may hold stays valid for all."""
    names = {name for part in parts for name in part.given}
    stored = [part.stored for part in parts]
    ours = {
        name: field_validators(field, stored, convert=False)
        for name, field in snapshot.fields["resource"].items()
        if name in names and name not in CORES_OWN["resource"]
    }
    return {**stock, **ours}


def _without(schema: Record, part: RecordValidation) -> Record:
    """Core's schema less the columns that were set aside."""
    aside = {name for name in part.kept if part.fields[name].in_core} | part.kept_columns.keys()
    return {key: value for key, value in schema.items() if key not in aside}


def _merge_errors(part: RecordValidation, errors: Errors) -> None:
    part.shift_row_errors(errors)
    for name, messages in part.errors.items():
        if not errors.get(name):
            errors[name] = messages


def _merge_resource_errors(part: RecordValidation, place: int, errors: Errors, count: int) -> None:
    if part.errors:
        listed = errors.setdefault("resources", [])
        listed.extend({} for _missing in range(count - len(listed)))
    listed = errors.get("resources", [])
    if place < len(listed):
        _merge_errors(part, listed[place])


def _words(error: Any) -> str:
    """An error in one line, however deep navl nests it."""
    if isinstance(error, dict):
        return "; ".join(f"{key}: {_words(value)}" for key, value in error.items() if value)
    if isinstance(error, list):
        return "; ".join(_words(fault) for fault in error if fault)
    return str(error)
