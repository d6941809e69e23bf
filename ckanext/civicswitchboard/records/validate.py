"""Validating a save: grace for what is unchanged, nothing lost that the schema doesn't know.

The order is the same for datasets, resources and organizations. Values that only passed
through are set aside with their stored bytes; the rest is validated as scheming would;
then what was set aside, and what the schema doesn't know, is put back. So after a save
everything that the record held is as it was, except what differs from what the caller was shown.
"""
from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.plugins.toolkit import _
from ckanext.scheming import plugins as scheming

from ckanext.civicswitchboard.core.schema import cross_field_rules
from ckanext.civicswitchboard.core.schema.choices import choices_of
from ckanext.civicswitchboard.core.schema.compiler import CompiledField, Snapshot
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.field_types import field_type, is_empty, load, same, same_row
from ckanext.civicswitchboard.core.schema.input_checks import NO_FILE, lost_files
from ckanext.civicswitchboard.records import profiles, resource_files, translate_input
from ckanext.civicswitchboard.records.sources import allows_gaps
from ckanext.civicswitchboard.records.stored import NOTHING, Stored, same_column, same_link, shown_text
from ckanext.civicswitchboard.records.translate_input import CarriedValue, Translation
from ckanext.civicswitchboard.schema_registry import versions

REMOVE = "other_fields_remove"
GAPS = "civicswitchboard_gaps"

# Columns that core clears or stores again from input, whether or not the schema has a field for them
# (the tables in ``ckan/model/package.py`` and ``resource.py``).
_CORE_COLUMNS: Mapping[Entity, tuple[str, ...]] = {
    "dataset": ("title", "notes", "url", "license_id", "author", "author_email", "maintainer",
                "maintainer_email", "version"),
    "resource": ("url", "name", "description", "format", "hash", "resource_type", "url_type", "mimetype",
                 "mimetype_inner", "cache_url", "size", "created", "last_modified", "cache_last_updated"),
    "organization": ("description",),
}  # fmt: skip

# Core's own rules for these go with permissions, addresses and uploads: always applied to a changed value.
_CORES_OWN: Mapping[Entity, frozenset[str]] = {
    "dataset": frozenset({"title", "name", "tag_string", "owner_org"}),
    "resource": frozenset({"url"}),
    "organization": frozenset({"title", "name", "image_url"}),
}

Record = dict[str, Any]
Errors = dict[str, Any]
Fields = Mapping[str, CompiledField]


