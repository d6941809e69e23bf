"""The kinds of change to controlled vocabularies and their terms."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.civicswitchboard.core.changes.kinds import (
    Added,
    Change,
    Kind,
    Level,
    Moved,
    Offer,
    Question,
    Relabelled,
    Removed,
    Rewritten,
    label_of,
    subject,
)
from ckanext.civicswitchboard.core.changes.paths import Place
from ckanext.civicswitchboard.core.schema.document import Text
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message

Values = Mapping[str, Any]


class _Plain(Kind):
    """A kind whose sentence needs nothing but what changes."""

    text: str

    def message(self, change: Change) -> Message:
        return Message(self.text, {"what": subject(change)})


class VocabularyAdded(Added, _Plain):
    name = "vocabulary_added"
    thing = "vocabulary"
    levels = ("compatible",)
    inverses = ("vocabulary_removed",)
    means = "Nothing, until a field takes its terms from it."
    text = N_("{what} is added")


class VocabularyRemoved(Removed, _Plain):
    name = "vocabulary_removed"
    thing = "vocabulary"
    levels = ("compatible",)
    inverses = ("vocabulary_added",)
    means = "Nothing: it can be removed only when no field takes its terms from it."
    text = N_("{what} is removed")


class _TermKind(_Plain):
    """What changes to terms that records hold have in common."""

    thing = "term"

    def questions(self, change: Change) -> list[Question]:
        value = (change.was or change.becomes).value
        return [Question("holds", *place, values=(value,)) for place in where_used(change)]

    def repairs(self, change: Change) -> list[Offer]:
        value = (change.was or change.becomes).value
        better = self.better(change)
        values = {value: better} if better else {}
        return [
            Offer("map_values", entity, {"field": f"{name}.{part}" if part else name, "values": values})
            for entity, name, part in where_used(change)
            if "map_values" in self.offers
        ]

    def better(self, change: Change) -> str:
        """The value to use instead, "" when the person has to say."""
        term = change.becomes
        other = (term.merged_into or term.replaced_by) if term else ""
        found = change.within.after.get(Place("vocabularies", change.field, other)) if other else None
        return str(found.value) if found else ""


def where_used(change: Change) -> list[tuple[Any, str, str]]:
    """The fields that take their terms from the vocabulary that changes.

    :returns: entity, the name records store it under today, and a subfield's name
    """
    used = []
    for place, field in change.within.after.items():
        if place.collection.thing != "field" or field.vocabulary != change.field:
            continue
        stored = change.within.before.get(place, field).field_name
        if place.part:
            holder = change.within.before.get(place.holder) or change.within.after[place.holder]
            used.append((place.collection.entity, holder.field_name, stored))
        else:
            used.append((place.collection.entity, stored, ""))
    return used


class TermAdded(Added, _Plain):
    name = "term_added"
    thing = "term"
    levels = ("compatible",)
    inverses = ("term_removed",)
    means = "Old records stay right."
    text = N_("The term {what} is added")


class TermRemoved(Removed, _TermKind):
    name = "term_removed"
    levels = ("needs_attention",)
    inverses = ("term_added",)
    means = (
        "Only for a term that was never published; a published one is retired instead. Values that records"
        " have stay, outside the vocabulary."
    )
    offers = ("map_values",)
    text = N_("The term {what} is removed")


class TermMerged(_TermKind):
    name = "term_merged"
    attributes = ("state", "merged_into", "replaced_by")
    levels = ("needs_attention",)
    inverses = ("term_merged", "term_unmerged")
    means = "Records keep the term, which stays valid where it stands, until the repair gives them the other."
    offers = ("merge_terms",)

    def fits(self, before: Values, after: Values) -> bool:
        return bool(after.get("merged_into"))

    def message(self, change: Change) -> Message:
        return Message(
            N_("The term {what} is merged into “{other}”"),
            {"what": subject(change), "other": _term_label(change, change.after["merged_into"])},
        )

    def repairs(self, change: Change) -> list[Offer]:
        params = {
            "vocabulary": change.field,
            "term": change.part,
            "into": change.after["merged_into"],
        }
        return [Offer("merge_terms", "vocabulary", params)]


class TermUnmerged(_Plain):
    name = "term_unmerged"
    thing = "term"
    attributes = ("state", "merged_into", "replaced_by")
    levels = ("compatible",)
    inverses = ("term_merged",)
    means = "Records that were given the other term keep it."
    text = N_("The term {what} stands for itself again")

    def fits(self, before: Values, after: Values) -> bool:
        return bool(before.get("merged_into")) and not after["merged_into"]


class TermRetired(_TermKind):
    name = "term_retired"
    attributes = ("state", "replaced_by")
    levels = ("needs_attention",)
    inverses = ("term_restored",)
    means = "It is no longer offered. Records that hold it keep it, and it stays valid there."
    offers = ("map_values",)

    def fits(self, before: Values, after: Values) -> bool:
        return after.get("state") == "retired"

    def message(self, change: Change) -> Message:
        other = change.becomes.replaced_by
        values: dict[str, Text | Message] = {"what": subject(change), "other": _term_label(change, other)}
        if other:
            text = N_("The term {what} is no longer offered; “{other}” is to be used instead")
            return Message(text, values)
        return Message(N_("The term {what} is no longer offered"), values)


class TermRestored(_Plain):
    name = "term_restored"
    thing = "term"
    attributes = ("state", "replaced_by")
    levels = ("compatible",)
    inverses = ("term_retired",)
    means = "Old records stay right."
    text = N_("The term {what} is offered again")

    def fits(self, before: Values, after: Values) -> bool:
        return after.get("state") == "active"


class TermReplacementChanged(_TermKind):
    name = "term_replacement_changed"
    attributes = ("replaced_by",)
    levels = ("compatible", "needs_attention")
    inverses = ("term_replacement_changed",)
    means = "Records that hold the term keep it; a repair can give them the one to use instead."
    offers = ("map_values",)

    def level(self, change: Change) -> Level:
        return "needs_attention" if change.after["replaced_by"] else "compatible"

    def message(self, change: Change) -> Message:
        other = change.after["replaced_by"]
        if not other:
            return Message(N_("No term is named to use instead of {what}"), {"what": subject(change)})
        return Message(
            N_("“{other}” is to be used instead of {what}"),
            {"what": subject(change), "other": _term_label(change, other)},
        )

    def questions(self, change: Change) -> list[Question]:
        return super().questions(change) if change.after["replaced_by"] else []

    def repairs(self, change: Change) -> list[Offer]:
        return super().repairs(change) if change.after["replaced_by"] else []


class TermValueChanged(_TermKind):
    name = "term_value_changed"
    attributes = ("value",)
    levels = ("records_first",)
    inverses = ("term_value_changed",)
    means = (
        "Only for a term that was never published: records that hold the old value would be outside the"
        " vocabulary. A published one is retired, and another takes its place."
    )
    offers = ("map_values",)

    def message(self, change: Change) -> Message:
        return Message(
            N_("The term {what} is stored as “{after}” instead of “{before}”"),
            {"what": subject(change), "before": change.before["value"], "after": change.after["value"]},
        )

    def better(self, change: Change) -> str:
        return str(change.after["value"])


class TermAlternateLabelsChanged(_Plain):
    name = "term_alternate_labels_changed"
    thing = "term"
    attributes = ("alternate_labels",)
    inverses = ("term_alternate_labels_changed",)
    text = N_("The alternate labels of {what} change")


class TermBroaderChanged(Kind):
    name = "term_broader_changed"
    thing = "term"
    attributes = ("broader",)
    inverses = ("term_broader_changed",)

    def message(self, change: Change) -> Message:
        other = change.after["broader"]
        if not other:
            return Message(N_("The term {what} has no wider term any more"), {"what": subject(change)})
        return Message(
            N_("The wider term of {what} is “{other}”"),
            {"what": subject(change), "other": _term_label(change, other)},
        )


def _term_label(change: Change, term: str) -> Text:
    place = Place("vocabularies", change.field, term)
    return label_of(change.within.after.get(place), change, term)


VOCABULARY_KINDS: list[Kind] = [
    VocabularyAdded(),
    VocabularyRemoved(),
    Moved("vocabulary_moved", "vocabulary"),
    Relabelled("vocabulary_relabelled", "vocabulary"),
    Rewritten("vocabulary_description_changed", "vocabulary", "description", N_("description")),
    Rewritten("vocabulary_uri_changed", "vocabulary", "uri", N_("URI")),
    Rewritten("vocabulary_note_changed", "vocabulary", "note", N_("curators' note")),
    TermAdded(),
    TermRemoved(),
    TermMerged(),
    TermUnmerged(),
    TermRetired(),
    TermRestored(),
    TermReplacementChanged(),
    TermValueChanged(),
    TermBroaderChanged(),
    Moved("term_moved", "term"),
    Relabelled("term_relabelled", "term"),
    TermAlternateLabelsChanged(),
    Rewritten("term_definition_changed", "term", "definition", N_("definition")),
    Rewritten("term_scope_note_changed", "term", "scope_note", N_("scope note")),
    Rewritten("term_uri_changed", "term", "uri", N_("URI")),
    Rewritten("term_source_changed", "term", "source", N_("source")),
    Rewritten("term_note_changed", "term", "note", N_("curators' note")),
]
