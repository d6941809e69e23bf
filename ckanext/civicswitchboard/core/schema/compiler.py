"""A document compiled to what CKAN sees: the Snapshot.

Everything downstream (forms, validation, pages, search) reads a Snapshot and never a
document's parts by hand.
"""
from __future__ import annotations

import hashlib
import json
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ckanext.civicswitchboard.core.formats.scheming_types import CORE_PRESETS
from ckanext.civicswitchboard.core.schema.choices import (
    TERM_SEARCH,
    Choices,
    TermChoices,
    choices_of,
    searched_vocabularies,
)
from ckanext.civicswitchboard.core.schema.document import Document, Entity, Field, Section, Term, Text
from ckanext.civicswitchboard.core.schema.field_types import FIELD_TYPES, FieldType, field_type, rows_type
from ckanext.civicswitchboard.core.schema.limits import stated
from ckanext.civicswitchboard.core.schema.reserved_names import CORE_FIELDS

Presets = Mapping[str, Mapping[str, Any]]

_PASSED = ("form_placeholder", "display_property", "sorted_choices", "form_blanks")
_LINE = {"display_snippet": "metadata_schema/display/text.html"}
_KEPT = ("field_name", "label", "help_text", "guidance", "example", "bad_example", "section", "facet")


@dataclass(frozen=True)
class CompiledField:
    """A field with all that a save or a page needs to know of it.

    :ivar field: the field as the document has it
    :ivar kind: its field type
    :ivar in_core: whether CKAN itself stores it, in a column
    :ivar scheming: the field in ckanext-scheming's form, its preset expanded
    """

    field: Field
    kind: FieldType
    in_core: bool
    scheming: dict[str, Any]

    @property
    def name(self) -> str:
        """The field name, under which records store the value."""
        return self.field.field_name

    @property
    def reads_as(self) -> list[Any]:
        """What decides how a stored value reads: its shape, and the parts that are lists in it."""
        return [self.kind.shape, *sorted(name for name, _part in self.kind.parts)]

    @property
    def required(self) -> bool:
        """Whether new records have to have a value."""
        return self.field.expectation == "required"

    @property
    def terms(self) -> Mapping[str, Text]:
        """What people call each value of its vocabulary, those of earlier terms too."""
        retired = self.scheming.get("retired_choices", Choices())
        return ChainMap(choices_of(self.scheming).labels, retired.labels)

    def called(self, value: str) -> Text:
        """What people call a value: the label of its term; else the value itself."""
        return self.terms.get(value, value)

    def part(self, name: str) -> CompiledField | None:
        """A part of a repeating field, None where it has no such one."""
        declared = {part["field_name"]: part for part in self.scheming.get("repeating_subfields") or []}
        for part in self.field.repeating_subfields:
            if part.field_name == name and name in declared:
                return CompiledField(part, field_type(_part_preset(part)), False, declared[name])
        return None


