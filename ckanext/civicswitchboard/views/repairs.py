"""Pages of repairs: what was started, starting one, and how far it is."""
from __future__ import annotations

import sys
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, request

from ckanext.civicswitchboard.core.formats.csv_fields import csv_text
from ckanext.civicswitchboard.core.repairs import KINDS
from ckanext.civicswitchboard.core.repairs.states import AT_WORK, WORDS
from ckanext.civicswitchboard.core.schema.input_checks import storable
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.records.visibility import Reader
from ckanext.civicswitchboard.repairs import forms, labels, runner
from ckanext.civicswitchboard.schema_registry import versions
from ckanext.civicswitchboard.views.request_args import page_number
from ckanext.civicswitchboard.views.versions import Answer, errors_as_pages

PAGE = 20
# A person's save can't be told from another repair here.
REASONS = {
    "collision": N_("another value is already there"),
    "unconvertible": N_("can't be read"),
    "edited": N_("changed since"),
    "gone": N_("no longer there"),
}

civicswitchboard_repairs = Blueprint(
    "civicswitchboard_repairs", __name__, url_prefix="/metadata-schema/repairs"
)


@civicswitchboard_repairs.route("", strict_slashes=False)
@errors_as_pages
def index() -> Answer:
    """What was started, and the kinds to start."""
    start = (page_number() - 1) * PAGE
    runs = _act("repair_list", limit=PAGE + 1, offset=start)
    for run in runs:
        _look_after(run["id"])
    return tk.render(
        "repairs/index.html",
        extra_vars={
            "runs": runs[:PAGE],
            "page": start // PAGE + 1,
            "more": len(runs) > PAGE,
            "kinds": KINDS,
            "words": WORDS,
            "may_start": _may("repair_start"),
        },
    )


@civicswitchboard_repairs.route("/new", methods=["GET", "POST"])
@errors_as_pages
def new() -> Answer:
    """The form of a repair, filled in by the address; its preview; its start."""
    tk.check_access("civicswitchboard_repair_start", _context(), {})
    args = request.form if request.method == "POST" else request.args
    kind = args.get("kind", "")
    if kind not in KINDS:
        return tk.redirect_to("civicswitchboard_repairs.index")
    form = forms.ask(kind, args, versions.current(), Reader.of(_context()))
    errors: dict[str, Any] = dict(form.refused)
    shown = None
    if request.method == "POST" and form.complete and not form.anew and not form.refused:
        try:
            if args.get("do") == "start" and _confirmed(kind, args):
                begun = _act("repair_start", kind=kind, params=form.params, confirm=True)
                return tk.redirect_to("civicswitchboard_repairs.show", run_id=begun["id"])
            most_left = sys.maxsize if args.get("do") == "csv" else None
            shown = _act("repair_preview", kind=kind, params=form.params, most_left=most_left)
            if args.get("do") == "csv":
                return _csv(f"{kind}-left.csv", shown["left"])
            if args.get("do") == "start":
                errors = {"confirm": [tk._("Confirm that the values should be deleted")]}
        except tk.ValidationError as error:
            errors = error.error_dict
    return tk.render(
        "repairs/new.html",
        extra_vars={
            "kind": KINDS[kind],
            "form": form,
            "errors": errors,
            "preview": shown,
            "reasons": REASONS,
        },
    )


@civicswitchboard_repairs.route("/<run_id>")
@errors_as_pages
def show(run_id: str) -> Answer:
    """How far a repair is, what it did, and what it left."""
    _look_after(run_id)
    return tk.render("repairs/show.html", extra_vars=_shown(_run(run_id)))


@civicswitchboard_repairs.route("/<run_id>/progress")
@errors_as_pages
def progress(run_id: str) -> Answer:
    """The part of the page that moves while a repair is at work."""
    shown = _run(run_id)
    answer = Response(tk.render("repairs/snippets/progress.html", extra_vars=_shown(shown)))
    if request.args.get("state") != shown["state"]:
        # What can be asked of it, and what it left, is another matter now.
        answer.headers["HX-Refresh"] = "true"
    return answer


@civicswitchboard_repairs.route("/<run_id>/<wish>", methods=["POST"])
@errors_as_pages
def ask(run_id: str, wish: str) -> Answer:
    """Pause, resume, cancel, undo."""
    if wish not in ("pause", "resume", "cancel", "undo"):
        raise tk.ObjectNotFound
    try:
        _act(f"repair_{wish}", id=run_id)
    except tk.ValidationError as error:
        for messages in error.error_dict.values():
            tk.h.flash_error(" ".join(messages))
    return tk.redirect_to("civicswitchboard_repairs.show", run_id=run_id)


@civicswitchboard_repairs.route("/<run_id>/left.csv")
@errors_as_pages
def left_csv(run_id: str) -> Answer:
    """What was left, as a table."""
    shown = _run(run_id, most_left=sys.maxsize)
    return _csv(f"repair-{shown['created'][:10]}-left.csv", shown["left"])


def _csv(name: str, rows: list[dict[str, Any]]) -> Response:
    keys = sorted({key for row in rows for key in row["values"]})
    files = ["file", "file_page"] if any("file" in row for row in rows) else []
    table = csv_text(["dataset", *files, "reason", *keys], (_cells(row, files, keys) for row in rows))
    response = Response(f"\ufeff{table}", content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _cells(row: dict[str, Any], files: list[str], keys: list[str]) -> list[str]:
    # A row of a dataset has nothing in the columns of files.
    file = [row.get("file", ""), _file_page(row)] if files else []
    reason = tk._(REASONS.get(row["reason"], row["reason"]))
    return [row["dataset"] or "", *file, reason, *(labels.plain(row["values"].get(key)) for key in keys)]


def _file_page(row: dict[str, Any]) -> str:
    """The address of a file's page, since files may be called the same; empty where there is none."""
    if "file" not in row or row["deleted"] or not row["dataset"]:
        return ""
    place = {"id": row["dataset"], "resource_id": row["resource"]}
    return str(tk.url_for("dataset_resource.read", **place, _external=True))


def _shown(shown: dict[str, Any]) -> dict[str, Any]:
    return {
        "run": shown,
        "words": WORDS,
        "reasons": REASONS,
        "at_work": shown["state"] in AT_WORK,
        "may": _may("repair_pause"),
        "kind": KINDS[shown["kind"]],
    }


def _confirmed(kind: str, args: Any) -> bool:
    return not KINDS[kind].asks_twice or bool(args.get("confirm"))


def _run(run_id: str, **more: Any) -> dict[str, Any]:
    """A run as the API tells it; an address that can be no run's is one that is not there."""
    try:
        shown: dict[str, Any] = _act("repair_show", id=run_id, **more)
    except tk.ValidationError as error:
        raise tk.ObjectNotFound from error
    return shown


def _look_after(run_id: str) -> None:
    """Have a repair go on whose worker died."""
    run = runner.get(run_id) if storable(run_id) else None
    if run is not None and runner.stale(run) and _may("repair_resume"):
        runner.look_after(run_id)


def _context() -> dict[str, Any]:
    return {"user": tk.current_user.name}


def _act(action: str, **data: Any) -> Any:
    return tk.get_action(f"civicswitchboard_{action}")(_context(), data)


def _may(action: str) -> bool:
    return bool(tk.h.check_access(f"civicswitchboard_{action}"))
