"""The one draft of the next version: each edit appends a revision, undo an older state.

Nothing here commits: the actions do.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.core.document import Document, dump, parse
from ckanext.civicswitchboard.model.versions import THE_ONE, Draft, Revision


@dataclass(frozen=True)
class State:
    """The draft as it stands.

    :ivar base: the number of the version it is based on
    :ivar revision: the number of this state
    :ivar document: the document; it may break rules that a published one has to keep
    :ivar author: the user id of who saved it last
    :ivar saved: when, UTC
    :ivar undoable: the number of the revision that undo goes back to, None where there is none
    """

    base: int
    revision: int
    document: Document
    author: str
    saved: datetime
    undoable: int | None


class Outdated(Exception):
    """The draft went on since the revision that an edit started from.

    :ivar revision: the newest one
    """

    def __init__(self, revision: int) -> None:
        self.revision = revision
        super().__init__(revision)


def now() -> datetime:
    """The time to store."""
    return datetime.now(timezone.utc)


def current() -> State | None:
    """The draft, None while there is none."""
    draft = model.Session.get(Draft, THE_ONE, populate_existing=True)
    return _state(draft) if draft else None


def held() -> State | None:
    """The draft, which nobody else can change until the transaction ends."""
    draft = model.Session.get(Draft, THE_ONE, populate_existing=True, with_for_update=True)
    return _state(draft) if draft else None


def revision(number: int) -> Document | None:
    """The draft as it was, None when it has no such revision."""
    found = model.Session.get(Revision, number)
    return parse(found.document) if found else None


def start(document: Document, base: int, author: str) -> State:
    """Begin a draft.

    :param document: its first state
    :param base: the number of the version it is based on
    :raises sqlalchemy.exc.IntegrityError: when there is one already
    """
    model.Session.add(Draft(id=THE_ONE, base=base, revision=1))
    model.Session.flush()
    return _append(document, author)


def save(seen: int, document: Document, author: str, base: int | None = None) -> State:
    """Append a revision.

    :param seen: the revision that the edit started from
    :param base: the version it is based on from now on, when that changes
    :raises Outdated: when there is a newer one; nothing is changed
    """
    state = held()
    if state is None or state.revision != seen:
        raise Outdated(state.revision if state else 0)
    _draft().revision = seen + 1
    if base is not None:
        _draft().base = base
    return _append(document, author)


def undo(seen: int, author: str) -> State:
    """Append the state before the newest edit that is not undone yet.

    :param seen: the newest revision as its reader saw it
    :raises Outdated: when there is a newer one
    :raises LookupError: when there is nothing to undo
    """
    state = held()
    if state is None or state.revision != seen:
        raise Outdated(state.revision if state else 0)
    if state.undoable is None:
        raise LookupError
    before = revision(state.undoable)
    assert before is not None
    _draft().revision = seen + 1
    return _append(before, author, undoes=state.undoable)


def discard() -> None:
    """End the draft; its revisions go with it."""
    model.Session.execute(sa.delete(Revision))
    model.Session.execute(sa.delete(Draft))
    model.Session.expire_all()


def _append(document: Document, author: str, undoes: int | None = None) -> State:
    number = _draft().revision
    saved = now()
    model.Session.add(
        Revision(number=number, document=dump(document), author=author, saved=saved, undoes=undoes)
    )
    model.Session.flush()
    return _state(_draft())


def _draft() -> Draft:
    draft = model.Session.get(Draft, THE_ONE)
    assert draft is not None
    return draft


def _state(draft: Draft) -> State:
    newest = model.Session.get_one(Revision, draft.revision)
    # A revision that undid another stands for that one: undo goes on from there.
    stands_for = newest.undoes or newest.number
    return State(
        base=draft.base,
        revision=draft.revision,
        document=parse(newest.document),
        author=newest.author,
        saved=newest.saved,
        undoable=_before(stands_for),
    )


def _before(number: int) -> int | None:
    """The revision before one, or before the one that it is a return to."""
    if number <= 1:
        return None
    before = model.Session.get_one(Revision, number - 1)
    return before.undoes or before.number
