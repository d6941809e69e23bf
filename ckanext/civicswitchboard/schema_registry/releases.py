"""What a later release changes in the shipped schema comes to a portal as a draft.

It is merged with what the portal changed itself, thing by thing; where both changed the same,
the portal's own stays. Until a version is published from it, or somebody passes it over, it
counts as waiting.
"""
from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from ckan import model

from ckanext.civicswitchboard.core.changes import Change, diff
from ckanext.civicswitchboard.core.changes.merge import Conflict, merge
from ckanext.civicswitchboard.core.schema.document import Document, DocumentError, dump, parse
from ckanext.civicswitchboard.model.schema_versions import THE_ONE, Generation
from ckanext.civicswitchboard.schema_registry import drafts, locks, versions

# Who a draft's first revision is by, when it is a release's: no account has a colon in its id.
_BY = "release:"


@dataclass(frozen=True)
class Waiting:
    """What a release would change in the portal's schema.

    :ivar base: the number of the current version
    :ivar document: the current version with the release's changes
    :ivar changes: what it changes
    :ivar conflicts: what both changed; the document has the portal's own
    :ivar drafted: whether the draft has been begun with it
    """

    base: int
    document: Document
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    drafted: bool


def waiting() -> Waiting | None:
    """What this release would change, None when there is nothing."""
    before = _taken_in()
    shipped, current = versions.shipped().document, versions.newest()
    if before is None or before == shipped:
        return None
    merged = merge(before, current.document, shipped)
    changes = tuple(diff(current.document, merged.document))
    if not changes:
        return None
    return Waiting(current.version, merged.document, changes, merged.conflicts, _is_release(shipped))


def draft(offer: Waiting) -> bool:
    """Make it the draft; committed.

    :returns: whether there was no draft yet
    :raises locks.Busy: when somebody else is at the draft for too long
    """
    locks.drafting()
    try:
        drafts.start(offer.document, offer.base, _mark(versions.shipped().document))
    except drafts.Existing:
        model.Session.rollback()
        return False
    model.Session.commit()
    return True


def in_draft() -> bool:
    """Whether the draft began with what this release, or one before it, changes."""
    return drafts.begun_by().startswith(_BY)


def pass_over() -> None:
    """Have the portal's schema stay as it is, whatever this release would change; committed."""
    _remember()
    model.Session.commit()


def take_in() -> None:
    """Note that this release has been looked at, when the draft that is published began with it."""
    if _is_release(versions.shipped().document):
        _remember()


def _remember() -> None:
    generation = model.Session.get(Generation, THE_ONE, populate_existing=True)
    if generation is not None:
        generation.shipped = dump(versions.shipped().document)


def _taken_in() -> Document | None:
    """The shipped document that the portal has seen last."""
    generation = model.Session.get(Generation, THE_ONE, populate_existing=True)
    if generation is None:
        return None
    try:
        return parse(generation.shipped)
    except DocumentError:
        # An older release's form that can't be read: there is nothing to compare with.
        return None


def _is_release(shipped: Document) -> bool:
    return drafts.begun_by() == _mark(shipped)


def _mark(shipped: Document) -> str:
    digest = hashlib.sha256(json.dumps(dump(shipped), sort_keys=True).encode()).hexdigest()
    return f"{_BY}{digest[:16]}"
