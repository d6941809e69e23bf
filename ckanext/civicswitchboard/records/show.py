"""From what is stored to what ``package_show`` and ``organization_show`` give."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.core.schema.compiler import CompiledField, Snapshot
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.field_types import is_empty, load, shown_rows
from ckanext.civicswitchboard.core.schema.renames import followed
from ckanext.civicswitchboard.core.schema.reserved_names import FORM_INPUTS

STAMP = "civicswitchboard_epoch"

Fields = Mapping[str, CompiledField]
Record = dict[str, Any]


def dataset(snapshot: Snapshot, record: Record, schema: Any, context: Any) -> tuple[Record, Any]:
    """A dataset as it is shown: fields under their names, the rest in ``extras``.

    :param record: what core dictized
    :param schema: core's show schema
    :returns: the shown record, stamped with the epoch it was read by, and errors
    """
    shown, errors = _read(snapshot, "dataset", record, schema, context)
    for resource in shown.get("resources", []):
        _follow(resource, snapshot.earlier_names["resource"])
        _read_in_place(snapshot.fields["resource"], resource)
    shown[STAMP] = snapshot.epoch
    return shown, errors


def organization(
    snapshot: Snapshot, record: Record, schema: Any, context: Any
) -> tuple[Record, Any]:
    """An organization as it is shown; see :func:`dataset`."""
    return _read(snapshot, "organization", record, schema, context)


def _read(
    snapshot: Snapshot, entity: Entity, record: Record, schema: Any, context: Any
) -> tuple[Record, Any]:
    extras = _followed(_pairs(record), snapshot.earlier_names[entity])
    values, others = _placed(snapshot.fields[entity], extras)
    rest = {**record, "extras": others} if "extras" in record else record
    shown, errors = tk.navl_validate(rest, schema, context)
    shown.update(values)
    return shown, errors


def _pairs(record: Mapping[str, Any]) -> list[Record]:
    """A record's extras. A form that is shown again holds what was sent under their name, whatever it is."""
    extras = record.get("extras")
    return [
        extra for extra in (extras if isinstance(extras, list) else ())
        if isinstance(extra, dict) and "value" in extra and isinstance(extra.get("key"), str)
    ]


def _followed(extras: list[Record], earlier: Mapping[str, str]) -> list[Record]:
    """Extras under the names of today: a repair may not have come to this record yet."""
    stand = followed((e["key"] for e in extras if not is_empty(e["value"])), earlier)
    if not stand:
        return extras
    gone = set(stand.values())
    return [
        {**extra, "key": stand.get(extra["key"], extra["key"])}
        for extra in extras
        if extra["key"] in stand or extra["key"] not in gone
    ]


def _follow(record: Record, earlier: Mapping[str, str]) -> None:
    stored_names = [name for name in record if not is_empty(record[name])]
    for name, today in followed(stored_names, earlier).items():
        record[today] = record.pop(name)


def _placed(fields: Fields, extras: list[Record]) -> tuple[Record, list[Record]]:
    """Extras parted into the schema's fields and the others.

    What cannot be read as its field's type stays among the others: it is shown and kept,
    and no page breaks.
    """
    values: Record = {}
    others: list[Record] = []
    for extra in extras:
        field = fields.get(extra["key"])
        value = None
        if field and not field.in_core:
            value = _shown(field, extra["value"])
        if value is None:
            others.append(extra)
        else:
            values[extra["key"]] = value
    return values, others


def _read_in_place(fields: Fields, record: Record) -> None:
    for name, field in fields.items():
        if field.kind.shape != "text" and isinstance(record.get(name), (str, list)):
            value = _shown(field, record[name])
            if value is not None:
                record[name] = value


def _shown(field: CompiledField, stored: Any) -> Any:
    """A stored value as it is shown, None where its field can't read it."""
    value = load(field.kind, stored)
    return shown_rows(field.kind, value) if field.kind.shape == "rows" and value else value


def other_fields(snapshot: Snapshot, record: Record, resource: bool = False) -> list[Record]:
    """What a shown record holds beyond the schema, for pages and forms.

    :param record: a shown dataset or resource
    :param resource: whether it is a resource
    :returns: ``[{key, value}]`` in the order of the keys
    """
    fields = snapshot.fields["resource" if resource else "dataset"]
    if resource:
        pairs = [(k, v) for k, v in record.items() if k not in fields and k not in _RESOURCE_OWN]
    else:
        pairs = [(name, record.get(name)) for name in _DATASET_COLUMNS if name not in fields]
        pairs += [(extra["key"], extra["value"]) for extra in _pairs(record)]
    return [{"key": key, "value": value} for key, value in sorted(pairs) if value not in (None, "")]


def unreadable(record: Record, name: str) -> Any:
    """A dataset's value that its field can't read, None where there is none.

    :param record: a shown dataset
    """
    values = [extra["value"] for extra in _pairs(record) if extra["key"] == name]
    return values[0] if values else None


# Core's columns that the shared schema may leave without a field.
_DATASET_COLUMNS = tuple(
    "author author_email maintainer maintainer_email version url license_id notes".split()
)


# What core's resource_dictize and package_show put into a resource dict.
_RESOURCE_OWN = frozenset(
    "id package_id position state created last_modified metadata_modified hash size mimetype"
    " url_type cache_url cache_last_updated datastore_active format name url"
    " has_views on_same_domain original_url tracking_summary"
    " datastore_contains_all_records_of_source_file ckan_url"
    " other_fields_remove civicswitchboard_carried".split()
) | FORM_INPUTS
