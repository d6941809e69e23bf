"""The changes between two documents; every kind of change is declared once.

``diff`` lists the changes, ``apply`` makes them, ``inverse`` reverses them. For any documents a
and b::

    diff(a, a) == []
    apply(a, diff(a, b)) == b
    apply(b, inverse(diff(a, b))) == a

``docs/schema-changes.md`` lists the kinds.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from ckanext.civicswitchboard.core.changes.diff import ChangeError, Edit, apply_edits, edits
from ckanext.civicswitchboard.core.changes.effects import LEVELS, Level, Offer, Question
from ckanext.civicswitchboard.core.changes.fields import FIELD_KINDS
from ckanext.civicswitchboard.core.changes.kinds import Change, Comparison, Kind, level_of
from ckanext.civicswitchboard.core.changes.paths import Place
from ckanext.civicswitchboard.core.changes.structure import STRUCTURE_KINDS
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

# Of the kinds that fit, the first takes the attributes that it reports.
KINDS: list[Kind] = [*STRUCTURE_KINDS, *FIELD_KINDS, *VOCABULARY_KINDS]


def diff(old: Document, new: Document) -> list[Change]:
    """The changes from one document to another.

    :param old: the document before
    :param new: the document after
    """
    return list(_changes(edits(old, new), Comparison(old, new)))


def apply(document: Document, changes: Iterable[Change]) -> Document:
    """A copy of a document with changes made. It may break rules: see ``core.schema.rules.faults_of``.

    :param document: the document
    :param changes: the changes, all or some of a difference
    :raises ChangeError: if a thing to change isn't there, or one to add is
    """
    return apply_edits(document, [edit for change in changes for edit in change.edits])


def inverse(changes: Iterable[Change]) -> list[Change]:
    """The changes back.

    :param changes: the changes
    """
    return [
        back
        for change in changes
        for back in _changes([edit.inverse for edit in change.edits], change.within.back)
    ]


def _changes(all_edits: list[Edit], within: Comparison) -> Iterator[Change]:
    """Edits as changes: the edits of a thing are divided among the kinds that fit."""
    for place, edits_of_thing in groupby(all_edits, key=lambda edit: edit.place):
        remaining = {edit.attribute: edit for edit in edits_of_thing}
        for kind in _BY_THING[place.collection.thing]:
            taken = tuple(remaining[name] for name in kind.attributes if name in remaining)
            if taken and kind.fits(
                {edit.attribute: edit.before for edit in taken},
                {edit.attribute: edit.after for edit in taken},
            ):
                yield Change(kind, taken, within)
                for edit in taken:
                    del remaining[edit.attribute]
        if remaining:
            raise LookupError(f"no kind of change reports {', '.join(remaining)} of {place}")


_BY_THING = {kind.thing: [other for other in KINDS if other.thing == kind.thing] for kind in KINDS}
