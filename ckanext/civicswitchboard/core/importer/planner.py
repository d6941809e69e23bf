"""Records to import: what of a record is stored where, decided without touching CKAN.

A record is a dataset as ``package_show`` gives it, from any CKAN portal. :func:`plan`
places each of its values: in a column of core, in a field of the shared schema, or under
its own key among the extras. What has to be changed on the way is reported in notes.
"""
from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from typing import Any

from ckanext.civicswitchboard.core.importer.plan import (
    CHANGED,
    COLUMNS,
    VITAL,
    ExistingRecord,
    Fields,
    Json,
    Note,
    Plan,
    RecordError,
    as_text,
    own_key,
)
from ckanext.civicswitchboard.core.importer.tags import mend_tags
from ckanext.civicswitchboard.core.schema.compiler import CompiledField
from ckanext.civicswitchboard.core.schema.field_types import is_empty, same
from ckanext.civicswitchboard.core.schema.messages import shortened
from ckanext.civicswitchboard.core.schema.reserved_names import CORE_FIELDS

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
STATES = ("active", "draft", "deleted")
# Inputs of core's own that no extra may be named after.
_ROOT = frozenset(
    "id name title author author_email maintainer maintainer_email license_id notes url version"
    " state type owner_org private resources tags tag_string plugin_data extras save return_to"
    " relationships_as_object relationships_as_subject groups metadata_modified"
    " metadata_created organization license_title license_url isopen num_resources num_tags"
    " creator_user_id".split()
)
# What CKAN works out anew from the other values.
_DERIVED = frozenset(
    "num_resources num_tags isopen display_name civicswitchboard_epoch".split()
)
_DATES = ("metadata_created", CHANGED)
# Who and what in these is known only to the portal that the record comes from.
_FOREIGN = frozenset({"creator_user_id"})
_RELATIONSHIPS = frozenset({"relationships_as_subject", "relationships_as_object"})
_RESOURCE_DERIVED = frozenset("package_id position state tracking_summary".split())
_RESOURCE_FOREIGN = frozenset({"metadata_modified"})
# Inputs that make core do something instead of storing a value.
_RESOURCE_INPUTS = frozenset("extras upload clear_upload other_fields_remove save".split())
_PLACED_APART = frozenset(
    "id name type organization owner_org groups tags tag_string resources extras".split()
)


def plan(record: Json, fields: Fields, licenses: Container[str], existing: ExistingRecord | None) -> Plan:
    """Place each value of a record.

    :param record: the record
    :param fields: the shared schema's fields
    :param licenses: ids of the licenses that the portal knows
    :param existing: what the portal holds under the record's name
    :raises RecordError: when the record cannot be imported
    """
    return _Planner(record, fields, licenses, existing).plan()


