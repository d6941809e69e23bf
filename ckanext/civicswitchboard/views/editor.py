"""The draft of the shared schema: its fields and sections, and what is done with it as a whole."""
from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.civicswitchboard.metadata_schema import editing
from ckanext.civicswitchboard.views import drafting
from ckanext.civicswitchboard.views.drafting import Answer, of_draft

civicswitchboard_editor = Blueprint(
    "civicswitchboard_editor", __name__, url_prefix="/metadata-schema/draft"
)


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
    around = drafting.frame(editing.opened(drafting.user()), here)
    return str(tk.render("metadata_schema/editor/index.html", extra_vars={"frame": around}))


@civicswitchboard_editor.route("/status")
@of_draft
def status() -> Answer:
    """The header line, for a page that asks whether it can save again."""
    return drafting.header(drafting.frame(editing.opened(drafting.user()), ""))


@civicswitchboard_editor.route("/start", methods=["POST"])
@of_draft
def start() -> Answer:
    """Begin a draft."""
    try:
        _act("schema_draft_create")
    except tk.ValidationError:
        tk.h.flash_notice(tk._("Somebody began a draft meanwhile; this is it."))
    return drafting.redirect(_home())


@civicswitchboard_editor.route("/undo", methods=["POST"])
@of_draft
def undo() -> Answer:
    """Take the newest edit back."""
    try:
        _act("schema_draft_undo", revision=drafting.revision())
    except tk.ValidationError as error:
        tk.h.flash_error(" ".join(error.error_dict.get("revision", [])))
    return drafting.redirect(tk.request.referrer or _home())


@civicswitchboard_editor.route("/discard", methods=["GET", "POST"])
@of_draft
def discard() -> Answer:
    """Ask whether the draft is to go, and let it go."""
    around = drafting.frame(editing.opened(drafting.user()), "")
    if tk.request.method == "GET":
        return str(tk.render("metadata_schema/editor/discard.html", extra_vars={"frame": around}))
    if drafting.revision() != around.draft.revision:
        tk.h.flash_error(tk._("The draft was changed meanwhile. Look again before you discard it."))
        return drafting.redirect(tk.h.url_for("civicswitchboard_editor.discard"))
    _act("schema_draft_delete")
    tk.h.flash_success(tk._("The draft is discarded. Version %s stands as it was.") % around.draft.base)
    return drafting.redirect(tk.h.url_for("civicswitchboard_versions.index"))


@civicswitchboard_editor.route("/up-to-date", methods=["POST"])
@of_draft
def bring_up_to_date() -> Answer:
    """Take in what was published since the draft was begun."""
    try:
        told = _act("schema_draft_rebase", revision=drafting.revision())
    except tk.ValidationError as error:
        tk.h.flash_error(" ".join(error.error_dict.get("revision", [])))
        return drafting.redirect(_home())
    tk.h.flash_success(tk._("The draft is based on version %s now.") % told["base_version"])
    for conflict in told["conflicts"]:
        tk.h.flash_notice(
            tk._("Both changed {attribute} of “{field}”; the draft’s stays.").format(
                attribute=tk.h.civicswitchboard_attribute(conflict["attribute"]), field=conflict["field"]
            )
        )
    return drafting.redirect(_home())


def _home() -> str:
    return str(tk.h.url_for("civicswitchboard_editor.index"))


def _act(action: str, **data: object) -> dict[str, object]:
    given = {"user": drafting.user()}
    answer: dict[str, object] = tk.get_action(f"civicswitchboard_{action}")(given, data)
    return answer
