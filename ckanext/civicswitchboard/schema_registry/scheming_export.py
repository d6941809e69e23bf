"""What the portal's records hold, for the files with which it goes on without us."""
from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.core.formats.scheming_export import (
    Files,
    Keys,
    Named,
    StoredKeys,
    Unkeepable,
    detach,
    keys_of,
    merged,
)
from ckanext.civicswitchboard.core.schema.compiler import CompiledField, Snapshot
from ckanext.civicswitchboard.core.schema.document import Entity, Field
from ckanext.civicswitchboard.core.schema.field_types import is_empty, load, shown_rows
from ckanext.civicswitchboard.core.schema.reserved_names import TRANSLATIONS
from ckanext.civicswitchboard.core.schema.yaml_files import emit_yaml
from ckanext.civicswitchboard.schema_registry import versions

STOCK = ("scheming_datasets", "scheming_organizations", "scheming_nerf_index")
PAGE = 500

Record = Mapping[str, Any]


def files() -> Files:
    """The current version in stock scheming's form, with what the records hold."""
    # Retired fields are compiled too: their values have to stay readable.
    return detach(versions.newest().document, _Holding(versions.newest()).stored_keys())


def write(stored: Files, folder: Path, ours: Collection[str]) -> list[str]:
    """Write the files into a folder.

    :param ours: the plugins that go
    :returns: the lines of ckan.ini with which the portal runs on them
    :raises OSError: when a file cannot be written
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = {"dataset": stored.dataset, "organization": stored.organization, "presets": stored.presets}
    for name, data in parts.items():
        (folder / f"{name}.yaml").write_text(emit_yaml(data), encoding="utf-8")
    address = {name: (folder / f"{name}.yaml").resolve().as_uri() for name in parts}
    plugins = [*STOCK, *(name for name in config.plugins() if name not in (*ours, *STOCK))]
    return [
        f"ckan.plugins = {' '.join(plugins)}",
        f"scheming.dataset_schemas = {address['dataset']}",
        f"scheming.organization_schemas = {address['organization']}",
        f"scheming.presets = {address['presets']} ckanext.scheming:presets.json",
    ]


class _Holding:
    """One reading of every record that can be saved."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.fields = {
            entity: {field.field_name: _compiled(snapshot, entity, field) for field in fields}
            for entity in _ENTITIES
            for fields in [snapshot.document.fields_of(entity)]
        }
        # Core reads these names, so they are written as what it reads.
        self.fields = {
            entity: {name: field for name, field in fields.items() if name not in TRANSLATIONS}
            for entity, fields in self.fields.items()
        }
        self.terms = {id: set(terms) for id, terms in snapshot.terms.items()}
        self.types = {partner_type.name for partner_type in snapshot.document.partner_types}
        self.values: dict[Named, set[Any]] = defaultdict(set)
        self.gaps: set[Named] = set()
        self.unreadable: set[Named] = set()
        self.others: dict[Entity, set[str]] = defaultdict(set)
        self.untold: dict[Entity, set[str]] = defaultdict(set)
        self.broken_translations: dict[Entity, set[str]] = defaultdict(set)
        self.beside: dict[Named, Keys] = defaultdict(dict)

    def stored_keys(self) -> StoredKeys:
        """What all of them hold."""
        for entity, columns, extras in _records():
            self._read(entity, columns, extras)
        kept: dict[Entity, set[str]] = {}
        translations: dict[Entity, set[str]] = {}
        dropped: dict[Entity, set[str]] = {}
        for entity in _ENTITIES:
            dropped[entity] = self.untold[entity] | self.broken_translations[entity]
            others = self.others[entity] - dropped[entity]
            kept[entity], translations[entity] = others - TRANSLATIONS, others & TRANSLATIONS
        gaps, unreadable = frozenset(self.gaps), frozenset(self.unreadable)
        return StoredKeys(self.values, gaps, unreadable, kept, dropped, self.beside, translations)

    def _read(self, entity: Entity, columns: Record, extras: Record) -> None:
        for name, field in self.fields[entity].items():
            value = columns.get(name) if field.in_core else extras.get(name)
            if is_empty(value):
                self.gaps.add((entity, name))
                if value == "" and field.kind.shape == "rows":
                    self.unreadable.add((entity, name))
            else:
                self._read_value((entity, name), field, value)
        for key, value in extras.items():
            if key not in self.fields[entity]:
                (self.others if isinstance(value, str) else self.untold)[entity].add(key)
                if key in TRANSLATIONS and not _is_object(value):
                    self.broken_translations[entity].add(key)

    def _read_value(self, named: Named, field: CompiledField, value: Any) -> None:
        loaded = load(field.kind, value)
        if loaded is None:
            self.unreadable.add(named)
            return
        if field.kind.shape == "rows":
            self._read_rows(named, field, loaded)
        else:
            self._read_terms(named, field.field, loaded)

    def _read_rows(self, named: Named, field: CompiledField, rows: list[dict[str, Any]]) -> None:
        parts = {part.field_name: part for part in field.field.repeating_subfields}
        try:
            self.beside[named] = merged(self.beside[named], keys_of(rows, parts))
        except Unkeepable:
            self.unreadable.add(named)
        entity, name = named
        for row in shown_rows(field.kind, rows):
            for part in parts.values():
                self._read_terms((entity, f"{name}.{part.field_name}"), part, row.get(part.field_name))

    def _read_terms(self, named: Named, declared: Field, loaded: Any) -> None:
        """Remember values that are no term of a field's, or a part's, vocabulary."""
        known = self.types if declared.preset.startswith("partner_type") else None
        if declared.vocabulary:
            known = self.terms.get(declared.vocabulary, set())
        if known is not None:
            members = loaded if isinstance(loaded, list) else [loaded]
            scalars = {member for member in members if isinstance(member, (str, bool, int, float))}
            self.values[named] |= scalars - known - {""}


_ENTITIES: tuple[Entity, ...] = ("dataset", "resource", "organization")


def _is_object(value: Any) -> bool:
    try:
        return isinstance(json.loads(value) if isinstance(value, str) else value, dict)
    except (ValueError, RecursionError):
        return False


def _compiled(snapshot: Snapshot, entity: Entity, field: Any) -> CompiledField:
    return snapshot.fields[entity].get(field.field_name) or snapshot._compiled(entity, field)


def _records() -> Iterator[tuple[Entity, Record, Record]]:
    """Every record that can be saved: whose it is, its columns, and what stands in its extras."""
    package, resource, group = model.Package, model.Resource, model.Group
    queries: list[tuple[Entity, Any]] = [
        ("dataset", sa.select(package).where(package.state != "deleted", package.type == "dataset")),
        (
            "resource",
            sa.select(resource)
            .join(package, package.id == resource.package_id)
            .where(package.state != "deleted", package.type == "dataset", resource.state == "active"),
        ),
        ("organization", sa.select(group).where(group.state != "deleted", group.is_organization)),
    ]
    for entity, query in queries:
        table = query.selected_columns
        with model.meta.engine.connect() as connection:
            rows = connection.execution_options(stream_results=True, yield_per=PAGE).execute(
                query.with_only_columns(*table)
            )
            for row in rows.mappings():
                yield entity, row, row["extras"] or {}
