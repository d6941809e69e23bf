"""One record under validation: what is set aside, kept and asked for."""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.plugins.toolkit import _

from ckanext.civicswitchboard.core.schema.compiler import CompiledField
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.field_types import is_empty, same
from ckanext.civicswitchboard.core.schema.input_checks import NO_FILE, lost_files
from ckanext.civicswitchboard.records import resource_files, translate_input
from ckanext.civicswitchboard.records.entries import no_text_in, opened, same_row_in, sealed
from ckanext.civicswitchboard.records.field_validators import field_validators
from ckanext.civicswitchboard.records.stored import NOTHING, Stored, same_column, same_link, shown_text
from ckanext.civicswitchboard.records.translate_input import CarriedValue, Translation
from ckanext.civicswitchboard.schema_registry import versions

REMOVE = "other_fields_remove"

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
CORES_OWN: Mapping[Entity, frozenset[str]] = {
    "dataset": frozenset({"title", "name", "tag_string", "owner_org"}),
    "resource": frozenset({"url"}),
    "organization": frozenset({"title", "name", "image_url"}),
}

Record = dict[str, Any]
Errors = dict[str, Any]
Fields = Mapping[str, CompiledField]


@dataclass
class RecordValidation:
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
        self.removed = frozenset(map(str, as_list(self.given.pop(REMOVE, None))))

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
            if name in CORES_OWN[self.entity] or name in self.kept_columns:
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
            rows = [opened(row) for row in data.get(name) or []]
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
        schema = {value.name: field_validators(value.field, [self.stored], convert=False)}
        data, errors = tk.navl_validate({value.name: value.value}, schema, {})
        if errors:
            self.errors[value.name] = errors[value.name]
        elif not is_empty(data.get(value.name)):
            whole = self.entity == "resource"
            self.others[value.name] = data[value.name] if whole else as_stored(data[value.name])

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
        return as_list(sent) == [shown_text(self.stored.value(field))]

    def _keep(self, name: str, field: CompiledField) -> None:
        self.given.pop(name, None)
        value = self.stored.value(field)
        if value is not None:
            self.kept[name] = value

    def _accept(self, name: str, field: CompiledField) -> None:
        value = self.given.pop(name, None)
        if not is_empty(value):
            self.kept[name] = value if self.entity == "resource" else as_stored(value)

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
            self.given[name] = as_stored(self.given[name])

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
            if (match := same_row_in(field, stored, row)) is not None
        }
        if no_text := no_text_in(rows, places, field):
            self.errors[name] = [no_text]
            del self.given[name]
            return
        self.kept_rows[name] = places
        self.given[name] = [sealed(row, field) for place, row in enumerate(rows) if place not in places]

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
            name: field_validators(field, stored, convert=not field.in_core)
            for name, field in self.fields.items()
            if name not in CORES_OWN[self.entity] and name in self.given
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


def as_stored(value: Any) -> str:
    """A value as an extra holds it: text as it is, anything else as JSON."""
    if is_empty(value):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def as_list(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]
