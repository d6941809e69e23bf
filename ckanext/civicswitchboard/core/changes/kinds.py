"""A change between two versions, and what is declared once for each kind of change."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

from ckanext.civicswitchboard.core.changes.diff import ITEM, Edit
from ckanext.civicswitchboard.core.changes.paths import Entity, Place, Thing, placed
from ckanext.civicswitchboard.core.schema.document import Document, Text
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message, Say, Translate, first_language

Level = Literal["editorial", "compatible", "needs_attention", "records_first"]
LEVELS: tuple[Level, ...] = get_args(Level)

Ask = Literal[
    "has_value",
    "missing",
    "holds",
    "outside_vocabulary",
    "fails_pattern",
    "outside_limits",
    "unreadable",
    "offends",
    "other_key",
]
RepairKind = Literal[
    "rename",
    "swap",
    "map_values",
    "set_default",
    "split_interval",
    "join",
    "retype",
    "move",
    "merge_terms",
    "delete_values",
]


@dataclass(frozen=True)
class Question:
    """Which records a change could concern.

    :ivar ask: ``has_value``: those with a value; ``missing``: those without one, the new
        version's missing values counted as none; ``holds``: those that hold one of
        ``values``; ``outside_vocabulary``, ``fails_pattern``, ``outside_limits``, ``unreadable``: those whose
        value breaks that rule of the new version; ``offends``: any rule of the new version;
        ``other_key``: those that keep something under this name in "Other fields"
    :ivar entity: dataset, resource or organization
    :ivar field_name: the name under which records hold the value today
    :ivar subfield: the same within a repeating field
    :ivar values: the values asked for, where that matters
    :ivar partner_type: only organizations of this type
    """

    ask: Ask
    entity: Entity
    field_name: str
    subfield: str = ""
    values: tuple[str, ...] = ()
    partner_type: str = ""


@dataclass(frozen=True)
class Offer:
    """A repair that a change offers, filled in as far as the change tells.

    :ivar kind: the repair's kind
    :ivar entity: whose records
    :ivar params: its parameters as far as they are known
    """

    kind: RepairKind
    entity: Entity
    params: Mapping[str, Any] = field(default_factory=dict)


class Comparison:
    """Two documents side by side, for whatever a change needs to know about them.

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
        """The same, seen from the other side."""
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
        """The thing that changes."""
        return self.edits[0].place

    @property
    def entity(self) -> Entity:
        """Whose thing it is."""
        return self.place.collection.entity

    @property
    def field(self) -> str:
        """The id of the field, vocabulary, section or partner type."""
        return self.place.id

    @property
    def part(self) -> str:
        """The id of the term, subfield or profile field, where it is one that changes."""
        return self.place.part

    @property
    def is_remark(self) -> bool:
        """Whether nothing changes but what curators note for one another."""
        return all(edit.attribute == "note" for edit in self.edits)

    @property
    def before(self) -> dict[str, Any]:
        """The changing attributes as they were."""
        return {edit.attribute: edit.before for edit in self.edits}

    @property
    def after(self) -> dict[str, Any]:
        """The changing attributes as they become."""
        return {edit.attribute: edit.after for edit in self.edits}

    @property
    def was(self) -> Any:
        """The thing in the old document, None when it is not there."""
        return self.within.before.get(self.place)

    @property
    def becomes(self) -> Any:
        """The thing in the new document, None when it is not there."""
        return self.within.after.get(self.place)

    @property
    def thing(self) -> Any:
        """The thing as it becomes, or as it was when it goes."""
        return self.was if self.becomes is None else self.becomes

    @property
    def level(self) -> Level:
        """What the change means for records, the graver the later in :data:`LEVELS`."""
        return self.kind.level(self)

    @property
    def message(self) -> Message:
        """The change in a sentence."""
        return self.kind.message(self)

    @property
    def questions(self) -> list[Question]:
        """Which records could be concerned; none when no record can be."""
        return self.kind.questions(self)

    @property
    def repairs(self) -> list[Offer]:
        """What can be offered to mend the records."""
        return self.kind.repairs(self)

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
        """The change as the API gives it.

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
    """A thing as a whole, or one value alone, or several by their attributes."""
    if ITEM in values:
        return values[ITEM]
    return next(iter(values.values())) if len(values) == 1 else values


class Kind:
    """A kind of change; each is declared once, in a class or an instance of its own.

    :cvar name: its name in the API
    :cvar thing: what changes
    :cvar attributes: the attributes that it tells about; it takes those that changed
    :cvar levels: the levels that a change of this kind can have
    :cvar inverses: the kinds that the change back can be
    :cvar means: what it means for records, for the documentation
    :cvar offers: the repairs that it can offer
    """

    name: str
    thing: Thing
    attributes: tuple[str, ...]
    levels: tuple[Level, ...] = ("editorial",)
    inverses: tuple[str, ...] = ()
    means: str = "Nothing."
    offers: tuple[RepairKind, ...] = ()

    def fits(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Whether changed attributes, those of :attr:`attributes`, are of this kind."""
        return True

    def level(self, change: Change) -> Level:
        """The change's level."""
        return self.levels[0]

    def message(self, change: Change) -> Message:
        """The change in a sentence."""
        raise NotImplementedError

    def questions(self, change: Change) -> list[Question]:
        """Which records the change could concern."""
        return []

    def repairs(self, change: Change) -> list[Offer]:
        """The repairs offered, filled in."""
        return []


