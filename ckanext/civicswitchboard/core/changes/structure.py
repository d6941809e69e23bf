"""The kinds of change to sections, partner types and the schema as a whole."""
from __future__ import annotations

from typing import Any

from ckanext.civicswitchboard.core.changes.common import Moved, Relabeled, TextChanged
from ckanext.civicswitchboard.core.changes.diff import ITEM, POSITION
from ckanext.civicswitchboard.core.changes.effects import Question
from ckanext.civicswitchboard.core.changes.kinds import Change, Kind
from ckanext.civicswitchboard.core.changes.paths import Place
from ckanext.civicswitchboard.core.schema.document import Text
from ckanext.civicswitchboard.core.schema.labels import EXPECTATIONS, N_, SECTORS
from ckanext.civicswitchboard.core.schema.messages import Message


class PartnerTypeRemoved(Kind):
    """A partner type that organizations may have."""

    def questions(self, change: Change) -> list[Question]:
        return [
            Question("holds", "organization", field.field_name, values=(change.field,))
            for place, field in change.within.before.items()
            if place.path == "organization.fields" and field.preset in ("partner_type", "partner_types")
        ]


class SectorChanged(Kind):
    """Another sector of a partner type."""

    def described(self, change: Change) -> tuple[Any, Any]:
        return Message(SECTORS[change.before["sector"]]), Message(SECTORS[change.after["sector"]])


class ProfileFieldRequested(Kind):
    """A field that partners of a type are asked for; a gap where it's required."""

    def affects(self, change: Change) -> bool:
        return bool(change.becomes.expectation == "required")

    def values(self, change: Change) -> dict[str, Text | Message]:
        return {"expectation": Message(EXPECTATIONS[change.becomes.expectation])}

    def questions(self, change: Change) -> list[Question]:
        place = Place("organization.fields", change.part)
        field = change.within.before.get(place) or change.within.after.get(place)
        name = field.field_name if field else change.part
        return [Question("missing", "organization", name, partner_type=change.field)]


STRUCTURE_KINDS: list[Kind] = [
    TextChanged("title_changed", "schema", "title", N_("title")),
    TextChanged("about_changed", "schema", "about", N_("description")),
    TextChanged("note_changed", "schema", "note", N_("curators' note")),
    Kind(
        "section_added",
        (ITEM, POSITION),
        N_("{what} is added"),
        thing="section",
        was={ITEM: None},
        inverses=("section_removed",),
    ),
    Kind(
        "section_removed",
        (ITEM, POSITION),
        N_("{what} is removed"),
        thing="section",
        becomes={ITEM: None},
        inverses=("section_added",),
        means="Nothing: its fields stand in other sections.",
    ),
    Moved("section_moved", "section"),
    Relabeled("section_relabelled", "section"),
    TextChanged("section_description_changed", "section", "description", N_("description")),
    Kind(
        "section_page_changed",
        ("page",),
        N_("A new page of the form begins with {what}"),
        thing="section",
        text_emptied=N_("No new page of the form begins with {what}"),
    ),
    Kind(
        "partner_type_added",
        (ITEM, POSITION),
        N_("{what} is added"),
        thing="partner_type",
        was={ITEM: None},
        levels=("compatible",),
        inverses=("partner_type_removed",),
        means="Old records stay right.",
    ),
    PartnerTypeRemoved(
        "partner_type_removed",
        (ITEM, POSITION),
        N_("{what} is removed"),
        thing="partner_type",
        becomes={ITEM: None},
        levels=("needs_attention",),
        inverses=("partner_type_added",),
        means="Organizations of this type keep the word, show no badge and count under no type until mended.",
    ),
    Moved("partner_type_moved", "partner_type"),
    Relabeled("partner_type_relabelled", "partner_type"),
    TextChanged("partner_type_description_changed", "partner_type", "description", N_("description")),
    TextChanged("partner_type_icon_changed", "partner_type", "icon", N_("icon")),
    TextChanged("partner_type_note_changed", "partner_type", "note", N_("curators' note")),
    SectorChanged(
        "partner_type_sector_changed",
        ("sector",),
        N_("{what} belongs to “{after}”, not “{before}”"),
        thing="partner_type",
        levels=("compatible",),
        means="Old records stay right; badges and shelves follow at once.",
    ),
    ProfileFieldRequested(
        "partner_type_field_added",
        (ITEM, POSITION),
        N_("{what} is now requested: {expectation}"),
        thing="profile_field",
        was={ITEM: None},
        levels=("compatible", "needs_attention"),
        inverses=("partner_type_field_removed",),
        means="Required: organizations of the type that have no value have a gap now.",
    ),
    Kind(
        "partner_type_field_removed",
        (ITEM, POSITION),
        N_("{what} is no longer requested"),
        thing="profile_field",
        becomes={ITEM: None},
        levels=("compatible",),
        inverses=("partner_type_field_added",),
        means="What organizations of the type have there stays.",
    ),
    ProfileFieldRequested(
        "partner_type_field_changed",
        ("expectation",),
        N_("{what} becomes: {expectation}"),
        thing="profile_field",
        levels=("compatible", "needs_attention"),
        means="Required: organizations of the type that have no value have a gap now.",
    ),
    Moved("partner_type_field_moved", "profile_field"),
]
