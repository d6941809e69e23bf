"""What a new release of the software changes in the shared schema, where the portal had changed the same."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from flask import request

from ckanext.civicswitchboard.core.changes.diff import ChangeError, value_of
from ckanext.civicswitchboard.core.changes.merge import Conflict, Merged, take
from ckanext.civicswitchboard.core.changes.paths import placed
from ckanext.civicswitchboard.core.editing.fields import Edit, EditRefused
from ckanext.civicswitchboard.core.schema.document import Document
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.schema_registry import merge_edit, releases
from ckanext.civicswitchboard.views.draft import common
from ckanext.civicswitchboard.views.draft.common import Answer, of_draft
from ckanext.civicswitchboard.views.draft.pages import civicswitchboard_editor


@dataclass(frozen=True)
class Contested:
    """What both the portal and the release changed, as the draft has it now.

    :ivar label: what the thing is called
    :ivar drafted: what the draft has
    """

    conflict: Conflict
    label: Any
    drafted: Any

    @property
    def taken(self) -> bool:
        """Whether the draft has what the release wants."""
        return bool(self.drafted == self.conflict.theirs)


@civicswitchboard_editor.route("/release", methods=["GET", "POST"])
@of_draft
def release() -> Answer:
    """What stays as the portal has it, and taking the release's instead."""
    draft = merge_edit.opened(common.user())
    offer = releases.waiting()
    conflicts = offer.conflicts if offer and offer.drafted else ()
    if request.method == "POST":
        here = str(tk.h.url_for("civicswitchboard_editor.release"))
        wanted = next((conflict for conflict in conflicts if conflict.key == request.form.get("key")), None)
        if wanted is None:
            none_such = tk._("The release has no conflict with this portal's changes there")
            return common.refused(none_such, here)
        return common.edited(_taking(wanted), here, "release")
    extra_vars = {
        "frame": common.frame(draft, "release"),
        "begun": bool(offer and offer.drafted),
        "contested": _contested(conflicts, draft.document),
    }
    return str(tk.render("metadata_schema/editor/release.html", extra_vars=extra_vars))


def _contested(conflicts: tuple[Conflict, ...], document: Document) -> list[Contested]:
    state = placed(document)
    return [
        Contested(
            conflict=conflict,
            label=merge_edit.label_of(state, conflict.place),
            drafted=value_of(state, conflict.place, conflict.attribute),
        )
        for conflict in conflicts
    ]


def _taking(conflict: Conflict) -> Edit:
    def edit(document: Document) -> Document:
        try:
            return take(Merged(document, ()), conflict, "theirs").document
        except ChangeError as error:
            raise EditRefused(N_("The draft was changed there in the meantime. Check the field")) from error

    return edit
