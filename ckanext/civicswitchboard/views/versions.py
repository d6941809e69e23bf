"""The history of the shared schema: every version, what changed, and bringing one back."""
from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, get_args

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, request
from markupsafe import Markup
from werkzeug.exceptions import Forbidden, NotFound

from ckanext.civicswitchboard.core.editing.form import Whereabouts, called, whereabouts
from ckanext.civicswitchboard.core.schema.document import Document, Entity, Text, parse
from ckanext.civicswitchboard.schema_registry import downloads, drafts, releases
from ckanext.civicswitchboard.search_index import health
from ckanext.civicswitchboard.views import impact, metadata_schema
from ckanext.civicswitchboard.views.draft import common
from ckanext.civicswitchboard.views.request_args import page_number

P = ParamSpec("P")
Answer = str | Response
PAGE = 20
# A list taken in with a fault in each line may have thousands; mending begins with the first.
MOST_FAULTS = 100

civicswitchboard_versions = Blueprint(
    "civicswitchboard_versions", __name__, url_prefix="/metadata-schema"
)


def errors_as_pages(view: Callable[P, Answer]) -> Callable[P, Answer]:
    """Have a view answer with CKAN's pages for what is not there and what is not allowed."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Answer:
        try:
            return view(*args, **kwargs)
        except tk.ObjectNotFound as error:
            raise NotFound(str(error.message or "")) from error
        except tk.NotAuthorized as error:
            raise Forbidden(str(error.message or "")) from error

    return answer


@civicswitchboard_versions.route("/versions")
@errors_as_pages
def index() -> Answer:
    """All versions, the newest first."""
    start = (page_number() - 1) * PAGE
    versions_listed = _act("schema_version_list", limit=PAGE + 1, offset=start)
    return tk.render(
        "metadata_schema/versions/index.html",
        extra_vars={
            "versions": versions_listed[:PAGE],
            "page": start // PAGE + 1,
            "more": len(versions_listed) > PAGE,
            "current": metadata_schema.version_summary()["version"],
            "may_restore": _may("schema_rollback"),
            "troubles": health.troubles() if _may("schema_draft_show") else [],
        },
    )


@civicswitchboard_versions.route("/versions/<int:number>")
@errors_as_pages
def show(number: int) -> Answer:
    """One version, as everybody could read it while it was current."""
    shown = metadata_schema.version_summary(version=number)
    return tk.render(
        "metadata_schema/versions/show.html",
        extra_vars={
            **metadata_schema.page_of(shown, metadata_schema.document_of(shown)),
            "current": metadata_schema.version_summary()["version"],
            "changes": _changes(shown) if number > 1 else "",
        },
    )


def _changes(shown: dict[str, Any]) -> Markup:
    """What a version changed in the one before, in HTML; empty for nothing."""
    number = shown["version"]
    tk.check_access("civicswitchboard_schema_diff", {"user": tk.current_user.name}, {})

    def extra_vars() -> dict[str, Any]:
        return {"changes": _act("schema_diff", from_version=number - 1, to_version=number)["changes"]}

    # Changes of remarks between curators are for curators only.
    remarks = _may("schema_draft_show")
    return downloads.piece("metadata_schema/versions/changes.html", shown, (remarks,), extra_vars)


@civicswitchboard_versions.route("/versions/compare")
@errors_as_pages
def compare() -> Answer:
    """What changes between any two versions; for curators, also between one and the draft."""
    wanted = {key: request.args.get(key, "") for key in ("from", "to")}
    difference = None
    if all(wanted.values()):
        difference = _act("schema_diff", from_version=wanted["from"], to_version=wanted["to"])
    return tk.render(
        "metadata_schema/versions/compare.html",
        extra_vars={
            "newest": metadata_schema.version_summary()["version"],
            "drafted": _may("schema_draft_show") and drafts.current() is not None,
            "wanted": wanted,
            "difference": difference,
        },
    )


@civicswitchboard_versions.route("/versions/<int:number>/restore", methods=["GET", "POST"])
@errors_as_pages
def restore(number: int) -> Answer:
    """Bring an earlier version back, with a note."""
    tk.check_access("civicswitchboard_schema_rollback", {"user": tk.current_user.name}, {})
    errors: dict[str, Any] = {}
    note = request.form.get("note", "")
    if request.method == "POST":
        try:
            published = _act("schema_rollback", version=number, note=note)
        except tk.ValidationError as error:
            errors = error.error_dict
        else:
            tk.h.flash_success(
                tk._("Version {new} is published. It restores version {old}. No value was deleted.").format(
                    new=published["version"], old=number
                )
            )
            return tk.redirect_to("civicswitchboard_versions.index")
    current = metadata_schema.version_summary()["version"]
    return tk.render(
        "metadata_schema/versions/restore.html",
        extra_vars={
            "shown": metadata_schema.version_summary(version=number),
            "current": current,
            "difference": _act("schema_diff", from_version=current, to_version=number),
            "note": note,
            "errors": errors,
        },
    )


@civicswitchboard_versions.route("/review", methods=["GET", "POST"])
@errors_as_pages
def review() -> Answer:
    """What the draft changes, in words and numbers, and the button that publishes it."""
    tk.check_access("civicswitchboard_schema_draft_show", {"user": tk.current_user.name}, {})
    try:
        draft = _act("schema_draft_show")
    except tk.ObjectNotFound:
        return common.no_draft()
    errors: dict[str, Any] = {}
    note = request.form.get("note", "")
    if request.method == "POST":
        tk.check_access("civicswitchboard_schema_publish", {"user": tk.current_user.name}, {})
        try:
            published = _act(
                "schema_publish",
                revision=request.form.get("revision", ""),
                note=note,
                with_repairs=request.form.get("with_repairs", ""),
            )
        except tk.ValidationError as error:
            errors = error.error_dict
        else:
            tk.h.flash_success(
                tk._("Version {new} is published. To undo it, restore version {old} below.").format(
                    new=published["version"], old=published["version"] - 1
                )
            )
            if request.form.get("with_repairs"):
                message = tk._("Records are being repaired. See “Repairs of records” below.")
                tk.h.flash_notice(message)
            return tk.redirect_to("civicswitchboard_versions.index")
    faults = _act("schema_validate", document=draft["document"])["errors"]
    document = parse(draft["document"])
    return impact.reviewed(
        document,
        {
            "draft": draft,
            "next": metadata_schema.version_summary()["version"] + 1,
            "faults": _mendable(document, faults[:MOST_FAULTS]),
            "more_faults": len(faults[MOST_FAULTS:]),
            "may_publish": _may("schema_publish"),
            "troubles": health.troubles(),
            "released": releases.in_draft(),
            "note": note,
            "errors": errors,
        },
    )


def _mendable(drafted: Document, faults: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The faults of a draft in words, each with the address where it is mended, where that is known."""
    return [
        {
            "where": _where(*called(fault["path"], drafted)),
            "message": fault["message"],
            "address": _address(whereabouts(fault["path"], drafted)),
        }
        for fault in faults
    ]


