"""A portal's own ckanext-scheming schemas as a document of the shared schema.

Names and stored values stay as they are, so every record reads as before. What the document
cannot say is told line by line; nothing of it is lost from the records.
"""
from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from ckanext.civicswitchboard.core.formats.scheming_types import (
    ASKED_BY_CORE,
    PRESETS,
    changes_of,
    choices_of,
    is_marked,
    is_required,
    known_preset,
    limits_of,
    misread_no,
    truth,
    type_of,
)
from ckanext.civicswitchboard.core.schema.document import Document, Entity, Text, dump
from ckanext.civicswitchboard.core.schema.field_types import FIELD_TYPES
from ckanext.civicswitchboard.core.schema.input_checks import UNSTORABLE
from ckanext.civicswitchboard.core.schema.profiles import ALSO, TYPE
from ckanext.civicswitchboard.core.schema.reserved_names import CORE_FIELDS, NAME, why_reserved
from ckanext.civicswitchboard.core.schema.rules import read
from ckanext.civicswitchboard.core.schema.slugs import word

Raw = dict[str, Any]

MOST_BLANKS = 50

# What a field passes on as it is, and what it says in another way here.
_TEXTS = ("help_text", "form_placeholder", "example")
_SAID = frozenset(
    "field_name label preset required validators output_validators form_snippet display_snippet choices"
    " choices_helper repeating_subfields start_form_page help_text form_placeholder example display_property"
    " sorted_choices form_blanks form_include_blank_choice".split()
)


@dataclass(frozen=True)
class Remark:
    """Something that differs from what it was.

    :ivar place: where it is in the portal's own schemas
    :ivar text: what becomes of it
    :ivar changes: whether a record or a form is treated differently from before
    """

    place: str
    text: str
    changes: bool = True

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True)
class Schemas:
    """A portal's own schemas, as plain data in ckanext-scheming's form.

    :ivar datasets: of dataset types
    :ivar organizations: of organization types
    :ivar presets: the portal's own presets by name, those that redefine one of scheming's included
    :ivar remarks: what was found when the files were read
    """

    datasets: list[Raw] = attribute(default_factory=list)
    organizations: list[Raw] = attribute(default_factory=list)
    presets: Mapping[str, Raw] = attribute(default_factory=dict)
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class Taken:
    """A field that was taken over.

    :ivar place: where it is in the portal's own schemas
    :ivar preset: its field type; empty for a line of text
    :ivar repeating: whether it has entries made of parts
    :ivar required: whether new records need a value
    """

    place: str
    preset: str
    repeating: bool
    required: bool


@dataclass(frozen=True)
class Adopted:
    """The result of a takeover.

    :ivar document: the document
    :ivar taken: the fields and parts that were taken over, in the order of the schemas
    :ivar remarks: what differs, in the order of the schemas
    """

    document: Document
    taken: tuple[Taken, ...]
    remarks: tuple[Remark, ...]

    @property
    def changed(self) -> list[str]:
        """The places at which records or forms are treated differently from before, each once."""
        return list(dict.fromkeys(remark.place for remark in self.remarks if remark.changes))


def adopt(schemas: Schemas, shipped: Document) -> Adopted:
    """A portal's own schemas as a document.

    :param schemas: what the portal has
    :param shipped: the document that comes with the software, for what the portal has no schema
        of: partner types and the organization fields that they ask for
    :raises DocumentError: when the result would break rules, such as too many fields
    """
    taking = _Taking(schemas, dump(shipped))
    document = taking.document()
    return Adopted(read(document), tuple(taking.taken), (*schemas.remarks, *taking.remarks))


