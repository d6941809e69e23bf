"""Crosswalks: what fields correspond to in other standards, and what a record would give there."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.civicswitchboard.core.formats.csv_fields import Say
from ckanext.civicswitchboard.core.formats.standards import STANDARDS, Property
from ckanext.civicswitchboard.core.schema.document import Document, Entity, Field, Term
from ckanext.civicswitchboard.core.schema.field_types import field_type, is_empty, load
from ckanext.civicswitchboard.core.schema.outline import parts

LONGEST = 200


@dataclass(frozen=True)
class Target:
    """What a field corresponds to in one standard.

    :ivar standard: the standard's name in a document
    :ivar path: the place there, "" where the field has none
    :ivar unknown: what of the path is not in our list; a portal may know better
    :ivar property: the property at its end, where the list has it
    """

    standard: str
    path: str
    unknown: tuple[str, ...]
    property: Property | None


@dataclass(frozen=True)
class Row:
    """A field with what it corresponds to.

    :ivar parent: the repeating field of which it is a part
    """

    entity: Entity
    parent: Field | None
    field: Field
    targets: tuple[Target, ...]

    @property
    def is_offered(self) -> bool:
        """Whether forms ask for it."""
        return self.field.state == "active" and (self.parent is None or self.parent.state == "active")

    @property
    def path(self) -> str:
        """The field's id, behind the repeating field's where it is a part."""
        return f"{self.parent.id}.{self.field.id}" if self.parent else self.field.id


def target(standard: str, path: str) -> Target:
    """A place in a standard, with what we know of it.

    :param standard: the standard's name in a document
    :param path: the place there
    """
    known = STANDARDS.get(standard)
    if not path:
        return Target(standard, "", (), None)
    if known is None:
        return Target(standard, path, (path,), None)
    return Target(standard, path, tuple(known.unknown(path)), known.last(path))


def targets(mapping: Mapping[str, str]) -> tuple[Target, ...]:
    """What a field corresponds to in every standard: first those we know, with their blanks."""
    names = dict.fromkeys([*STANDARDS, *mapping])
    return tuple(target(name, mapping.get(name, "")) for name in names)


def table(document: Document) -> list[Row]:
    """Every field, and every part of one, in the order of the form.

    Those that are no longer offered too: records keep their values, and exports give them.

    :param document: the document
    """
    return list(_rows(document))


def _rows(document: Document) -> Iterator[Row]:
    for part in parts(document):
        for field in part.fields:
            yield Row(part.entity, None, field, targets(field.mapping))
            for subfield in field.repeating_subfields:
                yield Row(part.entity, field, subfield, targets(subfield.mapping))


def with_target(mapping: Mapping[str, str], standard: str, path: str) -> dict[str, str]:
    """A field's crosswalk with another place in one standard.

    :param path: the place; "" takes it out
    """
    path = " ".join(path.split())
    changed = {**mapping, standard: path}
    # In the order of the list, so that the same crosswalk is always written in the same way.
    names = [*STANDARDS, *(name for name in changed if name not in STANDARDS)]
    return {name: changed[name] for name in names if changed.get(name)}


@dataclass(frozen=True)
class Pair:
    """A property, and what a record would give it."""

    standard: str
    path: str
    value: str


def sample(
    record: Mapping[str, Any],
    field: Field,
    terms: Mapping[str, Mapping[str, Term]],
    say: Say,
) -> list[Pair]:
    """What a record would give in the other standards for one field.

    :param record: a record as package_show gives it
    :param field: the field, with its crosswalk
    :param terms: each vocabulary's terms by stored value
    :param say: gives a text in the reader's language
    """
    values = _values(field, record.get(field.field_name))
    own = [
        Pair(standard, path, _said(standard, field, value, terms, say))
        for standard, path in field.mapping.items()
        for value in values
        if isinstance(value, str) and value
    ]
    within = [
        pair
        for row in values
        if isinstance(row, dict)
        for subfield in field.repeating_subfields
        for pair in sample(row, subfield, terms, say)
    ]
    return [*own, *within]


def _values(field: Field, value: Any) -> list[Any]:
    """The single values, texts or rows, that a record has in a field."""
    if is_empty(value):
        return []
    loaded = load(field_type(field.preset, bool(field.repeating_subfields)), value)
    if loaded is None:
        return [value if isinstance(value, str) else str(value)]
    members = loaded if isinstance(loaded, list) else [loaded]
    return [part if isinstance(part, dict) else str(part) for part in members if not is_empty(part)]


def _said(
    standard: str, field: Field, value: str, terms: Mapping[str, Mapping[str, Term]], say: Say
) -> str:
    term = terms.get(field.vocabulary, {}).get(value)
    text = value
    if term is not None:
        # Linked data name a concept by its address.
        text = term.uri if standard == "dcat" and term.uri else say(term.label)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
