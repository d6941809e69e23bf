"""The terms that a field takes: looked up by value or label, found as one types, listed where they are few.

A vocabulary may have thousands of terms and a hundred fields. Whatever is made of its terms is
made once for all of its fields.
"""
from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ckanext.civicswitchboard.core.related.text import without_accents
from ckanext.civicswitchboard.core.schema.document import Document, Field, Term, Text, Vocabulary

# A form lists up to so many terms: about as many as a person still reads through. Longer lists are searched.
MOST_LISTED = 200
# What the lists of one form may take together, in bytes of HTML: a quarter of what a page may be.
MOST_LIST_BYTES = 250_000
# What a searched text may be; a longer one is cut.
MOST_TYPED = 200

_WORD = re.compile(r"\w+")


class Choices(list[dict[str, Any]]):
    """Choices in ckanext-scheming's form, shared by all fields of a vocabulary; never changed once made."""

    @cached_property
    def labels(self) -> dict[str, Text]:
        """The label of each value, in the order of the list."""
        return {choice["value"]: choice["label"] for choice in self}

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each value is in the list."""
        return {value: place for place, value in enumerate(self.labels)}

    @cached_property
    def _by_label(self) -> dict[str, set[str]]:
        by_label: dict[str, set[str]] = {}
        for value, label in self.labels.items():
            for text in texts_of(label):
                by_label.setdefault(_typed(text), set()).add(value)
        return by_label

    def called(self, text: str) -> str | None:
        """The value whose label a person typed, in any language; None for no such one, or several."""
        values = self._by_label.get(_typed(text), set())
        return next(iter(values)) if len(values) == 1 else None


def choices_of(field: Mapping[str, Any]) -> Choices:
    """The choices of a field in scheming's form; of one that is no vocabulary's, made for this call."""
    raw_choices = field.get("choices") or []
    return raw_choices if isinstance(raw_choices, Choices) else Choices(raw_choices)


# The control of a field whose terms are too many for a list.
TERM_SEARCH = "metadata_schema/controls/term_search.html"


def is_searched(field: Mapping[str, Any]) -> bool:
    """Whether a field in scheming's form has its terms searched, not listed."""
    return field.get("form_snippet") == TERM_SEARCH


@dataclass(frozen=True)
class TermChoices:
    """What fields take from one vocabulary.

    :ivar vocabulary: the vocabulary
    :ivar active: the terms on offer
    :ivar retired: those that only label what records hold
    :ivar searched: whether a form has a search in place of the list
    """

    vocabulary: Vocabulary
    active: Choices
    retired: Choices
    searched: bool

    @classmethod
    def of(cls, vocabulary: Vocabulary, searched: bool = False) -> TermChoices:
        """The choices of a vocabulary."""
        return cls(vocabulary, _choices(vocabulary, "active"), _choices(vocabulary, "retired"), searched)

    @cached_property
    def _index(self) -> list[tuple[str, Term]]:
        return [(_searchable(term), term) for term in self.vocabulary.terms]

    def find(self, text: str, retired: bool = False) -> list[Term]:
        """The terms on offer that fit what a person typed, the best first; all of them for nothing.

        Every word has to be in a label, in another label or in the value, whatever its accents.

        :param text: what was typed, its first 200 characters
        :param retired: whether to also find terms that are no longer offered
        """
        wanted = _plain(text[:MOST_TYPED])
        words = wanted.split()
        if not words:
            return self.vocabulary.terms if retired else self.vocabulary.active_terms
        fitting = [(place, words_of, term) for place, (words_of, term) in enumerate(self._index)
                   if (retired or term.state == "active") and all(word in words_of for word in words)]
        ranked = sorted(((_rank(words_of, wanted, words), place, term) for place, words_of, term in fitting),
                        key=lambda choice: choice[:2])
        return [term for _rank_of, _place, term in ranked]


def with_choices_once(fields: list[dict[str, Any]], written: set[str]) -> list[dict[str, Any]]:
    """Fields in scheming's form for an answer: a searched vocabulary's terms are at the first field alone.

    A hundred fields may share one vocabulary of thousands of terms. The other fields name the helper that
    gives the choices, as ckanext-scheming has it for choices that aren't written out.

    :param fields: fields in scheming's form; not changed
    :param written: the ids of vocabularies whose terms are written already; those of these fields are added
    """
    return [_once(field, written) for field in fields]


