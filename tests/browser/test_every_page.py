"""Curators' pages in every state, all folds opened: by axe, in a narrow window, and in the words of domain.md."""
from __future__ import annotations

from typing import Any

import pytest
from browser.conftest import Portal, make_dataset
from browser.looking import violations
from ckan import model
from support.editing import act, changed, current_document, publish, with_field
from words.forbidden import forbidden_in

from ckanext.civicswitchboard.core.repairs import KINDS
from ckanext.civicswitchboard.repairs import runner

pytestmark = [pytest.mark.browser]

SCHEMA = "/metadata-schema"
DRAFT = f"{SCHEMA}/draft"
NEW = f"{SCHEMA}/repairs/new"
# All but downloads, which are called by their formats.
OUR_WORDS = """() => {
  const main = document.querySelector("[role=main], main").cloneNode(true);
  main.querySelectorAll(".csw-downloads").forEach((each) => each.remove());
  return main.textContent;
}"""
FOLDED = "document.querySelectorAll('main details, [role=main] details').forEach((each) => { each.open = true; })"


@pytest.fixture
def curator(page: Any, log_in: Any, steward: Portal) -> Any:
    """The page of the steward's admin, in a portal with two versions, a draft with a fault, and a suggestion."""
    publish(changed(with_field(current_document(), field_name="reading_level"), "department", expectation="required"))
    make_dataset("terms", "Terms", "county", department="Parks", methods="Counted", limitations="By hand",
                 temporal_coverage="2016/2017", frequency_publishing="Monthly", private=True)
    act("suggestion_create", user="library_editor", field="department", text="A wish of the library's staff")
    begun = act("schema_draft_create")
    document = changed(current_document(), "department", label="Office", field_name="office",
                       previous_names=["department"])
    document = changed(changed(document, "geographic_unit", preset="radio"), "theme", preset="multiple_select")
    act("schema_draft_update", revision=begun["revision"], document=document)
    log_in("metadata_curator")
    return page


def looks(page: Any) -> list[str]:
    """What is wrong with the page as it is shown."""
    found = []
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(FOLDED)
        found += [f"{width}: {rule}: {html[:160]}" for rule, html in violations(page, settled=150).items()]
        wide = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{width}: {wide} pixels wide"] if wide > width else []
    found += [f"says {word}" for word in forbidden_in(page.evaluate(OUR_WORDS))]
    return found


def wrong_in(page: Any, paths: list[str]) -> dict[str, list[str]]:
    wrong = {}
    for path in paths:
        page.set_viewport_size({"width": 1280, "height": 900})
        answer = page.goto(path)
        assert answer.ok, (path, answer.status)
        wrong[path] = looks(page)
    return {path: found for path, found in wrong.items() if found}


def test_versions_and_the_draft(curator: Any) -> None:
    field = f"{DRAFT}/fields/dataset/geographic_unit"
    paths = [
        f"{DRAFT}/fields/dataset/theme", f"{DRAFT}/preview/draft/form?dataset=reading",
        f"{DRAFT}/preview?view=file&dataset=reading", f"{DRAFT}/preview?view=organization&dataset=reading",
        f"{DRAFT}/vocabularies/theme/records?term=health", f"{DRAFT}/fields/resource/dictionary/parts/unit/records",
        f"{SCHEMA}/versions", f"{SCHEMA}/versions/1", f"{SCHEMA}/versions/2", f"{SCHEMA}/versions/1/restore",
        f"{SCHEMA}/versions/compare", f"{SCHEMA}/versions/compare?from=1&to=2", f"{SCHEMA}/versions/compare?from=2&to=draft",
        f"{SCHEMA}/versions/2/profile", f"{SCHEMA}/review", f"{SCHEMA}/suggestions", field, f"{field}/move", f"{field}/sample",
        f"{DRAFT}/fields/dataset/department", f"{DRAFT}/fields/dataset/department/name",
        f"{DRAFT}/fields/resource/rows", f"{DRAFT}/fields/organization/spaces", f"{DRAFT}/fields/dataset/theme/records",
        f"{DRAFT}/sections/dataset/about", f"{DRAFT}/vocabularies-from-a-list", f"{DRAFT}/vocabularies/theme/list",
        f"{DRAFT}/vocabularies/theme?term=health", f"{DRAFT}/partner-types?type=museum", f"{DRAFT}/translations",
        f"{DRAFT}/crosswalk", f"{DRAFT}/release", f"{DRAFT}/preview?dataset=reading", f"{DRAFT}/preview?view=page",
    ]  # fmt: skip
    assert wrong_in(curator, paths) == {}


