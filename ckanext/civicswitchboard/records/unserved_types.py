"""Records of types that no enabled plugin serves, such as those of a scheming file that was not taken over.

CKAN binds the pages of a type, and reads its records by its form, only while a plugin serves the type.
Without one such records would break the pages that list them and lose values when they are saved.
"""
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib.search.query import solr_literal
from flask import Flask, g

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.core.schema.field_types import FIELD_TYPES, is_empty, same
from ckanext.civicswitchboard.core.schema.reserved_names import CORE_FIELDS
from ckanext.civicswitchboard.core_fixes import relationships
from ckanext.civicswitchboard.search_index.batch import reaching
from ckanext.civicswitchboard.search_index.document import FORM

Record = dict[str, Any]
Action = Callable[..., Any]

# In the index, for a record as CKAN reads it without a plugin of its type.
PLAIN = "plain"

_LINE, _LINES = FIELD_TYPES[""], FIELD_TYPES["textarea"]
# Core's fields in more than one line.
_TEXT_AREAS = frozenset({"notes", "description"})
# What belongs to a resource's file, and goes when the file or link is replaced.
_OF_THE_FILE = frozenset(
    "url url_type mimetype mimetype_inner size hash last_modified cache_url cache_last_updated".split()
)


def is_served(package_type: str) -> bool:
    """Whether a plugin serves a type."""
    plugins = p.PluginImplementations(p.IDatasetForm)
    return any(package_type in plugin.package_types() for plugin in plugins)


def counts() -> dict[str, int]:
    """How many records there are of each type that no plugin serves."""
    package = model.Package
    rows = model.Session.execute(
        sa.select(package.type, sa.func.count())
        .where(package.state != "deleted", package.type.is_not(None))
        .group_by(package.type)
        .order_by(package.type)
    )
    return {name: count for name, count in rows.tuples() if not is_served(name)}


# Links


def link_to_plain_pages(app: Flask) -> None:
    """Let links to pages of a type without a plugin lead to the pages of datasets, which show any record."""

    def build(error: Exception, endpoint: str, values: Record) -> str:
        blueprint, _dot, view = endpoint.rpartition(".")
        package_type = blueprint.removesuffix("_resource")
        plain = f"dataset{blueprint[len(package_type):]}.{view}"
        if blueprint in app.blueprints or plain not in app.view_functions or not _is_stored(package_type):
            raise error
        return app.url_for(plain, **values)

    app.url_build_error_handlers.append(build)


def _is_stored(package_type: str) -> bool:
    """Whether there are records of a type; asked once a request."""
    known: dict[str, bool] = g.setdefault("civicswitchboard_stored_types", {})
    if package_type not in known:
        query = sa.select(model.Package.id).where(model.Package.type == package_type).limit(1)
        known[package_type] = model.Session.scalar(query) is not None
    return known[package_type]


# Reading and saving


def actions() -> dict[str, Action]:
    """Core's actions, chained."""
    return {"package_show": package_show, "package_update": package_update}


@tk.chained_action
@tk.side_effect_free
def package_show(original: Action, context: Any, data_dict: Record) -> Any:
    """Core's package_show; a record of a type without a plugin always comes from the database.

    The index may hold it by the form that served it before.
    """
    shown = original(context, data_dict)
    if not context.get("validate", True):
        relationships.make_indexable(shown)
    if context.get("use_cache", True) and not is_served(shown["type"]):
        context["use_cache"] = False
        return original(context, data_dict)
    return shown


@tk.chained_action
def package_update(original: Action, context: Any, data_dict: Record) -> Any:
    """Core's package_update; a record of a type without a plugin keeps what the caller doesn't send."""
    package = model.Package.get(data_dict.get("id") or data_dict.get("name"))
    if package is not None and not is_served(package.type):
        shown = tk.get_action("package_show")({"ignore_auth": True, "use_cache": False}, {"id": package.id})
        _keep_dataset(data_dict, shown, package.extras or {})
    return original(context, data_dict)


def _keep_dataset(sent: Record, shown: Record, stored_extras: Record) -> None:
    """Fill in what a caller left out, and the stored form of what only passed through a form; in place."""
    for name in CORE_FIELDS["dataset"] - {"tag_string"}:
        sent[name] = _kept(name, sent.get(name, shown.get(name)), shown.get(name))
    if not sent.get("tag_string"):
        sent.setdefault("tags", shown["tags"])
    if all(isinstance(extra.get("key"), str) for extra in sent.get("extras") or []):
        extras = _extras_after(sent, stored_extras)
        sent["extras"] = [{"key": key, "value": value} for key, value in extras.items()]
    stored_resources = {resource["id"]: resource for resource in shown["resources"]}
    for resource in sent.get("resources") or []:
        if isinstance(resource, dict) and resource.get("id") in stored_resources:
            _keep_resource(resource, stored_resources[resource["id"]])


def _extras_after(sent: Record, stored: Record) -> Record:
    """The record's extras by key.

    A list of extras says which there are. A value beside that list, under the key of a stored extra, comes
    from somebody who read the record when its type was served, and goes into the extra.
    """
    listed = {extra.get("key"): extra for extra in sent.get("extras") or []}
    extras = {
        key: _kept(key, extra.get("value"), stored[key]) if key in stored else extra.get("value")
        for key, extra in listed.items()
        if not extra.get("deleted") and extra.get("state") != "deleted"
    }
    for key, value in stored.items():
        if key in listed:
            continue
        if key in sent:
            if not is_empty(sent[key]):
                extras[key] = _as_stored(sent[key], value)
        elif "extras" not in sent:
            extras[key] = value
    return extras


def _as_stored(sent: Any, stored: Any) -> Any:
    """A field's value as an extra; the stored bytes where it says the same."""
    if isinstance(sent, str):
        return _kept("", sent, stored)
    try:
        unchanged = json.loads(stored) == sent
    except (ValueError, TypeError):
        unchanged = False
    return stored if unchanged else json.dumps(sent, ensure_ascii=False)


def _kept(name: str, sent: Any, stored: Any) -> Any:
    """The stored value where what was sent differs only by what a form does to it."""
    return stored if same(_LINES if name in _TEXT_AREAS else _LINE, stored, sent) else sent


def _keep_resource(sent: Record, stored: Record) -> None:
    if not sent.get("url") and not sent.get("upload"):
        sent.update({name: stored[name] for name in ("url", "url_type") if name in stored})
    replaced = bool(sent.get("upload")) or sent["url"] != stored.get("url")
    for name, value in stored.items():
        if name in sent:
            sent[name] = _kept(name, sent[name], value)
        elif not (replaced and name in _OF_THE_FILE):
            sent[name] = value


# Search


def index_document(document: Record) -> Record:
    """Mark a Solr document of a type without a plugin as read without one."""
    if not is_served(document["dataset_type"]):
        document[FORM] = PLAIN
    return document


def not_indexed() -> list[str]:
    """Ids of records without a plugin that the index lacks or holds by the form that served them before.

    :raises IndexUnreachable: when the search index does not answer
    """
    types = list(counts())
    if not types:
        return []
    package = model.Package
    stored = model.Session.scalars(
        sa.select(package.id).where(package.type.in_(types), package.state != "deleted").order_by(package.id)
    ).all()
    with reaching() as solr:
        ours = [f"site_id:{solr_literal(config.site_id())}", f"{FORM}:{PLAIN}"]
        result = solr.search("*:*", fq=ours, fl="id", rows=len(stored))
    indexed = {document["id"] for document in result.docs}
    return [id_ for id_ in stored if id_ not in indexed]
