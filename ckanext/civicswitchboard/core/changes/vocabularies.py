"""The kinds of change to controlled vocabularies and their terms."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ckanext.civicswitchboard.core.changes.common import Moved, Relabeled, TextChanged
from ckanext.civicswitchboard.core.changes.diff import ITEM, POSITION
from ckanext.civicswitchboard.core.changes.effects import Offer, Question
from ckanext.civicswitchboard.core.changes.kinds import Change, Kind, Values, label_of
from ckanext.civicswitchboard.core.changes.paths import Entity, Place, Thing
from ckanext.civicswitchboard.core.schema.document import Text
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message


@dataclass(eq=False)
class TermChanged(Kind):
    """A change to a term.

    :ivar related: the attribute that names another term, which the sentence calls ``{other}``
    """

    thing: Thing = "term"
    related: str = ""

    def described(self, change: Change) -> tuple[Any, Any]:
        if not self.related:
            return super().described(change)
        return getattr(change.was, self.related), getattr(change.becomes, self.related)

    def values(self, change: Change) -> dict[str, Text | Message]:
        other = getattr(change.becomes, self.related) if self.related else ""
        place = Place("vocabularies", change.field, other)
        return {"other": label_of(change.within.after.get(place), change, other)} if other else {}


class UsedTermChanged(TermChanged):
    """A change to a term that records may hold; it offers to replace the term's value."""

    def questions(self, change: Change) -> list[Question]:
        value = (change.was or change.becomes).value
        return [Question("holds", *field, values=(value,)) for field in fields_with_vocabulary(change)]

    def repairs(self, change: Change) -> list[Offer]:
        value, replacement = (change.was or change.becomes).value, self.replacement(change)
        values = {value: replacement} if replacement else {}
        return [
            Offer("map_values", entity, {"field": f"{name}.{part}" if part else name, "values": values})
            for entity, name, part in fields_with_vocabulary(change)
        ]

    def replacement(self, change: Change) -> str:
        """The value to use instead, "" if somebody has to choose one."""
        term = change.becomes
        other = (term.merged_into or term.replaced_by) if term else ""
        other_term = change.within.after.get(Place("vocabularies", change.field, other)) if other else None
        return str(other_term.value) if other_term else ""


def fields_with_vocabulary(change: Change) -> list[tuple[Entity, str, str]]:
    """The fields that use the vocabulary that changes.

    :returns: entity, the name under which records store the field today, and a subfield's name
    """
    fields = []
    for place, field in change.within.after.items():
        if place.collection.thing != "field" or field.vocabulary != change.field:
            continue
        stored = change.within.before.get(place, field).field_name
        if place.part:
            holder = change.within.before.get(place.holder) or change.within.after[place.holder]
            fields.append((place.collection.entity, holder.field_name, stored))
        else:
            fields.append((place.collection.entity, stored, ""))
    return fields


class TermMerged(UsedTermChanged):
    """A term merged into another one."""

    def fits(self, before: Values, after: Values) -> bool:
        return bool(after.get("merged_into"))

    def repairs(self, change: Change) -> list[Offer]:
        params = {"vocabulary": change.field, "term": change.part, "into": change.after["merged_into"]}
        return [Offer("merge_terms", "vocabulary", params)]


class TermReplacementChanged(UsedTermChanged):
    """Another term to use instead of a retired one, or none."""

    def affects(self, change: Change) -> bool:
        return bool(change.after["replaced_by"])


class TermValueChanged(UsedTermChanged):
    """Another stored value of a term."""

    def replacement(self, change: Change) -> str:
        return str(change.after["value"])


