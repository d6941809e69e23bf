"""What the shared schema gives to take away: vocabularies, and the application profile."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.core.formats.csv_terms import terms_csv
from ckanext.civicswitchboard.core.formats.dctap import dctap_csv
from ckanext.civicswitchboard.core.formats.skos import write_skos
from ckanext.civicswitchboard.core.schema import labels
from ckanext.civicswitchboard.core.schema.choices import TermChoices
from ckanext.civicswitchboard.core.schema.document import Vocabulary
from ckanext.civicswitchboard.core.schema.outline import parts, terms_in_tables
from ckanext.civicswitchboard.schema_registry.urls import vocabularies_address
from ckanext.civicswitchboard.views.metadata_schema import (
    document_of,
    download,
    heading_of,
    shown_version,
    version_summary,
)
from ckanext.civicswitchboard.views.versions import Answer, errors_as_pages

civicswitchboard_downloads = Blueprint(
    "civicswitchboard_downloads", __name__, url_prefix="/metadata-schema"
)

# How many terms a page of a vocabulary has.
PAGE = 50
# How many earlier versions a profile's change log tells of.
MOST_TOLD = 20
MOST_CHANGES = 50

# The forms of a vocabulary: the ending of the address, the media type, how it is written.
_FORMS: dict[str, tuple[str, Callable[[Vocabulary], str]]] = {
    "ttl": ("text/turtle", lambda vocabulary: write_skos(vocabulary, "turtle", vocabularies_address())),
    "jsonld": (
        "application/ld+json",
        lambda vocabulary: write_skos(vocabulary, "json-ld", vocabularies_address()),
    ),
    "csv": ("text/csv", lambda vocabulary: "\ufeff" + terms_csv(vocabulary)),
}


@civicswitchboard_downloads.route("/vocabularies/<name>.<any(ttl, jsonld, csv):form>")
@errors_as_pages
def vocabulary(name: str, form: str) -> Answer:
    """A controlled vocabulary as SKOS or as a table."""
    shown = shown_version()
    return _vocabulary(shown, name, form)


@civicswitchboard_downloads.route("/vocabularies/<name>")
@civicswitchboard_downloads.route("/vocabularies/<name>/<path:term>")
@errors_as_pages
def concept(name: str, term: str = "") -> Answer:
    """The address of a vocabulary or a term: SKOS for programs, the description for people."""
    shown = shown_version()
    vocabulary = _vocabulary_of(shown, name)
    offered = ["text/html", "text/turtle", "application/ld+json"]
    wanted = request.accept_mimetypes.best_match(offered, "text/html")
    if term and term not in {term.id for term in vocabulary.terms}:
        raise NotFound(tk._("Term not found"))
    for form, (media, _write) in _FORMS.items():
        if media == wanted and form != "csv":
            return _vocabulary(shown, name, form)
    if term:
        there: Response = tk.redirect_to(_address(shown, vocabulary, term))
        return there
    return tk.render("metadata_schema/vocabulary.html", extra_vars=_page(shown, vocabulary))


def _address(shown: dict[str, Any], vocabulary: Vocabulary, term: str) -> str:
    """Where a term is described: on one of the pages of its vocabulary."""
    page = next(n for n, candidate in enumerate(vocabulary.terms) if candidate.id == term) // PAGE + 1
    parameters = {"page": page} if page > 1 else {}
    if "version" in request.args:
        parameters["version"] = shown["version"]
    return str(
        tk.h.url_for(
            "civicswitchboard_downloads.concept", name=vocabulary.id, _anchor=f"term-{term}", **parameters
        )
    )


def _page(shown: dict[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """What a page of a vocabulary's terms shows: all of them, or those that fit what is searched."""
    q = request.args.get("q", "").strip()
    terms = TermChoices.of(vocabulary).find(q) if q else vocabulary.terms
    pages = max(1, -(-len(terms) // PAGE))
    page = min(int(tk.h.get_page_number(request.args)), pages)
    older = {"version": shown["version"]} if "version" in request.args else {}
    return {
        "vocabulary": vocabulary,
        "version": shown["version"],
        "terms": terms[(page - 1) * PAGE : page * PAGE],
        "count": len(terms),
        "q": q,
        "page": page,
        "pages": pages,
        "given": {"name": vocabulary.id, **({"q": q} if q else {}), **older},
        "older": older,
    }


@civicswitchboard_downloads.route("/versions/<int:number>/profile")
@errors_as_pages
def profile(number: int) -> Answer:
    """The application profile of a version, to print and to cite."""
    shown = version_summary(version=number)
    document = document_of(shown)
    address = tk.url_for(
        "civicswitchboard_downloads.profile", number=number, qualified=True, locale="default"
    )
    return tk.render(
        "metadata_schema/profile.html",
        extra_vars={
            **heading_of(shown, document),
            "parts": parts(document),
            "wording": labels,
            "address": address,
            "site_title": config.site_title(),
            "used": [vocabulary for vocabulary in document.vocabularies if vocabulary.terms],
            "listed": terms_in_tables(document),
            "log": _log(number),
            "most_changes": MOST_CHANGES,
        },
    )


@civicswitchboard_downloads.route("/versions/<int:number>/profile.csv")
@errors_as_pages
def profile_csv(number: int) -> Answer:
    """The application profile as DCTAP."""
    return download(
        version_summary(version=number), "profile.csv", "text/csv",
        lambda document: "\ufeff" + dctap_csv(document, tk.h.scheming_language_text),
    )


def _log(number: int) -> list[dict[str, Any]]:
    """Versions up to one, the newest first, each with its changes in words."""
    newest = version_summary()["version"]
    versions = _act("schema_version_list", limit=MOST_TOLD, offset=newest - number)
    for version in versions:
        before = version["version"] - 1
        version["changes"] = (
            _act("schema_diff", from_version=before, to_version=version["version"])["changes"]
            if before
            else []
        )
    return list(versions)


def _vocabulary(shown: dict[str, Any], name: str, form: str) -> Response:
    media, write = _FORMS[form]
    vocabulary = _vocabulary_of(shown, name)
    return download(shown, f"{name}.{form}", media, lambda _document: write(vocabulary))


def _vocabulary_of(shown: dict[str, Any], name: str) -> Vocabulary:
    vocabulary = document_of(shown).vocabulary(name)
    if vocabulary is None:
        raise NotFound(tk._("Vocabulary not found"))
    return vocabulary


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(f"civicswitchboard_{action}")({"user": tk.current_user.name}, data)
