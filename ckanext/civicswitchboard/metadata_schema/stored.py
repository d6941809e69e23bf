"""What a record holds before a save, as the database has it."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ckan import model

from ckanext.civicswitchboard.core.compiler import CompiledField, Snapshot
from ckanext.civicswitchboard.core.fieldtypes import load
from ckanext.civicswitchboard.core.renames import renamed


@dataclass(frozen=True)
class Stored:
    """The stored values of one dataset, resource or organization.

    :ivar columns: what core keeps in columns
    :ivar extras: everything else, under its key
    :ivar state: the record's state
    :ivar resources: a dataset's resources by id
    """

    columns: Mapping[str, Any] = field(default_factory=dict)
    extras: Mapping[str, Any] = field(default_factory=dict)
    state: str = ""
    resources: Mapping[str, Stored] = field(default_factory=dict)

    def value(self, compiled: CompiledField) -> Any:
        """The stored value of a field, None when there is none."""
        values = self.columns if compiled.in_core else self.extras
        return values.get(compiled.name)

    def members(self, compiled: CompiledField) -> list[str]:
        """The single values that stand in a field, for comparing with a list of terms."""
        value = self.value(compiled)
        loaded = load(compiled.kind, value) if value else None
        if isinstance(loaded, list):
            return [v for v in loaded if isinstance(v, str)]
        return [value] if isinstance(value, str) and value else []

    def rows(self, compiled: CompiledField) -> list[dict[str, Any]]:
        """The stored rows of a repeating field; none where they cannot be read."""
        return load(compiled.kind, self.value(compiled) or []) or []


NOTHING = Stored()


def of_dataset(package: model.Package, snapshot: Snapshot) -> Stored:
    """The stored values of a dataset and its resources, under the names of today."""
    return Stored(
        columns=_columns(package),
        extras=renamed(package.extras or {}, snapshot.earlier_names["dataset"]),
        state=package.state,
        resources={r.id: of_resource(r, snapshot) for r in package.resources_all},
    )


def of_resource(resource: model.Resource, snapshot: Snapshot) -> Stored:
    """The stored values of a resource, under the names of today."""
    extras = renamed(resource.extras or {}, snapshot.earlier_names["resource"])
    return Stored(columns=_columns(resource), extras=extras, state=resource.state)


def of_group(group: model.Group, snapshot: Snapshot) -> Stored:
    """The stored values of an organization, under the names of today."""
    extras = renamed(group.extras or {}, snapshot.earlier_names["organization"])
    return Stored(columns=_columns(group), extras=extras, state=group.state)


def _columns(thing: Any) -> dict[str, Any]:
    return {column.name: getattr(thing, column.name, None) for column in thing.__table__.columns}
