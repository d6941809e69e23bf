"""Small edits of a document, as a curator would make them."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.tests import factories, helpers

Raw = dict[str, Any]


def act(action: str, user: str | None = None, **data: Any) -> Any:
    """Call one of our actions; without a user as the portal itself."""
    context = {"user": user, "ignore_auth": False} if user else {}
    return helpers.call_action(f"civicswitchboard_{action}", context, **data)


def call(action: str, **data: Any) -> Any:
    """Call one of core's actions as a sysadmin."""
    user = factories.Sysadmin()["name"]
    return tk.get_action(action)({"user": user, "ignore_auth": False}, data)


def current_document() -> Raw:
    document: Raw = act("schema_show")["document"]
    return document


def field_of(document: Raw, field_id: str, part: str = "fields") -> Raw:
    return next(field for field in document["dataset"][part] if field["id"] == field_id)


def with_field(document: Raw, **field: Any) -> Raw:
    """A copy with one more dataset field."""
    label = field["field_name"].replace("_", " ").capitalize()
    usual = {"id": field["field_name"], "label": label, "section": "about"}
    fields = [*document["dataset"]["fields"], {**usual, **field}]
    return {**document, "dataset": {**document["dataset"], "fields": fields}}


def changed(document: Raw, field_id: str, **attributes: Any) -> Raw:
    """A copy with other attributes of a dataset field."""
    fields = [
        {**field, **attributes} if field["id"] == field_id else field
        for field in document["dataset"]["fields"]
    ]
    return {**document, "dataset": {**document["dataset"], "fields": fields}}


def publish(document: Raw, note: str = "A test's reason") -> Raw:
    """Draft and publish a document."""
    draft = act("schema_draft_create")
    draft = act("schema_draft_update", revision=draft["revision"], document=document)
    version: Raw = act("schema_publish", revision=draft["revision"], note=note)
    return version