def _where(labels: list[Text], attribute: str) -> str:
    things = " › ".join(f"“{tk.h.scheming_language_text(label)}”" for label in labels)
    words = tk.h.civicswitchboard_attribute(attribute) if attribute else ""
    return ", ".join(filter(None, [things, words])) or tk._("The shared schema")


def _address(place: Whereabouts) -> str:
    url, editor = tk.h.url_for, "civicswitchboard_editor"
    if place.kind in get_args(Entity):
        named = {"entity": place.kind, "field_id": place.id}
        if place.part:
            return str(url(f"{editor}.part", **named, part_id=place.part))
        return str(url(f"{editor}.field", **named))
    if place.kind == "section":
        return str(url(f"{editor}.section", entity=place.part, section_id=place.id))
    terms = "civicswitchboard_draft_terms"
    if place.kind == "vocabulary":
        opened = {"term": place.part} if place.part else {}
        return str(url(f"{terms}.vocabulary", vocabulary_id=place.id, **opened))
    return str(url(f"{terms}.partner_types", type=place.id)) if place.kind == "partner_type" else ""


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(f"civicswitchboard_{action}")({"user": tk.current_user.name}, data)


def _may(action: str) -> bool:
    return bool(tk.h.check_access(f"civicswitchboard_{action}"))
