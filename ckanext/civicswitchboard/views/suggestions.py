"""Suggesting a change of the shared schema, and answering."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, current_app, request

from ckanext.civicswitchboard.core.schema.input_checks import whole_number
from ckanext.civicswitchboard.publishing import whats_new
from ckanext.civicswitchboard.schema_registry import suggestions, versions
from ckanext.civicswitchboard.views.request_args import page_number, path_of
from ckanext.civicswitchboard.views.versions import Answer, errors_as_pages

PAGE = 20
EDITOR = "civicswitchboard_editor"

civicswitchboard_suggestions = Blueprint(
    "civicswitchboard_suggestions", __name__, url_prefix="/metadata-schema"
)


@civicswitchboard_suggestions.route("/suggestions")
@errors_as_pages
def index() -> Answer:
    """All suggestions for curators, for others their own."""
    tk.check_access("civicswitchboard_suggestion_list", {"user": tk.current_user.name}, {})
    curator = _may("update")
    wanted = request.args.get("state", "open" if curator else "")
    state = wanted if wanted in suggestions.STATES else ""
    start = (page_number() - 1) * PAGE
    suggestions_listed = _act("list", state=state, limit=PAGE + 1, offset=start)
    return tk.render(
        "metadata_schema/suggestions/index.html",
        extra_vars={
            "suggestions": suggestions_listed[:PAGE],
            "page": start // PAGE + 1,
            "more": len(suggestions_listed) > PAGE,
            "state": state,
            "curator": curator,
        },
    )


@civicswitchboard_suggestions.route("/suggestions/new", methods=["GET", "POST"])
@errors_as_pages
def new() -> Answer:
    """Suggest a change of a field, or of the schema as a whole."""
    tk.check_access("civicswitchboard_suggestion_create", {"user": tk.current_user.name}, {})
    place = {key: request.values.get(key, "") for key in ("entity", "field")}
    text, errors = request.form.get("text", ""), {}
    if request.method == "POST":
        try:
            _act("create", **place, text=text)
        except tk.ValidationError as error:
            errors = error.error_dict
        else:
            tk.h.flash_success(tk._("Your suggestion was sent to the curators. Look for their answer here."))
            return tk.redirect_to("civicswitchboard_suggestions.index")
    place_found = suggestions.find(place["field"], place["entity"]) if place["field"] else None
    if place["field"] and place_found is None:
        raise tk.ObjectNotFound(tk._("The shared schema doesn't have this field"))
    return tk.render(
        "metadata_schema/suggestions/new.html",
        extra_vars={"found": place_found, "text": text, "errors": errors},
    )


@civicswitchboard_suggestions.route("/suggestions/<suggestion_id>", methods=["GET", "POST"])
@errors_as_pages
def show(suggestion_id: str) -> Answer:
    """One suggestion; a curator takes it into the draft, or declines it."""
    tk.check_access("civicswitchboard_suggestion_list", {"user": tk.current_user.name}, {})
    suggestion = _suggestion(suggestion_id)
    errors: dict[str, Any] = {}
    if request.method == "POST":
        tk.check_access("civicswitchboard_suggestion_update", {"user": tk.current_user.name}, {})
        try:
            return _answered(suggestion, request.form.get("state", ""))
        except tk.ValidationError as error:
            errors = error.error_dict
            suggestion = _suggestion(suggestion_id)
    return tk.render(
        "metadata_schema/suggestions/show.html",
        extra_vars={
            "suggestion": suggestion,
            "curator": _may("update"),
            "reply": request.form.get("reply", ""),
            "errors": errors,
        },
    )


def _suggestion(suggestion_id: str) -> dict[str, Any]:
    """A suggestion that the reader may read."""
    try:
        (shown,) = _act("list", id=suggestion_id)
    except (tk.ValidationError, ValueError):
        raise tk.ObjectNotFound(tk._("Suggestion not found"))
    suggestion: dict[str, Any] = shown
    return suggestion


def _answered(suggestion: dict[str, Any], state: str) -> Response:
    """Enter a curator's answer and go on: into the draft, or to the suggestions that wait."""
    reply = request.form.get("reply", "")
    _act("update", id=suggestion["id"], state=state, reply=reply)
    if state != "taken":
        declined = tk._("Declined. The sender is notified.")
        done = declined if state == "declined" else tk._("It's waiting for an answer again.")
        tk.h.flash_success(done)
        return tk.redirect_to("civicswitchboard_suggestions.index")
    _begin_draft()
    # In plain text: CKAN shows it as such.
    tk.h.flash_notice(tk._("Taken from a suggestion: “%s”") % suggestion["text"])
    return tk.redirect_to(_in_the_draft(suggestion["entity"], suggestion["field"]))


def _in_the_draft(entity: str, field: str) -> str:
    """Where the draft is worked on, at a field if there is one."""
    if EDITOR not in current_app.blueprints:
        return str(tk.url_for("civicswitchboard_versions.review"))
    if not field:
        return str(tk.url_for(f"{EDITOR}.index"))
    return str(tk.url_for(f"{EDITOR}.field", entity=entity, field_id=field))


def _begin_draft() -> None:
    """A draft to take it into, where there is none."""
    try:
        tk.get_action("civicswitchboard_schema_draft_create")({"user": tk.current_user.name}, {})
    except tk.ValidationError:
        # There is one already.
        return


@civicswitchboard_suggestions.route("/form-news", methods=["POST"])
@errors_as_pages
def dismiss_news() -> Answer:
    """Take away the line above the form that says what changed."""
    if not tk.current_user.is_authenticated:
        raise tk.NotAuthorized(tk._("Log in first"))
    version = whole_number(request.form.get("version"))
    known = versions.current().version if version is None else version
    form: whats_new.Form = "organization" if request.form.get("form") == "organization" else "dataset"
    whats_new.remember(tk.current_user, known, form)
    if request.headers.get("HX-Request"):
        return tk.render("metadata_schema/suggestions/dismissed.html")
    return tk.redirect_to(path_of(request.form.get("came_from")) or "/")


def _act(action: str, **data: Any) -> Any:
    name = f"civicswitchboard_suggestion_{action}"
    return tk.get_action(name)({"user": tk.current_user.name}, data)


def _may(action: str) -> bool:
    return bool(tk.h.check_access(f"civicswitchboard_suggestion_{action}"))
