"""A document in the order in which people read it: parts, groups of fields, partner types."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import get_args

from ckanext.civicswitchboard.core.schema.choices import texts_of
from ckanext.civicswitchboard.core.schema.document import (
    Document,
    Entity,
    Expectation,
    Field,
    PartnerType,
    Section,
    Sector,
    Term,
)


@dataclass(frozen=True)
class Group:
    """Fields under one heading; resource fields have no sections and so no heading."""

    section: Section | None
    fields: list[Field]


@dataclass(frozen=True)
class Part:
    """All fields of one entity."""

    entity: Entity
    groups: list[Group]

    @property
    def fields(self) -> list[Field]:
        """The fields of all groups."""
        return [field for group in self.groups for field in group.fields]

    @property
    def sections(self) -> list[Section]:
        """The sections that have fields."""
        return [group.section for group in self.groups if group.section]


def parts(document: Document) -> list[Part]:
    """The three parts, each with its sections that have fields.

    :param document: the document
    """
    return [
        Part("dataset", _groups(document.dataset.sections, document.dataset.fields)),
        Part("resource", [Group(None, document.dataset.resource_fields)]),
        Part("organization", _groups(document.organization.sections, document.organization.fields)),
    ]


def _groups(sections: list[Section], fields: list[Field]) -> list[Group]:
    groups = [Group(s, [f for f in fields if f.section == s.id]) for s in sections]
    return [group for group in groups if group.fields]


def types_by_sector(document: Document) -> dict[Sector, list[PartnerType]]:
    """The partner types of each sector that has some."""
    by_sector = {
        sector: [kind for kind in document.partner_types if kind.sector == sector]
        for sector in get_args(Sector)
    }
    return {sector: kinds for sector, kinds in by_sector.items() if kinds}


def requests_of(document: Document) -> dict[str, Counter[Expectation]]:
    """How many partner types ask for an organization field, and how strictly.

    :returns: by field name, the number of partner types by expectation
    """
    levels: dict[str, Counter[Expectation]] = {}
    for kind in document.partner_types:
        for profile in kind.fields:
            levels.setdefault(profile.field, Counter())[profile.expectation] += 1
    return levels


def profile(document: Document, kind: PartnerType) -> dict[Expectation, list[Field]]:
    """The organization fields that a partner type asks for, strictest first."""
    fields = {field.field_name: field for field in document.organization.fields}
    by_expectation = {
        expectation: [fields[p.field] for p in kind.fields if p.expectation == expectation]
        for expectation in get_args(Expectation)
    }
    return {expectation: fields for expectation, fields in by_expectation.items() if fields}


# What the terms on a page that shows all of a version may take together, in characters of HTML, about: such a
# page has to stay below a megabyte with all that it says of fields.
MOST_TERMS_AT_FIELDS = 100_000
MOST_TERMS_IN_TABLES = 200_000
# What a term takes beside its texts.
_ROW = 120


def terms_at_fields(document: Document) -> frozenset[str]:
    """The ids of the vocabularies whose terms are listed at each field that uses them.

    :returns: the shortest ones, while there is room; the terms of the others are in pages of their own
    """
    fields = [field for entity in get_args(Entity) for field in document.fields_of(entity)]
    uses = Counter(part.vocabulary for field in fields for part in [field, *field.repeating_subfields])
    return _within(MOST_TERMS_AT_FIELDS, document, uses)


def terms_in_tables(document: Document) -> frozenset[str]:
    """The ids of the vocabularies whose terms a page lists that lists each vocabulary once."""
    return _within(
        MOST_TERMS_IN_TABLES, document, Counter(vocabulary.id for vocabulary in document.vocabularies)
    )


def _within(most: int, document: Document, times: Counter[str]) -> frozenset[str]:
    """The vocabularies that fit into a page together, the shortest first."""
    sizes = {
        vocabulary.id: times[vocabulary.id] * sum(map(_size, vocabulary.terms))
        for vocabulary in document.vocabularies
    }
    used: set[str] = set()
    for name, size in sorted(sizes.items(), key=lambda pair: pair[1]):
        most -= size
        if most < 0:
            break
        used.add(name)
    return frozenset(used)


def _size(term: Term) -> int:
    said = (term.label, term.definition, term.scope_note, term.uri, term.value, *term.alternate_labels)
    return _ROW + sum(max(map(len, texts_of(text)), default=0) for text in said)
