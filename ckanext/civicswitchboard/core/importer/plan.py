"""Where each value of a record to import goes: the plan, and what it sends to CKAN's actions."""
from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from typing import Any, Literal

from ckanext.civicswitchboard.core.schema.compiler import CompiledField
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.field_types import is_empty, same
from ckanext.civicswitchboard.core.schema.reserved_names import CORE_FIELDS

Json = dict[str, Any]
Fields = Mapping[Entity, Mapping[str, CompiledField]]
NoteKind = Literal["tag", "own_key", "text", "left_out", "gap", "deleted"]
COLUMNS = CORE_FIELDS["dataset"] - {"name", "owner_org", "tag_string"}
CHANGED = "metadata_modified"
# Faults in these cannot be mended by keeping the value elsewhere.
VITAL = frozenset("id name title type state private owner_org tags groups resources extras".split())


class RecordError(ValueError):
    """Why a record cannot be imported, in words for the person who has the file."""


@dataclass(frozen=True)
class Note:
    """Something that was changed or accepted, for the report.

    :ivar kind: what sort of thing
    :ivar subject: the field, key or tag that it is about
    :ivar text: what happened, the same for all records to which it happened
    """

    kind: NoteKind
    subject: str
    text: str


@dataclass(frozen=True)
class ExistingRecord:
    """What the portal holds under a record's name.

    :ivar columns: core's columns; ``organization`` is the owner's name
    :ivar extras: everything else under its key
    :ivar resources: in their order, columns and extras in one
    """

    id: str
    columns: Mapping[str, Any]
    extras: Mapping[str, Any]
    tags: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    resources: tuple[Mapping[str, Any], ...] = ()

    @property
    def state(self) -> str:
        """The dataset's state."""
        return str(self.columns["state"])

    def value(self, key: str) -> Any:
        """A column's or an extra's value."""
        return self.columns.get(key) if key in COLUMNS else self.extras.get(key)


