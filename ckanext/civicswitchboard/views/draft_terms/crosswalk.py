"""The crosswalk: a table of all fields and what each corresponds to in other standards."""
from __future__ import annotations

from collections.abc import Collection
from typing import Any

import ckan.plugins.toolkit as tk
from flask import request

from ckanext.civicswitchboard.core.editing.vocabularies import set_targets
from ckanext.civicswitchboard.core.formats import crosswalks
from ckanext.civicswitchboard.core.formats.crosswalks import Row
from ckanext.civicswitchboard.core.formats.standards import STANDARDS
from ckanext.civicswitchboard.core.schema.document import Document, Entity, Field
from ckanext.civicswitchboard.core.schema.labels import ENTITIES
from ckanext.civicswitchboard.helpers.crosswalks import shown_records
from ckanext.civicswitchboard.schema_registry import versions
from ckanext.civicswitchboard.views.draft import common
from ckanext.civicswitchboard.views.draft.common import Answer, of_draft
from ckanext.civicswitchboard.views.draft_terms.blueprint import (
    address,
    civicswitchboard_draft_terms,
    opened,
)
from ckanext.civicswitchboard.views.request_args import page_number

# A form has a limit to its inputs; each row has one for every standard.
PAGE = 120


@civicswitchboard_draft_terms.route("/crosswalk")
@of_draft
def crosswalk() -> Answer:
    """The table of datasets, of files or of organizations."""
    frame = opened("crosswalk")
    entity = _entity()
    rows = _rows(frame.draft.document, entity)
    blanks = _blanks(rows)
    only_blanks = request.args.get("blanks") == "yes"
    if only_blanks:
        rows = [row for row in rows if row.is_offered and any(not target.path for target in row.targets)]
    pages = max(1, -(-len(rows) // PAGE))
    page = min(page_number(), pages)
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


def _rows(document: Document, entity: Entity) -> list[Row]:
    return [row for row in crosswalks.table(document) if row.entity == entity]


def _blanks(rows: list[Row]) -> int:
    offered = [row for row in rows if row.is_offered]
    return sum(not target.path for row in offered for target in row.targets if target.standard in STANDARDS)


def _entity() -> Entity:
    wanted = request.args.get("of", "dataset")
    return next((entity for entity in ENTITIES if entity == wanted), "dataset")


def _sample(rows: list[Row], entity: Entity) -> dict[str, Any]:
    """What a record that the reader may see would give, field by field."""
    name = request.args.get("record", "").strip()
    variables: dict[str, Any] = {"record": name, "samples": {}, "no_record": False}
    if not name:
        return variables
    try:
        records = shown_records(common.user(), entity, name)[:1]
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError):
        return {**variables, "no_record": True}
    terms, say = versions.current().terms, tk.h.scheming_language_text
    for row in rows if records else ():
        entries = [records[0]] if row.parent is None else _entries(records[0], row.parent)
        pairs = [pair for entry in entries for pair in crosswalks.sample(entry, row.field, terms, say)]
        variables["samples"][row.path] = pairs
    return variables


def _entries(record: dict[str, Any], field: Field) -> list[dict[str, Any]]:
    entries = record.get(field.field_name)
    return [row for row in entries if isinstance(row, dict)] if isinstance(entries, list) else []


@civicswitchboard_draft_terms.route("/crosswalk", methods=["POST"])
@of_draft
def save_crosswalk() -> Answer:
    """Save the cells that changed."""
    entity = _entity()
    cells = [name.split("|") for name in request.form if name.startswith("cell|")]
    sent = {
        (path, standard): " ".join(request.form[f"cell|{path}|{standard}"].split())
        for _cell, path, standard in (cell for cell in cells if len(cell) == 3)
    }
    changed: dict[tuple[str, str], str] = {}

    def edit(document: Document) -> Document:
        # Against the state from which the form was made: what another curator changed meanwhile
        # is told by merging.
        before = {
            (row.path, target.standard): target.path
            for row in _rows(document, entity)
            for target in row.targets
        }
        changed.update({cell: target for cell, target in sent.items() if before.get(cell, "") != target})
        return set_targets({(entity, *cell): target for cell, target in changed.items()})(document)

    parameters = {
        key: request.args[key] for key in ("of", "blanks", "record", "page") if request.args.get(key)
    }
    return common.edited(
        edit,
        address("crosswalk", **parameters),
        "crosswalk",
        part=lambda frame: _saved(frame.draft.document, entity, changed),
    )


def _saved(document: Document, entity: Entity, changed: Collection[tuple[str, str]]) -> str:
    """What a save changes on the page: what stands below each cell, and the number of blanks."""
    rows = _rows(document, entity)
    cells = [
        (row, target) for row in rows for target in row.targets if (row.path, target.standard) in changed
    ]
    extra_vars = {"cells": cells, "blanks": _blanks(rows)}
    return str(tk.render_snippet("metadata_schema/terms/crosswalk_saved.html", extra_vars))