class _Planner:
    """One record on its way to a plan."""

    def __init__(
        self, record: Json, fields: Fields, licenses: Container[str], existing: ExistingRecord | None
    ) -> None:
        self.record = _current_names(record, fields["dataset"])
        self.fields = fields
        self.licenses = licenses
        self.existing = existing
        self.values: Json = {}
        self.extras: dict[str, str] = {}
        self.notes: list[Note] = []
        self.taken = {*self.record, *(key for key, _value in _pairs(record.get("extras")))}

    def plan(self) -> Plan:
        name, id_ = identity(self.record)
        for key, value in self.record.items():
            self._place(key, value)
        tags, groups = self._tags(), self._groups()
        self._place_extras()
        return Plan(
            name=name,
            id=id_,
            values=self.values,
            extras=self.extras,
            organization=_owner(self.record),
            groups=groups,
            tags=tags,
            resources=self._resources(),
            notes=tuple(self.notes),
        )

    def _place(self, key: str, value: Any) -> None:
        if key in _PLACED_APART or key in _DERIVED or self._license_detail(key, value):
            return
        if key in _RELATIONSHIPS and self.existing and self.existing.id == self.record.get("id"):
            # The portal's own record: saving it changes none of them.
            return
        if key in _DATES:
            if self._keeps_source_date(key, value):
                self._other(f"source_{key}", value)
        elif key in _FOREIGN:
            if self.existing is None or self.existing.columns[key] != value:
                self._leave_out(key, value)
        elif key == "state":
            self._state(value)
        elif key == "private":
            self._private(value)
        elif key in COLUMNS or key in self.fields["dataset"]:
            self._value(key, value)
        else:
            self._other(key, value)

    def _keeps_source_date(self, key: str, value: Any) -> bool:
        """Whether a date has to be kept, as the portal has one of its own."""
        if self.existing is None:
            return True
        earlier = self.existing.extras.get(f"source_{key}")
        # A record that this portal has exported comes with the one that it keeps.
        is_own = bool(earlier) and (f"source_{key}", earlier) in _pairs(self.record.get("extras"))
        return not is_own and bool(self.existing.columns[key] != value)

    def _value(self, key: str, value: Any) -> None:
        if not is_empty(value):
            self.values[key] = _fitted(self.fields["dataset"].get(key), value)
        elif self.existing and not is_empty(self.existing.value(key)):
            self.values[key] = ""

    def _other(self, key: str, value: Any) -> None:
        """Keep a value under its own key among the extras."""
        if is_empty(value):
            stored = self.existing.extras.get(key) if self.existing else None
            if not is_empty(stored) and key not in self.fields["dataset"]:
                self.extras.setdefault(key, "")
            return
        text = as_text(value)
        wanted = key or "unnamed"
        if self.extras.get(wanted) == text:
            return
        if self.extras.get(wanted) or wanted in _ROOT or wanted in self.fields["dataset"]:
            self._own(wanted, text)
        else:
            self.extras[wanted] = text

    def _own(self, key: str, text: str) -> None:
        own = own_key(key, {*self.taken, *self.extras})
        self.extras[own] = text
        self.notes.append(Note("own_key", key, f"kept as {own}: {key} has another value or use"))

    def _leave_out(self, key: str, value: Any) -> None:
        if not is_empty(value):
            self.notes.append(Note("left_out", key, "means nothing outside the portal it is from"))

    def _license_detail(self, key: str, value: Any) -> bool:
        """Whether it follows from the license: CKAN gives the id of an unknown one as its title."""
        license_id = self.record.get("license_id")
        follows = license_id in self.licenses or value == license_id
        return key in ("license_title", "license_url") and follows

    def _state(self, value: Any) -> None:
        if value in STATES:
            self.values["state"] = value
        elif not is_empty(value):
            raise RecordError(f"its state is “{_short(value)}”; write one of {', '.join(STATES)}")

    def _private(self, value: Any) -> None:
        if not is_empty(value):
            self.values["private"] = _truth(value)

    def _place_extras(self) -> None:
        for key, value in _pairs(self.record.get("extras")):
            field = self.fields["dataset"].get(key)
            if field is None or key in VITAL - {"title"} or key == "tag_string":
                self._other(key, value)
            elif is_empty(self.values.get(key)):
                self._value(key, value)
            elif not is_empty(value) and not same(field.kind, self.values[key], as_text(value)):
                self._own(key, as_text(value))

    def _tags(self) -> tuple[str, ...] | None:
        tags, typed = self.record.get("tags"), self.record.get("tag_string")
        listed: list[Any] = list(tags) if isinstance(tags, list) else []
        odd = tags if not isinstance(tags, list) else [t for t in tags if not _tag_name(t)]
        if isinstance(typed, str):
            listed += [part.strip() for part in typed.split(",") if part.strip()]
        mended = mend_tags(name for name in map(_tag_name, listed) if name)
        self.notes += [Note("tag", old, f"became “{new}”") for old, new in mended.changed]
        self.notes += [Note("tag", old, "is too short; kept as tags_2") for old in mended.refused]
        self._other("tags_2", [*mended.lost, *odd] if isinstance(odd, list) else odd)
        return tuple(mended.tags) if isinstance(tags, list) or isinstance(typed, str) else None

    def _groups(self) -> tuple[Json, ...] | None:
        groups = self.record.get("groups")
        if not isinstance(groups, list):
            self._other("groups_2", groups)
            return None
        units = [_unit(group) for group in groups]
        self._other("groups_2", [g for g, unit in zip(groups, units) if unit is None])
        return tuple({unit["name"]: unit for unit in units if unit}.values())

    def _resources(self) -> tuple[Json, ...] | None:
        resources = self.record.get("resources")
        if resources is None:
            return None
        if not isinstance(resources, list) or not all(isinstance(r, dict) for r in resources):
            raise RecordError("its “resources” are no list of objects")
        if not all(isinstance(r.get("id"), (str, type(None))) for r in resources):
            raise RecordError("the id of a resource is no text; put it in quotes")
        matches = _matched(resources, self.existing.resources if self.existing else ())
        return tuple(self._resource(r, stored) for r, stored in zip(resources, matches))

    def _resource(self, raw: Json, existing: Mapping[str, Any]) -> Json:
        resource: Json = {"id": existing["id"]} if existing else {}
        raw = _current_names(raw, self.fields["resource"])
        for key, value in raw.items():
            if key in _RESOURCE_DERIVED or (is_empty(value) and is_empty(existing.get(key))):
                continue
            if key in _RESOURCE_FOREIGN:
                if existing.get(key) != value:
                    self._leave_out(f"a resource's {key}", value)
            elif key in _RESOURCE_INPUTS or not key or self._foreign_upload(key, value, existing):
                own = own_key(key or "unnamed", raw)
                resource[own] = value
                self.notes.append(Note("own_key", key, f"of a resource kept as {own}"))
            else:
                is_stored = bool(existing) and existing.get(key) == value
                resource[key] = value if is_stored else self._resource_value(key, value)
        return resource

    def _resource_value(self, key: str, value: Any) -> Any:
        field = self.fields["resource"].get(key)
        if is_empty(value):
            return ""
        text = field is not None or key in CORE_FIELDS["resource"]
        return _fitted(field, value) if text else value

    @staticmethod
    def _foreign_upload(key: str, value: Any, existing: Mapping[str, Any]) -> bool:
        """An upload elsewhere is a link here: core would cut its address to the file's name."""
        return key == "url_type" and value != existing.get("url_type")


