"""What changes between two documents: every kind of change, declared once.

``diff`` tells the changes, ``apply`` makes them, ``inverse`` turns them round. Their laws,
for any documents a and b::

    diff(a, a) == []
    apply(a, diff(a, b)) == b
    apply(b, inverse(diff(a, b))) == a

``docs/schema-changes.md`` lists the kinds.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from ckanext.civicswitchboard.core.changes.diff import ChangeError, Edit, apply_edits, edits
from ckanext.civicswitchboard.core.changes.fields import FIELD_KINDS
from ckanext.civicswitchboard.core.changes.kinds import (
    LEVELS,
    Change,
    Comparison,
    Kind,
    Level,
    Offer,
    Question,
    level_of,
)
from ckanext.civicswitchboard.core.changes.paths import Place
from ckanext.civicswitchboard.core.changes.structure import OTHER_KINDS
from ckanext.civicswitchboard.core.changes.vocabularies import VOCABULARY_KINDS
from ckanext.civicswitchboard.core.schema.document import Document

__all__ = [
    "KINDS",
    "LEVELS",
    "Change",
    "ChangeError",
    "Edit",
    "Kind",
    "Level",
    "Offer",
    "Place",
    "Question",
    "apply",
    "diff",
    "inverse",
    "level_of",
]

# Of the kinds that fit, the first takes the attributes that it tells about.
KINDS: list[Kind] = [*OTHER_KINDS, *FIELD_KINDS, *VOCABULARY_KINDS]


def diff(old: Document, new: Document) -> list[Change]:
    """The changes from one document to another.

    :param old: the document before
    :param new: the document after
    """
    return list(_told(edits(old, new), Comparison(old, new)))


def apply(document: Document, changes: Iterable[Change]) -> Document:
    """A document with changes made; ``core.rules.faults_of`` tells whether it is sound.

    :param document: the document, left as it is
    :param changes: the changes, all or some of a difference
    :raises ChangeError: when a thing to change is not there, or one to add is
    """
    return apply_edits(document, [edit for change in changes for edit in change.edits])


def inverse(changes: Iterable[Change]) -> list[Change]:
    """The changes back.

    :param changes: the changes
    """
    return [
        back
        for change in changes
        for back in _told([edit.inverse for edit in change.edits], change.within.back)
    ]


def _told(found: list[Edit], within: Comparison) -> Iterator[Change]:
    """Edits as changes: each thing's edits are shared out among the kinds that fit."""
    for place, edits_there in groupby(found, key=lambda edit: edit.place):
        left = {edit.attribute: edit for edit in edits_there}
        for kind in _BY_THING[place.collection.thing]:
            taken = tuple(left[name] for name in kind.attributes if name in left)
            if taken and kind.fits(
                {edit.attribute: edit.before for edit in taken},
                {edit.attribute: edit.after for edit in taken},
            ):
                yield Change(kind, taken, within)
                for edit in taken:
                    del left[edit.attribute]
        if left:
            raise LookupError(f"no kind of change tells about {', '.join(left)} of {place}")


_BY_THING = {
    kind.thing: [other for other in KINDS if other.thing == kind.thing] for kind in KINDS
}
