"""A portal's own ckanext-scheming schemas as a document of the shared schema.

Names and stored values stay as they are, so every record reads as before. What the document
cannot say is told line by line; nothing of it is lost from the records.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ckanext.civicswitchboard.core.document import Document, Entity, Text, dump, read
from ckanext.civicswitchboard.core.fieldtypes import FIELD_TYPES
from ckanext.civicswitchboard.core.naming import word
from ckanext.civicswitchboard.core.profiles import ALSO, TYPE
from ckanext.civicswitchboard.core.reserved import CORE_FIELDS, NAME, why_reserved
from ckanext.civicswitchboard.core.scheming_types import (
    choices_of,
    is_required,
    known_preset,
    lost_of,
    type_of,
)

Raw = dict[str, Any]

# What a field passes on as it is, and what it says in another way here.
_TEXTS = ("help_text", "form_placeholder", "example")
_SAID = frozenset(
    "field_name label preset required validators output_validators form_snippet display_snippet choices"
    " choices_helper repeating_subfields start_form_page help_text form_placeholder example display_property"
    " sorted_choices form_blanks".split()
)


@dataclass(frozen=True)
class Remark:
    """Something that is not as it was.

    :ivar place: where it stands in the portal's own schemas
    :ivar text: what becomes of it
    """

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True)
class Schemas:
    """A portal's own schemas, as plain data in ckanext-scheming's form.

    :ivar datasets: of dataset types
    :ivar organizations: of organization types
    :ivar presets: the portal's own field types by name
    """

    datasets: list[Raw] = field(default_factory=list)
    organizations: list[Raw] = field(default_factory=list)
    presets: Mapping[str, Raw] = field(default_factory=dict)


@dataclass(frozen=True)
class Adopted:
    """What became of them.

    :ivar document: the document
    :ivar remarks: what it could not take over, in the order of the schemas
    """

    document: Document
    remarks: tuple[Remark, ...]


def adopt(schemas: Schemas, shipped: Document) -> Adopted:
    """A portal's own schemas as a document.

    :param schemas: what the portal has
    :param shipped: the document that comes with the software, for what the portal has no schema
        of: partner types and the organization fields that they ask for
    :raises DocumentError: when the result would break rules, such as too many fields
    """
    taking = _Taking(schemas, dump(shipped))
    document = taking.document()
    return Adopted(read(document), tuple(taking.remarks))


class _Taking:
    """The way from schemas to a document."""

    def __init__(self, schemas: Schemas, shipped: Raw) -> None:
        self.schemas = schemas
        self.shipped = shipped
        self.remarks: list[Remark] = []
        self.vocabularies: list[Raw] = []

    def document(self) -> Raw:
        """The document as plain data."""
        dataset, organization = self._dataset(), self._organization()
        fields = [*dataset["fields"], *dataset["resource_fields"], *organization["fields"]]
        used = set(_vocabularies_of(fields))
        return {
            "format": 1,
            "title": self.shipped["title"],
            "about": self._about(),
            "vocabularies": [each for each in self.vocabularies if each["id"] in used],
            "partner_types": self.shipped["partner_types"],
            "dataset": dataset,
            "organization": organization,
        }

    def _about(self) -> Text:
        ours = [each for each in self.schemas.datasets if each.get("dataset_type") == "dataset"]
        return _text(ours[-1].get("about")) if ours else self.shipped.get("about", "")

    def _dataset(self) -> Raw:
        schema = self._of_type(self.schemas.datasets, "dataset_type", "dataset")
        if schema is None:
            self._share(self.shipped["dataset"]["fields"], self.shipped["dataset"]["resource_fields"])
            return dict(self.shipped["dataset"])
        self._tell_rest(schema, "dataset", {"dataset_type", "dataset_fields", "resource_fields"})
        sections, fields = self._sectioned("dataset", schema.get("dataset_fields") or [], set())
        resource = self._fields("resource", "resource.fields", schema.get("resource_fields") or [])
        return {"sections": sections, "fields": fields, "resource_fields": [one for _page, one in resource]}

    def _organization(self) -> Raw:
        own = self.shipped["organization"]
        schema = self._of_type(self.schemas.organizations, "organization_type", "organization")
        if schema is None:
            self._share(own["fields"])
            return dict(own)
        self._tell_rest(schema, "organization", {"organization_type", "fields"})
        taken = {each["id"] for each in own["sections"]}
        sections, fields = self._sectioned("organization", schema.get("fields") or [], taken)
        names = {each["field_name"] for each in fields}
        # Core's fields are the portal's own matter; the others are what partner types ask for.
        core = CORE_FIELDS["organization"]
        more = [f for f in own["fields"] if f["field_name"] not in names and f["field_name"] not in core]
        self._share(more)
        used = {each["section"] for each in more}
        sections += [each for each in own["sections"] if each["id"] in used]
        return {"sections": sections, "fields": [*fields, *more]}

    def _of_type(self, found: list[Raw], key: str, name: str) -> Raw | None:
        for schema in found:
            if schema.get(key) != name:
                text = f"not taken over; the shared schema is about the type '{name}' alone"
                self._tell(f"{key} '{schema.get(key)}'", text)
        ours = [schema for schema in found if schema.get(key) == name]
        if not ours:
            text = "the portal has no schema of it; the one that comes with the software is taken"
            self._tell(f"{key} '{name}'", text)
        # scheming, too, lets the last one hold.
        return ours[-1] if ours else None

    def _tell_rest(self, schema: Raw, place: str, known: set[str]) -> None:
        passing = {"scheming_version", "about", "about_url", *known}
        for key in schema:
            if key not in passing:
                self._tell(place, f"'{key}' is not kept")

    def _sectioned(self, entity: Entity, given: list[Any], taken: set[str]) -> tuple[list[Raw], list[Raw]]:
        """Fields in sections: one, or one for each page that the form had."""
        sections: list[Raw] = []
        fields = []
        for page, one in self._fields(entity, f"{entity}.fields", given):
            if page is not None or not sections:
                label = _text((page or {}).get("title")) or "About"
                name = _free(_name(label) or "page", taken | {each["id"] for each in sections})
                section: Raw = {"id": name, "label": label}
                if (page or {}).get("description"):
                    section["description"] = _text(page["description"]) if page else ""
                if page is not None:
                    section["page"] = True
                sections.append(section)
            fields.append({**one, "section": sections[-1]["id"]})
        return sections or [{"id": _free("about", taken), "label": "About"}], fields

    def _fields(self, entity: Entity, path: str, given: Any) -> Iterator[tuple[Raw | None, Raw]]:
        """Each field with the form page that begins with it."""
        seen: set[str] = set()
        page = None
        for number, raw in enumerate(given if isinstance(given, list) else [], start=1):
            if not isinstance(raw, dict) or not raw.get("field_name"):
                self._tell(f"{path}[{number}]", "has no field_name and is left out")
                continue
            name = str(raw["field_name"])
            place = f"{path}[{number}] ({name})"
            if isinstance(raw.get("start_form_page"), dict):
                page = raw["start_form_page"]
            reason = "it is there twice" if name in seen else self._why_not(entity, path, name)
            if reason:
                self._tell(place, f"is no field here: {reason}; its values stay, under “Other fields”")
                continue
            seen.add(name)
            yield page, self._field(entity, place, name, raw)
            page = None

    def _why_not(self, entity: Entity, path: str, name: str) -> str | None:
        if path.endswith("repeating_subfields"):
            return None if NAME.match(name) else "names have small letters, digits and _ only"
        if entity == "organization" and name in (TYPE, ALSO):
            return "partner types are kept under this name"
        return why_reserved(entity, name)

    def _field(self, entity: Entity, place: str, name: str, raw: Raw) -> Raw:
        written = self._written_out(place, raw)
        inner = place.endswith("subfields")
        found: Raw = {"id": name, "field_name": name, "label": _text(raw.get("label")) or name}
        parts = written.get("repeating_subfields")
        kind = "" if parts else type_of(entity if not inner else "dataset", name, written)
        if FIELD_TYPES[kind].needs_vocabulary:
            found["vocabulary"] = self._vocabulary(entity, place, name, found["label"], written)
        if kind:
            found["preset"] = kind
        if parts:
            subfields = self._fields(entity, f"{place}.repeating_subfields", parts)
            found["repeating_subfields"] = [one for _page, one in subfields]
        if is_required(written):
            found["expectation"] = "required"
        if entity == "dataset" and kind in ("", "title", "markdown", "textarea", *_CHOICES):
            # Stock portals find a record by every word of its fields.
            found["searchable"] = True
        found.update(_passed(written))
        for text in lost_of(written, kind):
            self._tell(place, text)
        for key in written:
            if key not in _SAID:
                self._tell(place, f"'{key}' is not kept")
        return found

    def _written_out(self, place: str, raw: Raw) -> Raw:
        """A field with the portal's own preset in it."""
        preset = raw.get("preset")
        values = self.schemas.presets.get(str(preset)) if preset else None
        if values is not None and not known_preset(str(preset)):
            return {**values, **{key: value for key, value in raw.items() if key != "preset"}}
        if preset and not known_preset(str(preset)):
            self._tell(place, f"there is no preset '{preset}'; it becomes a line of text")
        return raw

    def _vocabulary(self, entity: Entity, place: str, name: str, label: Text, written: Raw) -> str:
        """The id of the vocabulary with a field's choices; two fields with the same ones share it."""
        terms = list(self._terms(place, choices_of(written)))
        for known in self.vocabularies:
            if known["terms"] == terms:
                return str(known["id"])
        taken = {each["id"] for each in [*self.vocabularies, *self.shipped["vocabularies"]]}
        wanted = name if name not in taken else f"{entity}_{name}"
        vocabulary = {"id": _free(wanted, taken), "label": label, "terms": terms}
        self.vocabularies.append(vocabulary)
        return str(vocabulary["id"])

    def _terms(self, place: str, choices: Iterable[Mapping[str, Any]]) -> Iterator[Raw]:
        ids: set[str] = set()
        values: set[str] = set()
        for choice in choices:
            value = str(choice["value"])
            if value in values or not value.strip():
                self._tell(place, f"the choice '{value}' is there twice or says nothing; it is left out")
                continue
            if not isinstance(choice["value"], str):
                self._tell(place, f"the choice {value} was no text; records store it as '{value}'")
            values.add(value)
            term: Raw = {"id": _free(word(value) or "term", ids), "value": value}
            ids.add(term["id"])
            term["label"] = _text(choice.get("label")) or value
            if choice.get("description"):
                term["definition"] = _text(choice["description"])
            yield term

    def _share(self, *shares: list[Raw]) -> None:
        """Take in the shipped vocabularies that shipped fields name."""
        used = set(_vocabularies_of([field for fields in shares for field in fields]))
        self.vocabularies += [each for each in self.shipped["vocabularies"] if each["id"] in used]

    def _tell(self, place: str, text: str) -> None:
        self.remarks.append(Remark(place, text))


