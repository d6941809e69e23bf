"""What a record holds before a save, as the database has it."""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ckan import model
from ckan.lib import munge
from ckan.lib.helpers import unified_resource_format

from ckanext.civicswitchboard.core.schema.compiler import CompiledField, Snapshot
from ckanext.civicswitchboard.core.schema.field_types import field_type, is_empty, load, same
from ckanext.civicswitchboard.core.schema.renames import renamed


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
        return [] if is_empty(value) else [shown_text(value)]

    def unreadable(self, compiled: CompiledField) -> bool:
        """Whether the record holds a value that its field cannot read."""
        value = self.value(compiled)
        return not is_empty(value) and load(compiled.kind, value) is None

    def rows(self, compiled: CompiledField) -> list[dict[str, Any]]:
        """The stored rows of a repeating field; none where they cannot be read."""
        return load(compiled.kind, self.value(compiled) or []) or []


def shown_text(value: Any) -> str:
    """A value that no control can show otherwise, as text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


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


def same_link(resource: Any, url: Any) -> bool:
    """Whether a link is the one that a resource has, as it is stored or as core shows it.

    Core shows where an uploaded file is downloaded, and puts a scheme before a link without one
    (``resource_dictize`` in ``ckan/lib/dictization/model_dictize.py``).

    :param resource: a stored resource, or its columns
    """
    columns = resource if isinstance(resource, Mapping) else _columns(resource)
    stored = columns["url"] or ""
    if (url or "") == stored:
        return True
    if not isinstance(url, str):
        return False
    if columns["url_type"] == "upload":
        name = munge.munge_filename(stored.rsplit("/")[-1])
        return url == name or url.endswith(f"/resource/{columns['id']}/download/{name}")
    return bool(stored) and not urlsplit(stored).scheme and url == "http://" + stored.lstrip("/")


def same_column(name: str, stored: Any, sent: Any) -> bool:
    """Whether a given value is what a column of core's holds, as core and forms show it.

    :param name: the column
    """
    if stored == sent or (is_empty(stored) and is_empty(sent)):
        return True
    if isinstance(stored, datetime):
        return sent == stored.isoformat()
    if name == "format" and stored:
        return bool(sent == unified_resource_format(stored))
    if name == "title" and stored:
        return bool(sent == stored.strip())
    texts = isinstance(sent, str) and isinstance(stored, (str, int))
    return texts and any(same(kind, str(stored), sent) for kind in _TEXT_CONTROLS)


_TEXT_CONTROLS = (field_type(""), field_type("textarea"))


def _columns(thing: Any) -> dict[str, Any]:
    return {column.name: getattr(thing, column.name, None) for column in thing.__table__.columns}
