"""Taking a list of terms into a vocabulary: what it would add, change and leave, before it does.

A list comes from a spreadsheet's column, a table or SKOS. A term of the list is one that is
there when it has its stored value, its id, its address or its label. What records store never changes,
what the list does not say stays, and a term that is missing from it stays too.
"""
from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

from ckanext.civicswitchboard.core.editing.terms import labels_of, stores_labels
from ckanext.civicswitchboard.core.formats.csv_terms import heading, read_terms, separate_labels
from ckanext.civicswitchboard.core.schema.document import DocumentError, Fault, Term, Text, Vocabulary
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message
from ckanext.civicswitchboard.core.schema.rules import MAX_BYTES, MAX_TERMS
from ckanext.civicswitchboard.core.schema.slugs import unused, word

Outcome = Literal["added", "changed", "same", "left_out"]

_TEXTS = ("label", "definition", "scope_note")
_PLAIN = ("uri", "source", "note", "state")
_LINKS = ("broader", "replaced_by", "merged_into")
_PASTED = ("value", "label", "definition")


@dataclass(frozen=True)
class Taken:
    """A term of the list, and what becomes of it.

    :ivar outcome: what taking it does
    :ivar term: what the list says
    :ivar existing: the term that is there already
    :ivar changes: what the list says otherwise: by attribute, before and after
    :ivar why: why it is left out
    """

    outcome: Outcome
    term: Term
    existing: Term | None = None
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    why: Message | None = None


@dataclass(frozen=True)
class Preview:
    """What taking a list would do to a vocabulary.

    :ivar rows: a row for each term of the list, in its order
    :ivar missing: the terms on offer that the list does not have; they stay
    """

    rows: tuple[Taken, ...]
    missing: tuple[Term, ...]

    def count(self, outcome: Outcome) -> int:
        """How many rows have an outcome."""
        return sum(row.outcome == outcome for row in self.rows)

    @property
    def takeable(self) -> list[int]:
        """The numbers of the rows that change something."""
        return [n for n, row in enumerate(self.rows) if row.outcome in ("added", "changed")]


def pasted(
    text: str, name: str, vocabulary: Vocabulary, notes: list[Message] | None = None
) -> list[Term]:
    """The terms of what was copied from a spreadsheet.

    One column has the labels; two have the stored values and the labels, three the definitions
    too. Under a line of headings any columns of a terms' table do.

    :param text: the cells, one row a line, divided by tabs
    :param name: what the text is called in messages
    :param vocabulary: where they are to go; what they store is made as its terms have it
    :param notes: gets what was left out on the way
    :raises DocumentError: with every fault and its line
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise DocumentError([Fault(path=name, message=f"larger than {MAX_BYTES:,} bytes")])
    rows = [row for row in _cells(text) if any(cell.strip() for cell in row)]
    if not rows:
        raise DocumentError([Fault(path=name, message="has no terms; write one on each line")])
    headings = [heading(cell) for cell in rows[0]]
    if not _are_headings(headings):
        widest = max(len(row) for row in rows)
        if widest > len(_PASTED):
            message = f"has {widest} columns; three are possible, or more under a line of headings"
            raise DocumentError([Fault(path=name, message=message)])
        rows = _without_repeats(rows)
        headings = list(_PASTED[:widest])
        if widest == 1:
            headings, rows = ["id", "value", "label"], _with_values(rows, stores_labels(vocabulary))
        rows.insert(0, headings)
    out = io.StringIO(newline="")
    csv.writer(out, delimiter="\t").writerows(rows)
    return read_terms(out.getvalue(), name, notes)


def _without_repeats(rows: list[list[str]]) -> list[list[str]]:
    """Rows that say something new: a column of data has each of its terms many times."""
    seen: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        seen.setdefault(tuple(" ".join(cell.split()).casefold() for cell in row), row)
    return list(seen.values())


def _with_values(rows: list[list[str]], as_labels: bool) -> list[list[str]]:
    """A column of labels with ids and with what records are to store."""
    values: set[str] = set()
    made = []
    for number, (label, *_rest) in enumerate(rows):
        text = label.strip()
        value = unused(text if as_labels else word(text) or text, values)
        values.add(value)
        # An id that is nobody's: it only tells the rows of this list apart.
        made.append([word(value) or f"#{number}", value, text])
    return made


def _cells(text: str) -> list[list[str]]:
    """Rows of cells; quotes are a spreadsheet's only where they are well-formed."""
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter="\t", strict=True))
    except csv.Error:
        return [line.split("\t") for line in text.splitlines()]


def _are_headings(headings: list[str]) -> bool:
    return "label" in (heading.partition("@")[0] for heading in headings)


def preview(vocabulary: Vocabulary, terms: Collection[Term]) -> Preview:
    """What taking a list would do.

    :param vocabulary: the vocabulary, an empty one for a new one
    :param terms: the list
    """
    matching = _Matching(vocabulary, terms)
    rows = tuple(matching.row(term) for term in terms)
    met = {row.existing.id for row in rows if row.existing}
    return Preview(rows, tuple(t for t in vocabulary.active_terms if t.id not in met))