_CHOICES = ("select", "radio", "multiple_select", "multiple_checkbox")


def _vocabularies_of(fields: list[Raw]) -> Iterator[str]:
    for each in fields:
        if each.get("vocabulary"):
            yield each["vocabulary"]
        yield from _vocabularies_of(each.get("repeating_subfields", []))


def _passed(written: Raw) -> Iterator[tuple[str, Any]]:
    """What a field says here in the same words."""
    for key in _TEXTS:
        if written.get(key) not in (None, ""):
            yield key, _text(written[key])
    if isinstance(written.get("display_property"), str):
        yield "display_property", written["display_property"]
    if isinstance(written.get("sorted_choices"), bool):
        yield "sorted_choices", written["sorted_choices"]
    blanks = written.get("form_blanks")
    if isinstance(blanks, int) and not isinstance(blanks, bool):
        yield "form_blanks", blanks


def _text(given: Any) -> Text:
    """A text, or one in several languages, whatever YAML took it for."""
    if isinstance(given, dict):
        return {str(language): str(words) for language, words in given.items() if words not in (None, "")}
    return "" if given is None else str(given)


def _name(label: Text) -> str:
    """An id made of a label."""
    words = next(iter(label.values()), "") if isinstance(label, dict) else label
    return word(words).lstrip("0123456789_")


def _free(wanted: str, taken: set[str]) -> str:
    """A name that is not taken: the one wished for, or with a number behind it."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name
