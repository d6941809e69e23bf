"""What the form of a field says, as attributes of the field.

Only inputs that were sent count, so that a form may hold some of them.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.civicswitchboard.core.editing.fields import EditRefused, sections_of
from ckanext.civicswitchboard.core.schema.document import Document, Entity, Fault, Field, Text
from ckanext.civicswitchboard.core.schema.field_types import FIELD_TYPES, lines
from ckanext.civicswitchboard.core.schema.labels import N_, STANDARDS

Sent = Mapping[str, Sequence[str]]

TEXTS = ("label", "help_text", "guidance", "example", "bad_example", "definition")
# What a curator may choose; the others belong to fields that CKAN itself fills.
OFFERED = (
    "",
    "textarea",
    "markdown",
    "multiple_text",
    "select",
    "radio",
    "multiple_checkbox",
    "multiple_select",
    "partial_date",
    "number",
    "email",
    "link",
    "geojson",
)


# An entry holds one text for each of its parts.
_OFFERED_TO_PARTS = tuple(
    name for name in OFFERED if FIELD_TYPES[name].shape == "text" and name != "geojson"
)


def types_for(field: Field, part: bool = False) -> list[str]:
    """The field types to choose from, with the one that it has.

    :param part: whether it is a part of a repeating field
    """
    offered = _OFFERED_TO_PARTS if part else OFFERED
    return [*offered, *([field.preset] if field.preset not in offered else [])]


def languages_of(document: Document, wanted: Sequence[str] = ()) -> list[str]:
    """The languages that a draft's texts are written in; none where all are plain texts.

    :param wanted: those that the portal wants
    """
    languages = dict.fromkeys(wanted)
    for text in _texts(document.model_dump()):
        languages.update(dict.fromkeys(text))
    return list(languages)


def _texts(raw: Any, name: str = "") -> Iterator[dict[str, str]]:
    if isinstance(raw, list):
        for raw_text in raw:
            yield from _texts(raw_text)
    elif isinstance(raw, dict):
        if name in (*TEXTS, "description", "title", "about", "scope_note"):
            yield raw
        else:
            for key, value in raw.items():
                yield from _texts(value, key)


def in_languages(text: Text, languages: Sequence[str]) -> dict[str, str]:
    """A text by language; a plain one is in the first."""
    if isinstance(text, dict):
        return {code: text.get(code, "") for code in languages}
    return {code: text if code == languages[0] else "" for code in languages}


def values_of(sent: Sent, field: Field, languages: Sequence[str] = ()) -> dict[str, Any]:
    """The attributes that a form says.

    :param sent: the inputs by name
    :param field: the field as the form was made from it
    :param languages: those for which the form has inputs
    """
    values = {name: read(sent[name]) for name, read in _PLAIN.items() if name in sent}
    for name in TEXTS:
        text = text_of(sent, name, getattr(field, name), languages)
        if text is not None:
            values[name] = text
    mapping = {**field.mapping}
    for standard in STANDARDS:
        if f"mapping.{standard}" in sent:
            mapping[standard] = _line(sent[f"mapping.{standard}"])
            values["mapping"] = {key: value for key, value in mapping.items() if value}
    return values


def text_of(sent: Sent, name: str, before: Text, languages: Sequence[str]) -> Text | None:
    """A text in one or several languages; a plain one where only the first says something.

    :param before: the text as the form was made from it, which stays when nothing else is said
    :returns: None when the form has no input for it
    """
    if name in sent:
        return _lines(sent[name])
    by_language = {
        code: _lines(sent[f"{name}.{code}"]) for code in languages if f"{name}.{code}" in sent
    }
    if not by_language:
        return None
    said = {code: text for code, text in by_language.items() if text}
    if said == {code: text for code, text in in_languages(before, languages).items() if text}:
        return before
    return said.get(languages[0], "") if set(said) <= {languages[0]} else said


def _line(values: Sequence[str]) -> str:
    return values[-1].strip()


def _lines(values: Sequence[str]) -> str:
    return values[-1].replace("\r\n", "\n").strip()


def _whole_number(values: Sequence[str]) -> int:
    text = _line(values)
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise EditRefused(
            N_("“{text}” isn't a whole number. Enter the number of characters, such as 300"), text=text
        )
    return int(text or 0)


def _chosen(values: Sequence[str]) -> bool:
    return values[-1] == "yes"


def _one_of(*known: str) -> Callable[[Sequence[str]], str]:
    return lambda values: values[-1] if values[-1] in known else known[0]


_PLAIN: dict[str, Callable[[Sequence[str]], Any]] = {
    "uri": _line,
    "pattern": _line,
    "note": _lines,
    "expectation": _one_of("optional", "recommended", "required"),
    "preset": _one_of(*FIELD_TYPES),
    "vocabulary": _line,
    "minimum": _line,
    "maximum": _line,
    "max_length": _whole_number,
    "missing_values": lambda values: lines(values[-1]),
    "facet": _chosen,
    "searchable": _chosen,
    "enforce": lambda values: "all" if _chosen(values) else "new",
}


@dataclass(frozen=True)
class Whereabouts:
    """Where a fault is mended.

    :ivar kind: an entity's name for a field, ``section``, ``vocabulary``, ``partner_type``, or empty
    :ivar id: the id or name there
    :ivar part: the id of a part of a repeating field or of a vocabulary's term, the entity of a
        section, or empty
    """

    kind: str = ""
    id: str = ""
    part: str = ""


_KINDS: dict[str, str] = {
    "dataset.fields": "dataset",
    "dataset.resource_fields": "resource",
    "organization.fields": "organization",
    "vocabularies": "vocabulary",
    "partner_types": "partner_type",
}
_ENTITIES: tuple[Entity, ...] = ("dataset", "resource", "organization")
_SECTIONS_OF: dict[str, Entity] = {
    "dataset.sections": "dataset",
    "organization.sections": "organization",
}


# A list and the name of a member, such as "dataset.fields[2] (title)".
_STEP = re.compile(r"([\w.]+)(?:\[\d+\])? \(([^)]*)\)")


def _steps(fault_path: str) -> tuple[list[tuple[str, str]], str]:
    """The lists through which a fault's place leads, each with a member's name; and the attribute."""
    steps = list(_STEP.finditer(fault_path))
    rest = fault_path[steps[-1].end() :] if steps else fault_path
    return [(step[1].strip("."), step[2]) for step in steps], rest.rpartition(".")[2]


def _member(members: Iterable[Any], name: str) -> Any:
    """A member of a list by one of the names that places have for it."""
    known = ("id", "field_name", "name", "field")
    return next((member for member in members if name in (getattr(member, key, None) for key in known)), None)


def whereabouts(fault_path: str, document: Document) -> Whereabouts:
    """Where a fault is mended, as far as its place tells."""
    steps, _attribute = _steps(fault_path)
    (path, name), *inside = steps or [("", "")]
    part = inside[0][1] if inside else ""
    kind = _KINDS.get(path, "")
    if path in _SECTIONS_OF:
        section = _member(sections_of(document, _SECTIONS_OF[path]), name)
        return Whereabouts("section", section.id, _SECTIONS_OF[path]) if section else Whereabouts()
    if kind == "vocabulary":
        vocabulary = document.vocabulary(name)
        return Whereabouts(kind, name, _id(vocabulary.terms, part)) if vocabulary else Whereabouts()
    for entity in _ENTITIES:
        if entity == kind:
            field = _member(document.fields_of(entity), name)
            inner = _id(field.repeating_subfields, part) if field else ""
            return Whereabouts(entity, field.id, inner) if field else Whereabouts()
    return Whereabouts(kind, name) if kind else Whereabouts()


def _id(members: Iterable[Any], name: str) -> str:
    member = _member(members, name)
    return str(member.id) if member else ""


def called(fault_path: str, document: Document) -> tuple[list[Text], str]:
    """What a fault's place is called on pages.

    :returns: the labels of the thing and of what stands in it, where one has none its name; and
        the name of the attribute that is meant, empty for all of it
    """
    steps, attribute = _steps(fault_path)
    thing: Any = document
    labels: list[Text] = []
    for path, name in steps:
        for attr in path.split("."):
            thing = getattr(thing, attr, None)
        thing = _member(thing or (), name)
        labels.append(getattr(thing, "label", "") or name)
    return labels, attribute


def faults_at(
    faults: Sequence[Fault], document: Document, entity: Entity, field_id: str, part: str = ""
) -> list[Fault]:
    """The faults of one field, those of its parts too, or of one part."""
    places = [(fault, whereabouts(fault.path, document)) for fault in faults]
    return [
        fault
        for fault, place in places
        if (place.kind, place.id) == (entity, field_id) and (not part or place.part == part)
    ]


def showable(document: Document) -> Document:
    """A draft whose controls can be shown: a field of an unknown type as a line of text."""

    def known(field: Field) -> Field:
        preset = field.preset if field.preset in FIELD_TYPES else ""
        parts = [known(part) for part in field.repeating_subfields]
        return field.model_copy(update={"preset": preset, "repeating_subfields": parts})

    dataset, organization = document.dataset, document.organization
    return document.model_copy(
        update={
            "dataset": dataset.model_copy(
                update={
                    "fields": [known(f) for f in dataset.fields],
                    "resource_fields": [known(f) for f in dataset.resource_fields],
                }
            ),
            "organization": organization.model_copy(
                update={"fields": [known(f) for f in organization.fields]}
            ),
        }
    )
