"""The public description of the shared schema, and its downloads."""
from __future__ import annotations

import json
from functools import partial
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response

from ckanext.civicswitchboard.core import outline, wording
from ckanext.civicswitchboard.core.document import Document, read
from ckanext.civicswitchboard.core.files import emit_yaml
from ckanext.civicswitchboard.core.tables import fields_csv
from ckanext.civicswitchboard.metadata_schema.impact import usage

civicswitchboard_metadata_schema = Blueprint(
    "civicswitchboard_metadata_schema", __name__, url_prefix="/metadata-schema"
)


@civicswitchboard_metadata_schema.route("", strict_slashes=False)
def show() -> str:
    """The description for everyone."""
    shown = shown_version()
    usages = {entity: usage(entity, public=True) for entity in wording.ENTITIES}
    extra_vars = {**page_of(shown, read(shown["document"])), "usages": usages}
    return tk.render("metadata_schema/show.html", extra_vars=extra_vars)


def page_of(shown: dict[str, Any], document: Document) -> dict[str, Any]:
    """What the description of a version needs.

    :param shown: the version, as of civicswitchboard_schema_show
    :param document: the same, typed
    """
    return {
        "shown": shown,
        "document": document,
        "steward": tk.get_action("civicswitchboard_steward_show")({}, {}),
        "parts": outline.parts(document),
        "asked": outline.asked_of(document),
        "sectors": outline.types_by_sector(document),
        "profile": partial(outline.profile, document),
        "wording": wording,
    }


@civicswitchboard_metadata_schema.route("/schema.yaml")
def download_yaml() -> Response:
    """The document as canonical YAML."""
    shown = shown_version()
    return download(shown, "schema.yaml", emit_yaml(shown["document"]), "application/yaml")


@civicswitchboard_metadata_schema.route("/schema.json")
def download_json() -> Response:
    """The document as JSON."""
    shown = shown_version()
    text = json.dumps(shown["document"], ensure_ascii=False, indent=2)
    return download(shown, "schema.json", f"{text}\n", "application/json")


@civicswitchboard_metadata_schema.route("/fields.csv")
def download_csv() -> Response:
    """The fields as a table; the mark at its start tells spreadsheets that it is UTF-8."""
    shown = shown_version()
    text = fields_csv(read(shown["document"]), tk.h.scheming_language_text)
    return download(shown, "fields.csv", f"\ufeff{text}", "text/csv")


def shown_version() -> dict[str, Any]:
    """The version asked for, the current one without a word of it."""
    wanted = {"version": tk.request.args["version"]} if "version" in tk.request.args else {}
    try:
        shown: dict[str, Any] = tk.get_action("civicswitchboard_schema_show")({}, wanted)
    except tk.ObjectNotFound as error:
        tk.abort(404, str(error.message))
    return shown


def download(shown: dict[str, Any], name: str, text: str, mimetype: str) -> Response:
    """A file to take away, named by its version.

    :param shown: the version, as of civicswitchboard_schema_show
    :param name: what the file is called behind the version
    """
    response = Response(text, content_type=f"{mimetype}; charset=utf-8")
    filename = f"version-{shown['version']}-{name}"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
