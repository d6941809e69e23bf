"""A change between two versions, and what every kind of change declares."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ckanext.civicswitchboard.core.changes.diff import ITEM, Edit
from ckanext.civicswitchboard.core.changes.effects import LEVELS, Level, Offer, Question, RepairKind
from ckanext.civicswitchboard.core.changes.paths import Entity, Place, Thing, placed
from ckanext.civicswitchboard.core.schema.document import Document, Text
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message, Say, Translate, first_language

Values = Mapping[str, Any]


class Comparison:
    """Two documents side by side.

    :ivar old: the document before
    :ivar new: the document after
    """

    def __init__(self, old: Document, new: Document) -> None:
        self.old = old
        self.new = new

    @cached_property
    def before(self) -> dict[Place, Any]:
        """Everything in the old document by its place."""
        return placed(self.old)

    @cached_property
    def after(self) -> dict[Place, Any]:
        """Everything in the new document by its place."""
        return placed(self.new)

    @cached_property
    def back(self) -> Comparison:
        """The comparison in the other direction."""
        back = Comparison(self.new, self.old)
        back.__dict__["back"] = self
        return back


@dataclass(frozen=True)
class Change:
    """One change to one thing.

    :ivar kind: its kind
    :ivar edits: the attributes that change
    :ivar within: the two documents
    """

    kind: Kind
    edits: tuple[Edit, ...]
    within: Comparison = field(compare=False, repr=False)

    @property
    def place(self) -> Place:
        """Where the thing is."""
        return self.edits[0].place

    @property
    def entity(self) -> Entity:
        """The entity that the thing belongs to."""
        return self.place.collection.entity

    @property
    def field(self) -> str:
        """The id of the field, vocabulary, section or partner type."""
        return self.place.id

    @property
    def part(self) -> str:
        """The id of the term, subfield or profile field, "" if none changes."""
        return self.place.part

    @property
    def is_remark(self) -> bool:
        """Whether only a curators' note changes."""
        return all(edit.attribute == "note" for edit in self.edits)

    @property
    def before(self) -> dict[str, Any]:
        """The old values of the attributes that change."""
        return {edit.attribute: edit.before for edit in self.edits}

    @property
    def after(self) -> dict[str, Any]:
        """The new values of the attributes that change."""
        return {edit.attribute: edit.after for edit in self.edits}

    @property
    def was(self) -> Any:
        """The thing in the old document, None if it isn't there."""
        return self.within.before.get(self.place)

    @property
    def becomes(self) -> Any:
        """The thing in the new document, None if it isn't there."""
        return self.within.after.get(self.place)

    @property
    def thing(self) -> Any:
        """The thing in the new document, or in the old one if it's removed."""
        return self.was if self.becomes is None else self.becomes

    @property
    def level(self) -> Level:
        """What the change means for records: the later in :data:`LEVELS`, the more serious."""
        return self.kind.level(self)

    @property
    def message(self) -> Message:
        """The change in a sentence."""
        return self.kind.message(self)

    @property
    def questions(self) -> list[Question]:
        """Which records it can affect."""
        return self.kind.questions(self) if self.kind.affects(self) else []

    @property
    def repairs(self) -> list[Offer]:
        """The repairs that it offers."""
        return self.kind.repairs(self) if self.kind.affects(self) else []

    def say(self, translate: Translate, say: Say) -> str:
        """The change in a sentence, in the reader's language.

        :param translate: gives a message in the reader's language
        :param say: gives a document's text in the reader's language
        """
        text = self.message.say(translate, say)
        return text[:1].upper() + text[1:]

    def as_dict(
        self, translate: Translate = lambda text: text, say: Say = first_language
    ) -> dict[str, Any]:
        """The change as the API returns it.

        :param translate: as in :meth:`say`
        :param say: as in :meth:`say`
        """
        return {
            "kind": self.kind.name,
            "entity": self.entity,
            "field": self.field,
            "part": self.part,
            "level": self.level,
            "text": self.say(translate, say),
            "before": _shown(self.before),
            "after": _shown(self.after),
        }


def _shown(values: dict[str, Any]) -> Any:
    """A whole thing, or one value, or more than one by attribute."""
    if ITEM in values:
        return values[ITEM]
    return next(iter(values.values())) if len(values) == 1 else values


