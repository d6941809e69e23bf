"""What must hold across a schema document, beyond its form: one small rule each."""
from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Any

from ckanext.civicswitchboard.core.schema import limits
from ckanext.civicswitchboard.core.schema.document import (
    Document,
    DocumentError,
    Entity,
    Fault,
    Field,
    Section,
    Text,
    Vocabulary,
    dump,
    parse,
    path_text,
)
from ckanext.civicswitchboard.core.schema.field_types import FIELD_TYPES
from ckanext.civicswitchboard.core.schema.input_checks import storable
from ckanext.civicswitchboard.core.schema.patterns import compile_pattern
from ckanext.civicswitchboard.core.schema.reserved_names import NAME, why_impossible

# Of a file, and of a document as JSON, in bytes.
MAX_BYTES = 5_000_000
# What a document may hold. Pages that show all of it stay below a megabyte at each of these; terms are
# shown in pages, and so may be many.
MAX_FIELDS = 300
MAX_TERMS = 20_000
MAX_VOCABULARIES = 300
MAX_SECTIONS = 100
MAX_PARTNER_TYPES = 100
MAX_PROFILE_FIELDS = 1_500
# Of one label, of one other text, and of all texts beside the terms in the language with the longest ones.
MAX_LABEL = 500
MAX_TEXT = 5_000
MAX_TEXT_BYTES = 250_000

Rule = Callable[[Document], Iterable[Fault]]
_Place = tuple[str, Field]


def read(raw: Any) -> Document:
    """Make a document of plain data.

    :param raw: what YAML or JSON gave
    :returns: the document
    :raises DocumentError: with every fault, when the form or the rules are broken
    """
    document = parse(raw)
    faults = faults_of(document)
    if faults:
        raise DocumentError(faults)
    return document


def faults_of(document: Document) -> list[Fault]:
    """Every broken rule of a document whose form is right."""
    return [fault for rule in RULES for fault in rule(document)]


def _entities(document: Document) -> Iterator[tuple[Entity, str, list[Field], list[Section]]]:
    dataset, organization = document.dataset, document.organization
    yield "dataset", "dataset.fields", dataset.fields, dataset.sections
    yield "resource", "dataset.resource_fields", dataset.resource_fields, []
    yield "organization", "organization.fields", organization.fields, organization.sections


def _placed(path: str, fields: list[Field]) -> Iterator[_Place]:
    for number, field in enumerate(fields, start=1):
        yield f"{path}[{number}] ({field.field_name})", field


def _top_fields(document: Document) -> Iterator[_Place]:
    for _entity, path, fields, _sections in _entities(document):
        yield from _placed(path, fields)


def _all_fields(document: Document) -> Iterator[_Place]:
    for place, field in _top_fields(document):
        yield place, field
        yield from _placed(f"{place}.repeating_subfields", field.repeating_subfields)