@dataclass
class Part:
    """One record under validation: the dataset, the organization, or one resource.

    :ivar entity: whose fields they are
    :ivar fields: the schema's fields by name
    :ivar given: what the caller sent, less what was set aside
    :ivar stored: what the record holds
    :ivar strict: whether unchanged values are validated too
    :ivar accepted: fields whose given value is stored although it has a fault
    :ivar earlier: earlier names of fields with today's, under which a record's values are read too
    :ivar page: of a draft that is filled in page by page, the fields of the page that was sent
    :ivar sent: what translating the caller's dict found beside current fields
    """

    entity: Entity
    fields: Fields
    given: Record
    stored: Stored
    strict: bool = False
    accepted: frozenset[str] = frozenset()
    earlier: Mapping[str, str] = attribute(default_factory=dict)
    page: frozenset[str] | None = None
    sent: Translation = attribute(init=False)
    removed: frozenset[str] = attribute(init=False)
    kept_columns: Record = attribute(default_factory=dict)
    kept: Record = attribute(default_factory=dict)
    kept_rows: dict[str, dict[int, Record]] = attribute(default_factory=dict)
    others: Record = attribute(default_factory=dict)
    errors: Errors = attribute(default_factory=dict)

    def __post_init__(self) -> None:
        self.sent = translate_input.translation_of(self.given)
        self.removed = frozenset(map(str, _as_list(self.given.pop(REMOVE, None))))

    def prepare(self) -> None:
        """Set aside what validation must not touch, and ask for what is missing."""
        # By now CKAN and its plugins have taken the files that they know.
        for name in lost_files(self.given, uploaded=True):
            del self.given[name]
            self.errors[name] = [_(NO_FILE)]
        if self.entity == "resource":
            self._check_file()
        self._set_aside_others()
        self._keep_carried()
        self._keep_columns()
        for name, field in self.fields.items():
            if name in _CORES_OWN[self.entity] or name in self.kept_columns:
                continue
            if name in self.removed and self.stored.unreadable(field):
                self.given[name] = ""
            if name in self.accepted:
                self._accept(name, field)
            elif not self.strict and self._unchanged(name, field):
                self._require_on_page(name, field)
                self._keep(name, field)
            else:
                self._require(name, field)
                self._drop_empty(name, field)
                self._set_aside_rows(name, field)
                self._structure_as_text(name, field)

    def _check_file(self) -> None:
        """Every new or changed resource has a file or a link."""
        resource_files.drop_form_inputs(self.given)
        if resource_files.URL in self.fields and resource_files.URL not in self.accepted:
            stored_url = self.stored.columns.get(resource_files.URL)
            self.errors.update(resource_files.faults(self.given, stored_url, self.stored is not NOTHING))

    def restore(self, data: Record) -> None:
        """Put back into validated data what was set aside."""
        for name, places in self.kept_rows.items():
            rows = [_opened(row) for row in data.get(name) or []]
            for place, row in sorted(places.items()):
                rows.insert(place, row)
            data[name] = rows
        data.update(self.kept_columns)
        if self.entity == "resource":
            data.update(self.kept)
            data.update(self.others)
            return
        self._rows_to_extras(data)
        extras = data.setdefault("extras", [])
        for name, value in self.kept.items():
            if self.fields[name].in_core:
                data[name] = value
            else:
                extras.append({"key": name, "value": value})
        extras.extend({"key": key, "value": value} for key, value in self.others.items())

    def _keep_columns(self) -> None:
        """Keep core's columns that no field describes unless they are sent, and unchanged ones anyway.

        A column with a field is cleared by leaving it out, as in CKAN.
        """
        if self.stored is NOTHING:
            return
        for name in _CORE_COLUMNS[self.entity]:
            stored = self.stored.columns[name]
            if self.strict and name in self.fields:
                continue
            if name in self.removed and name not in self.fields:
                self.given.pop(name, None)
                self.kept_columns[name] = None
            elif self._same_column(name, stored):
                self.given.pop(name, None)
                if stored is not None:
                    self.kept_columns[name] = stored

    def _same_column(self, name: str, stored: Any) -> bool:
        if name not in self.given:
            return name not in self.fields or name in self.sent.unseen
        if name == "url" and self.entity == "resource":
            return not self.given.get("upload") and same_link(self.stored.columns, self.given[name])
        if name == "url_type" and is_empty(self.given[name]) and self.sent.from_form and stored != "upload":
            # CKAN's form knows files and links only.
            return "url" in self.kept_columns
        return same_column(name, stored, self.given[name])

    def _set_aside_others(self) -> None:
        """Keep what the record holds beyond the schema, unless its removal is asked for."""
        unknown = {
            key: value
            for key, value in self.stored.extras.items()
            if key not in self.fields and key not in self.removed
        }
        if self.entity == "resource":
            for key in self.removed - self.fields.keys():
                self.given.pop(key, None)
            self.others = {key: value for key, value in unknown.items() if key not in self.given}
        elif not isinstance(self.given.get("extras"), list):
            self.others = unknown
        else:
            self._set_aside_listed(unknown)

    def _set_aside_listed(self, unknown: Record) -> None:
        """A caller that sends extras means that list, but for values of fields.

        Whoever read the record before a field was retired sends a list without it.
        """
        listed = {str(extra.get("key")) for extra in self.given["extras"] if isinstance(extra, dict)}
        missing = unknown.keys() - listed
        if missing:
            fields = versions.names_ever(self.entity)
            self.others = {key: unknown[key] for key in missing if key in fields}
        self.given["extras"] = [
            extra
            for extra in self.given["extras"]
            if not isinstance(extra, dict) or not self._set_aside_extra(extra, unknown)
        ]

    def _set_aside_extra(self, extra: Record, unknown: Record) -> bool:
        """Whether an extra isn't one to validate: unchanged, removed, or a field's value."""
        key, value = str(extra.get("key")), extra.get("value")
        key = self.earlier.get(key, key)
        deleted = extra.get("deleted") or extra.get("state") == "deleted"
        if key in self.fields:
            # package_show gives what it can't read as its field's type among the extras.
            if key not in self.given:
                self.given[key] = "" if deleted else value
                return True
            return bool(same(self.fields[key].kind, self.given[key], value))
        if key in self.removed or deleted:
            return key in self.removed
        if key in unknown and unknown[key] == value:
            self.others[key] = value
            return True
        return is_empty(value) and key in versions.names_ever(self.entity)

    def _keep_carried(self) -> None:
        """What somebody sent for a field that is no longer offered stays with the record."""
        for value in self.sent.carried:
            if value.name in self.removed or same(
                value.field.kind, self.stored.extras.get(value.name), value.value
            ):
                continue
            self.others.pop(value.name, None)
            if not is_empty(value.value):
                self._check_carried(value)

    def _check_carried(self, value: CarriedValue) -> None:
        """Store a carried value if it keeps its field's own rules."""
        schema = {value.name: _validators(value.field, [self.stored], convert=False)}
        data, errors = tk.navl_validate({value.name: value.value}, schema, {})
        if errors:
            self.errors[value.name] = errors[value.name]
        elif not is_empty(data.get(value.name)):
            whole = self.entity == "resource"
            self.others[value.name] = data[value.name] if whole else _as_stored(data[value.name])

    def _unchanged(self, name: str, field: CompiledField) -> bool:
        if self.stored is NOTHING:
            return False
        if name in self.given:
            stored = self.stored.value(field)
            as_stored = same(field.kind, stored, self.given[name])
            return as_stored or self._shows_unreadable(name, field)
        if self.entity == "organization" or name in self.sent.unseen:
            return True
        # package_show gives it among the extras, which aren't sent: they are kept.
        if self.stored.unreadable(field) and self.entity == "dataset":
            return name not in self.removed
        return same(field.kind, self.stored.value(field), None)

    def _shows_unreadable(self, name: str, field: CompiledField) -> bool:
        """Whether a form sent back a value that its field can't read: as one text, or as no entries."""
        if not self.sent.from_form or name in self.removed or not self.stored.unreadable(field):
            return False
        sent = self.given[name]
        if field.kind.shape == "rows":
            return is_empty(sent)
        return _as_list(sent) == [shown_text(self.stored.value(field))]

    def _keep(self, name: str, field: CompiledField) -> None:
        self.given.pop(name, None)
        value = self.stored.value(field)
        if value is not None:
            self.kept[name] = value

    def _accept(self, name: str, field: CompiledField) -> None:
        value = self.given.pop(name, None)
        if not is_empty(value):
            self.kept[name] = value if self.entity == "resource" else _as_stored(value)

    def _require(self, name: str, field: CompiledField) -> None:
        value = self.given.get(name)
        if not field.required or (self.page is not None and name not in self.page):
            return
        if is_empty(value):
            self.errors[name] = [_("Missing value")]
        elif value in field.field.missing_values:
            self.errors[name] = [_("Choose an answer. “%s” doesn't count as one") % value]

    def _require_on_page(self, name: str, field: CompiledField) -> None:
        """Ask for a value on the page of a draft's form that the field is on, where there is none yet."""
        if self.page and name in self.page and is_empty(self.stored.value(field)):
            self._require(name, field)

    def _structure_as_text(self, name: str, field: CompiledField) -> None:
        """Store an object that is sent for a field of texts as JSON: extras of datasets hold texts only.

        That is how other extensions store texts by language.
        """
        in_extras = not field.in_core and self.entity != "resource"
        if in_extras and field.kind.shape == "text" and isinstance(self.given.get(name), (dict, list)):
            self.given[name] = _as_stored(self.given[name])

    def _drop_empty(self, name: str, field: CompiledField) -> None:
        """An empty answer is stored as none at all, but for columns, which core empties."""
        if not field.in_core and is_empty(self.given.get(name)):
            self.given.pop(name, None)

    def _set_aside_rows(self, name: str, field: CompiledField) -> None:
        """Rows that stand in the record unchanged are not validated again."""
        rows = self.given.get(name)
        if field.kind.shape != "rows" or is_empty(rows):
            return
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self.errors[name] = [_("Send a list of entries, each with the field's parts")]
            del self.given[name]
            return
        stored = [] if self.strict else self.stored.rows(field)
        places = {
            place: match
            for place, row in enumerate(rows)
            if (match := _same_row_in(field, stored, row)) is not None
        }
        if no_text := _no_text_in(rows, places, field):
            self.errors[name] = [no_text]
            del self.given[name]
            return
        self.kept_rows[name] = places
        self.given[name] = [_sealed(row, field) for place, row in enumerate(rows) if place not in places]

    def _rows_to_extras(self, data: Record) -> None:
        for name, field in self.fields.items():
            if field.kind.shape == "rows" and not field.in_core and name in data:
                rows = data.pop(name)
                if rows:
                    value = json.dumps(rows, ensure_ascii=False)
                    data.setdefault("extras", []).append({"key": name, "value": value})

    def validators(self) -> Record:
        """navl validators for what is left to validate."""
        stored = [] if self.strict else [self.stored]
        return {
            name: _validators(field, stored, convert=not field.in_core)
            for name, field in self.fields.items()
            if name not in _CORES_OWN[self.entity] and name in self.given
        }

    def shift_row_errors(self, errors: Errors) -> None:
        """Give errors of repeating fields the places that the rows had when sent."""
        for name, places in self.kept_rows.items():
            if isinstance(errors.get(name), list) and places:
                shifted = list(errors[name])
                for place in sorted(places):
                    if place <= len(shifted):
                        shifted.insert(place, {})
                errors[name] = shifted


