"""The shared schema as stock ckanext-scheming files, for a portal that goes on without us.

Stock scheming checks every value at every save, and drops what its schemas do not name. So
what records hold is written into the files: values outside a vocabulary become choices, keys
beyond the schema become fields, and nothing is required that some record lacks.
"""
from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from ckanext.civicswitchboard.core.formats.scheming_types import CORE_PRESETS, PRESETS
from ckanext.civicswitchboard.core.schema.document import Document, Entity, Field, Section, Text
from ckanext.civicswitchboard.core.schema.field_types import FIELD_TYPES
from ckanext.civicswitchboard.core.schema.limits import limits_of
from ckanext.civicswitchboard.core.schema.reserved_names import CORE_FIELDS, TRANSLATIONS

Raw = dict[str, Any]
Named = tuple[Entity, str]

_INSTEAD = {"partner_type": "select", "partner_types": "multiple_checkbox"}
_PASSED = ("form_placeholder", "display_property", "sorted_choices", "form_blanks")


# What entries hold under each key: texts, or entries of their own with keys in turn.
Keys = dict[str, "Keys | None"]


class Unkeepable(ValueError):
    """Entries with something that no part of stock scheming's can hold."""


def keys_of(rows: Iterable[Mapping[str, Any]], known: Collection[str] = ()) -> Keys:
    """What entries hold beside known keys.

    :param rows: the entries, or those inside an entry
    :param known: names of parts
    :raises Unkeepable: for objects, lists of texts, and keys with now texts, now entries
    """
    keys: Keys = {}
    for row in rows:
        said = {key: value for key, value in row.items() if key not in known and value not in (None, "", [])}
        keys = merged(keys, {key: _keys_in(value) for key, value in said.items()})
    return keys


def _keys_in(value: Any) -> Keys | None:
    if isinstance(value, list) and all(isinstance(member, dict) for member in value):
        return keys_of(value)
    if isinstance(value, (list, dict)):
        raise Unkeepable
    return None


def merged(one: Keys, other: Keys) -> Keys:
    """The keys of either.

    :raises Unkeepable: where a key has texts in one and entries in the other
    """
    result = dict(one)
    for key, inner in other.items():
        before = result.get(key, inner)
        if before is None or inner is None:
            if before is not inner:
                raise Unkeepable
            result[key] = None
        else:
            result[key] = merged(before, inner)
    return result


@dataclass(frozen=True)
class StoredKeys:
    """What the records hold that the schema alone does not tell.

    :ivar values: by field, values that are no term of its vocabulary; a part of an entry goes by
        the names of its field and its own, with a dot between
    :ivar beside: by field with entries, what they hold beside its parts, as of :func:`keys_of`
    :ivar translations: by entity, keys beyond the schema under which all values are JSON objects
        and that core reads as translations
    :ivar gaps: fields that some record lacks
    :ivar unreadable: fields of which some value cannot be read as its field's type
    :ivar others: by entity, keys beyond the schema under which all values are texts
    :ivar untold: by entity, keys beyond the schema with other values
    """

    values: Mapping[Named, Iterable[Any]] = attribute(default_factory=dict)
    gaps: frozenset[Named] = frozenset()
    unreadable: frozenset[Named] = frozenset()
    others: Mapping[Entity, Iterable[str]] = attribute(default_factory=dict)
    untold: Mapping[Entity, Iterable[str]] = attribute(default_factory=dict)
    beside: Mapping[Named, Keys] = attribute(default_factory=dict)
    translations: Mapping[Entity, Iterable[str]] = attribute(default_factory=dict)


@dataclass(frozen=True)
class Files:
    """Files in ckanext-scheming's form, as plain data.

    :ivar remarks: what stock scheming does otherwise than this extension
    """

    dataset: Raw
    organization: Raw
    presets: Raw
    remarks: tuple[str, ...]


