"""Edits from pages that may be older than the draft: merged, told, or asked about."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from support.editing import act

from ckanext.civicswitchboard.core.editing.fields import EditRefused, add_field, set_field
from ckanext.civicswitchboard.core.schema.document import Document, Field
from ckanext.civicswitchboard.schema_registry import drafts, merge_edit
from ckanext.civicswitchboard.schema_registry.merge_edit import Conflicted, Saved


def notes(document: Document) -> Field:
    return next(field for field in document.dataset.fields if field.id == "data_notes")


def label(text: str) -> Any:
    return set_field("dataset", "data_notes", {"label": text})


def test_two_curators_work_side_by_side(curators: list[str], with_request_context: None) -> None:
    curator, assistant = curators
    seen = act("schema_draft_create")["revision"]

    first = merge_edit.save(assistant, seen, label("Caveats"))
    assert isinstance(first, Saved) and first.meanwhile == ()

    second = merge_edit.save(curator, seen, set_field("dataset", "data_notes", {"help_text": "What to know"}))
    assert isinstance(second, Saved)
    assert (notes(second.draft.document).label, notes(second.draft.document).help_text) == ("Caveats", "What to know")
    (told,) = second.meanwhile
    assert told.author == assistant and "now called “Caveats”" in told.text

    third = merge_edit.save(curator, seen, label("Remarks"))
    assert isinstance(third, Conflicted) and drafts.current().revision == second.draft.revision  # type: ignore[union-attr]
    (clash,) = third.clashes
    assert (clash.mine, clash.theirs, clash.base) == ("Remarks", "Caveats", "Data notes")
    assert (clash.author, clash.attribute, clash.label) == (assistant, "label", "Data notes")

    kept = merge_edit.save(curator, seen, label("Remarks"), {clash.key: "theirs"})
    assert isinstance(kept, Saved) and notes(kept.draft.document).label == "Caveats"
    mine = merge_edit.save(curator, seen, label("Remarks"), {clash.key: "ours"})
    assert isinstance(mine, Saved) and notes(mine.draft.document).label == "Remarks"

    same = merge_edit.save(curator, mine.draft.revision, label("Remarks"))
    assert isinstance(same, Saved) and same.draft.revision == mine.draft.revision, "nothing changed, nothing saved"

    with pytest.raises(EditRefused, match="no longer exists"):
        merge_edit.save(curator, mine.draft.revision, set_field("dataset", "nowhere", {"label": "X"}))
    with pytest.raises(EditRefused, match="already has the name “data_notes”"):
        merge_edit.save(curator, mine.draft.revision, add_field("dataset", "Data notes", "about"))
    with pytest.raises(tk.ObjectNotFound, match="Reload the page"):
        merge_edit.save(curator, 999, label("Lost"))


def test_who_may_not_saves_nothing(curators: list[str], with_request_context: None) -> None:
    from ckan.tests import factories

    act("schema_draft_create")
    with pytest.raises(tk.NotAuthorized):
        merge_edit.save(factories.User()["name"], 1, label("Mine"))
    assert notes(drafts.current().document).label == "Data notes"  # type: ignore[union-attr]