def dataset(
    snapshot: Snapshot, record: Record, schema: Record, context: Any, stored: Stored
) -> tuple[Record, Errors]:
    """Validate a dataset on its way to the database.

    :param given: the caller's dict, translated; nothing changes in it
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
        ours = {e: set(snapshot.fields[e]) - _CORES_OWN[e] for e in ("dataset", "resource")}
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
    whole = Part("dataset", fields, dict(record), stored, strict, accepted.fields, earlier, page)
    whole.prepare()
    resources = _resources(snapshot, record, stored, accepted)
    if resources is not None:
        whole.given["resources"] = [part.given for part in resources]
    schema = {**_without(schema, whole), **whole.validators()}
    schema["resources"] = _resource_schema(schema["resources"], snapshot, resources or [])
    data, errors = tk.navl_validate(whole.given, schema, context)
    _merge_errors(whole, errors)
    _ask_across(whole, errors)
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
    part = Part("organization", fields, admitted, stored, earlier=snapshot.earlier_names["organization"])
    part.prepare()
    schema = {**_without(schema, part), **part.validators()}
    data, errors = tk.navl_validate(part.given, schema, context)
    _ask_across_rows(part, errors)
    _merge_errors(part, errors)
    if not errors:
        part.restore(data)
    return data, errors


def _resources(
    snapshot: Snapshot, record: Record, stored: Stored, accepted: _Accepted
) -> list[Part] | None:
    resources = record.get("resources")
    if not isinstance(resources, list) or not all(isinstance(r, dict) for r in resources):
        return None
    parts = [
        Part(
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


def _resource_schema(stock: Record, snapshot: Snapshot, parts: list[Part]) -> Record:
    """Validators for the resources: what any of them may hold stays valid for all."""
    names = {name for part in parts for name in part.given}
    stored = [part.stored for part in parts]
    ours = {
        name: _validators(field, stored, convert=False)
        for name, field in snapshot.fields["resource"].items()
        if name in names and name not in _CORES_OWN["resource"]
    }
    return {**stock, **ours}


def _without(schema: Record, part: Part) -> Record:
    """Core's schema less the columns that were set aside."""
    aside = {name for name in part.kept if part.fields[name].in_core} | part.kept_columns.keys()
    return {key: value for key, value in schema.items() if key not in aside}