class Added(Kind):
    """A thing that was not there."""

    attributes = ("item", "position")

    def fits(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        return ITEM in before and before[ITEM] is None


class Removed(Kind):
    """A thing that is no longer there."""

    attributes = ("item", "position")

    def fits(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        return ITEM in after and after[ITEM] is None


class Moved(Kind):
    """A thing that stands elsewhere in its list."""

    attributes = ("position",)

    def __init__(self, name: str, thing: Thing) -> None:
        self.name = name
        self.thing = thing
        self.inverses = (name,)

    def message(self, change: Change) -> Message:
        after = change.after["position"]
        if not after:
            return Message(N_("{what} moves to the beginning of its list"), {"what": subject(change)})
        place = Place(change.place.path, change.place.id, after) if change.part else Place(
            change.place.path, after
        )
        neighbor = change.within.after.get(place)
        return Message(
            N_("{what} moves after “{neighbor}”"),
            {"what": subject(change), "neighbor": label_of(neighbor, change, after)},
        )


class Rewritten(Kind):
    """A text that no record depends on.

    :param name: the kind's name
    :param thing: what it belongs to
    :param attribute: the text's attribute
    :param aspect: what it is called on pages
    """

    def __init__(self, name: str, thing: Thing, attribute: str, aspect: str) -> None:
        self.name = name
        self.thing = thing
        self.attributes = (attribute,)
        self.inverses = (name,)
        self.aspect = aspect

    def message(self, change: Change) -> Message:
        (edit,) = change.edits
        values: dict[str, Text | Message] = {"what": subject(change), "aspect": Message(self.aspect)}
        languages = changed_languages(edit.before, edit.after)
        if languages:
            values["languages"] = ", ".join(languages)
            return Message(N_("The {aspect} of {what} changes in these languages: {languages}"), values)
        if not edit.before:
            return Message(N_("The {aspect} of {what} is added"), values)
        if not edit.after:
            return Message(N_("The {aspect} of {what} is taken away"), values)
        return Message(N_("The {aspect} of {what} changes"), values)


class Relabelled(Kind):
    """A new label.

    :param name: the kind's name
    :param thing: what is relabelled
    """

    attributes = ("label",)

    def __init__(self, name: str, thing: Thing) -> None:
        self.name = name
        self.thing = thing
        self.inverses = (name,)

    def message(self, change: Change) -> Message:
        (edit,) = change.edits
        languages = changed_languages(edit.before, edit.after)
        if languages:
            return Message(
                N_("The label of {what} changes in these languages: {languages}"),
                {"what": subject(change), "languages": ", ".join(languages)},
            )
        if not edit.after:
            return Message(N_("{what} has no label any more"), {"what": subject(change, change.was)})
        return Message(
            N_("{what} is now called “{label}”"),
            {"what": subject(change, change.was), "label": edit.after},
        )


def changed_languages(before: Text, after: Text) -> list[str]:
    """The languages in which a text in several languages changes; none for a plain text."""
    if not isinstance(after, dict) or not after:
        return []
    known = before if isinstance(before, dict) else {}
    return sorted(code for code in {*known, *after} if known.get(code) != after.get(code))


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
    """What changes, as it is called in a sentence.

    :param change: the change
    :param thing: the thing in the state in which to name it; usually as it becomes
    """
    holder = change.within.after.get(change.place.holder) or change.within.before.get(
        change.place.holder
    )
    kind = change.place.collection.thing
    template = _SUBFIELD if change.part and kind == "field" else _SUBJECTS[change.entity, kind]
    return Message(
        template,
        {
            "label": label_of(thing or change.thing, change, change.place.key),
            "whole": label_of(holder, change, change.field),
        },
    )


def label_of(thing: Any, change: Change, otherwise: str) -> Text:
    """A thing's label; that of a profile field is the organization field's.

    :param thing: the thing, None when it is not there
    :param change: the change in which it stands
    :param otherwise: its id
    """
    label: Text | None = getattr(thing, "label", None)
    if label is not None:
        return label
    place = Place("organization.fields", otherwise)
    named = change.within.after.get(place) or change.within.before.get(place)
    return named.label if named and change.entity == "partner_type" else otherwise


def level_of(changes: Iterable[Change]) -> Level:
    """The level of a version: its gravest change's, ``editorial`` when there is none.

    :param changes: the version's changes
    """
    found = {change.level for change in changes}
    return max(found or {LEVELS[0]}, key=LEVELS.index)