class _Taking:
    """The way from schemas to a document."""

    def __init__(self, schemas: Schemas, shipped: Raw) -> None:
        self.schemas = schemas
        self.shipped = shipped
        self.remarks: list[Remark] = []
        self.taken: list[Taken] = []
        self.vocabularies: list[Raw] = []
        self.partner_types: list[Raw] = self.shipped["partner_types"]

    def document(self) -> Raw:
        """The document as plain data."""
        dataset, organization = self._dataset(), self._organization()
        fields = [*dataset["fields"], *dataset["resource_fields"], *organization["fields"]]
        used = set(_vocabularies_of(fields))
        return {
            "format": 1,
            "title": self.shipped["title"],
            "about": self._about(),
            "vocabularies": [vocabulary for vocabulary in self.vocabularies if vocabulary["id"] in used],
            "partner_types": self.partner_types,
            "dataset": dataset,
            "organization": organization,
        }

    def _about(self) -> Text:
        ours = [dataset for dataset in self.schemas.datasets if dataset.get("dataset_type") == "dataset"]
        return _text(ours[-1].get("about")) if ours else self.shipped.get("about", "")

    def _dataset(self) -> Raw:
        schema = self._of_type(self.schemas.datasets, "dataset_type", "dataset")
        if schema is None:
            self._share(self.shipped["dataset"]["fields"], self.shipped["dataset"]["resource_fields"])
            return dict(self.shipped["dataset"])
        self._report_rest(schema, "dataset", {"dataset_type", "dataset_fields", "resource_fields"})
        sections, fields = self._sectioned("dataset", schema.get("dataset_fields") or [], set())
        resource = self._fields("resource", "resource.fields", schema.get("resource_fields") or [])
        return {"sections": sections, "fields": fields, "resource_fields": [one for _page, one in resource]}

    def _organization(self) -> Raw:
        own = self.shipped["organization"]
        schema = self._of_type(self.schemas.organizations, "organization_type", "organization")
        if schema is None:
            self._share(own["fields"])
            return dict(own)
        self._report_rest(schema, "organization", {"organization_type", "fields"})
        taken = {section["id"] for section in own["sections"]}
        sections, fields = self._sectioned("organization", schema.get("fields") or [], taken)
        names = {field["field_name"] for field in fields}
        self._every_organizations(names)
        # Core's fields are the portal's own matter; the others are what partner types ask for.
        core = CORE_FIELDS["organization"]
        more = [f for f in own["fields"] if f["field_name"] not in names and f["field_name"] not in core]
        self._share(more)
        used = {added["section"] for added in more}
        sections += [section for section in own["sections"] if section["id"] in used]
        return {"sections": sections, "fields": [*fields, *more]}

    def _every_organizations(self, names: set[str]) -> None:
        """Have partner types not ask for fields that every organization has.

        What a type asks for is taken from organizations of that type alone.
        """
        profile_fields = {entry["field"] for kind in self.partner_types for entry in kind.get("fields", [])}
        self.partner_types = [
            {**kind, "fields": [entry for entry in kind.get("fields", []) if entry["field"] not in names]}
            for kind in self.partner_types
        ]
        for name in sorted(profile_fields & names):
            text = "partner types have a field of this name too; yours is kept, for every organization"
            self.remarks.append(Remark(f"organization.fields ({name})", text, changes=False))

    def _of_type(self, preset: list[Raw], key: str, name: str) -> Raw | None:
        for schema in preset:
            if schema.get(key) != name:
                text = f"not taken over; the shared schema is about the type '{name}' alone"
                self._report(f"{key} '{schema.get(key)}'", text)
        ours = [schema for schema in preset if schema.get(key) == name]
        if not ours:
            text = "the portal has no schema of it; the one that comes with the software is taken"
            self.remarks.append(Remark(f"{key} '{name}'", text, changes=False))
        for _earlier in ours[1:]:
            self._report(f"{key} '{name}'", "there is more than one schema of it; the last one counts")
        # scheming, too, lets the last one hold.
        return ours[-1] if ours else None

    def _report_rest(self, schema: Raw, place: str, known: set[str]) -> None:
        passing = {"scheming_version", "about", "about_url", *known}
        for key in schema:
            if key not in passing:
                self._report(place, f"'{key}' is not kept")

    def _sectioned(self, entity: Entity, form: list[Any], taken: set[str]) -> tuple[list[Raw], list[Raw]]:
        """Fields in sections: one, or one for each page that the form had."""
        sections: list[Raw] = []
        fields = []
        for page, one in self._fields(entity, f"{entity}.fields", form):
            if page is not None or not sections:
                label = _text((page or {}).get("title")) or "About"
                name = _free(_name(label) or "page", taken | {section["id"] for section in sections})
                section: Raw = {"id": name, "label": label}
                if (page or {}).get("description"):
                    section["description"] = _text(page["description"]) if page else ""
                if page is not None:
                    section["page"] = True
                sections.append(section)
            fields.append({**one, "section": sections[-1]["id"]})
        return sections or [{"id": _free("about", taken), "label": "About"}], fields

    def _fields(self, entity: Entity, path: str, raw_fields: Any) -> Iterator[tuple[Raw | None, Raw]]:
        """Each field with the form page that begins with it."""
        seen: set[str] = set()
        page = None
        part = path.endswith("repeating_subfields")
        if raw_fields is not None and not isinstance(raw_fields, list):
            self._report(path, "isn't a list, so no field is taken from it")
        for number, raw in enumerate(raw_fields if isinstance(raw_fields, list) else [], start=1):
            if not isinstance(raw, dict) or not raw.get("field_name"):
                self._report(f"{path}[{number}]", "has no field_name and is left out")
                continue
            name = str(raw["field_name"])
            place = f"{path}[{number}] ({name})"
            if isinstance(raw.get("start_form_page"), dict):
                page = raw["start_form_page"]
            written = self._written_out(raw)
            reason = "it is there twice" if name in seen else self._why_not(entity, part, name, written)
            if reason:
                self._report(place, f"isn't a {_NOT_TAKEN[part].format(reason=reason)}")
                continue
            seen.add(name)
            yield page, self._field(entity, place, name, written, part)
            page = None

    def _why_not(self, entity: Entity, part: bool, name: str, written: Raw) -> str | None:
        parts = written.get("repeating_subfields")
        if part:
            if parts:
                return "a part can't have parts of its own"
            return None if NAME.match(name) else "names have small letters, digits and _ only"
        if entity == "organization" and name in (TYPE, ALSO):
            return "partner types are kept under this name"
        if parts and not any(_can_be_part(part) for part in parts if isinstance(parts, list)):
            return "none of its parts can be edited"
        return why_reserved(entity, name)

    def _field(self, entity: Entity, place: str, name: str, written: Raw, part: bool) -> Raw:
        field: Raw = {"id": name, "field_name": name, "label": _text(written.get("label")) or name}
        parts = written.get("repeating_subfields")
        kind = "" if parts else type_of(entity, name, written, part)
        if self._is_unknown(written):
            # What such a field holds may have line ends, or be the text of something else.
            kind = kind or ("" if parts else "textarea")
            text = f"there is no preset '{written['preset']}'; its values stay, and are edited as text"
            self._report(place, text)
        if FIELD_TYPES[kind].needs_vocabulary:
            field["vocabulary"] = self._vocabulary(entity, place, name, field["label"], written)
        if kind:
            field["preset"] = kind
        self.taken.append(Taken(place, kind, bool(parts), is_required(written)))
        if parts:
            subfields = self._fields(entity, f"{place}.repeating_subfields", parts)
            field["repeating_subfields"] = [one for _page, one in subfields]
        field.update(self._expectation(place, written, asked_by_core=not part and kind in ASKED_BY_CORE))
        if entity == "dataset" and kind in ("", "title", "markdown", "textarea", *_CHOICES):
            # Stock portals find a record by every word of its fields.
            field["searchable"] = True
        field.update(_passed(written))
        field.update(limits_of(written, kind))
        for text in changes_of(entity, name, written, kind, part):
            self._report(place, text)
        for key in written:
            if key not in _SAID:
                self._report(place, f"'{key}' is not kept")
        return field

    def _expectation(self, place: str, written: Raw, asked_by_core: bool) -> Raw:
        if misread_no(written.get("required")):
            self._report(place, f"'required' says “{written['required']}”, so it isn't required")
        if is_required(written) or (asked_by_core and is_marked(written)):
            return {"expectation": "required"}
        if not is_marked(written):
            return {}
        self._report(
            place, "it was marked as required although none of its checks asks for it; it is recommended now"
        )
        return {"expectation": "recommended"}

    def _is_unknown(self, written: Raw) -> bool:
        """Whether a field's preset is of an extension that isn't there."""
        preset = written.get("preset")
        return bool(preset) and not known_preset(str(preset))

    def _written_out(self, raw: Raw) -> Raw:
        """A field with the portal's own preset in it."""
        preset = raw.get("preset")
        values = self.schemas.presets.get(str(preset)) if preset else None
        if values is not None and values != PRESETS.get(str(preset)):
            return {**values, **{key: value for key, value in raw.items() if key != "preset"}}
        return raw

    def _vocabulary(self, entity: Entity, place: str, name: str, label: Text, written: Raw) -> str:
        """The id of the vocabulary with a field's choices; two fields with the same ones share it."""
        terms = list(self._terms(place, choices_of(written)))
        for known in self.vocabularies:
            if known["terms"] == terms:
                return str(known["id"])
        taken = {vocabulary["id"] for vocabulary in [*self.vocabularies, *self.shipped["vocabularies"]]}
        wanted = name if name not in taken else f"{entity}_{name}"
        vocabulary = {"id": _free(wanted, taken), "label": label, "terms": terms}
        self.vocabularies.append(vocabulary)
        return str(vocabulary["id"])

    def _terms(self, place: str, choices: Iterable[Mapping[str, Any]]) -> Iterator[Raw]:
        ids: set[str] = set()
        values: set[str] = set()
        for choice in choices:
            value = _stored(choice["value"])
            if value in values or not value.strip() or UNSTORABLE.search(value):
                self._report(place, f"the choice '{value}' is there twice or says nothing; it is left out")
                continue
            if not isinstance(choice["value"], str):
                self._report(place, f"the choice {value} isn't a text; records store it as '{value}'")
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
        self.vocabularies += [
            vocabulary for vocabulary in self.shipped["vocabularies"] if vocabulary["id"] in used
        ]

    def _report(self, place: str, text: str) -> None:
        self.remarks.append(Remark(place, text))


