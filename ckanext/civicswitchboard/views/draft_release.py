"""What a new release of the software changes in the shared schema, where the portal had changed the same."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from flask import request

from ckanext.civicswitchboard.core.changes.edits import ChangeError, apply_edits, value_of
from ckanext.civicswitchboard.core.changes.places import by_ids, things
from ckanext.civicswitchboard.core.document import Document
from ckanext.civicswitchboard.core.drafting import Edit, EditRefused
from ckanext.civicswitchboard.core.merging import Conflict
from ckanext.civicswitchboard.core.wording import N_
from ckanext.civicswitchboard.metadata_schema import editing, releases
from ckanext.civicswitchboard.views import drafting
from ckanext.civicswitchboard.views.drafting import Answer, of_draft
from ckanext.civicswitchboard.views.editor import civicswitchboard_editor


@dataclass(frozen=True)
class Contested:
    """What both the portal and the release changed, as the draft has it now.

    :ivar key: names it in the form
    :ivar label: what the thing is called
    :ivar drafted: what the draft has
    """

    key: str
    label: Any
    drafted: Any
    conflict: Conflict

    @property
    def taken(self) -> bool:
        """Whether the draft has what the release wants."""
        return bool(self.drafted == self.conflict.theirs)


@civicswitchboard_editor.route("/release", methods=["GET", "POST"])
@of_draft
def release() -> Answer:
    """What stays as the portal has it, and taking the release's instead."""
    draft = editing.opened(drafting.user())
    contested = _contested(draft.document)
    if request.method == "POST":
        wanted = next((each for each in contested if each.key == request.form.get("key")), None)
        here = str(tk.h.url_for("civicswitchboard_editor.release"))
        if wanted is None:
            none_such = tk._("The release changes nothing there that this portal changed too")
            return drafting.refused(none_such, here)
        return drafting.edited(_taking(wanted.conflict), here, "release")
    given = {"frame": drafting.frame(draft, "release"), "contested": contested}
    return str(tk.render("metadata_schema/editor/release.html", extra_vars=given))


def _contested(document: Document) -> list[Contested]:
    offer = releases.waiting() if releases.in_draft() else None
    if offer is None or not offer.drafted:
        return []
    state = dict(things(by_ids(document)))
    return [
        Contested(
            key=editing.key_of(each.place, each.attribute),
            label=getattr(state.get(each.place), "label", "") or each.place.key,
            drafted=value_of(state, each.place, each.attribute),
            conflict=each,
        )
        for each in offer.conflicts
    ]


def _taking(conflict: Conflict) -> Edit:
    def edit(document: Document) -> Document:
        try:
            return apply_edits(document, conflict.wanted)
        except ChangeError as error:
            raise EditRefused(N_("The draft went another way there meanwhile; look at the field")) from error

    return edit
