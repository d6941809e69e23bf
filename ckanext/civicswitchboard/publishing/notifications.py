"""Tells people in CKAN's own way: an entry on their dashboard, and in the e-mail that CKAN
makes of it.

An entry is about the person who is told: that is what makes it stand on their dashboard. It
holds numbers and ids only, since CKAN shows everybody's entries to everybody.
"""
from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import authz, model

from ckanext.civicswitchboard import partners
from ckanext.civicswitchboard.core.changes import Change
from ckanext.civicswitchboard.core.changes.notify import noticed
from ckanext.civicswitchboard.core.schema.document import Document, Entity, parse
from ckanext.civicswitchboard.model import schema_versions
from ckanext.civicswitchboard.model.schema_versions import Suggestion

log = logging.getLogger(__name__)

# Types of activity; CKAN looks for a template of the same name.
PUBLISHED = "published shared schema"
SUGGESTED = "made suggestion"
ANSWERED = "answered suggestion"

DATASET_FORMS: tuple[Entity, ...] = ("dataset", "resource")
ALL_FORMS: tuple[Entity, ...] = ("dataset", "resource", "organization")
MOST_TOLD = 4


def notify_publishers(before: Document, after: Document, number: int, author: str) -> None:
    """Tell of a new version whoever fills in a form that it changes; part of its publishing.

    :param before: the version before
    :param after: the new one
    :param number: its number
    :param author: the user id of who published it, who knows
    """
    forms_by_user: dict[str, list[Entity]] = {}
    for action, entities in (("create_dataset", DATASET_FORMS), ("update", ALL_FORMS)):
        if noticed(before, after, entities):
            forms_by_user |= {person: list(entities) for person in _permitted(action)}
    forms_by_user.pop(author, None)
    _enter(
        PUBLISHED,
        author,
        ((user_id, {"version": number, "forms": forms}) for user_id, forms in forms_by_user.items()),
    )


def notify_curators(suggestion: Suggestion) -> None:
    """Tell the steward's editors and admins of a new suggestion."""
    steward = partners.steward()
    people = _members(["admin", "editor"], steward.id) if steward else []
    data = {"suggestion": suggestion.id}
    _enter(SUGGESTED, suggestion.author, ((person, data) for person in people if person != suggestion.author))


def notify_suggester(suggestion: Suggestion) -> None:
    """Tell whoever suggested something that it has an answer."""
    if suggestion.author and suggestion.author != suggestion.answered_by:
        data = {"suggestion": suggestion.id}
        _enter(ANSWERED, suggestion.answered_by, [(suggestion.author, data)])


def _permitted(permission: str) -> list[str]:
    """User ids of those who may do something for some organization."""
    return _members(authz.get_roles_with_permission(permission))


def _members(roles: Iterable[str], organization_id: str | None = None) -> list[str]:
    """User ids of members with certain roles: of one organization, or of any where none is given."""
    member, group, user = model.Member, model.Group, model.User
    query = (
        sa.select(user.id)
        .distinct()
        .join(member, member.table_id == user.id)
        # Without a dashboard (the site's own user) the count of what is new fails in CKAN.
        .join(model.Dashboard, model.Dashboard.user_id == user.id)
        .join(group, group.id == member.group_id)
        .where(
            member.table_name == "user",
            member.state == "active",
            member.capacity.in_(list(roles)),
            group.is_organization.is_(True),
            group.state == "active",
            user.state == "active",
        )
        .order_by(user.id)
    )
    if organization_id is not None:
        query = query.where(group.id == organization_id)
    return list(model.Session.scalars(query))


def _enter(kind: str, actor: str, activities: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Add an entry for each person, in a savepoint: what is told of never fails with it.

    :param kind: the type of activity
    :param actor: the user id of who did it. It is no activity *of* theirs, or each entry of
        each person would stand on their own dashboard too
    """
    if not p.plugin_loaded("activity") or not tk.config.get("ckan.activity_streams_enabled"):
        return
    from ckanext.activity.model import Activity

    try:
        with model.Session.begin_nested():
            model.Session.add_all(
                Activity("", person, kind, {**data, "actor": actor}) for person, data in activities
            )
    except sa.exc.SQLAlchemyError as error:
        log.error("Nobody was told (%s): %s", kind, error)


def civicswitchboard_form_changes(version: int, forms: list[Entity]) -> list[str]:
    """What a version changed in forms, in sentences.

    :param version: its number
    :param forms: whose forms
    """
    row = model.Session.execute(schema_versions.numbered(version)).one_or_none()
    if row is None:
        return []
    return in_words(_noticed(version - 1, version, row.published, tuple(forms)))


def between(before: int, after: int, published: datetime, entities: tuple[Entity, ...]) -> list[str]:
    """What changed in forms from one version to another.

    :param published: when the later one was
    :param entities: whose forms
    """
    return in_words(_noticed(before, after, published, entities))


@lru_cache(maxsize=32)
def _noticed(
    before: int, after: int, published: datetime, forms: tuple[Entity, ...]
) -> tuple[Change, ...]:
    """Versions never change; those of a database that was restored have another time."""
    old, new = (model.Session.scalar(schema_versions.document(number)) for number in (before, after))
    return tuple(noticed(parse(old), parse(new), forms)) if old and new else ()


def in_words(changes: Iterable[Change]) -> list[str]:
    """Changes in the reader's language."""
    return [change.say(tk._, tk.h.scheming_language_text) for change in changes]


HELPERS = (civicswitchboard_form_changes,)
