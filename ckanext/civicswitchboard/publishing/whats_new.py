"""The line above the form that says what changed since somebody used it last.

Which version somebody knows stands among their account's own data, where CKAN keeps what
extensions store about a user and shows it to nobody else.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from flask import has_request_context, request
from sqlalchemy.dialects.postgresql import JSONB

from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.input_checks import whole_number
from ckanext.civicswitchboard.model.schema_versions import Version
from ckanext.civicswitchboard.publishing import notifications
from ckanext.civicswitchboard.records.translate_input import FORM_VERSION
from ckanext.civicswitchboard.schema_registry import versions

Form = Literal["dataset", "organization"]
EXTRA: Mapping[Form, str] = {
    "dataset": "civicswitchboard_form_version",
    "organization": "civicswitchboard_organization_form_version",
}
# Whose fields a form has: files belong to their datasets.
ENTITIES: Mapping[Form, tuple[Entity, ...]] = {
    "dataset": ("dataset", "resource"),
    "organization": ("organization",),
}
# Core's actions that forms call.
SAVES: Mapping[str, Form] = {
    **dict.fromkeys(("package_create", "package_update", "resource_create", "resource_update"), "dataset"),
    **dict.fromkeys(("organization_create", "organization_update"), "organization"),
}


@dataclass(frozen=True)
class News:
    """What changed in a form.

    :ivar form: which one
    :ivar published: when the newest version was
    :ivar before: the number of the version that the reader knows
    :ivar version: the number of the current one
    :ivar texts: the first changes, in sentences
    :ivar more: how many more there are
    """

    form: Form
    published: datetime
    before: int
    version: int
    texts: list[str]
    more: int


def civicswitchboard_form_news(form: Form = "dataset") -> News | None:
    """What changed in a form since the reader used it; None when nothing did."""
    current = versions.current().version
    if current == 1 or not tk.current_user.is_authenticated:
        return None
    before = known_to(tk.current_user, form)
    published = model.Session.scalar(sa.select(Version.published).where(Version.number == current))
    if before >= current or published is None:
        return None
    texts = notifications.between(before, current, published, ENTITIES[form])
    if not texts:
        return None
    most = notifications.MOST_TOLD
    return News(form, published, before, current, texts[:most], len(texts[most:]))


def known_to(user: Any, form: Form = "dataset") -> int:
    """The number of the version whose form somebody used last.

    An account that never used one knows what was current when it was made.
    """
    extras = user.plugin_extras
    stored = extras.get(EXTRA[form]) if isinstance(extras, dict) else None
    if isinstance(stored, int):
        return stored
    newest = sa.select(sa.func.max(Version.number))
    # CKAN stores the machine's local time, without saying so.
    return model.Session.scalar(newest.where(Version.published <= user.created.astimezone())) or 1


def remember(user: Any, version: int, form: Form = "dataset") -> None:
    """Enter that somebody knows the form of a version; committed.

    :param version: its number; an older one than they know is none they forget
    """
    version = min(version, versions.current().version)
    if known_to(user, form) >= version and EXTRA[form] in (user.plugin_extras or {}):
        return
    # One statement, so that what another extension writes meanwhile is not lost.
    extras = sa.type_coerce(model.User.plugin_extras, JSONB)
    stored_extras = sa.case((sa.func.jsonb_typeof(extras) == "object", extras), else_=sa.cast({}, JSONB))
    model.Session.execute(
        sa.update(model.User)
        .where(model.User.id == user.id)
        .values(plugin_extras=stored_extras.op("||")(sa.cast({EXTRA[form]: version}, JSONB)))
        .execution_options(synchronize_session=False)
    )
    model.Session.commit()
    # CKAN's session keeps what it read.
    model.Session.expire(model.User.get(user.id), ["plugin_extras"])


def after_save(sender: str, **about: Any) -> None:
    """Whoever saved a form has seen it: CKAN's signal after an action."""
    if about["context"].get("defer_commit") or not has_request_context():
        return
    sent = whole_number(request.form.get(FORM_VERSION))
    if sent is not None and tk.current_user.is_authenticated:
        remember(tk.current_user, sent, SAVES[sender])


HELPERS = (civicswitchboard_form_news,)