@dataclass(eq=False)
class Kind:
    """A kind of change: one row of a table. A kind with logic of its own has a subclass.

    :ivar name: its name in the API
    :ivar attributes: the attributes that it reports; it takes those that changed
    :ivar text: its sentence, with ``{what}``, ``{before}`` and ``{after}``
    :ivar thing: what changes
    :ivar text_added: its sentence if there was nothing before
    :ivar text_emptied: its sentence if there is nothing after
    :ivar was: only changes from these values are of this kind
    :ivar becomes: only changes to these values are of this kind
    :ivar levels: the levels that a change of this kind can have, the least serious first
    :ivar inverses: the kinds that the change back can be; this kind unless it names others
    :ivar means: what it means for records, for the documentation
    :ivar offers: the repairs that it can offer
    """

    name: str
    attributes: tuple[str, ...]
    text: str = ""
    thing: Thing = "schema"
    text_added: str = ""
    text_emptied: str = ""
    was: Values = field(default_factory=dict)
    becomes: Values = field(default_factory=dict)
    levels: tuple[Level, ...] = ("editorial",)
    inverses: tuple[str, ...] = ()
    means: str = "Nothing."
    offers: tuple[RepairKind, ...] = ()

    def __post_init__(self) -> None:
        self.inverses = self.inverses or (self.name,)

    def fits(self, before: Values, after: Values) -> bool:
        """Whether changed attributes, those of :attr:`attributes`, are of this kind."""
        return self.was.items() <= before.items() and self.becomes.items() <= after.items()

    def affects(self, change: Change) -> bool:
        """Whether records can be affected."""
        return True

    def level(self, change: Change) -> Level:
        """The change's level."""
        return self.levels[-1] if self.affects(change) else self.levels[0]

    def message(self, change: Change) -> Message:
        """The change in a sentence."""
        before, after = self.described(change)
        text = self.text
        if self.text_emptied and not after:
            text = self.text_emptied
        elif self.text_added and not before:
            text = self.text_added
        values = {"what": subject(change), "before": before, "after": after, **self.values(change)}
        return Message(text, {name: value for name, value in values.items() if f"{{{name}}}" in text})

    def described(self, change: Change) -> tuple[Any, Any]:
        """What the sentence calls before and after."""
        return change.edits[0].before, change.edits[0].after

    def values(self, change: Change) -> dict[str, Text | Message]:
        """What else the sentence needs."""
        return {}

    def questions(self, change: Change) -> list[Question]:
        """Which records a change that affects records can affect."""
        return []

    def repairs(self, change: Change) -> list[Offer]:
        """The repairs that a change that affects records offers."""
        return []


_SUBJECTS: dict[tuple[Entity, Thing], str] = {
    ("dataset", "field"): N_("“{label}”"),
    ("resource", "field"): N_("“{label}” of files and links"),
    ("organization", "field"): N_("“{label}” of organizations"),
    ("vocabulary", "term"): N_("“{label}” in “{whole}”"),
    ("vocabulary", "vocabulary"): N_("the vocabulary “{label}”"),
    ("section", "section"): N_("the section “{label}”"),
    ("partner_type", "partner_type"): N_("the partner type “{label}”"),
    ("partner_type", "profile_field"): N_("“{label}” for “{whole}”"),
    ("dataset", "schema"): N_("the shared schema"),
}
_SUBFIELD = N_("“{label}” within “{whole}”")


def subject(change: Change, thing: Any = None) -> Message:
    """What changes, as a sentence calls it.

    :param change: the change
    :param thing: the thing in the version in which to name it; usually the new one
    """
    holder_place = change.place.holder
    holder = change.within.after.get(holder_place) or change.within.before.get(holder_place)
    kind = change.place.collection.thing
    template = _SUBFIELD if change.part and kind == "field" else _SUBJECTS[change.entity, kind]
    return Message(
        template,
        {
            "label": label_of(thing or change.thing, change, change.place.key),
            "whole": label_of(holder, change, change.field),
        },
    )


def label_of(thing: Any, change: Change, default: str) -> Text:
    """A thing's label. A profile field has the label of the organization field.

    :param thing: the thing, None if it isn't there
    :param change: the change
    :param default: its id
    """
    label: Text | None = getattr(thing, "label", None)
    if label is not None:
        return label
    place = Place("organization.fields", default)
    named = change.within.after.get(place) or change.within.before.get(place)
    return named.label if named and change.entity == "partner_type" else default


def level_of(changes: Iterable[Change]) -> Level:
    """The level of a version: that of its most serious change, ``editorial`` if there is none.

    :param changes: the version's changes
    """
    levels = {change.level for change in changes}
    return max(levels or {LEVELS[0]}, key=LEVELS.index)
