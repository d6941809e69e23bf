"""What the draft does to the records: a page that arrives piece by piece while they are counted."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from flask import Blueprint, Response, current_app, request, stream_with_context
from werkzeug.exceptions import Forbidden

from ckanext.civicswitchboard import impact
from ckanext.civicswitchboard.core.changes import LEVELS
from ckanext.civicswitchboard.core.repairs import KINDS, answerable
from ckanext.civicswitchboard.core.schema.document import Document
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.impact import Affected
from ckanext.civicswitchboard.impact.report import Report, repair_address, scope_of
from ckanext.civicswitchboard.publishing.repairs import WITH_A_VERSION, mends
from ckanext.civicswitchboard.repairs import labels

FIGURES = "<!-- figures -->"
# States of datasets that are counted when that is asked for, in words.
ALSO = {"draft": N_("drafts"), "deleted": N_("deleted datasets")}
REPAIRS = "/metadata-schema/repairs/new"
FOLDER = "metadata_schema/impact"

civicswitchboard_impact = Blueprint(
    "civicswitchboard_impact", __name__, url_prefix="/metadata-schema/review"
)


@civicswitchboard_impact.route("/stop", methods=["POST"])
def stop() -> Response:
    """Stop counting, and show the changes without figures."""
    user = tk.current_user.name
    try:
        tk.check_access("civicswitchboard_schema_impact", {"user": user}, {})
    except tk.NotAuthorized as error:
        raise Forbidden(str(error.message or "")) from error
    token = request.form.get("token", "")
    if token:
        impact.stop(token)
    answer: Response = tk.redirect_to("civicswitchboard_versions.review", figures="no")
    return answer


def reviewed(document: Document, extra_vars: dict[str, Any]) -> Response:
    """The review page, sent on while the records are counted.

    It is one plain page, so that it needs no script; a reader who leaves stops the count.

    :param document: the draft's
    :param extra_vars: what the template needs besides the figures
    """
    user = tk.current_user.name
    tk.check_access("civicswitchboard_schema_impact", {"user": user}, {})
    also = [state for state in ALSO if state in request.args.getlist("also")]
    report = Report.of(document, scope_of({"user": user}, ("active", *also)))
    counts = request.args.get("figures") != "no"
    # Everything that needs the session is made before the first piece is sent.
    page = tk.render(
        "metadata_schema/versions/review.html",
        extra_vars={
            **extra_vars,
            "changes": len(report.changes),
            "mends": any(map(mends, report.changes)),
            "figures": tk.literal(FIGURES),
            "token": report.token if counts else "",
        },
    )
    head, placeholder, tail = page.partition(FIGURES)
    if not placeholder:
        return Response(page)
    links = extra_vars["may_publish"] and _has_repairs()
    pieces = _pieces(report, counts, links)
    response = Response(stream_with_context(_around(head, pieces, tail)))
    # A proxy that waits for the whole page would take the sense out of it.
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _around(head: str, pieces: Iterator[str], tail: str) -> Iterator[str]:
    yield head
    try:
        yield from pieces
        yield tail
    finally:
        model.Session.remove()


def _pieces(report: Report, counts: bool, links: bool) -> Iterator[str]:
    """The changes, the gravest first, each as soon as its figures and those before it are known."""
    order = sorted(
        range(len(report.changes)), key=lambda place: -LEVELS.index(report.changes[place].level)
    )
    known: dict[int, Affected] = {}
    shown = 0
    stopped = not counts
    try:
        for finding in report.watched() if counts else ():
            if finding is None:
                # Whether anybody still reads shows when something is sent.
                yield "\n"
                continue
            known[finding[0]] = finding[1]
            while shown < len(order) and order[shown] in known:
                yield _change(report, order[shown], known[order[shown]], links)
                shown += 1
    except impact.Stopped:
        stopped = True
    for place in order[shown:]:
        yield _change(report, place, known.get(place), links)
    yield tk.render(
        f"{FOLDER}/ending.html",
        extra_vars={
            "report": report,
            "stopped": stopped,
            "also": ALSO,
            "findings": report.unreadable_values(),
            "across": report.broken_rules(),
        },
    )


def _change(report: Report, place: int, affected: Affected | None, links: bool) -> str:
    figures = report.described(place, affected)
    useful = figures["repairs"] if links and affected and affected.count else []
    extra_vars = {
        "change": figures,
        "datasets": report.datasets,
        "links": _links(useful, report),
        "otherwise": _counted_otherwise(report, affected, useful) if affected and useful else "",
        "titles": report.titles,
    }
    text: str = tk.render(f"{FOLDER}/change.html", extra_vars=extra_vars)
    return text


def _counted_otherwise(report: Report, affected: Affected, repairs: list[dict[str, Any]]) -> str:
    """What a repair counts and this page does not, in a sentence; empty where both count the same.

    :param affected: what this page counts
    :param repairs: those that are offered
    """
    states, beyond = report.scope.states, []
    # Organizations have neither files nor drafts.
    of_datasets = [repair for repair in repairs if repair["params"].get("entity") != "organization"]
    deleted = any(KINDS[repair["kind"]].every_state for repair in of_datasets)
    if affected.resources:
        beyond.append(tk._("each file and link separately"))
    if report.has_drafts and of_datasets and "draft" not in states:
        beyond.append(tk._("drafts"))
    if report.has_deleted and deleted and "deleted" not in states:
        beyond.append(tk._("deleted datasets and files"))
    sentence = tk._("A repair may show a higher number because it also counts: {what}.")
    return str(sentence.format(what="; ".join(beyond))) if beyond else ""


def _links(repairs: list[dict[str, Any]], report: Report) -> list[dict[str, str]]:
    """Where repairs begin; each names its field where several differ by nothing else.

    One that needs what only the draft has begins once that is published, unless it goes with it.
    """
    kinds = Counter(repair["kind"] for repair in repairs)
    links = []
    for repair in repairs:
        params, several = repair["params"], kinds[repair["kind"]] > 1
        field = labels.title(params["field"], params["entity"]) if several and "field" in params else ""
        link = {"kind": repair["kind"], "field": field, "address": ""}
        if answerable(**repair, snapshot=report.before):
            links.append({**link, "address": repair_address(repair)})
        elif answerable(**repair, snapshot=report.after):
            goes_along = repair["kind"] in WITH_A_VERSION
            links.append({**link, "address": repair_address(repair) if goes_along else ""})
    return links


def _has_repairs() -> bool:
    return any(rule.rule == REPAIRS for rule in current_app.url_map.iter_rules())
