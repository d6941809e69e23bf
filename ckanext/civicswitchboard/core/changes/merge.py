"""Three-way merging of documents, attribute by attribute of each thing, by lasting ids.

Two curators, or a curator and a new release, change the same version: what only one of
them changed is taken; a conflict is only where both changed the same to something else, or
where one took away what the other changed.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from ckanext.civicswitchboard.core.changes.diff import ITEM, POSITION, Edit, apply_edits, edits, value_of
from ckanext.civicswitchboard.core.changes.paths import Entity, Place, placed
from ckanext.civicswitchboard.core.schema.document import Document

Answer = Literal["ours", "theirs"]
_Key = tuple[Place, str]


@dataclass(frozen=True)
class Conflict:
    """What both sides changed, each to something else.

    :ivar place: the thing
    :ivar attribute: its attribute; ``item`` for the thing as a whole, None where it is not there
    :ivar base: what both had
    :ivar ours: what the merged document has
    :ivar theirs: what it could have instead
    """

    place: Place
    attribute: str
    base: Any
    ours: Any
    theirs: Any
    wanted: tuple[Edit, ...] = field(default=(), compare=False, repr=False)

    @property
    def key(self) -> str:
        """Its name in a form."""
        return "|".join((self.place.path, self.place.id, self.place.part, self.attribute))

    @property
    def entity(self) -> Entity:
        """Whose thing it is."""
        return self.place.collection.entity

    def dictize(self) -> dict[str, Any]:
        """The conflict as the API gives it."""
        return {
            "entity": self.entity,
            "field": self.place.id,
            "part": self.place.part,
            "attribute": self.attribute,
            "base": self.base,
            "ours": self.ours,
            "theirs": self.theirs,
        }


@dataclass(frozen=True)
class Merged:
    """Two documents as one.

    :ivar document: with the changes of both; where they conflict, with ours. Whether it
        keeps the rules, ``core.rules.faults_of`` tells
    :ivar conflicts: what somebody has to choose about
    """

    document: Document
    conflicts: tuple[Conflict, ...]


def merge(base: Document, ours: Document, theirs: Document) -> Merged:
    """Two documents that were made from the same one, as one.

    :param base: the document that both were made from
    :param ours: one of them
    :param theirs: the other
    """
    return _Merging(base, ours, theirs).merged()


def take(merged: Merged, conflict: Conflict, answer: Answer) -> Merged:
    """A conflict settled.

    :param merged: what was merged
    :param conflict: one of its conflicts
    :param answer: whose value is to hold
    :raises ChangeError: when the thing that has it is not there any more
    """
    document = merged.document
    if answer == "theirs":
        document = apply_edits(document, conflict.wanted)
    return Merged(document, tuple(other for other in merged.conflicts if other != conflict))


class _Merging:
    """Three documents and what differs between them."""

    def __init__(self, base: Document, ours: Document, theirs: Document) -> None:
        self.ours = ours
        self.states = [placed(document) for document in (base, ours, theirs)]
        self.mine = {(edit.place, edit.attribute): edit for edit in edits(base, ours)}
        self.other = {(edit.place, edit.attribute): edit for edit in edits(base, theirs)}

    def merged(self) -> Merged:
        """What :func:`merge` gives."""
        taken: dict[_Key, Edit] = {}
        contested: dict[_Key, None] = {}
        for key, edit in self.other.items():
            if edit.attribute == POSITION or self._agreed(edit):
                continue
            rival = self._rival(edit)
            if rival is None:
                taken[key] = edit
            else:
                contested[rival] = None
        moves = [self._landing(edit, taken) for edit in self._moves(taken)]
        conflicts = tuple(self._conflict(*key) for key in contested)
        return Merged(apply_edits(self.ours, [*taken.values(), *moves]), conflicts)

    def _agreed(self, edit: Edit) -> bool:
        same = self.mine.get((edit.place, edit.attribute))
        return same is not None and same.after == edit.after

    def _rival(self, edit: Edit) -> _Key | None:
        """What of ours an edit of theirs cannot stand beside: a thing, or an attribute."""
        place, holder = edit.place, edit.place.holder
        for key in ((place, edit.attribute), (place, ITEM), (holder, ITEM), (holder, _parts(place))):
            if key in self.mine:
                return key
        inside = place in self._touched_within
        if edit.attribute == ITEM and edit.after is None and (inside or place in self._touched):
            return place, ITEM
        if edit.attribute == _parts(place) and inside:
            return place, edit.attribute
        return None

    @cached_property
    def _touched(self) -> set[Place]:
        """The things of which we changed more than where they stand."""
        return {place for place, attribute in self.mine if attribute != POSITION}

    @cached_property
    def _touched_within(self) -> set[Place]:
        return {place.holder for place in self._touched if place.part}

    def _moves(self, taken: Mapping[_Key, Edit]) -> Iterator[Edit]:
        """Their moves that can be made; of two orders ours stands, as nothing depends on it."""
        for (place, attribute), edit in self.other.items():
            if attribute != POSITION:
                continue
            if (place, ITEM) in self.other:
                if (place, ITEM) in taken:
                    yield edit
            elif (place, POSITION) not in self.mine and place in self.states[1]:
                yield edit

    def _landing(self, edit: Edit, taken: Mapping[_Key, Edit]) -> Edit:
        """Their move, behind what stands before it with them and is there with us."""
        if not edit.after:
            return edit
        before = self._members(edit.place)
        before = before[: before.index(edit.place.key)]
        while before:
            place = _beside(edit.place, before[-1])
            if place in self.states[1] or (place, ITEM) in taken:
                break
            before.pop()
        return replace(edit, after=before[-1] if before else "")

    def _members(self, place: Place) -> list[str]:
        """The ids of the list in which a thing of theirs stands."""
        theirs = self.states[2]
        return list(place.collection.members(theirs[place.holder]))

    def _conflict(self, place: Place, attribute: str) -> Conflict:
        base, ours, theirs = (value_of(state, place, attribute) for state in self.states)
        wanted = [Edit(place, attribute, ours, theirs)]
        if attribute == ITEM and ours is None:
            number = self._members(place).index(place.key)
            position = Edit(place, POSITION, None, ["", *self._members(place)][number])
            wanted.append(self._landing(position, {}))
        return Conflict(place, attribute, base, ours, theirs, tuple(wanted))


def _parts(place: Place) -> str:
    """The attribute that is a thing's inner list, where it can change as a whole."""
    outer = Place(place.path, place.id).collection.inner
    return outer.path if outer and outer.whole else ""


def _beside(place: Place, key: str) -> Place:
    return Place(place.path, place.id, key) if place.part else Place(place.path, key)