def _once(field: dict[str, Any], written: set[str]) -> dict[str, Any]:
    if parts := field.get("repeating_subfields"):
        return {**field, "repeating_subfields": with_choices_once(parts, written)}
    if not is_searched(field):
        return field
    if field["vocabulary"] not in written:
        written.add(field["vocabulary"])
        return field
    kept = {key: value for key, value in field.items() if key not in ("choices", "retired_choices")}
    return {**kept, "choices_helper": CHOICES_HELPER}


# The template helper that gives a field's choices where they are not written out.
CHOICES_HELPER = "civicswitchboard_choices"


def is_too_long(vocabulary: Vocabulary) -> bool:
    """Whether a form that names any term of a vocabulary searches its terms rather than lists them."""
    return len(vocabulary.terms) > MOST_LISTED


def texts_of(text: Text) -> Iterable[str]:
    """A text in each of its languages."""
    return text.values() if isinstance(text, dict) else (text,)


def searched_vocabularies(document: Document) -> frozenset[str]:
    """The ids of the vocabularies that forms search rather than list.

    Those with more than :data:`MOST_LISTED` terms; and the largest of the others, where the lists of a
    form would be more than :data:`MOST_LIST_BYTES` together.
    """
    known = {vocabulary.id: vocabulary for vocabulary in document.vocabularies}
    searched = {member.id for member in known.values() if len(member.active_terms) > MOST_LISTED}
    for fields in (document.dataset.fields, document.dataset.resource_fields, document.organization.fields):
        sizes: dict[str, int] = {}
        for field, times in _listing(fields):
            if field.vocabulary in known and field.vocabulary not in searched:
                size = times * _list_bytes(known[field.vocabulary], field)
                sizes[field.vocabulary] = sizes.get(field.vocabulary, 0) + size
        for name, _size in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])):
            if sum(sizes.values()) <= MOST_LIST_BYTES:
                break
            searched.add(name)
            del sizes[name]
    return frozenset(searched)


def _listing(fields: list[Field]) -> Iterator[tuple[Field, int]]:
    """The fields of a form with how often it has each: parts are in an entry and twice in those to add."""
    for field in fields:
        if field.state == "active":
            yield field, 1
            yield from ((part, 3) for part in field.repeating_subfields if part.state == "active")


# What the HTML of an option and of a checkbox is beside its texts.
_OPTION_BYTES, _CHECKBOX_BYTES = 50, 330


def _list_bytes(vocabulary: Vocabulary, field: Field) -> int:
    beside = _CHECKBOX_BYTES if field.preset.startswith("multiple") else _OPTION_BYTES
    return sum(beside + _bytes(term.value) + max(map(_bytes, texts_of(term.label)), default=0)
               for term in vocabulary.active_terms)


def _bytes(text: str) -> int:
    return len(html.escape(text).encode("utf-8", "replace"))


def _choices(vocabulary: Vocabulary, state: str) -> Choices:
    return Choices({"value": t.value, "label": t.label} for t in vocabulary.terms if t.state == state)


def _searchable(term: Term) -> str:
    """What is searched of a term: its labels, one a line, the value last; a blank before each word."""
    texts = [text for label in (term.label, *term.alternate_labels) for text in texts_of(label)]
    return "".join(f"\n {_plain(text)}" for text in [*texts, term.value]) + "\n"


def _rank(words_of: str, wanted: str, words: list[str]) -> int:
    """How well words that are all found fit, 0 the best: the whole text, its beginning, words, parts."""
    if f"\n {wanted}\n" in words_of:
        return 0
    if words_of.startswith(f"\n {wanted}"):
        return 1
    if f"\n {wanted}" in words_of:
        return 2
    return 3 if all(f" {word}" in words_of for word in words) else 4


def _plain(text: str) -> str:
    """Words in small letters without accents, a blank between two."""
    return " ".join(_WORD.findall(without_accents(text).casefold()))


def _typed(text: str) -> str:
    return " ".join(text.split()).casefold()