@dataclass(frozen=True)
class Plan:
    """Where each value of a record goes. What a record does not mention is None or absent.

    :ivar values: core's columns and the schema's fields; an empty one is to be emptied
    :ivar extras: other keys and their text; an empty one is to be removed
    :ivar organization: the owner, with ``name`` and what is needed to create it
    :ivar groups: the same for each group
    """

    name: str
    id: str | None = None
    values: Mapping[str, Any] = attribute(default_factory=dict)
    extras: Mapping[str, str] = attribute(default_factory=dict)
    organization: Json | None = None
    groups: tuple[Json, ...] | None = None
    tags: tuple[str, ...] | None = None
    resources: tuple[Json, ...] | None = None
    notes: tuple[Note, ...] = ()

    def to_create(self, owner_org: str | None, groups: Sequence[str]) -> Json:
        """The input of ``package_create``.

        :param owner_org: the owner's id here
        :param groups: the groups' ids here
        """
        data: Json = {**self.values, "name": self.name, "type": "dataset"}
        data["extras"] = [{"key": k, "value": v} for k, v in self.extras.items() if v]
        data["resources"] = [dict(resource) for resource in self.resources or ()]
        if self.id:
            data["id"] = self.id
        return {**data, **self._related(owner_org, groups)}

    def to_update(self, shown: Json, owner_org: str | None, groups: Sequence[str]) -> Json:
        """The input of ``package_update``: the dataset with the record's values over it.

        :param shown: the dataset as package_show gives it
        :param owner_org: the owner's id here, None to leave it
        :param groups: the groups' ids here
        """
        data = {**shown, **self.values, **self._related(owner_org, groups)}
        if self.tags is not None:
            data["tags"] = _with_vocabularies(data["tags"], shown.get("tags") or [])
        data.pop("metadata_modified", None)
        extras = {e["key"]: e["value"] for e in shown.get("extras") or []}
        # An empty text of the plan's removes a key; one that the record holds stays as it is.
        extras = {k: v for k, v in {**extras, **self.extras}.items() if v != "" or k not in self.extras}
        data["extras"] = [{"key": k, "value": v} for k, v in extras.items() if k not in self.values]
        if self.resources is not None:
            by_id = {resource["id"]: resource for resource in shown.get("resources") or []}
            data["resources"] = [{**by_id.get(r.get("id"), {}), **r} for r in self.resources]
        return data

    def _related(self, owner_org: str | None, groups: Sequence[str]) -> Json:
        related: Json = {"owner_org": owner_org} if owner_org else {}
        if self.tags is not None:
            related["tags"] = [{"name": tag} for tag in self.tags]
        if self.groups is not None:
            related["groups"] = [{"id": group} for group in groups]
        return related

    def is_stored(self, existing: ExistingRecord, fields: Fields) -> bool:
        """Whether the portal surely holds all of this, so that nothing is to be written.

        A value that core changes in storing it may look different; only writing tells.
        """
        known = fields["dataset"]
        return (
            all(_equal(known.get(k), existing.value(k), v) for k, v in self._plain_values())
            and all(self.values[k] == existing.columns[k] for k in ("state", "private") if k in self.values)
            and all(
                existing.extras.get(k, "") == v or _only_dates(existing, k) for k, v in self.extras.items()
            )
            and (not self.organization or self.organization["name"] == existing.columns["organization"])
            and (self.tags is None or frozenset(self.tags) == existing.tags)
            and (self.groups is None or {g["name"] for g in self.groups} == existing.groups)
            and (self.resources is None or self._resources_stored(existing, fields["resource"]))
        )

    def stays_deleted(self, existing: ExistingRecord) -> bool:
        """Whether the dataset was deleted in the portal, and the record says nothing of it."""
        return existing.state == "deleted" and "state" not in self.values

    def _plain_values(self) -> Iterator[tuple[str, Any]]:
        return ((k, v) for k, v in self.values.items() if k not in ("state", "private"))

    def _resources_stored(self, existing: ExistingRecord, fields: Mapping[str, CompiledField]) -> bool:
        resources = self.resources or ()
        return len(resources) == len(existing.resources) and all(
            _equal(fields.get(key), stored.get(key), value)
            for resource, stored in zip(resources, existing.resources)
            for key, value in resource.items()
        )

    def set_aside(self, errors: Json) -> Plan | None:
        """The plan with faulty values under keys of their own, where core refuses them.

        :param errors: core's errors by field
        :returns: None when a fault is in something that cannot be kept elsewhere
        """
        aside = [key for key in errors if key in self.values and key not in VITAL]
        resources, notes = self._resources_aside(errors.get("resources"))
        if set(errors) - set(aside) - ({"resources"} if notes else set()):
            return None
        taken = {*self.values, *self.extras}
        extras = dict(self.extras)
        for key in aside:
            own = own_key(key, taken | set(extras))
            extras[own] = as_text(self.values[key])
            notes.append(Note("own_key", key, f"kept as {own}: {words(errors[key])}"))
        values = {k: v for k, v in self.values.items() if k not in aside}
        return replace(
            self, values=values, extras=extras, resources=resources, notes=(*self.notes, *notes)
        )

    def _resources_aside(self, errors: Any) -> tuple[tuple[Json, ...] | None, list[Note]]:
        """Resources with faulty values under keys of their own; no notes where it cannot be."""
        resources = [dict(resource) for resource in self.resources or ()]
        notes: list[Note] = []
        if not isinstance(errors, list) or len(errors) > len(resources):
            return self.resources, []
        for resource, faults in zip(resources, errors):
            for key in faults:
                if key in ("id", "url") or key not in resource:
                    return self.resources, []
                own = own_key(key, resource)
                resource[own] = resource.pop(key)
                text = f"of a resource kept as {own}: {words(faults[key])}"
                notes.append(Note("own_key", key, text))
        return tuple(resources), notes


def own_key(key: str, taken: Container[str]) -> str:
    """A free key that reads like another one: ``frequency_2``.

    :param key: the key that is not free
    :param taken: keys that are not free
    """
    number = 2
    while f"{key}_{number}" in taken:
        number += 1
    return f"{key}_{number}"


def as_text(value: Any) -> str:
    """A value as an extra stores it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def words(error: Any) -> str:
    """An error of core in one line, however deep it is nested."""
    if isinstance(error, dict):
        return "; ".join(f"{key}: {words(value)}" for key, value in error.items() if value)
    if isinstance(error, list):
        return "; ".join(words(fault) for fault in error if fault)
    text = str(error)
    return text if len(text) <= 300 else f"{text[:200]} … {text[-90:]}"


def _equal(field: CompiledField | None, stored: Any, imported: Any) -> bool:
    if is_empty(stored) and is_empty(imported):
        return True
    if field is not None and field.kind.shape != "text":
        return same(field.kind, stored, imported)
    return bool(stored == imported)


def _only_dates(existing: ExistingRecord, key: str) -> bool:
    """Whether an extra would only tell that a save has moved the time of the last change."""
    return key == f"source_{CHANGED}" and key not in existing.extras


def _with_vocabularies(tags: list[Json], shown: list[Json]) -> list[Json]:
    """Tags by their names, those of controlled vocabularies as the dataset has them.

    :param shown: the dataset's tags
    """
    free = {tag["name"] for tag in shown if not tag.get("vocabulary_id")}
    controlled: dict[str, list[Json]] = {}
    for tag in shown:
        if tag.get("vocabulary_id"):
            controlled.setdefault(tag["name"], []).append(tag)
    kept = [tag for tag in tags if tag["name"] in free or tag["name"] not in controlled]
    return kept + [known for tag in tags for known in controlled.get(tag["name"], ())]
