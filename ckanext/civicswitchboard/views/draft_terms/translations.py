"""Texts of the draft in another language: two columns, the portal's beside the one to fill in."""
from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib import i18n
from flask import request

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.core.editing import translations as core
from ckanext.civicswitchboard.core.editing.translations import Said
from ckanext.civicswitchboard.core.editing.vocabularies import set_translations
from ckanext.civicswitchboard.core.schema.document import Document
from ckanext.civicswitchboard.views.draft import common
from ckanext.civicswitchboard.views.draft.common import Answer, Frame, of_draft
from ckanext.civicswitchboard.views.draft_terms.blueprint import (
    address,
    civicswitchboard_draft_terms,
    opened,
)
from ckanext.civicswitchboard.views.request_args import page_number

PAGE = 100


def languages(document: Document) -> tuple[dict[str, str], dict[str, str]]:
    """The portal's languages that the draft uses besides its own, and those that it could begin.

    :returns: each by its code, with its name
    """
    names = {str(locale): locale.display_name or str(locale) for locale in i18n.get_available_locales()}
    own, used = config.locale_default(), core.used_languages(document)
    offered = {code: names.get(code, code) for code in config.locales_offered() or names if code != own}
    begun = {code: name for code, name in offered.items() if code in used}
    return begun, {code: name for code, name in offered.items() if code not in used}


@civicswitchboard_draft_terms.route("/translations")
@of_draft
def translations() -> Answer:
    """What is missing in which language; one of them to fill in."""
    frame = opened("translations")
    document, own = frame.draft.document, config.locale_default()
    begun, others = languages(document)
    language = request.args.get("language", "")
    if language not in begun and language not in others:
        language = ""
    rows = list(_rows(document, language)) if language else []
    pages = max(1, -(-len(rows) // PAGE))
    page = min(page_number(), pages)
    return str(
        tk.render(
            "metadata_schema/terms/translations.html",
            extra_vars={
                **_progress(document, begun),
                "frame": frame,
                "others": others,
                "language": language,
                "name": {**begun, **others}.get(language, ""),
                "own": own,
                "rows": rows[(page - 1) * PAGE : page * PAGE],
                "found": len(rows),
                "page": page,
                "pages": pages,
                "only_missing": request.args.get("show") != "all",
                "shown_language": core.shown_language,
            },
        )
    )


def _rows(document: Document, language: str) -> Iterator[Said]:
    own = config.locale_default()
    return iter(
        core.texts(document)
        if request.args.get("show") == "all"
        else core.missing(document, language, own)
    )


@civicswitchboard_draft_terms.route("/translations", methods=["POST"])
@of_draft
def save_translations() -> Answer:
    """Save what was filled in."""
    document, own = opened("").draft.document, config.locale_default()
    language = request.args.get("language", "")
    begun, others = languages(document)
    if language not in begun and language not in others:
        return common.refused(tk._("Choose one of the portal's languages"), address("translations"))
    texts = {
        key.removeprefix("text|"): value.replace("\r\n", "\n")
        for key, value in request.form.items()
        if key.startswith("text|")
    }
    where = {key: request.args[key] for key in ("language", "show") if request.args.get(key)}
    back = address("translations", **where)
    edit = set_translations(language, texts, own)
    return common.edited(edit, back, "translations", part=partial(_saved, language))


def _saved(language: str, frame: Frame) -> str:
    """What saved translations change on the page: how many are missing."""
    document = frame.draft.document
    begun, _others = languages(document)
    shown = {**_progress(document, begun), "language": language, "oob": True}
    return str(tk.render_snippet("metadata_schema/terms/languages.html", shown))


def _progress(document: Document, begun: dict[str, str]) -> dict[str, Any]:
    own = config.locale_default()
    missing = {code: len(core.missing(document, code, own)) for code in begun}
    return {"begun": begun, "missing": missing, "total": sum(1 for _ in core.texts(document))}