def _repeated(values: Iterable[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]


def _limits(document: Document) -> Iterator[Fault]:
    dataset, organization, kinds = document.dataset, document.organization, document.partner_types
    for path, count, most, what in (
        ("", sum(1 for _ in _all_fields(document)), MAX_FIELDS, "fields"),
        ("", len(dataset.sections) + len(organization.sections), MAX_SECTIONS, "sections"),
        ("vocabularies", len(document.vocabularies), MAX_VOCABULARIES, "vocabularies"),
        (
            "vocabularies",
            sum(len(vocabulary.terms) for vocabulary in document.vocabularies),
            MAX_TERMS,
            "terms",
        ),
        ("partner_types", len(kinds), MAX_PARTNER_TYPES, "partner types"),
        ("partner_types", sum(len(kind.fields) for kind in kinds), MAX_PROFILE_FIELDS, "fields in all"),
    ):
        if count > most:
            yield Fault(path=path, message=f"{count:,} {what}; at most {most:,} are possible")


def _sizes(document: Document) -> Iterator[Fault]:
    """Texts that would make a page too large to load."""
    size = size_of_texts(_without_terms(document))
    if size > MAX_TEXT_BYTES:
        message = f"{size:,} bytes of texts beside the terms; at most {MAX_TEXT_BYTES:,} are possible"
        yield Fault(path="", message=f"{message}. Shorten the longest help texts")
    raw = dump(document)
    for location, text in _strings(raw):
        if len(text) <= MAX_LABEL:
            continue
        most = MAX_LABEL if _BRIEF.intersection(location[-2:]) else MAX_TEXT
        if len(text) > most and "note" not in location:
            message = f"is {len(text):,} characters long; at most {most:,} are possible"
            yield Fault(path=path_text(location, raw), message=message)


_BRIEF = frozenset("id value label field_name name uri source".split())


def _without_terms(document: Document) -> dict[str, Any]:
    return document.model_dump(exclude_defaults=True, exclude={"vocabularies": {"__all__": {"terms"}}})


def size_of_texts(raw: Any) -> int:
    """How many bytes a page needs for all texts of a document, or a part of one, in one language.

    :param raw: plain data; the terms of vocabularies and curators' notes don't count
    """
    if isinstance(raw, str):
        return len(escape(raw).encode("utf-8", "replace"))
    if isinstance(raw, list):
        return sum(map(size_of_texts, raw))
    if not isinstance(raw, dict):
        return 0
    return sum(_size_of(key, value) for key, value in raw.items() if key not in ("terms", "note"))


def _size_of(key: str, value: Any) -> int:
    """The size of one attribute; of a text in more than one language, the longest counts."""
    if isinstance(value, dict) and key in _TEXTS:
        return max(map(size_of_texts, value.values()), default=0)
    return size_of_texts(value)


# The attributes that may be {language: text}.
_TEXTS = frozenset(
    "title about label description help_text guidance example bad_example definition form_placeholder".split()
)


def _unique_fields(document: Document) -> Iterator[Fault]:
    for _entity, path, fields, sections in _entities(document):
        yield from _unique(path, "id", (f.id for f in fields))
        yield from _unique(path, "field name", (f.field_name for f in fields))
        if sections:
            yield from _unique(path, "section id", (s.id for s in sections))
        for place, field in _placed(path, fields):
            parts = field.repeating_subfields
            yield from _unique(f"{place}.repeating_subfields", "id", (f.id for f in parts))
            yield from _unique(f"{place}.repeating_subfields", "field name", (f.field_name for f in parts))


def _unique(path: str, what: str, values: Iterable[str]) -> Iterator[Fault]:
    for value in _repeated(values):
        yield Fault(path=path, message=f"the {what} '{value}' is there twice")


def _names(document: Document) -> Iterator[Fault]:
    for entity, path, fields, _sections in _entities(document):
        for place, field in _placed(path, fields):
            reason = why_impossible(entity, field.field_name)
            if reason:
                yield Fault(
                    path=f"{place}.field_name",
                    message=f"'{field.field_name}' cannot be used: {reason}",
                )


def _subfields(document: Document) -> Iterator[Fault]:
    for parent_place, parent in _top_fields(document):
        for place, field in _placed(f"{parent_place}.repeating_subfields", parent.repeating_subfields):
            if not NAME.match(field.field_name):
                yield Fault(path=f"{place}.field_name", message=f"'{field.field_name}' {_WORD}")
            if field.repeating_subfields:
                yield Fault(path=place, message="a repeating field cannot hold another one")


_WORD = "cannot be used: small letters, digits and _ only, beginning with a letter"


def _words(document: Document) -> Iterator[Fault]:
    """Ids that stand in addresses, pages and searches."""
    named = [
        *(("dataset.sections", "id", s.id) for s in document.dataset.sections),
        *(("organization.sections", "id", s.id) for s in document.organization.sections),
        *(("vocabularies", "id", v.id) for v in document.vocabularies),
        *(("partner_types", "name", t.name) for t in document.partner_types),
    ]
    for path, what, value in named:
        if not NAME.match(value):
            yield Fault(path=path, message=f"the {what} '{value}' {_WORD}")
    for kind in document.partner_types:
        if kind.icon and not _ICON.match(kind.icon):
            yield Fault(
                path=f"partner_types ({kind.name}).icon",
                message=f"'{kind.icon}' is no icon's name; one looks like 'fa-book-open'",
            )


_ICON = re.compile(r"fa-[a-z0-9-]+\Z")


def _labels(document: Document) -> Iterator[Fault]:
    for place, label in _labelled(document):
        texts = list(label.values()) if isinstance(label, dict) else [label]
        if not texts or not all(text.strip() for text in texts):
            yield Fault(path=place, message="says nothing; write at least a word")


def _labelled(document: Document) -> Iterator[tuple[str, Text]]:
    yield "title", document.title
    for path, sections in (
        ("dataset.sections", document.dataset.sections),
        ("organization.sections", document.organization.sections),
    ):
        yield from ((f"{path} ({s.id}).label", s.label) for s in sections)
    yield from ((f"{place}.label", field.label) for place, field in _all_fields(document))
    yield from ((f"partner_types ({t.name}).label", t.label) for t in document.partner_types)
    for vocabulary in document.vocabularies:
        path = f"vocabularies ({vocabulary.id})"
        yield f"{path}.label", vocabulary.label
        for term in vocabulary.terms:
            yield f"{path}.terms ({term.id}).label", term.label
            yield f"{path}.terms ({term.id}).value", term.value


def _lasting_ids(document: Document) -> Iterator[Fault]:
    for place, field in _all_fields(document):
        first = (field.previous_names or [field.field_name])[0]
        if field.id != first:
            yield Fault(path=f"{place}.id", message=f"the id stays the first field name, '{first}'")


def _sections(document: Document) -> Iterator[Fault]:
    for entity, path, fields, sections in _entities(document):
        known = {section.id for section in sections}
        for place, field in _placed(path, fields):
            if entity != "resource" and field.section not in known:
                yield Fault(
                    path=f"{place}.section",
                    message=f"there is no section '{field.section}'; known: {', '.join(sorted(known))}",
                )


def _known_types(document: Document) -> Iterator[Fault]:
    for place, field in _all_fields(document):
        if field.preset not in FIELD_TYPES:
            names = ", ".join(sorted(name for name in FIELD_TYPES if name))
            yield Fault(
                path=f"{place}.preset",
                message=f"there is no field type '{field.preset}'; known: {names}",
            )


def _types(document: Document) -> Iterator[Fault]:
    known = {vocabulary.id for vocabulary in document.vocabularies}
    for place, field in _all_fields(document):
        kind = FIELD_TYPES.get(field.preset)
        if kind and kind.needs_vocabulary and not field.vocabulary:
            yield Fault(path=place, message=f"a field of type '{field.preset}' needs a vocabulary")
        if field.vocabulary and field.vocabulary not in known:
            yield Fault(
                path=f"{place}.vocabulary",
                message=f"no vocabulary has the id '{field.vocabulary}'",
            )


def _field_limits(document: Document) -> Iterator[Fault]:
    for place, field in _all_fields(document):
        for attribute, message in limits.faults(field):
            yield Fault(path=f"{place}.{attribute}", message=message)


def _patterns(document: Document) -> Iterator[Fault]:
    for place, field in _all_fields(document):
        try:
            compile_pattern(field.pattern)
        except ValueError as error:
            yield Fault(path=f"{place}.pattern", message=f"the pattern cannot be read: {error}")


def _vocabularies(document: Document) -> Iterator[Fault]:
    yield from _unique("vocabularies", "id", (v.id for v in document.vocabularies))
    for number, vocabulary in enumerate(document.vocabularies, start=1):
        path = f"vocabularies[{number}] ({vocabulary.id})"
        yield from _unique(f"{path}.terms", "id", (t.id for t in vocabulary.terms))
        yield from _unique(f"{path}.terms", "value", (t.value for t in vocabulary.terms))
        known = {term.id for term in vocabulary.terms}
        for place, term in enumerate(vocabulary.terms, start=1):
            if not term.id.strip():
                yield Fault(path=f"{path}.terms[{place}].id", message="says nothing; write a word")
            for key in ("broader", "replaced_by", "merged_into"):
                other = getattr(term, key)
                if other and other not in known:
                    yield Fault(
                        path=f"{path}.terms ({term.id}).{key}",
                        message=f"no term has the id '{other}'",
                    )
        yield from _circles(path, vocabulary)


def _circles(path: str, vocabulary: Vocabulary) -> Iterator[Fault]:
    """Terms that lead back to themselves: each step is taken once, however long the way."""
    terms = {term.id: term for term in vocabulary.terms}
    for key in ("broader", "replaced_by", "merged_into"):
        done: set[str] = set()
        for start in terms:
            way: list[str] = []
            here = start
            while here in terms and here not in done:
                done.add(here)
                way.append(here)
                here = getattr(terms[here], key)
            if here in way:
                yield Fault(path=f"{path}.terms ({here}).{key}", message="leads back to the term itself")


def _partner_types(document: Document) -> Iterator[Fault]:
    yield from _unique("partner_types", "name", (t.name for t in document.partner_types))
    known = {field.field_name for field in document.organization.fields}
    for number, kind in enumerate(document.partner_types, start=1):
        path = f"partner_types[{number}] ({kind.name}).fields"
        yield from _unique(path, "field", (profile.field for profile in kind.fields))
        for profile in kind.fields:
            if profile.field not in known:
                yield Fault(
                    path=path,
                    message=f"there is no organization field '{profile.field}'",
                )


RULES: list[Rule] = [
    _limits,
    _sizes,
    _unique_fields,
    _names,
    _subfields,
    _words,
    _labels,
    _lasting_ids,
    _sections,
    _known_types,
    _types,
    _patterns,
    _field_limits,
    _vocabularies,
    _partner_types,
]


def dangers_of(document: Document) -> list[Fault]:
    """The broken rules that even a draft may not break: pages could not be made of it."""
    return [fault for rule in _DANGERS for fault in rule(document)]


def _storable(document: Document) -> Iterator[Fault]:
    """Texts that no database takes, and more of them than a document may have."""
    raw = dump(document)
    for location, text in _strings(raw):
        if not storable(text):
            message = "has a character that cannot be stored"
            yield Fault(path=path_text(location, raw), message=message)
            return
    size = len(json.dumps(raw, ensure_ascii=False).encode())
    if size > MAX_BYTES:
        yield Fault(path="", message=f"{size:,} bytes; at most {MAX_BYTES:,} are possible")


def _strings(raw: Any) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every text of plain data with its place, keys too, in document order."""
    remaining: list[tuple[tuple[Any, ...], Any]] = [((), raw)]
    while remaining:
        location, value = remaining.pop()
        if isinstance(value, str):
            yield location, value
        elif isinstance(value, dict):
            for key, member in reversed(value.items()):
                remaining.append(((*location, key), member))
                remaining.append((location, key))
        elif isinstance(value, list):
            remaining.extend(((*location, place), value[place]) for place in reversed(range(len(value))))


_DANGERS: list[Rule] = [_limits, _known_types, _patterns, _storable]
