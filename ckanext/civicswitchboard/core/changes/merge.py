"""Three-way merges of documents, attribute by attribute, by permanent ids.

Two curators, or a curator and a new release, change the same version. What only one of them
changed is merged. It's a conflict if both changed the same attribute to different values, or if
one removed what the other changed.
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
    """An attribute that both sides changed to different values.

    :ivar place: the thing
    :ivar attribute: its attribute; ``item`` for the whole thing (None if it isn't there)
    :ivar base: the value before both changes
    :ivar ours: the value in the merged document
    :ivar theirs: the other value
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
        """The entity that the thing belongs to."""
        return self.place.collection.entity

    def dictize(self) -> dict[str, Any]:
        """The conflict as the API returns it."""
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
    """The result of a merge.

    :ivar document: has the changes of both sides; ours for conflicts. It may break rules: see
        ``core.schema.rules.faults_of``
    :ivar conflicts: what somebody has to decide
    """

    document: Document
    conflicts: tuple[Conflict, ...]


def merge(base: Document, ours: Document, theirs: Document) -> Merged:
    """Merge two documents that were made from the same one.

    :param base: the document that both were made from
    :param ours: one of them, whose values the result has for conflicts
    :param theirs: the other
    """
    return _Merging(base, ours, theirs).merged()


def take(merged: Merged, conflict: Conflict, answer: Answer) -> Merged:
    """Resolve a conflict.

    :param merged: the result of a merge
    :param conflict: one of its conflicts
    :param answer: whose value to use
    :raises ChangeError: if the thing that has it no longer exists
    """
    document = merged.document
    if answer == "theirs":
        document = apply_edits(document, conflict.wanted)
    return Merged(document, tuple(other for other in merged.conflicts if other != conflict))


class _Merging:
    """Three documents and the differences between them."""

    def __init__(self, base: Document, ours: Document, theirs: Document) -> None:
        self.ours = ours
        self.states = [placed(document) for document in (base, ours, theirs)]
        self.mine = {(edit.place, edit.attribute): edit for edit in edits(base, ours)}
        self.other = {(edit.place, edit.attribute): edit for edit in edits(base, theirs)}

    def merged(self) -> Merged:
        """The result of :func:`merge`."""
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
        """Our edit of a thing or an attribute that conflicts with one of theirs."""
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
        """The things in which we changed more than the position."""
        return {place for place, attribute in self.mine if attribute != POSITION}

    @cached_property
    def _touched_within(self) -> set[Place]:
        return {place.holder for place in self._touched if place.part}

    def _moves(self, taken: Mapping[_Key, Edit]) -> Iterator[Edit]:
        """Their moves that can be made. Of two orders, ours wins: nothing depends on the order."""
        for (place, attribute), edit in self.other.items():
            if attribute != POSITION:
                continue
            if (place, ITEM) in self.other:
                if (place, ITEM) in taken:
                    yield edit
            elif (place, POSITION) not in self.mine and place in self.states[1]:
                yield edit

    def _landing(self, edit: Edit, taken: Mapping[_Key, Edit]) -> Edit:
        """Their move, after the nearest predecessor in their list that we have too."""
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
        """The ids in the list of a thing of theirs."""
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
    """The attribute with a thing's inner list, if the list can change as a whole."""
    outer = Place(place.path, place.id).collection.inner
    return outer.path if outer and outer.whole else ""


def _beside(place: Place, key: str) -> Place:
    return Place(place.path, place.id, key) if place.part else Place(place.path, key)
