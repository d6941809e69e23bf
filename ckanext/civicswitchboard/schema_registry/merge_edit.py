"""Saving an edit of the draft from a page that may be older than the draft.

A page says which revision it was made from. Its edit is made on that revision, and what it
changed is merged onto the newest one: two curators, or two tabs, work side by side. Only
where both changed the same attribute of the same thing somebody has to choose.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.core.changes import Place, diff
from ckanext.civicswitchboard.core.changes.diff import value_of
from ckanext.civicswitchboard.core.changes.merge import Answer, Conflict, Merged, merge, take
from ckanext.civicswitchboard.core.changes.paths import placed
from ckanext.civicswitchboard.core.editing.fields import Edit, EditRefused
from ckanext.civicswitchboard.core.schema.document import Document, dump, parse
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.model.schema_versions import Revision
from ckanext.civicswitchboard.schema_registry import drafts, people

# How often a save is tried anew when somebody else's comes between reading and writing.
TRIES = 5
# A page left open for days is told of this many of the revisions since, the newest.
MOST_REVISIONS = 50


@dataclass(frozen=True)
class Opened:
    """The draft as a page shows it.

    :ivar base: the number of the version it is based on
    :ivar revision: the number of this state
    :ivar document: the document; it may break rules
    :ivar author: the account that saved it last
    :ivar saved: when, UTC
    :ivar can_undo: whether there is an edit to undo
    """

    base: int
    revision: int
    document: Document
    author: str | None
    saved: datetime
    can_undo: bool

    @classmethod
    def of(cls, shown: Mapping[str, Any]) -> Opened:
        """From what the draft's actions give."""
        return cls(
            base=shown["base_version"],
            revision=shown["revision"],
            document=parse(shown["document"]),
            author=shown["author"],
            saved=datetime.fromisoformat(shown["saved"]),
            can_undo=shown["can_undo"],
        )


@dataclass(frozen=True)
class Meanwhile:
    """What was changed since a page was made, by whom and when.

    :ivar text: the change in a sentence
    :ivar author: the account, None when it is gone
    """

    text: str
    author: str | None
    saved: datetime


@dataclass(frozen=True)
class Clash:
    """What both changed, each to something else.

    :ivar key: names it in a form, for the answer
    :ivar place: the thing
    :ivar label: what the thing is called
    :ivar attribute: its attribute, ``item`` for the thing as a whole
    :ivar base: what both started from
    :ivar mine: what the page's reader wants
    :ivar theirs: what the draft has
    :ivar author: the account that changed it in the draft
    :ivar saved: when
    """

    key: str
    place: Place
    label: Any
    attribute: str
    base: Any
    mine: Any
    theirs: Any
    author: str | None
    saved: datetime


@dataclass(frozen=True)
class Saved:
    """An edit that is in the draft.

    :ivar draft: the draft with it
    :ivar meanwhile: what came in since the page was made
    """

    draft: Opened
    meanwhile: tuple[Meanwhile, ...] = ()


@dataclass(frozen=True)
class Conflicted:
    """An edit that is not saved, as somebody has to choose.

    :ivar draft: the draft without it
    :ivar clashes: what to choose about
    :ivar meanwhile: what came in since the page was made
    """

    draft: Opened
    clashes: tuple[Clash, ...]
    meanwhile: tuple[Meanwhile, ...]


def opened(user: str) -> Opened:
    """The draft for a page.

    :param user: the reader's account
    :raises NotFound: when there is none
    :raises NotAuthorized: when the reader may not see it
    """
    return Opened.of(_act(user, "schema_draft_show"))


