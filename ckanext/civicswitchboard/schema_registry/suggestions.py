"""What publishers suggest for the shared schema, and what curators answer.

Nothing here commits: the actions do.
"""
from __future__ import annotations

import uuid
from datetime import timedelta
from typing import get_args

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from flask import g

from ckanext.civicswitchboard.core.schema.document import Entity, Field
from ckanext.civicswitchboard.model.schema_versions import Suggestion
from ckanext.civicswitchboard.schema_registry import drafts, versions

STATES = ("open", "taken", "declined")
# Nobody types more than this in earnest.
MOST_IN_AN_HOUR = 10
MOST_OPEN = 50


class TooMany(Exception):
    """Somebody suggests faster than curators can read."""


class Repeated(Exception):
    """The same is open already."""


def find(field: str, entity: str = "") -> tuple[Entity, Field] | None:
    """A field of the current version.

    :param field: its id or name
    :param entity: whose it is; the first that has such a field when empty
    """
    document = versions.current().document
    for owner in get_args(Entity):
        if entity in ("", owner):
            for candidate in document.fields_of(owner):
                if field in (candidate.id, candidate.field_name):
                    return owner, candidate
    return None


def create(entity: str, field: str, text: str, author: str) -> Suggestion:
    """Enter a suggestion.

    :param field: the field's id, empty for the schema as a whole
    :param author: the user id of who suggests
    :raises TooMany: when they have suggested too much of late
    :raises Repeated: when they wait for an answer to the same
    """
    _in_turn(author)
    own = sa.select(Suggestion).where(Suggestion.author == author, Suggestion.state == "open")
    waiting = model.Session.scalars(own).all()
    if any(
        (suggestion.entity, suggestion.field, suggestion.text) == (entity, field, text)
        for suggestion in waiting
    ):
        raise Repeated
    lately = sa.select(sa.func.count()).where(
        Suggestion.author == author, Suggestion.created > drafts.now() - timedelta(hours=1)
    )
    if len(waiting) >= MOST_OPEN or (model.Session.scalar(lately) or 0) >= MOST_IN_AN_HOUR:
        raise TooMany
    suggestion = Suggestion(
        id=str(uuid.uuid4()),
        entity=entity,
        field=field,
        text=text,
        state="open",
        reply="",
        author=author,
        created=drafts.now(),
        answered_by="",
    )
    model.Session.add(suggestion)
    model.Session.flush()
    return suggestion


def _in_turn(author: str) -> None:
    """One suggestion of a person at a time, so that a burst cannot pass the limits."""
    key = sa.func.hashtext(f"civicswitchboard suggestion {author}")
    model.Session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def locked(suggestion_id: str) -> Suggestion | None:
    """A suggestion, which nobody else can answer until the transaction ends."""
    return model.Session.get(
        Suggestion, suggestion_id, populate_existing=True, with_for_update=True
    )


def answer(suggestion: Suggestion, state: str, reply: str, by: str) -> None:
    """Enter a curator's answer.

    :param state: ``taken`` or ``declined``; ``open`` takes an answer back
    :param by: the curator's user id
    """
    again = state == "open"
    suggestion.state = state
    suggestion.reply = "" if again else reply
    suggestion.answered_by = "" if again else by
    suggestion.answered = None if again else drafts.now()
    model.Session.flush()


def listed(
    author: str | None,
    state: str = "",
    entity: str = "",
    field: str = "",
    suggestion_id: str = "",
    limit: int = 20,
    offset: int = 0,
) -> list[Suggestion]:
    """Suggestions, the newest first; an empty word asks for all.

    :param author: the user id of whose suggestions are meant, None for everybody's; nobody has none
    """
    if author == "":
        return []
    filters = {
        Suggestion.state: state,
        Suggestion.author: author,
        Suggestion.entity: entity,
        Suggestion.field: field,
        Suggestion.id: suggestion_id,
    }
    query = sa.select(Suggestion).where(*(column == word for column, word in filters.items() if word))
    query = query.order_by(Suggestion.created.desc(), Suggestion.id).limit(limit).offset(offset)
    return list(model.Session.scalars(query))


def civicswitchboard_may_suggest(entity: str = "", field: str = "") -> bool:
    """Whether the reader may suggest a change at a field.

    :param entity: whose field it is; a subfield is none of anybody's
    :param field: the field's name; without one, whether they may suggest at all
    """
    if "civicswitchboard_may_suggest" not in g:
        g.civicswitchboard_may_suggest = tk.h.check_access("civicswitchboard_suggestion_create")
    may: bool = g.civicswitchboard_may_suggest
    if not may or not field:
        return may
    return entity in get_args(Entity) and find(field, entity) is not None


def civicswitchboard_suggestion_field(entity: str, field: str) -> Field | None:
    """The field that a suggestion is about, None for the whole schema or where it has gone.

    :param field: its id
    """
    place = find(field, entity) if field else None
    return place[1] if place else None


def civicswitchboard_suggestions(entity: str, field: str) -> list[dict[str, object]]:
    """What is suggested at a field and not yet published, for a curator's page.

    :param field: its id
    :returns: as of civicswitchboard_suggestion_list; empty for whoever may not see them
    """
    if not tk.h.check_access("civicswitchboard_suggestion_update"):
        return []
    filters = {"entity": entity, "field": field, "limit": 100}
    suggestions = tk.get_action("civicswitchboard_suggestion_list")({"user": tk.current_user.name}, filters)
    return [suggestion for suggestion in suggestions if suggestion["state"] == "open"]


HELPERS = (
    civicswitchboard_may_suggest,
    civicswitchboard_suggestion_field,
    civicswitchboard_suggestions,
)
