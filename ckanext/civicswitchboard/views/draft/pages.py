"""The draft of the shared schema: its fields and sections, and what is done with it as a whole."""
from __future__ import annotations

from typing import Any, get_args

import ckan.plugins.toolkit as tk
from flask import Blueprint, request

from ckanext.civicswitchboard import impact
from ckanext.civicswitchboard.core.editing import fields as edits
from ckanext.civicswitchboard.core.schema import labels
from ckanext.civicswitchboard.core.schema.document import Document, Entity
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.schema_registry import merge_edit, versions
from ckanext.civicswitchboard.views import rendering
from ckanext.civicswitchboard.views.draft import common
from ckanext.civicswitchboard.views.draft.common import Answer, Frame, of_draft
from ckanext.civicswitchboard.views.request_args import path_of

civicswitchboard_editor = Blueprint(
    "civicswitchboard_editor", __name__, url_prefix="/metadata-schema/draft"
)

ENTITIES: tuple[Entity, ...] = get_args(Entity)
_OF: dict[str, tuple[Entity, ...]] = {
    "fields": ("dataset", "resource"),
    "organization": ("organization",),
}


# What the preview shows, and what it is called there.
PREVIEWS = {
    "form": N_("dataset form"),
    "file": N_("form of its first file or link"),
    "organization": N_("organization form"),
    "page": N_("dataset page"),
}


@civicswitchboard_editor.route("")
@of_draft
def index() -> Answer:
    """The fields of datasets and of their files and links."""
    return _fields("fields")


@civicswitchboard_editor.route("/organization")
@of_draft
def organization() -> Answer:
    """The fields of organizations."""
    return _fields("organization")


def _fields(here: str) -> str:
    around = common.frame(merge_edit.opened(common.user()), here)
    extra_vars = listing(around, _OF[here][0])
    return str(tk.render("metadata_schema/editor/index.html", extra_vars=extra_vars))


def listing(around: Frame, entity: Entity) -> dict[str, Any]:
    """What the list of fields needs.

    :param entity: one of those whose fields are listed
    """
    shown = next(entities for entities in _OF.values() if entity in entities)
    return {
        "frame": around,
        "groups": [_group(around, listed_entity) for listed_entity in shown],
        "wording": labels,
    }


def _group(around: Frame, entity: Entity) -> dict[str, Any]:
    document = around.draft.document
    sections = edits.sections_of(document, entity)
    fields = document.fields_of(entity)
    blocks = [(section, [f for f in fields if f.section == section.id]) for section in sections]
    known = {section.id for section in sections}
    return {
        "entity": entity,
        "path": edits.PATHS[entity],
        "blocks": blocks or [(None, fields)],
        "astray": [f for f in fields if sections and f.section not in known],
        "usage": impact.usage(entity),
    }


@civicswitchboard_editor.route("/sections/<any(dataset, organization):entity>", methods=["POST"])
@of_draft
def add_section(entity: Entity) -> Answer:
    """A new section at the end."""
    label = request.form.get("label", "").strip()
    if not label:
        return common.refused(tk._("Enter a name for the section"), _list_of(entity))
    return common.edited(edits.add_section(entity, label), _list_of(entity), _here(entity))


@civicswitchboard_editor.route(
    "/sections/<any(dataset, organization):entity>/<section_id>", methods=["GET", "POST"]
)
@of_draft
def section(entity: Entity, section_id: str) -> Answer:
    """A section renamed, moved, or taken out while it has no fields."""
    around = common.frame(merge_edit.opened(common.user()), _here(entity))
    sections = edits.sections_of(around.draft.document, entity)
    shown = next((section for section in sections if section.id == section_id), None)
    if request.method == "GET":
        if shown is None:
            raise tk.ObjectNotFound(tk._("The draft doesn't have this section"))
        extra_vars = {"frame": around, "section": shown, "sections": sections, "entity": entity}
        return str(tk.render("metadata_schema/editor/section.html", extra_vars=extra_vars))
    back = _list_of(entity, f"section-{entity}-{section_id}")
    return common.edited(_of_section(entity, section_id), back, _here(entity))


def _of_section(entity: Entity, section_id: str) -> edits.Edit:
    """The edit that the form of a section asks for."""
    sent = request.form
    if sent.get("do") == "remove":
        return edits.remove_section(entity, section_id)
    if sent.get("do") == "move":
        return edits.move_section(entity, section_id, sent.get("after", ""))

    def edit(document: Document) -> Document:
        sections = edits.sections_of(document, entity)
        before = next((section for section in sections if section.id == section_id), None)
        values = {name: common.said(getattr(before, name, ""), name) for name in ("label", "description")}
        if not values["label"]:
            raise edits.EditRefused(N_("Enter a name for the section"))
        page = {"page": sent.getlist("page")[-1] == "yes"} if "page" in sent else {}
        return edits.set_section(entity, section_id, {**values, **page})(document)

    return edit