def detach(document: Document, keys_in_use: StoredKeys) -> Files:
    """A version of the shared schema in stock scheming's form.

    :param document: the version
    :param keys_in_use: what records hold
    """
    leaving = _Leaving(document, keys_in_use)
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
    def __init__(self, document: Document, keys_in_use: StoredKeys) -> None:
        self.document = document
        self.stored = keys_in_use
        self.remarks: list[str] = []

    def fields(self, entity: Entity, sections: list[Section]) -> list[Raw]:
        """An entity's fields in the order of its sections, then what records hold beside them."""
        order = [section.id for section in sections]
        fields = [field for field in self.document.fields_of(entity) if field.field_name not in TRANSLATIONS]
        if order:
            fields = sorted(fields, key=lambda field: order.index(field.section))
        made = [self._field(entity, field) for field in fields]
        self._begin_pages(sections, fields, made)
        return [*made, *self._beside(entity)]

    def _begin_pages(self, sections: list[Section], fields: list[Field], made: list[Raw]) -> None:
        if not any(section.page for section in sections):
            return
        seen: set[str] = set()
        for field, raw in zip(fields, made):
            section = next(s for s in sections if s.id == field.section)
            if section.id not in seen and (section.page or not seen):
                page = {"title": section.label, "description": section.description}
                raw["start_form_page"] = {key: words for key, words in page.items() if words}
            seen.add(section.id)

    def _beside(self, entity: Entity) -> Iterator[Raw]:
        for key in sorted(self.stored.others.get(entity, ())):
            yield _beyond(key)
        for key in sorted(self.stored.translations.get(entity, ())):
            # Core fails on such a key that holds a text.
            yield {"field_name": key, "label": key, "preset": "json_object"}
        for key in sorted(self.stored.untold.get(entity, ())):
            self.remarks.append(
                f"{entity}: some records hold under '{key}' what stock CKAN can't show;"
                " a form that is saved drops it"
            )

    def _field(self, entity: Entity, field: Field, within: str = "") -> Raw:
        """A field, or a part of the field with the name ``within``."""
        part = bool(within)
        label = field.label if field.state == "active" else _retired(field.label)
        raw: Raw = {"field_name": field.field_name, "label": label}
        if field.help_text:
            raw["help_text"] = field.help_text
        raw.update({key: getattr(field, key) for key in _PASSED if key in field.model_fields_set})
        named = (entity, field.field_name)
        unreadable = not part and named in self.stored.unreadable
        if field.repeating_subfields and not unreadable and entity != "organization":
            raw["repeating_subfields"] = [
                self._field(entity, part, field.field_name) for part in field.repeating_subfields
            ] + [_beyond(key, inner) for key, inner in self.stored.beside.get(named, {}).items()]
        elif field.repeating_subfields or unreadable:
            # Stock scheming drops an organization's rows, and fails on values that are no rows.
            raw["preset"] = "textarea"
            self.remarks.append(f"{entity}: '{field.field_name}' is edited as the text that stores it")
        else:
            raw.update(self._typed(entity, field, within))
        raw.update(self._obligation(entity, field, part))
        if field.state == "active" and (field.pattern or limits_of(field)):
            # Stock scheming would ask it of every value at every save.
            note = "its pattern and limits are left out"
            self.remarks.append(f"{entity}: '{field.field_name}' takes any value: {note}")
        return raw

    def _typed(self, entity: Entity, field: Field, within: str) -> Raw:
        kind = FIELD_TYPES[field.preset]
        preset = _INSTEAD.get(field.preset, field.preset)
        if preset in CORE_PRESETS - {"license"} and (within or field.field_name not in CORE_FIELDS[entity]):
            # Core's own controls are for core's own fields, whatever a part is called.
            preset = ""
        raw: Raw = {"preset": preset} if preset else {}
        choices = list(self._choices(field))
        name = f"{within}.{field.field_name}" if within else field.field_name
        more = sorted(self.stored.values.get((entity, name), ()), key=str)
        if choices or kind.needs_vocabulary:
            raw["choices"] = [*choices, *({"value": value, "label": str(value)} for value in more)]
            if kind.shape == "text":
                raw["form_include_blank_choice"] = True
        return raw

    def _choices(self, field: Field) -> Iterator[Raw]:
        if field.preset in _INSTEAD:
            for partner_type in self.document.partner_types:
                yield {"value": partner_type.name, "label": partner_type.label}
        vocabulary = self.document.vocabulary(field.vocabulary)
        for term in vocabulary.terms if vocabulary else ():
            label = term.label if term.state == "active" else _retired(term.label)
            yield {"value": term.value, "label": label}

    def _obligation(self, entity: Entity, field: Field, part: bool) -> Raw:
        if field.expectation != "required" or field.state == "retired":
            return {}
        if part or (entity, field.field_name) in self.stored.gaps:
            self.remarks.append(
                f"{entity}: '{field.field_name}' is not required: some records lack it and could not be saved"
            )
            return {}
        return {"required": True}


def _beyond(key: str, inner: Keys | None = None) -> Raw:
    """A field for a key beyond the schema, so that stock scheming doesn't drop what is under it."""
    if inner is None:
        return {"field_name": key, "label": key, "validators": "ignore_missing unicode_safe"}
    parts = [_beyond(name, below) for name, below in sorted(inner.items())]
    return {"field_name": key, "label": key, "repeating_subfields": parts}


def _retired(label: Text) -> Text:
    if isinstance(label, dict):
        return {language: f"{words} (no longer offered)" for language, words in label.items()}
    return f"{label} (no longer offered)"


def _plain(text: Text) -> str:
    return text if isinstance(text, str) else next(iter(text.values()), "")