def _current_names(values: Json, fields: Mapping[str, CompiledField]) -> Json:
    """Values under the names that their fields have today, as a record read earlier has earlier ones."""
    today = {
        before: name
        for name, field in fields.items()
        for before in field.field.previous_names
        if before not in fields and name not in values
    }
    return {today.get(key, key): value for key, value in values.items()} if today else values


def identity(record: Json) -> tuple[str, str | None]:
    """A record's name and id.

    :raises RecordError: when it has no name, or is no dataset
    """
    name, id_, kind = record.get("name"), record.get("id"), record.get("type")
    if not isinstance(name, str) or not name:
        raise RecordError("it has no name; give each record a “name”")
    if id_ is not None and not isinstance(id_, str):
        raise RecordError("its id is no text; put it in quotes")
    if kind not in (None, "", "dataset"):
        raise RecordError(f"its type is “{_short(kind)}”; only records of the type “dataset” are imported")
    return name, id_ or None


def is_uuid(text: str) -> bool:
    """Whether an id is of the form that CKAN gives."""
    return bool(_UUID.match(text))


def _short(value: Any) -> str:
    return shortened(as_text(value))


def _fitted(field: CompiledField | None, value: Any) -> Any:
    """A value in the form that its field takes; lists stay lists where it holds several."""
    if field is not None and field.kind.shape != "text" and isinstance(value, list):
        return value
    return as_text(value)


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise RecordError(f"“private” is “{_short(value)}”; write true or false")


def _pairs(extras: Any) -> Iterator[tuple[str, Any]]:
    """Key and value of each extra; what is no such pair comes under ``extras``."""
    if isinstance(extras, dict):
        yield from extras.items()
        return
    for extra in extras if isinstance(extras, list) else [extras]:
        if isinstance(extra, dict) and isinstance(extra.get("key"), str) and "value" in extra:
            yield extra["key"], extra["value"]
        elif not is_empty(extra):
            yield "extras", extra


def _owner(record: Json) -> Json | None:
    owner = record.get("organization")
    if is_empty(owner):
        owner = record.get("owner_org")
    if is_empty(owner):
        return None
    unit = _unit(owner)
    if unit is None:
        raise RecordError("its organization has no name; give it as {“name”: …, “title”: …}")
    return unit


def _unit(raw: Any) -> Json | None:
    """An organization or group: its name, and what is good for creating it.

    One that is only known by its id has that for its name, and is ``unnamed``.
    """
    if isinstance(raw, str) and raw:
        return {"name": raw, "id": raw, "unnamed": True} if is_uuid(raw) else {"name": raw}
    if not isinstance(raw, dict):
        return None
    unit = {
        key: raw[key]
        for key in ("name", "id", "title", "description")
        if isinstance(raw.get(key), str) and raw[key]
    }
    if "name" not in unit and "id" in unit:
        return {**unit, "name": unit["id"], "unnamed": True}
    return unit if "name" in unit else None


def _tag_name(tag: Any) -> str | None:
    name = tag.get("name") if isinstance(tag, dict) else tag
    return name if isinstance(name, str) and name else None


def _matched(
    resources: list[Json], existing: tuple[Mapping[str, Any], ...]
) -> list[Mapping[str, Any]]:
    """For each given resource the stored one: by id, or by address and name where it has none."""
    by_id = {resource["id"]: resource for resource in existing}
    free = [r for r in existing if r["id"] not in {g.get("id") for g in resources}]
    matches: list[Mapping[str, Any]] = []
    for resource in resources:
        match = by_id.get(resource.get("id"), {}) if resource.get("id") else _alike(resource, free)
        if match in free:
            free.remove(match)
        matches.append(match)
    return matches


def _alike(resource: Json, free: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    for keys in (("url", "name"), ("url",), ("name",)):
        for stored in free:
            if all(resource.get(k) and stored.get(k) == resource[k] for k in keys):
                return stored
    return {}