_NOT_TAKEN = {
    False: "field here: {reason}; its values stay, under “Other fields”",
    True: "part here: {reason}; what entries hold under it stays as stored, and isn't edited",
}
_CHOICES = ("select", "radio", "multiple_select", "multiple_checkbox")


def _vocabularies_of(fields: list[Raw]) -> Iterator[str]:
    for field in fields:
        if field.get("vocabulary"):
            yield field["vocabulary"]
        yield from _vocabularies_of(field.get("repeating_subfields", []))


def _can_be_part(raw: Any) -> bool:
    named = isinstance(raw, dict) and NAME.match(str(raw.get("field_name") or ""))
    return bool(named) and not raw.get("repeating_subfields")


def _stored(value: Any) -> str:
    """A choice's value as scheming stores it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _passed(written: Raw) -> Iterator[tuple[str, Any]]:
    """What a field says here in the same words."""
    for key in _TEXTS:
        if written.get(key) not in (None, ""):
            yield key, _text(written[key])
    if isinstance(written.get("display_property"), str):
        yield "display_property", _plain(written["display_property"])
    if written.get("sorted_choices") is not None:
        yield "sorted_choices", truth(written["sorted_choices"])
    blanks = str(written.get("form_blanks", ""))
    if blanks.isdecimal():
        yield "form_blanks", min(int(blanks), MOST_BLANKS)


def _text(raw_text: Any) -> Text:
    """A text, or one in more than one language, whatever YAML took it for."""
    if isinstance(raw_text, dict):
        texts = {_language(key): _plain(words) for key, words in raw_text.items()}
        return {language: words for language, words in texts.items() if words}
    return _plain(raw_text)


def _plain(raw: Any) -> str:
    """A text that can be stored; empty where it says nothing."""
    text = "" if raw is None else UNSTORABLE.sub("", raw if isinstance(raw, str) else str(raw))
    return text if text.strip() else ""


def _language(key: Any) -> str:
    # YAML reads the code of Norwegian as a boolean.
    return "no" if key is False else UNSTORABLE.sub("", str(key))


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
