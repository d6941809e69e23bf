"""The one draft of the next version: each edit appends a revision, undo an older state.

Revision numbers go on from one draft to the next, so that an edit of a draft that was published
or discarded is never taken for an edit of the one that followed.

Nothing here commits: the actions do. Whoever changes the draft holds :func:`locks.drafting`.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache

import sqlalchemy as sa
from ckan import model
from sqlalchemy import orm

from ckanext.civicswitchboard.core.schema.choices import TermChoices
from ckanext.civicswitchboard.core.schema.document import Document, dump, parse
from ckanext.civicswitchboard.model.schema_versions import THE_ONE, Draft, Revision


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


class Existing(Exception):
    """There is a draft already."""


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
    before = orm.aliased(Revision)
    # A revision that undid another is the same as that one: undo goes on from there.
    same_as = sa.func.coalesce(Revision.undoes, Revision.number)
    query = (
        sa.select(
            Draft.base, Revision.number, Revision.author, Revision.saved,
            sa.func.coalesce(before.undoes, before.number).label("undoable"),
        )
        .join(Revision, Revision.number == Draft.revision)
        .outerjoin(before, before.number == same_as - 1)
    )
    row = model.Session.execute(query).one_or_none()
    try:
        document = _document(row.number, row.saved) if row else None
    except LookupError:
        # It was published or discarded between the two statements.
        return None
    if row is None or document is None:
        return None
    return State(
        base=row.base,
        revision=row.number,
        document=document,
        author=row.author,
        saved=row.saved,
        undoable=row.undoable,
    )


def choices(state: State, vocabulary_id: str) -> TermChoices | None:
    """What fields take from a vocabulary of the draft, made once for a revision; None where there is none.

    :param state: the draft
    :param vocabulary_id: the vocabulary's id
    """
    return _choices(state.revision, state.saved, vocabulary_id)


# The current draft in the process, and the one before while it is followed. A revision never changes;
# a database that was restored has others under the same numbers, saved at another time.
@lru_cache(maxsize=2)
def _document(number: int, saved: datetime) -> Document:
    document = revision(number)
    if document is None:
        raise LookupError(number)
    return document


@lru_cache(maxsize=8)
def _choices(number: int, saved: datetime, vocabulary_id: str) -> TermChoices | None:
    vocabulary = _document(number, saved).vocabulary(vocabulary_id)
    return TermChoices.of(vocabulary) if vocabulary else None


def revision(number: int) -> Document | None:
    """The draft as it was, None when it has no such revision."""
    document = model.Session.scalar(sa.select(Revision.document).where(Revision.number == number))
    return parse(document) if document else None


def begun_by() -> str:
    """The user id of who began the draft, empty without one."""
    first = sa.select(Revision.author).join(Draft, sa.true()).order_by(Revision.number).limit(1)
    return model.Session.scalar(first) or ""


def start(document: Document, base: int, author: str) -> State:
    """Begin a draft.

    :param document: its first state
    :param base: the number of the version it is based on
    :raises Existing: when there is one already
    """
    if current() is not None:
        raise Existing
    last = model.Session.scalar(sa.select(sa.func.max(Revision.number))) or 0
    # The last one of the draft before was kept for its number.
    model.Session.execute(sa.delete(Revision))
    model.Session.add(Draft(id=THE_ONE, base=base, revision=last + 1))
    return _append(last + 1, document, author)


def save(seen: int, document: Document, author: str, base: int | None = None) -> State:
    """Append a revision.

    :param seen: the revision that the edit started from
    :param base: the version it is based on from now on, when that changes
    :raises Outdated: when there is a newer one; nothing is changed
    """
    state = _seen(seen)
    _go_on(seen + 1, state.base if base is None else base)
    return _append(seen + 1, document, author)


def undo(seen: int, author: str) -> State:
    """Append the state before the newest edit that is not undone yet.

    :param seen: the newest revision as its reader saw it
    :raises Outdated: when there is a newer one
    :raises LookupError: when there is nothing to undo
    """
    state = _seen(seen)
    if state.undoable is None:
        raise LookupError
    before = revision(state.undoable)
    assert before is not None
    _go_on(seen + 1, state.base)
    return _append(seen + 1, before, author, undoes=state.undoable)


def discard() -> None:
    """End the draft; its revisions go with it, but for the last, from which the next draft counts on."""
    newest = sa.select(sa.func.max(Revision.number)).scalar_subquery()
    model.Session.execute(
        sa.delete(Revision).where(Revision.number < newest), execution_options={"synchronize_session": False}
    )
    model.Session.execute(sa.delete(Draft))
    model.Session.expire_all()


def _seen(revision: int) -> State:
    state = current()
    if state is None or state.revision != revision:
        raise Outdated(state.revision if state else 0)
    return state


def _go_on(revision: int, base: int) -> None:
    model.Session.execute(sa.update(Draft).values(revision=revision, base=base))


def _append(number: int, document: Document, author: str, undoes: int | None = None) -> State:
    model.Session.add(
        Revision(number=number, document=dump(document), author=author, saved=now(), undoes=undoes)
    )
    model.Session.flush()
    state = current()
    assert state is not None
    return state