def test_a_draft_with_faults_a_conflict_and_a_list_that_is_looked_at(curator: Any) -> None:
    page = curator
    page.goto(f"{DRAFT}/vocabularies/theme/list")
    page.fill("#pasted", "label\tdefinition\nHealth\tOf body and mind\nBookmobiles\tLibraries on wheels\n\tNo label")
    page.get_by_role("button", name="Preview list").click()
    page.locator(".csw-take-sum, .error-explanation").first.wait_for()
    wrong = {"list": looks(page)}

    draft = act("schema_draft_show")
    document = changed(draft["document"], "url", label="")
    document["vocabularies"][0]["terms"][0]["label"] = ""
    draft = act("schema_draft_update", revision=draft["revision"], document=document)
    wrong |= wrong_in(page, [f"{SCHEMA}/review", f"{DRAFT}/fields/dataset/url"])

    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{DRAFT}/fields/dataset/data_notes")
    act("schema_draft_update", revision=draft["revision"],
        document=changed(document, "data_notes", label="Caveats"))
    page.fill("#edit-label", "Notes on the data")
    page.press("#edit-label", "Tab")
    page.locator("#csw-draft-refused form").wait_for()
    wrong["conflict"] = looks(page)
    assert {path: found for path, found in wrong.items() if found} == {}


def begun(kind: str, steps: int = 50, **params: Any) -> str:
    """The id of a run after some steps."""
    run_id = str(act("repair_start", user="metadata_curator", kind=kind, params=params, confirm=True)["id"])
    for _step in range(steps):
        if not runner._step(run_id):
            break
    model.Session.remove()
    return run_id


def test_repairs_in_every_kind_and_state(curator: Any, monkeypatch: Any) -> None:
    page = curator
    monkeypatch.setattr(runner, "enqueue", lambda run_id: True)
    make_dataset("left", "Left", "county", department="Parks", temporal_coverage="2020-21")
    asked = {"map_values": "&field=frequency_publishing", "set_default": "&field=license_id", "retype": "&field=places",
             "merge_terms": "&vocabulary=theme", "delete_values": "&field=department"}
    waits = begun("map_values", steps=0, field="frequency_publishing", values={"Monthly": "Quarterly"})
    paused = begun("map_values", steps=0, field="department", values={"Parks": "Park"})
    act("repair_pause", id=paused)
    done = begun("split_interval", field="temporal_coverage", start="temporal_start", end="temporal_end")
    undone = begun("join", fields=["methods", "limitations"], to="source_description")
    act("repair_undo", id=undone)
    runner._step(undone)
    runner._step(undone)
    cancelled = begun("set_default", steps=0, field="citation", value="Cite us")
    act("repair_cancel", id=cancelled)
    paths = [f"{SCHEMA}/repairs", *(f"{NEW}?kind={kind}{asked.get(kind, '')}" for kind in KINDS),
             *(f"{SCHEMA}/repairs/{each}" for each in (waits, paused, done, undone, cancelled))]
    wrong = wrong_in(page, paths)

    for kind, fill in {"move": {"#repair-to": "nowhere at all"}, "merge_terms": {}, "join": {}}.items():
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{NEW}?kind={kind}{asked.get(kind, '')}")
        for selector, words in fill.items():
            page.fill(selector, words)
        page.get_by_role("button", name="Preview").click()
        page.get_by_text("Nothing was changed:").wait_for()
        wrong[f"{kind} refused"] = looks(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{NEW}?kind=delete_values&field=frequency_publishing&values=Monthly")
    page.get_by_role("button", name="Preview").click()
    page.get_by_text("Yes, delete these values").wait_for()
    wrong["delete"] = looks(page)
    assert {path: found for path, found in wrong.items() if found} == {}