def take(
    vocabulary: Vocabulary, shown: Preview, chosen: Collection[int], retire_missing: bool = False
) -> Vocabulary:
    """A vocabulary with a list taken in.

    :param shown: what :func:`preview` gave of the same vocabulary
    :param chosen: the numbers of the rows to take
    :param retire_missing: whether terms that the list does not have are no longer offered
    :raises DocumentError: when there would be more terms than a document can have
    """
    ids = {row.term.id: row.existing.id for row in shown.rows if row.existing}
    numbers = set(chosen)
    rows = [row for number, row in enumerate(shown.rows) if number in numbers]
    new = [row.term for row in rows if row.outcome == "added"]
    if len(vocabulary.terms) + len(new) > MAX_TERMS:
        message = f"{len(vocabulary.terms) + len(new)} terms; at most {MAX_TERMS} are possible"
        raise DocumentError([Fault(path=vocabulary.id, message=message)])
    terms = [*vocabulary.terms, *_new_terms(vocabulary, new, ids)]
    updates = {ids[row.term.id]: _updates(row, ids) for row in rows if row.term.id in ids}
    for term in shown.missing if retire_missing else ():
        updates[term.id] = {"state": "retired"}
    taken = [term.model_copy(update=updates.get(term.id, {})) for term in terms]
    return vocabulary.model_copy(update={"terms": taken})


def _new_terms(vocabulary: Vocabulary, new: list[Term], ids: dict[str, str]) -> list[Term]:
    """Terms of the list under ids of their own, which ``ids`` is told."""
    taken = {term.id for term in vocabulary.terms}
    made = []
    for term in new:
        ids[term.id] = unused(word(term.value) or "term", taken)
        taken.add(ids[term.id])
        made.append(Term(id=ids[term.id], value=term.value, label=term.label))
    return made


def _updates(row: Taken, ids: dict[str, str]) -> dict[str, Any]:
    """What a row sets; other terms by the ids that they have in the vocabulary."""
    if row.outcome == "added":
        attributes = {name: getattr(row.term, name) for name in (*_TEXTS, *_PLAIN, *_LINKS)}
        attributes["alternate_labels"] = separate_labels(row.term.alternate_labels)
    else:
        attributes = {name: after for name, (_before, after) in row.changes.items()}
    links = {name: ids[attributes[name]] for name in _LINKS if attributes.get(name) in ids}
    return {**{name: value for name, value in attributes.items() if name not in _LINKS}, **links}


class _Matching:
    """A vocabulary's terms, to be found by what a list says of them."""

    def __init__(self, vocabulary: Vocabulary, terms: Collection[Term]) -> None:
        self.listed = {term.id: term for term in terms}
        self.by_value = {term.value: term for term in vocabulary.terms}
        self.by_id = {term.id: term for term in vocabulary.terms}
        # Two terms may match one concept elsewhere: then its address tells neither.
        listed = Counter(term.uri for term in terms)
        known = Counter(term.uri for term in vocabulary.terms)
        single = {uri for uri in known if uri and known[uri] == listed[uri] == 1}
        self.by_uri = {term.uri: term for term in vocabulary.terms if term.uri in single}
        # Of two terms with one label, the one that is offered.
        ordered = sorted(vocabulary.terms, key=lambda term: term.state == "active")
        self.by_label = {label: term for term in ordered for label in labels_of(term)}
        self.met: dict[str, Term] = {}
        self.labels: set[str] = set()
        self.values: set[str] = set()

    def existing(self, term: Term) -> Term | None:
        """The term that is there already."""
        matching = self.by_value.get(term.value) or self.by_id.get(term.id) or self.by_uri.get(term.uri)
        return matching or next(
            (self.by_label[label] for label in labels_of(term) if label in self.by_label), None
        )

    def row(self, term: Term) -> Taken:
        """A term of the list with what becomes of it."""
        existing = self.existing(term)
        if self._again(term, existing):
            why = Message(N_("The list already has “{label}” above"), {"label": term.label})
            return Taken("left_out", term, why=why)
        self.labels |= labels_of(term)
        self.values.add(term.value)
        if existing is None:
            return Taken("added", term)
        self.met[existing.id] = term
        changes = dict(self._changes(existing, term))
        other = self._other_with_label(changes, existing)
        if other:
            why = Message(N_("Another term has the label “{label}”"), {"label": other.label})
            return Taken("left_out", term, existing, why=why)
        return Taken("changed" if changes else "same", term, existing, changes)

    def _again(self, term: Term, existing: Term | None) -> bool:
        known = labels_of(term) & self.labels or term.value in self.values
        return bool(known or (existing and existing.id in self.met))

    def _other_with_label(self, changes: dict[str, tuple[Any, Any]], existing: Term) -> Term | None:
        """Another term that has the label which a term would get."""
        if "label" not in changes:
            return None
        wanted = labels_of(existing.model_copy(update={"label": changes["label"][1]}))
        others = (self.by_label[label] for label in wanted if label in self.by_label)
        return next((other for other in others if other.id != existing.id), None)

    def _changes(self, existing: Term, term: Term) -> Any:
        attributes = term.model_fields_set
        for name in (*_TEXTS, *_PLAIN):
            before, after = getattr(existing, name), getattr(term, name)
            after = joined(before, after) if name in _TEXTS else after
            if name in attributes and after and before != after:
                yield name, (before, after)
        labels = separate_labels([*existing.alternate_labels, *term.alternate_labels])
        if term.alternate_labels and labels != separate_labels(existing.alternate_labels):
            yield "alternate_labels", (existing.alternate_labels, labels)
        for name in _LINKS:
            other = self.listed.get(getattr(term, name))
            there = other and self.existing(other)
            after = there.id if there else other.id if other else ""
            if after and getattr(existing, name) != after:
                # The list's own id: taking the list finds what it became.
                yield name, (getattr(existing, name), getattr(term, name))


def joined(before: Text, after: Text) -> Text:
    """A text with what a list says of it: languages that the list does not have stay.

    :param before: the text as it is
    :param after: what the list says
    """
    if isinstance(before, dict):
        if isinstance(after, dict):
            return {**before, **after}
        if not after or after in before.values() or not before:
            return before
        return {**before, next(iter(before)): after}
    if isinstance(after, dict) and list(after.values()) == [before]:
        return before
    return after
