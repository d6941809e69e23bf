"""The crosswalk: a table of all fields and what each corresponds to in other standards."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import request

from ckanext.civicswitchboard.core import crosswalks
from ckanext.civicswitchboard.core.crosswalks import Row
from ckanext.civicswitchboard.core.document import Entity
from ckanext.civicswitchboard.core.drafting_terms import set_targets
from ckanext.civicswitchboard.core.standards import STANDARDS
from ckanext.civicswitchboard.core.wording import ENTITIES
from ckanext.civicswitchboard.metadata_schema import live
from ckanext.civicswitchboard.views import drafting
from ckanext.civicswitchboard.views.draft_terms.blueprint import (
    address,
    civicswitchboard_draft_terms,
    opened,
)
from ckanext.civicswitchboard.views.drafting import Answer, of_draft

# A form has a limit to its inputs; each row has one for every standard.
PAGE = 120


@civicswitchboard_draft_terms.route("/crosswalk")
@of_draft
def crosswalk() -> Answer:
    """The table of datasets, of files or of organizations."""
    frame = opened("crosswalk")
    entity = _entity()
    rows = [row for row in crosswalks.table(frame.draft.document) if row.entity == entity]
    blanks = sum(not each.path for row in rows for each in row.targets if each.standard in STANDARDS)
    only_blanks = request.args.get("blanks") == "yes"
    if only_blanks:
        rows = [row for row in rows if any(not each.path for each in row.targets)]
    pages = max(1, -(-len(rows) // PAGE))
    page = min(int(tk.h.get_page_number(request.args)), pages)
    return str(
        tk.render(
            "metadata_schema/terms/crosswalk.html",
            extra_vars={
                "frame": frame,
                "entity": entity,
                "entities": ENTITIES,
                "rows": rows[(page - 1) * PAGE : page * PAGE],
                "page": page,
                "pages": pages,
                "blanks": blanks,
                "only_blanks": only_blanks,
                "standards": STANDARDS,
                **_sample(rows, entity),
            },
        )
    )


def _entity() -> Entity:
    asked = request.args.get("of", "dataset")
    return next((each for each in ENTITIES if each == asked), "dataset")


def _sample(rows: list[Row], entity: Entity) -> dict[str, Any]:
    """What a record that the reader may see would give, field by field."""
    name = request.args.get("record", "").strip()
    given: dict[str, Any] = {"record": name, "samples": {}, "no_record": False}
    if not name:
        return given
    action = "organization_show" if entity == "organization" else "package_show"
    try:
        shown = tk.get_action(action)({"user": drafting.user()}, {"id": name})
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
        return {**given, "no_record": True}
    records = shown.get("resources", [])[:1] if entity == "resource" else [shown]
    terms = live.current().terms
    for row in rows if records else ():
        if row.parent is None:
            pairs = crosswalks.sample(records[0], row.field, terms, tk.h.scheming_language_text)
            given["samples"][row.path] = pairs
    return given


@civicswitchboard_draft_terms.route("/crosswalk", methods=["POST"])
@of_draft
def save_crosswalk() -> Answer:
    """Save the cells that changed."""
    entity = _entity()
    cells = [name.split("|") for name in request.form if name.startswith("cell|")]
    # All cells go in: what another curator changed meanwhile is told by merging, not here.
    changes: dict[tuple[Entity, str, str], str] = {
        (entity, path, standard): request.form[f"cell|{path}|{standard}"]
        for _cell, path, standard in (cell for cell in cells if len(cell) == 3)
    }
    given = {key: request.args[key] for key in ("of", "blanks", "record", "page") if request.args.get(key)}
    return drafting.edited(set_targets(changes), address("crosswalk", **given), "crosswalk")
