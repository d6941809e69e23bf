"""Three-way merging of documents, attribute by attribute of each thing, by lasting ids.

Two curators, or a curator and a new release, change the same version: what only one of
them changed is taken; a conflict is only where both changed the same to something else.
"""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ckanext.civicswitchboard.core.changes.edits import (
    ITEM,
    POSITION,
    ChangeError,
    Edit,
    apply_edits,
    edits,
)
from ckanext.civicswitchboard.core.changes.places import Place
from ckanext.civicswitchboard.core.document import Document


@dataclass(frozen=True)
class Conflict:
    """What both sides changed, each to something else.

    :ivar ours: the edit that the merged document has
    :ivar theirs: the edit that it could have instead
    """

    ours: Edit
    theirs: Edit

    def dictize(self) -> dict[str, Any]:
        """The conflict as the API gives it."""
        place = self.ours.place
        return {
            "entity": place.collection.entity,
            "field": place.id,
            "part": place.part,
            "attribute": self.ours.attribute,
            "base": self.ours.before,
            "ours": self.ours.after,
            "theirs": self.theirs.after,
        }


@dataclass(frozen=True)
class Merged:
    """Two documents as one.

    :ivar document: with the changes of both; where they conflict, with ours
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
    mine = {(edit.place, edit.attribute): edit for edit in edits(base, ours)}
    taken: list[Edit] = []
    conflicts: list[Conflict] = []
    for edit in edits(base, theirs):
        rival = _rival(mine, edit)
        if rival is None:
            taken.append(edit)
        elif rival.attribute != POSITION and rival.after != edit.after:
            # Of two orders ours stands without asking: nothing depends on it.
            conflicts.append(Conflict(rival, edit))
    return Merged(_applied(ours, taken), tuple(conflicts))


def take_theirs(document: Document, conflict: Conflict) -> Document:
    """A merged document with the other answer to a conflict.

    :raises ChangeError: when the thing is not there any more
    """
    edit = conflict.theirs
    return apply_edits(document, [Edit(edit.place, edit.attribute, conflict.ours.after, edit.after)])


def _rival(mine: dict[tuple[Place, str], Edit], edit: Edit) -> Edit | None:
    """Our edit of the same thing, which an edit of theirs cannot stand beside."""
    same = mine.get((edit.place, edit.attribute))
    if same is not None:
        return same
    for place in (edit.place, edit.place.holder):
        whole = mine.get((place, ITEM))
        if whole is not None:
            return whole
    if edit.attribute == ITEM and edit.after is None:
        inside = (each for each in mine.values() if edit.place in (each.place, each.place.holder))
        return next(inside, None)
    return None


def _applied(document: Document, wanted: Iterable[Edit]) -> Document:
    try:
        return apply_edits(document, wanted)
    except ChangeError:
        # One at a time: what an edit names went with a change of ours.
        for edit in wanted:
            try:
                document = apply_edits(document, [edit])
            except ChangeError:
                continue
        return document
