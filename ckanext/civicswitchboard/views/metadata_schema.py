"""The public description of the shared schema, and its downloads."""
from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response
from markupsafe import Markup

from ckanext.civicswitchboard.core.formats.csv_fields import fields_csv
from ckanext.civicswitchboard.core.schema import labels, outline
from ckanext.civicswitchboard.core.schema.document import Document, Entity, dump, without_remarks
from ckanext.civicswitchboard.core.schema.yaml_files import emit_yaml
from ckanext.civicswitchboard.impact import Usage, usage
from ckanext.civicswitchboard.schema_registry import downloads, versions

civicswitchboard_metadata_schema = Blueprint(
    "civicswitchboard_metadata_schema", __name__, url_prefix="/metadata-schema"
)


@civicswitchboard_metadata_schema.route("", strict_slashes=False)
def show() -> str:
    """The description for everyone."""
    shown = shown_version()
    usages = {entity: usage(entity, public=True) for entity in labels.ENTITIES}
    return tk.render("metadata_schema/show.html", extra_vars=page_of(shown, document_of(shown), usages))


def page_of(
    shown: dict[str, Any], document: Document, usages: Mapping[Entity, Usage] | None = None
) -> dict[str, Any]:
    """What the description of a version needs.

    :param shown: the version, as of civicswitchboard_schema_show
    :param document: the same, typed
    :param usages: by entity, how many records fill in which field
    """
    return {**heading_of(shown, document), "description": _description(shown, document, usages or {})}


def heading_of(shown: dict[str, Any], document: Document) -> dict[str, Any]:
    """What any page about a version needs; parameters as for :func:`page_of`."""
    steward = tk.get_action("civicswitchboard_steward_show")({}, {})
    return {"shown": shown, "document": document, "steward": steward}


def _description(shown: dict[str, Any], document: Document, usages: Mapping[Entity, Usage]) -> Markup:
    """All fields, partner types and vocabularies of a version, in HTML."""

    def extra_vars() -> dict[str, Any]:
        return {
            "document": document,
            "version": shown["version"],
            "parts": outline.parts(document),
            "asked": outline.requests_of(document),
            "sectors": outline.types_by_sector(document),
            "profile": partial(outline.profile, document),
            "wording": labels,
            "at_fields": outline.terms_at_fields(document),
            "usages": usages,
        }

    counts = tuple(
        (entity, counted.total, tuple(sorted(counted.filled.items()))) for entity, counted in usages.items()
    )
    # Figures that are old are shown with their age.
    ages = tuple(tk.h.time_ago_from_timestamp(one.counted) for one in usages.values() if one.is_old)
    may_suggest = tk.h.civicswitchboard_may_suggest()
    depends = (versions.current().version, may_suggest, counts, ages)
    return downloads.piece("metadata_schema/public/description.html", shown, depends, extra_vars)


@civicswitchboard_metadata_schema.route("/schema.yaml")
def download_yaml() -> Response:
    """The document as canonical YAML."""
    return _whole("schema.yaml", "application/yaml", emit_yaml)


@civicswitchboard_metadata_schema.route("/schema.json")
def download_json() -> Response:
    """The document as JSON."""
    return _whole("schema.json", "application/json", _json)


def _json(dumped: Any) -> str:
    return json.dumps(dumped, ensure_ascii=False, indent=2) + "\n"


def _whole(name: str, mimetype: str, write: Callable[[Any], str]) -> Response:
    """The document; with what curators note for one another for curators only."""
    remarks = bool(tk.h.check_access("civicswitchboard_schema_draft_show"))
    return download(
        shown_version(), name, mimetype,
        lambda document: write(dump(document) if remarks else without_remarks(dump(document))),
        readers="curators" if remarks else "",
    )


@civicswitchboard_metadata_schema.route("/fields.csv")
def download_csv() -> Response:
    """The fields as a table; the mark at its start tells spreadsheets that it is UTF-8."""
    return download(
        shown_version(), "fields.csv", "text/csv",
        lambda made: "\ufeff" + fields_csv(made, tk.h.scheming_language_text),
    )


def shown_version() -> dict[str, Any]:
    """The version asked for, the current one without a word of it, and without its document."""
    wanted = {"version": tk.request.args["version"]} if "version" in tk.request.args else {}
    try:
        shown = version_summary(**wanted)
    except tk.ObjectNotFound as error:
        tk.abort(404, str(error.message))
    return shown


def version_summary(**wanted: Any) -> dict[str, Any]:
    """A version without its document: number, time of publishing, author, note and level.

    :raises NotFound: when there is no such version
    """
    wanted_parts = {**wanted, "include_document": False}
    context: Any = {"user": tk.current_user.name}
    shown: dict[str, Any] = tk.get_action("civicswitchboard_schema_show")(context, wanted_parts)
    return shown


def document_of(shown: dict[str, Any]) -> Document:
    """The document of a version; pages must leave out what curators note for one another.

    :param shown: the version, as of civicswitchboard_schema_show
    """
    current = versions.current()
    snapshot = current if shown["version"] == current.version else versions.of_version(shown["version"])
    if snapshot is None:
        raise tk.ObjectNotFound(tk._("Version not found"))
    return snapshot.document


def download(
    shown: dict[str, Any], name: str, mimetype: str, write: Callable[[Document], str], readers: str = ""
) -> Response:
    """A file to take away, named by its version.

    :param shown: the version, as of civicswitchboard_schema_show
    :param name: what the file is called behind the version
    :param write: makes its text of the version's document
    :param readers: for whom it is, where others get another one
    """
    made = downloads.Download(shown["version"], shown["published"], name, mimetype, readers)
    return downloads.answer(made, lambda: write(document_of(shown)))