VOCABULARY_KINDS: list[Kind] = [
    Kind(
        "vocabulary_added",
        (ITEM, POSITION),
        N_("{what} is added"),
        thing="vocabulary",
        was={ITEM: None},
        levels=("compatible",),
        inverses=("vocabulary_removed",),
        means="Nothing, until a field takes its terms from it.",
    ),
    Kind(
        "vocabulary_removed",
        (ITEM, POSITION),
        N_("{what} is removed"),
        thing="vocabulary",
        becomes={ITEM: None},
        levels=("compatible",),
        inverses=("vocabulary_added",),
        means="Nothing: it can be removed only when no field takes its terms from it.",
    ),
    Moved("vocabulary_moved", "vocabulary"),
    Relabeled("vocabulary_relabelled", "vocabulary"),
    TextChanged("vocabulary_description_changed", "vocabulary", "description", N_("description")),
    TextChanged("vocabulary_uri_changed", "vocabulary", "uri", N_("URI")),
    TextChanged("vocabulary_note_changed", "vocabulary", "note", N_("curators' note")),
    TermChanged(
        "term_added",
        (ITEM, POSITION),
        N_("The term {what} is added"),
        was={ITEM: None},
        levels=("compatible",),
        inverses=("term_removed",),
        means="Old records stay right.",
    ),
    UsedTermChanged(
        "term_removed",
        (ITEM, POSITION),
        N_("The term {what} is removed"),
        becomes={ITEM: None},
        levels=("needs_attention",),
        inverses=("term_added",),
        means=(
            "Only for a term that was never published; a published one is retired instead. Values that"
            " records have stay, outside the vocabulary."
        ),
        offers=("map_values",),
    ),
    TermMerged(
        "term_merged",
        ("state", "merged_into", "replaced_by"),
        N_("The term {what} is merged into “{other}”"),
        levels=("needs_attention",),
        inverses=("term_merged", "term_unmerged"),
        means=(
            "Records keep the term, which stays valid where it stands, until the repair gives them the other."
        ),
        offers=("merge_terms",),
        related="merged_into",
    ),
    TermChanged(
        "term_unmerged",
        ("state", "merged_into", "replaced_by"),
        N_("The term {what} is no longer merged"),
        becomes={"merged_into": ""},
        levels=("compatible",),
        inverses=("term_merged",),
        means="Records that were given the other term keep it.",
    ),
    UsedTermChanged(
        "term_retired",
        ("state", "replaced_by"),
        N_("The term {what} is no longer offered; use “{other}” instead"),
        text_emptied=N_("The term {what} is no longer offered"),
        becomes={"state": "retired"},
        levels=("needs_attention",),
        inverses=("term_restored",),
        means="It is no longer offered. Records that hold it keep it, and it stays valid there.",
        offers=("map_values",),
        related="replaced_by",
    ),
    TermChanged(
        "term_restored",
        ("state", "replaced_by"),
        N_("The term {what} is offered again"),
        becomes={"state": "active"},
        levels=("compatible",),
        inverses=("term_retired",),
        means="Old records stay right.",
    ),
    TermReplacementChanged(
        "term_replacement_changed",
        ("replaced_by",),
        N_("Use “{other}” instead of {what}"),
        text_emptied=N_("No term is named as a replacement for {what}"),
        levels=("compatible", "needs_attention"),
        means="Records that hold the term keep it; a repair can give them the one to use instead.",
        offers=("map_values",),
        related="replaced_by",
    ),
    TermValueChanged(
        "term_value_changed",
        ("value",),
        N_("The term {what} is stored as “{after}”, not “{before}”"),
        levels=("records_first",),
        means=(
            "Only for a term that was never published: records that hold the old value would be outside the"
            " vocabulary. A published one is retired, and another takes its place."
        ),
        offers=("map_values",),
    ),
    TermChanged(
        "term_broader_changed",
        ("broader",),
        N_("The broader term of {what} is “{other}”"),
        text_emptied=N_("The term {what} no longer has a broader term"),
        related="broader",
    ),
    Moved("term_moved", "term"),
    Relabeled("term_relabelled", "term"),
    TermChanged(
        "term_alternate_labels_changed",
        ("alternate_labels",),
        N_("The alternate labels of {what} change"),
    ),
    TextChanged("term_definition_changed", "term", "definition", N_("definition")),
    TextChanged("term_scope_note_changed", "term", "scope_note", N_("scope note")),
    TextChanged("term_uri_changed", "term", "uri", N_("URI")),
    TextChanged("term_source_changed", "term", "source", N_("source")),
    TextChanged("term_note_changed", "term", "note", N_("curators' note")),
]