def _validators(field: CompiledField, stored: list[Stored], convert: bool) -> Any:
    """navl validators of a field, which also take what stands in the stored records.

    Required values are asked for in Part, those of entries here: scheming would ask for unchanged
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


def _merge_errors(part: Part, errors: Errors) -> None:
    part.shift_row_errors(errors)
    for name, messages in part.errors.items():
        if not errors.get(name):
            errors[name] = messages


def _ask_across(part: Part, errors: Errors) -> None:
    """Rules across fields, where one of the fields is changed and each is right by itself."""
    for rule in cross_field_rules.applied(part.entity, (field.field for field in part.fields.values())):
        names = [field.field_name for field in rule.fields]
        settled = part.accepted.intersection(names) or any(errors.get(name) for name in names)
        if settled or not any(name in part.given for name in names):
            continue
        if rule.broken_by([part.given.get(name, part.kept.get(name)) for name in names]):
            errors[names[-1]] = [rule.message.say(_, tk.h.scheming_language_text)]


def _ask_across_rows(part: Part, errors: Errors) -> None:
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


def _merge_resource_errors(part: Part, place: int, errors: Errors, count: int) -> None:
    if part.errors:
        listed = errors.setdefault("resources", [])
        listed.extend({} for _missing in range(count - len(listed)))
    listed = errors.get("resources", [])
    if place < len(listed):
        _merge_errors(part, listed[place])


def _no_text_in(rows: list[Record], standing: Collection[int], field: CompiledField) -> str:
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


def _same_row_in(field: CompiledField, stored: list[Record], row: Record) -> Record | None:
    return next((row_stored for row_stored in stored if same_row(field.kind, row_stored, row)), None)


@dataclass(frozen=True)
class _Sealed:
    """A value inside an entry that validation can't take for records of its own."""

    value: Any


def _sealed(row: Record, field: CompiledField) -> Record:
    """An entry in which what belongs to none of its parts passes validation as it is."""
    parts = {part.field_name for part in field.field.repeating_subfields}
    return {key: value if key in parts else _Sealed(value) for key, value in row.items()}


def _opened(row: Record) -> Record:
    return {key: value.value if isinstance(value, _Sealed) else value for key, value in row.items()}


def _as_stored(value: Any) -> str:
    """A value as an extra holds it: text as it is, anything else as JSON."""
    if is_empty(value):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _as_list(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _words(error: Any) -> str:
    """An error in one line, however deep navl nests it."""
    if isinstance(error, dict):
        return "; ".join(f"{key}: {_words(value)}" for key, value in error.items() if value)
    if isinstance(error, list):
        return "; ".join(_words(fault) for fault in error if fault)
    return str(error)
