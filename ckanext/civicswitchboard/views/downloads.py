"""What the shared schema gives to take away: vocabularies, and the application profile."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.core.application_profile import dctap_csv
from ckanext.civicswitchboard.core.document import Vocabulary, read
from ckanext.civicswitchboard.core.skos import write_skos
from ckanext.civicswitchboard.core.term_tables import terms_csv
from ckanext.civicswitchboard.metadata_schema.addresses import vocabularies_address
from ckanext.civicswitchboard.views.metadata_schema import download, page_of, shown_version
from ckanext.civicswitchboard.views.versions import Answer, told

civicswitchboard_downloads = Blueprint(
    "civicswitchboard_downloads", __name__, url_prefix="/metadata-schema"
)

# How many earlier versions a profile's change log tells of.
MOST_TOLD = 20

# The forms of a vocabulary: the ending of the address, the media type, how it is written.
_FORMS: dict[str, tuple[str, Callable[[Vocabulary], str]]] = {
    "ttl": ("text/turtle", lambda given: write_skos(given, "turtle", vocabularies_address())),
    "jsonld": ("application/ld+json", lambda given: write_skos(given, "json-ld", vocabularies_address())),
    "csv": ("text/csv", lambda given: "\ufeff" + terms_csv(given)),
}


@civicswitchboard_downloads.route("/vocabularies/<name>.<any(ttl, jsonld, csv):form>")
@told
def vocabulary(name: str, form: str) -> Answer:
    """A controlled vocabulary as SKOS or as a table."""
    shown = shown_version()
    return _vocabulary(shown, name, form)


@civicswitchboard_downloads.route("/vocabularies/<name>")
@civicswitchboard_downloads.route("/vocabularies/<name>/<path:term>")
@told
def concept(name: str, term: str = "") -> Answer:
    """The address of a vocabulary or a term: SKOS for programs, the description for people."""
    shown = shown_version()
    offered = ["text/html", "text/turtle", "application/ld+json"]
    wanted = request.accept_mimetypes.best_match(offered, "text/html")
    found = _found(shown, name)
    if term and term not in {each.id for each in found.terms}:
        raise NotFound(tk._("There is no such term"))
    for form, (media, _write) in _FORMS.items():
        if media == wanted and form != "csv":
            return _vocabulary(shown, name, form)
    if term:
        there: Response = tk.redirect_to(
            "civicswitchboard_downloads.concept", name=name, _anchor=f"term-{term}"
        )
        return there
    return tk.render(
        "metadata_schema/vocabulary.html", extra_vars={"vocabulary": found, "version": shown["version"]}
    )


@civicswitchboard_downloads.route("/versions/<int:number>/profile")
@told
def profile(number: int) -> Answer:
    """The application profile of a version, to print and to cite."""
    shown = _act("schema_show", version=number)
    document = read(shown["document"])
    address = tk.url_for(
        "civicswitchboard_downloads.profile", number=number, qualified=True, locale="default"
    )
    return tk.render(
        "metadata_schema/profile.html",
        extra_vars={
            **page_of(shown, document),
            "address": address,
            "site_title": config.site_title(),
            "used": [each for each in document.vocabularies if each.terms],
            "log": _log(number),
        },
    )


@civicswitchboard_downloads.route("/versions/<int:number>/profile.csv")
@told
def profile_csv(number: int) -> Answer:
    """The application profile as DCTAP."""
    shown = _act("schema_show", version=number)
    text = dctap_csv(read(shown["document"]), tk.h.scheming_language_text)
    return download(shown, "profile.csv", f"\ufeff{text}", "text/csv")


def _log(number: int) -> list[dict[str, Any]]:
    """Versions up to one, the newest first, each with its changes in words."""
    newest = _act("schema_show")["version"]
    versions = _act("schema_version_list", limit=MOST_TOLD, offset=newest - number)
    for each in versions:
        before = each["version"] - 1
        each["changes"] = (
            _act("schema_diff", from_version=before, to_version=each["version"])["changes"] if before else []
        )
    return list(versions)


def _vocabulary(shown: dict[str, Any], name: str, form: str) -> Response:
    media, write = _FORMS[form]
    return download(shown, f"{name}.{form}", write(_found(shown, name)), media)


def _found(shown: dict[str, Any], name: str) -> Vocabulary:
    found = read(shown["document"]).vocabulary(name)
    if found is None:
        raise NotFound(tk._("There is no such vocabulary"))
    return found


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(f"civicswitchboard_{action}")({"user": tk.current_user.name}, data)