def _here(entity: Entity) -> str:
    return "organization" if entity == "organization" else "fields"


def _list_of(entity: Entity, anchor: str | None = None) -> str:
    name = "organization" if entity == "organization" else "index"
    return str(tk.h.url_for(f"civicswitchboard_editor.{name}", _anchor=anchor))


@civicswitchboard_editor.route("/preview")
@of_draft
def preview() -> Answer:
    """The draft's form and page beside the current version's."""
    around = common.frame(merge_edit.opened(common.user()), "")
    wanted = request.args.get("dataset", "").strip()
    trouble = ""
    if wanted:
        try:
            rendering.record(common.user(), versions.newest(), wanted)
        except tk.NotAuthorized:
            raise
        except tk.ObjectNotFound:
            trouble = tk._("We can't find a dataset “%s”, or you don't have access to it") % wanted
            wanted = ""
    extra_vars = {
        "frame": around,
        "dataset": wanted,
        "trouble": trouble,
        "view": request.args["view"] if request.args.get("view") in PREVIEWS else "form",
        "previews": PREVIEWS,
        "current": versions.newest().version,
    }
    return str(tk.render("metadata_schema/editor/preview.html", extra_vars=extra_vars))


@civicswitchboard_editor.route(
    f"/preview/<any(draft, current):which>/<any({', '.join(PREVIEWS)}):view>"
)
@of_draft
def previewed(which: str, view: str) -> Answer:
    """One side of the preview: a form or the page, by the draft or the current version."""
    draft = merge_edit.opened(common.user())
    current = versions.newest()
    snapshot = current if which == "current" else rendering.drafted(draft.document, current.version + 1)
    wanted = request.args.get("dataset", "").strip()
    data = rendering.record(common.user(), snapshot, wanted) if wanted else {}
    owner = rendering.owner(common.user(), snapshot, data) if view == "organization" else {}
    with versions.pinned(snapshot):
        extra_vars = {"data": data, "owner": owner, "view": view, "schema": snapshot.dataset_form}
        return str(tk.render("metadata_schema/editor/previewed.html", extra_vars=extra_vars))


@civicswitchboard_editor.route("/status")
@of_draft
def status() -> Answer:
    """The header line, for a page that asks whether it can save again."""
    return common.header(common.frame(merge_edit.opened(common.user()), ""))


@civicswitchboard_editor.route("/start", methods=["POST"])
@of_draft
def start() -> Answer:
    """Begin a draft."""
    try:
        _act("schema_draft_create")
    except tk.ValidationError:
        tk.h.flash_notice(tk._("Someone else just started a draft. This is it."))
    return common.redirect(_home())


@civicswitchboard_editor.route("/undo", methods=["POST"])
@of_draft
def undo() -> Answer:
    """Take the newest edit back."""
    try:
        _act("schema_draft_undo", revision=common.revision())
    except tk.ValidationError as error:
        tk.h.flash_error(" ".join(error.error_dict.get("revision", [])))
    return common.redirect(path_of(tk.request.referrer) or _home())


@civicswitchboard_editor.route("/discard", methods=["GET", "POST"])
@of_draft
def discard() -> Answer:
    """Ask whether the draft is to go, and let it go."""
    around = common.frame(merge_edit.opened(common.user()), "")
    if tk.request.method == "GET":
        return str(tk.render("metadata_schema/editor/discard.html", extra_vars={"frame": around}))
    if common.revision() != around.draft.revision:
        tk.h.flash_error(tk._("The draft was changed in the meantime. Check it before you discard it."))
        return common.redirect(tk.h.url_for("civicswitchboard_editor.discard"))
    _act("schema_draft_delete")
    tk.h.flash_success(tk._("The draft was discarded. Version %s hasn't changed.") % around.draft.base)
    return common.redirect(tk.h.url_for("civicswitchboard_versions.index"))


@civicswitchboard_editor.route("/up-to-date", methods=["POST"])
@of_draft
def bring_up_to_date() -> Answer:
    """Take in what was published since the draft was begun."""
    try:
        result = _act("schema_draft_rebase", revision=common.revision())
    except tk.ValidationError as error:
        tk.h.flash_error(" ".join(error.error_dict.get("revision", [])))
        return common.redirect(_home())
    tk.h.flash_success(tk._("The draft is now based on version %s.") % result["base_version"])
    for conflict in result["conflicts"]:
        tk.h.flash_notice(
            tk._("Both changed “{field}” ({attribute}). The draft's change was kept.").format(
                attribute=tk.h.civicswitchboard_attribute(conflict["attribute"]), field=conflict["field"]
            )
        )
    return common.redirect(_home())


def _home() -> str:
    return str(tk.h.url_for("civicswitchboard_editor.index"))


def _act(action: str, **data: Any) -> dict[str, Any]:
    context = {"user": common.user()}
    answer: dict[str, Any] = tk.get_action(f"civicswitchboard_{action}")(context, data)
    return answer
