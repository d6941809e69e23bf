"""The kinds of change to sections, partner types and the schema as a whole."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.civicswitchboard.core.changes.kinds import (
    Added,
    Change,
    Kind,
    Level,
    Moved,
    Question,
    Relabelled,
    Removed,
    Rewritten,
    subject,
)
from ckanext.civicswitchboard.core.changes.paths import Place
from ckanext.civicswitchboard.core.schema.labels import EXPECTATIONS, N_, SECTORS
from ckanext.civicswitchboard.core.schema.messages import Message

Values = Mapping[str, Any]


class _Plain(Kind):
    """A kind whose sentence needs nothing but what changes."""

    text: str

    def message(self, change: Change) -> Message:
        return Message(self.text, {"what": subject(change)})


class SectionAdded(Added, _Plain):
    name = "section_added"
    thing = "section"
    inverses = ("section_removed",)
    text = N_("{what} is added")


class SectionRemoved(Removed, _Plain):
    name = "section_removed"
    thing = "section"
    inverses = ("section_added",)
    means = "Nothing: its fields stand in other sections."
    text = N_("{what} is removed")


class SectionPageChanged(Kind):
    name = "section_page_changed"
    thing = "section"
    attributes = ("page",)
    inverses = ("section_page_changed",)

    def message(self, change: Change) -> Message:
        text = (
            N_("A new page of the form begins with {what}")
            if change.after["page"]
            else N_("No new page of the form begins with {what}")
        )
        return Message(text, {"what": subject(change)})


class PartnerTypeAdded(Added, _Plain):
    name = "partner_type_added"
    thing = "partner_type"
    levels = ("compatible",)
    inverses = ("partner_type_removed",)
    means = "Old records stay right."
    text = N_("{what} is added")


class PartnerTypeRemoved(Removed, _Plain):
    name = "partner_type_removed"
    thing = "partner_type"
    levels = ("needs_attention",)
    inverses = ("partner_type_added",)
    means = "Organizations of this type keep the word, show no badge and count under no type until mended."
    text = N_("{what} is removed")

    def questions(self, change: Change) -> list[Question]:
        return [
            Question("holds", "organization", name, values=(change.field,)) for name in _holding(change)
        ]


def _holding(change: Change) -> list[str]:
    """The organization fields that hold partner types, by the names of today."""
    return [
        field.field_name
        for place, field in change.within.before.items()
        if place.path == "organization.fields" and field.preset in ("partner_type", "partner_types")
    ]


class PartnerTypeSectorChanged(Kind):
    name = "partner_type_sector_changed"
    thing = "partner_type"
    attributes = ("sector",)
    levels = ("compatible",)
    inverses = ("partner_type_sector_changed",)
    means = "Old records stay right; badges and shelves follow at once."

    def message(self, change: Change) -> Message:
        return Message(
            N_("{what} belongs to “{after}” instead of “{before}”"),
            {
                "what": subject(change),
                "before": Message(SECTORS[change.before["sector"]]),
                "after": Message(SECTORS[change.after["sector"]]),
            },
        )


class ProfileFieldAdded(Added):
    name = "partner_type_field_added"
    thing = "profile_field"
    levels = ("compatible", "needs_attention")
    inverses = ("partner_type_field_removed",)
    means = "Required: organizations of the type that have no value have a gap now."

    def level(self, change: Change) -> Level:
        return _asked(change)

    def message(self, change: Change) -> Message:
        return Message(
            N_("{what} is asked: {expectation}"),
            {"what": subject(change), "expectation": _expectation(change)},
        )

    def questions(self, change: Change) -> list[Question]:
        return _gaps(change)


class ProfileFieldRemoved(Removed, _Plain):
    name = "partner_type_field_removed"
    thing = "profile_field"
    levels = ("compatible",)
    inverses = ("partner_type_field_added",)
    means = "What organizations of the type have there stays."
    text = N_("{what} is no longer asked")


class ProfileFieldChanged(Kind):
    name = "partner_type_field_changed"
    thing = "profile_field"
    attributes = ("expectation",)
    levels = ("compatible", "needs_attention")
    inverses = ("partner_type_field_changed",)
    means = "Required: organizations of the type that have no value have a gap now."

    def level(self, change: Change) -> Level:
        return _asked(change)

    def message(self, change: Change) -> Message:
        return Message(
            N_("{what} becomes: {expectation}"),
            {"what": subject(change), "expectation": _expectation(change)},
        )

    def questions(self, change: Change) -> list[Question]:
        return _gaps(change)


def _asked(change: Change) -> Level:
    return "needs_attention" if change.becomes.expectation == "required" else "compatible"


def _expectation(change: Change) -> Message:
    return Message(EXPECTATIONS[change.becomes.expectation])


def _gaps(change: Change) -> list[Question]:
    if change.becomes.expectation != "required":
        return []
    place = Place("organization.fields", change.part)
    field = change.within.before.get(place) or change.within.after.get(place)
    name = field.field_name if field else change.part
    return [Question("missing", "organization", name, partner_type=change.field)]


OTHER_KINDS: list[Kind] = [
    Rewritten("title_changed", "schema", "title", N_("title")),
    Rewritten("about_changed", "schema", "about", N_("description")),
    Rewritten("note_changed", "schema", "note", N_("curators' note")),
    SectionAdded(),
    SectionRemoved(),
    Moved("section_moved", "section"),
    Relabelled("section_relabelled", "section"),
    Rewritten("section_description_changed", "section", "description", N_("description")),
    SectionPageChanged(),
    PartnerTypeAdded(),
    PartnerTypeRemoved(),
    Moved("partner_type_moved", "partner_type"),
    Relabelled("partner_type_relabelled", "partner_type"),
    Rewritten("partner_type_description_changed", "partner_type", "description", N_("description")),
    Rewritten("partner_type_icon_changed", "partner_type", "icon", N_("icon")),
    Rewritten("partner_type_note_changed", "partner_type", "note", N_("curators' note")),
    PartnerTypeSectorChanged(),
    ProfileFieldAdded(),
    ProfileFieldRemoved(),
    ProfileFieldChanged(),
    Moved("partner_type_field_moved", "profile_field"),
]