@dataclass(frozen=True)
class Snapshot:
    """One version of the shared schema, compiled; immutable once made.

    :ivar document: the document
    :ivar version: its number
    :ivar presets: the field types' scheming values
    :ivar is_draft: whether it is made of the draft, which has no number yet
    """

    document: Document
    version: int
    presets: Presets
    is_draft: bool = False

    @cached_property
    def fields(self) -> dict[Entity, dict[str, CompiledField]]:
        """The active fields of each entity by field name, in their order."""
        return self._in_state("active")

    @cached_property
    def retired(self) -> dict[Entity, dict[str, CompiledField]]:
        """The fields that are no longer offered, whose values records keep."""
        return self._in_state("retired")

    def known(self, entity: Entity, name: str) -> CompiledField | None:
        """A field, be it one that is no longer offered; None where there is none of that name."""
        return self.fields[entity].get(name) or self.retired[entity].get(name)

    def _in_state(self, state: str) -> dict[Entity, dict[str, CompiledField]]:
        entities: tuple[Entity, ...] = ("dataset", "resource", "organization")
        return {
            entity: {
                field.field_name: self._compiled(entity, field)
                for field in self.document.fields_of(entity)
                if field.state == state
            }
            for entity in entities
        }

    @cached_property
    def by_id(self) -> dict[Entity, dict[str, Field]]:
        """The fields of each entity by their lasting id, retired ones too."""
        entities: tuple[Entity, ...] = ("dataset", "resource", "organization")
        return {entity: {field.id: field for field in self.document.fields_of(entity)} for entity in entities}

    @cached_property
    def earlier_names(self) -> dict[Entity, dict[str, str]]:
        """Names under which records may still hold a field's value, the newest first, with today's name."""
        return {
            entity: {
                name: field.name
                for field in fields.values()
                if not field.in_core
                for name in reversed(field.field.previous_names)
                if name not in fields and name not in CORE_FIELDS[entity]
            }
            for entity, fields in self.fields.items()
        }

    @cached_property
    def exchanged_names(self) -> dict[Entity, frozenset[str]]:
        """Names of fields under which records held another field's value earlier."""
        names: dict[Entity, frozenset[str]] = {}
        for entity, by_id in self.by_id.items():
            fields = by_id.values()
            today = {field.field_name for field in fields}
            others = (name for field in fields for name in field.previous_names if name != field.field_name)
            names[entity] = frozenset(today.intersection(others))
        return names

    @cached_property
    def dataset_form(self) -> dict[str, Any]:
        """The dataset schema as ckanext-scheming expands it."""
        return {
            "scheming_version": 2,
            "dataset_type": "dataset",
            "about": self.document.about,
            "about_url": "",
            "sections": [_section(s) for s in self.document.dataset.sections],
            "dataset_fields": [f.scheming for f in self.fields["dataset"].values()],
            "resource_fields": [f.scheming for f in self.fields["resource"].values()],
        }

    @cached_property
    def organization_form(self) -> dict[str, Any]:
        """The organization schema as ckanext-scheming expands it."""
        return {
            "scheming_version": 2,
            "organization_type": "organization",
            "about": self.document.about,
            "about_url": "",
            "sections": [_section(s) for s in self.document.organization.sections],
            "fields": [f.scheming for f in self.fields["organization"].values()],
        }

    @cached_property
    def form_pages(self) -> list[dict[str, Any]]:
        """scheming's form pages: none, unless a section starts a page."""
        pages: list[dict[str, Any]] = []
        starts = {s.id for s in self.document.dataset.sections if s.page}
        if not starts:
            return pages
        by_section: dict[str, list[dict[str, Any]]] = {}
        for field in self.fields["dataset"].values():
            by_section.setdefault(field.field.section, []).append(field.scheming)
        for section in self.document.dataset.sections:
            if section.id in starts or not pages:
                pages.append({**_section(section), "title": section.label, "fields": []})
            pages[-1]["fields"].extend(by_section.get(section.id, []))
        return pages

    @cached_property
    def epoch(self) -> str:
        """Changes exactly when a stored record would read differently."""
        shape = [
            # The id too: fields that take each other's names leave the names as they are.
            [entity, name, field.field.id, *field.reads_as, field.in_core]
            for entity, fields in self.fields.items()
            if entity != "organization"
            for name, field in sorted(fields.items())
        ]
        return _digest(shape)

    @cached_property
    def index_form(self) -> str:
        """Changes exactly when a stored record would stand otherwise in the search index."""
        used = [
            [name, field.field.facet, field.field.searchable]
            for name, field in sorted(self.fields["dataset"].items())
        ]
        return _digest([self.epoch, used])

    @cached_property
    def facets(self) -> dict[str, CompiledField]:
        """The dataset fields to filter by, by their name in the search index."""
        return {f"vocab_{n}": f for n, f in self.fields["dataset"].items() if f.field.facet}

    @cached_property
    def terms(self) -> dict[str, dict[str, Term]]:
        """Every vocabulary's terms by stored value, retired ones too."""
        return {v.id: {t.value: t for t in v.terms} for v in self.document.vocabularies}

    @cached_property
    def choices(self) -> dict[str, TermChoices]:
        """What fields take from each vocabulary, by its id."""
        searched = searched_vocabularies(self.document)
        return {
            vocabulary.id: TermChoices.of(vocabulary, vocabulary.id in searched)
            for vocabulary in self.document.vocabularies
        }

    def _compiled(self, entity: Entity, field: Field) -> CompiledField:
        return CompiledField(
            field=field,
            kind=_kind(field),
            in_core=field.field_name in CORE_FIELDS[entity],
            scheming=self._scheming(field),
        )

    def _scheming(self, field: Field, part: bool = False) -> dict[str, Any]:
        preset = _part_preset(field) if part else field.preset
        expanded: dict[str, Any] = dict(self.presets.get(preset, _LINE))
        expanded.update({key: getattr(field, key) for key in _KEPT})
        expanded.update({key: getattr(field, key) for key in _PASSED if key in field.model_fields_set})
        expanded["required"] = field.expectation == "required"
        expanded["expectation"] = field.expectation
        if preset:
            expanded["preset"] = preset
        if field.missing_values:
            expanded["missing_values"] = list(field.missing_values)
        if field.pattern:
            expanded["pattern"] = field.pattern
            expanded["validators"] = f"{_validators(expanded)} civicswitchboard_pattern"
        if limits := stated(field):
            expanded.update(limits)
            expanded["validators"] = f"{_validators(expanded)} civicswitchboard_limits"
        expanded.update(self._choices(field))
        if field.repeating_subfields:
            expanded["repeating_subfields"] = self._parts(field, "active")
            # Not on offer, and shown where a row has a value.
            expanded["retired_subfields"] = self._parts(field, "retired")
            expanded["form_snippet"] = "metadata_schema/controls/rows.html"
            expanded["display_snippet"] = "metadata_schema/display/rows.html"
        return expanded

    def _parts(self, field: Field, state: str) -> list[dict[str, Any]]:
        return [self._scheming(f, part=True) for f in field.repeating_subfields if f.state == state]

    def _choices(self, field: Field) -> dict[str, Any]:
        if field.preset in ("partner_type", "partner_types"):
            types = self.document.partner_types
            return {"choices": Choices({"value": t.name, "label": t.label} for t in types)}
        choices = self.choices.get(field.vocabulary)
        if choices is None:
            # A draft's field may have no vocabulary yet; its control stands there without a term.
            return {"choices": Choices()} if FIELD_TYPES[field.preset].needs_vocabulary else {}
        taken = {
            "vocabulary": choices.vocabulary.id,
            "choices": choices.active,
            "retired_choices": choices.retired,
        }
        return {**taken, "form_snippet": TERM_SEARCH} if choices.searched else taken


def _kind(field: Field) -> FieldType:
    if field.repeating_subfields:
        return rows_type({part.field_name: _part_preset(part) for part in field.repeating_subfields})
    return field_type(field.preset)


def _part_preset(part: Field) -> str:
    """The field type of a part of an entry: core has no part in entries, whatever a part is called."""
    return "" if part.preset in CORE_PRESETS - {"license"} else part.preset


def _validators(expanded: Mapping[str, Any]) -> str:
    return expanded.get("validators") or "scheming_required unicode_safe"


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:12]


def _section(section: Section) -> dict[str, Any]:
    return {"id": section.id, "label": section.label, "description": section.description}


def compile_document(document: Document, version: int, presets: Presets) -> Snapshot:
    """Compile one version.

    :param document: the document
    :param version: its number
    :param presets: every field type's values in scheming's form, by name
    :returns: its Snapshot, whose parts are made when first asked for
    """
    return Snapshot(document=document, version=version, presets=presets)
