"""The shared schema as stock ckanext-scheming files, for a portal that goes on without us.

Stock scheming checks every value at every save, and drops what its schemas do not name. So
what records hold is written into the files: values outside a vocabulary become choices, keys
beyond the schema become fields, and nothing is required that some record lacks.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ckanext.civicswitchboard.core.document import Document, Entity, Field, Section, Text
from ckanext.civicswitchboard.core.fieldtypes import FIELD_TYPES
from ckanext.civicswitchboard.core.limits import limits_of
from ckanext.civicswitchboard.core.reserved import CORE_FIELDS
from ckanext.civicswitchboard.core.scheming_types import PRESETS

Raw = dict[str, Any]
Named = tuple[Entity, str]

_INSTEAD = {"partner_type": "select", "partner_types": "multiple_checkbox"}
_PASSED = ("form_placeholder", "display_property", "sorted_choices", "form_blanks")


@dataclass(frozen=True)
class Held:
    """What the records hold that the schema alone does not tell.

    :ivar values: by field, values that are no term of its vocabulary
    :ivar gaps: fields that some record lacks
    :ivar unreadable: fields of which some value cannot be read as its field's type
    :ivar others: by entity, keys beyond the schema under which all values are texts
    :ivar untold: by entity, keys beyond the schema with other values
    """

    values: Mapping[Named, Iterable[str]] = field(default_factory=dict)
    gaps: frozenset[Named] = frozenset()
    unreadable: frozenset[Named] = frozenset()
    others: Mapping[Entity, Iterable[str]] = field(default_factory=dict)
    untold: Mapping[Entity, Iterable[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Files:
    """Files in ckanext-scheming's form, as plain data.

    :ivar remarks: what stock scheming does otherwise than this extension
    """

    dataset: Raw
    organization: Raw
    presets: Raw
    remarks: tuple[str, ...]


def detach(document: Document, held: Held) -> Files:
    """A version of the shared schema in stock scheming's form.

    :param document: the version
    :param held: what records hold
    """
    leaving = _Leaving(document, held)
    about = {"scheming_version": 2, "about_url": ""}
    if document.about:
        about["about"] = _plain(document.about)
    dataset = {
        **about,
        "dataset_type": "dataset",
        "dataset_fields": leaving.fields("dataset", document.dataset.sections),
        "resource_fields": leaving.fields("resource", []),
    }
    organization = {
        **about,
        "organization_type": "organization",
        "fields": leaving.fields("organization", document.organization.sections),
    }
    presets = {
        "scheming_presets_version": 1,
        "presets": [{"preset_name": name, "values": values} for name, values in PRESETS.items()],
    }
    return Files(dataset, organization, presets, tuple(leaving.remarks))


class _Leaving:
    def __init__(self, document: Document, held: Held) -> None:
        self.document = document
        self.held = held
        self.remarks: list[str] = []

    def fields(self, entity: Entity, sections: list[Section]) -> list[Raw]:
        """An entity's fields in the order of its sections, then what records hold beside them."""
        order = [section.id for section in sections]
        given = self.document.fields_of(entity)
        if order:
            given = sorted(given, key=lambda each: order.index(each.section))
        made = [self._field(entity, each) for each in given]
        self._begin_pages(sections, given, made)
        return [*made, *self._beside(entity)]

    def _begin_pages(self, sections: list[Section], given: list[Field], made: list[Raw]) -> None:
        if not any(section.page for section in sections):
            return
        seen: set[str] = set()
        for each, raw in zip(given, made):
            section = next(s for s in sections if s.id == each.section)
            if section.id not in seen and (section.page or not seen):
                page = {"title": section.label, "description": section.description}
                raw["start_form_page"] = {key: words for key, words in page.items() if words}
            seen.add(section.id)

    def _beside(self, entity: Entity) -> Iterator[Raw]:
        for key in sorted(self.held.others.get(entity, ())):
            yield {"field_name": key, "label": key, "validators": "ignore_missing unicode_safe"}
        for key in sorted(self.held.untold.get(entity, ())):
            self.remarks.append(
                f"{entity}: some records hold under '{key}' what is no text; a form that is saved drops it"
            )

    def _field(self, entity: Entity, given: Field, part: bool = False) -> Raw:
        label = given.label if given.state == "active" else _retired(given.label)
        raw: Raw = {"field_name": given.field_name, "label": label}
        if given.help_text:
            raw["help_text"] = given.help_text
        raw.update({key: getattr(given, key) for key in _PASSED if key in given.model_fields_set})
        named = (entity, given.field_name)
        unreadable = not part and named in self.held.unreadable
        if given.repeating_subfields and not unreadable and entity != "organization":
            raw["repeating_subfields"] = [
                self._field(entity, each, part=True) for each in given.repeating_subfields
            ]
        elif given.repeating_subfields or unreadable:
            # Stock scheming drops an organization's rows, and fails on values that are no rows.
            raw["preset"] = "textarea"
            self.remarks.append(f"{entity}: '{given.field_name}' is edited as the text that stores it")
        else:
            raw.update(self._typed(entity, given, part))
        raw.update(self._obligation(entity, given, part))
        if given.state == "active" and (given.pattern or limits_of(given)):
            # Stock scheming would ask it of every value at every save.
            left = "its pattern and limits are left out"
            self.remarks.append(f"{entity}: '{given.field_name}' takes any value: {left}")
        return raw

    def _typed(self, entity: Entity, given: Field, part: bool) -> Raw:
        kind = FIELD_TYPES[given.preset]
        preset = _INSTEAD.get(given.preset, given.preset)
        if preset == "title" and given.field_name not in CORE_FIELDS[entity]:
            preset = ""
        raw: Raw = {"preset": preset} if preset else {}
        choices = list(self._choices(given))
        more = [] if part else sorted(self.held.values.get((entity, given.field_name), ()))
        if choices or kind.needs_vocabulary:
            raw["choices"] = [*choices, *({"value": value, "label": value} for value in more)]
            if kind.shape == "text":
                raw["form_include_blank_choice"] = True
        return raw

    def _choices(self, given: Field) -> Iterator[Raw]:
        if given.preset in _INSTEAD:
            for each in self.document.partner_types:
                yield {"value": each.name, "label": each.label}
        vocabulary = self.document.vocabulary(given.vocabulary)
        for term in vocabulary.terms if vocabulary else ():
            label = term.label if term.state == "active" else _retired(term.label)
            yield {"value": term.value, "label": label}

    def _obligation(self, entity: Entity, given: Field, part: bool) -> Raw:
        if given.expectation != "required" or given.state == "retired":
            return {}
        if part or (entity, given.field_name) in self.held.gaps:
            self.remarks.append(
                f"{entity}: '{given.field_name}' is not required: some records lack it and could not be saved"
            )
            return {}
        return {"required": True}


def _retired(label: Text) -> Text:
    if isinstance(label, dict):
        return {language: f"{words} (no longer offered)" for language, words in label.items()}
    return f"{label} (no longer offered)"


def _plain(text: Text) -> str:
    return text if isinstance(text, str) else next(iter(text.values()), "")
