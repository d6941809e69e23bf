"""The name under which records store a published field, changed in the draft."""
from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import request

from ckanext.civicswitchboard import impact
from ckanext.civicswitchboard.core.editing.fields import EditRefused, rename_field
from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.schema_registry import merge_edit
from ckanext.civicswitchboard.views.draft import common
from ckanext.civicswitchboard.views.draft.common import Answer, of_draft
from ckanext.civicswitchboard.views.draft.field_pages import here_of
from ckanext.civicswitchboard.views.draft.pages import ENTITIES, civicswitchboard_editor


@civicswitchboard_editor.route(
    f"/fields/<any({', '.join(ENTITIES)}):entity>/<field_id>/name", methods=["GET", "POST"]
)
@of_draft
def name(entity: Entity, field_id: str) -> Answer:
    """Give a field another name in records; its values move there when the draft is published."""
    here = here_of(entity)
    around = common.frame(merge_edit.opened(common.user()), here)
    published = around.renamable(entity, field_id)
    if published is None:
        raise tk.ObjectNotFound(tk._("The draft doesn't have this field, or its name can't be changed"))
    wanted = request.form.get("field_name", "").strip()
    refusal = ""
    if request.method == "POST":
        edit = rename_field(entity, published, wanted)
        try:
            edit(around.draft.document)
        except EditRefused as error:
            refusal = error.reason.say(tk._, tk.h.scheming_language_text)
        else:
            there = tk.h.url_for("civicswitchboard_editor.field", entity=entity, field_id=field_id)
            return common.edited(edit, there, here)
    drafted = next((f for f in around.draft.document.fields_of(entity) if f.id == field_id), published)
    extra_vars = {
        "frame": around,
        "field": drafted,
        "entity": entity,
        "published": published,
        "typed": wanted or drafted.field_name,
        "refusal": refusal,
        "held": impact.usage(entity).of(published.field_name),
    }
    return str(tk.render("metadata_schema/editor/name.html", extra_vars=extra_vars))