def save(
    user: str, seen: int, edit: Edit, answers: Mapping[str, Answer] | None = None
) -> Saved | Conflicted:
    """Save an edit.

    :param user: the account that makes it
    :param seen: the revision from which its page was made
    :param edit: makes the changed document of one; refuses with :class:`EditRefused`
    :param answers: by :attr:`Clash.key`, whose change is to hold: ``ours`` is the page's
    :raises EditRefused: when the edit cannot be made; nothing is saved
    :raises NotFound: when there is no draft, or ``seen`` is no revision of it
    :raises NotAuthorized: when the account may not
    """
    for _try in range(TRIES):
        newest = opened(user)
        wanted = _wanted(seen, newest, edit)
        clashes = wanted.open_after(answers or {})
        meanwhile = tuple(_meanwhile(seen)) if seen != newest.revision else ()
        if clashes:
            clashes_described = tuple(_clash(wanted.base, conflict, seen) for conflict in clashes)
            return Conflicted(newest, clashes_described, meanwhile)
        if wanted.merged.document == newest.document:
            return Saved(newest, meanwhile)
        try:
            return Saved(_stored(user, newest.revision, wanted.merged.document), meanwhile)
        except drafts.Outdated:
            continue
    raise EditRefused(N_("Other people keep saving the draft. Try again"))


@dataclass
class _Wanted:
    base: Document
    merged: Merged

    def open_after(self, answers: Mapping[str, Answer]) -> list[Conflict]:
        """What is still to choose, the answers taken."""
        for conflict in self.merged.conflicts:
            answer = answers.get(conflict.key)
            if answer:
                self.merged = take(self.merged, conflict, answer)
        return list(self.merged.conflicts)


def _wanted(seen: int, newest: Opened, edit: Edit) -> _Wanted:
    if seen == newest.revision:
        return _Wanted(newest.document, Merged(edit(newest.document), ()))
    base = drafts.revision(seen) if seen < newest.revision else None
    if base is None:
        raise _gone()
    return _Wanted(base, merge(base, edit(base), newest.document))


def _gone() -> tk.ObjectNotFound:
    return tk.ObjectNotFound(tk._("This page's draft no longer exists. Reload the page to continue"))


def _stored(user: str, revision: int, document: Document) -> Opened:
    try:
        shown = _act(user, "schema_draft_update", revision=revision, document=dump(document))
    except tk.ValidationError as error:
        if "revision" in error.error_dict:
            raise drafts.Outdated(revision) from error
        faults = "; ".join(error.error_dict.get("document", [str(error)]))
        raise EditRefused(N_("This can't be saved: {reason}"), reason=faults) from error
    return Opened.of(shown)


def _since(seen: int) -> Iterator[tuple[Document, Revision]]:
    """Each state since a revision, with that revision's own first."""
    newest = sa.select(sa.func.max(Revision.number)).scalar_subquery()
    query = (
        sa.select(Revision)
        .where(
            sa.or_(
                Revision.number == seen,
                Revision.number > sa.func.greatest(seen, newest - MOST_REVISIONS),
            )
        )
        .order_by(Revision.number)
    )
    for row in model.Session.scalars(query):
        yield parse(row.document), row


def _meanwhile(seen: int) -> Iterator[Meanwhile]:
    before: Document | None = None
    for document, row in _since(seen):
        if before is not None:
            for change in diff(before, document):
                text = change.say(tk._, tk.h.scheming_language_text)
                yield Meanwhile(text, people.name(row.author), row.saved)
        before = document


def _clash(base: Document, conflict: Conflict, seen: int) -> Clash:
    before, author, saved = value_of(placed(base), conflict.place, conflict.attribute), "", None
    for document, row in _since(seen):
        now = value_of(placed(document), conflict.place, conflict.attribute)
        if now != before or saved is None:
            before, author, saved = now, row.author, row.saved
    if saved is None:
        raise _gone()
    return Clash(
        key=conflict.key,
        place=conflict.place,
        label=label_of(placed(base), conflict.place),
        attribute=conflict.attribute,
        base=conflict.base,
        mine=conflict.ours,
        theirs=conflict.theirs,
        author=people.name(author),
        saved=saved,
    )


def label_of(state: Mapping[Place, Any], place: Place) -> Any:
    """What a thing is called to those who choose about it.

    :param state: what :func:`placed` gives
    """
    return getattr(state.get(place), "label", "") or place.key or tk._("The shared schema")


def _act(user: str, action: str, **data: Any) -> Any:
    return tk.get_action(f"civicswitchboard_{action}")({"user": user}, data)
