"""Parts of repeating fields: edited in the draft, and what becomes of their values."""
from __future__ import annotations

import copy
import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories
from support.editing import act, current_document, field_of, publish
from words.reading import text

from ckanext.civicswitchboard.core.schema.document import Field, parse

DRAFT = "/metadata-schema/draft"
DICTIONARY = "/fields/resource/dictionary"
ROWS = [{"column": "Year", "unit": "years", "odd": {"deep": [1, None]}}, {"column": "Name", "unit": "two\r\nlines"}]


class Desk:
    """A curator's requests without a script."""

    def __init__(self, app: Any, headers: Any) -> None:
        self.app, self.headers = app, headers

    def get(self, path: str) -> Any:
        return BeautifulSoup(self.app.get(f"{DRAFT}{path}", headers=self.headers).body, "html.parser")

    def post(self, path: str, **data: str) -> str:
        revision = act("schema_draft_show")["revision"]
        response = self.app.post(f"{DRAFT}{path}", headers=self.headers, data={"revision": str(revision), **data})
        return text(response)


@pytest.fixture
def desk(app: Any, curators: list[str], as_user: Any) -> Desk:
    act("schema_draft_create")
    return Desk(app, as_user(curators[1]))


def dictionary() -> Field:
    document = parse(act("schema_draft_show")["document"])
    return next(field for field in document.dataset.resource_fields if field.id == "dictionary")


def part(part_id: str) -> Field:
    return next(each for each in dictionary().repeating_subfields if each.id == part_id)


def order() -> list[str]:
    return [each.id for each in dictionary().repeating_subfields]


def test_a_part_is_made_changed_moved_and_retired_without_javascript(desk: Desk) -> None:
    before = order()
    links = [link["href"] for link in desk.get(DICTIONARY).select("#csw-parts a.csw-draft-open")]
    assert links == [f"{DRAFT}{DICTIONARY}/parts/{name}" for name in before]

    shown = desk.post(f"{DICTIONARY}/parts", label="Coding")
    assert "Part of “Data dictionary”: Coding" in shown and "1 change saved" in shown
    at = f"{DICTIONARY}/parts/coding"
    desk.post(at, label="Code list", help_text="Which codes", example="1 = yes", definition="A list", expectation="recommended")
    made = part("coding")
    assert (made.label, made.help_text, made.example, made.definition, made.expectation) == (
        "Code list", "Which codes", "1 = yes", "A list", "recommended")
    assert "needs a vocabulary" in desk.post(at, preset="select") and "needs a vocabulary" in desk.get(DICTIONARY).text
    assert "2 terms" in desk.post(f"{at}/vocabulary", name="Codes", terms="Yes\nNo")
    assert (part("coding").preset, part("coding").vocabulary) == ("select", "codes")
    assert desk.get(at).select(".csw-miniature select option[value=yes]")

    desk.post(f"{at}/move", direction="up")
    assert order() == [*before[:-1], "coding", before[-1]]
    desk.post(f"{at}/move", place=":column")
    assert order() == ["column", "coding", *before[1:]]
    assert desk.get(f"{at}/move").select("option[value=':label']")
    desk.post(f"{DICTIONARY}/parts/unit/state", state="retired")
    assert part("unit").state == "retired" and "no longer offered" in desk.get(DICTIONARY).select_one("#csw-parts").text
    assert "Not shown on forms" in desk.get(f"{DICTIONARY}/parts/unit").text
    assert "A published field can't be removed" in desk.post(f"{DICTIONARY}/parts/unit/state", state="removed")
    desk.post(f"{DICTIONARY}/parts/unit/state", state="active")
    desk.post(f"{at}/state", state="removed")
    assert order() == before
    assert "Write" not in desk.post(f"{DICTIONARY}/parts", label="Column") and order() == before
    assert "Enter a name for the part" in desk.post(f"{DICTIONARY}/parts", label=" ")


def test_only_a_new_field_becomes_repeating(desk: Desk) -> None:
    assert "Add a new field" in desk.post("/fields/dataset/department/parts", label="Name")
    assert not desk.get("/fields/dataset/department").select("#part-parts")
    desk.post("/fields/dataset", label="Rooms", section="who")
    desk.post("/fields/dataset/rooms/parts", label="Name")
    assert "An entry has at least one part" in desk.post("/fields/dataset/rooms/parts/name/state", state="retired")
    desk.post("/fields/dataset/rooms/parts", label="Address")
    shown = desk.get("/fields/dataset/rooms")
    assert [row["data-field"] for row in shown.select("#csw-parts .csw-draft-row")] == ["name", "address"]
    assert shown.select(".csw-miniature [name=rooms-INDEX-address], .csw-miniature template")


def test_a_fault_of_a_part_on_the_review_page_leads_to_the_part(desk: Desk) -> None:
    desk.post(f"{DICTIONARY}/parts/label", label="")
    page = desk.app.get("/metadata-schema/review", headers=desk.headers).body
    assert f'href="{DRAFT}{DICTIONARY}/parts/label"' in page


def test_what_an_entry_holds_in_a_retired_part_survives_the_form(app: Any, clean_portal: None) -> None:
    owner = factories.Organization()
    dataset = factories.Dataset(owner_org=owner["id"], license_id="cc-by",
                                resources=[{"name": "One", "url": "http://data.example.org/1.csv"}])
    resource = dataset["resources"][0]["id"]
    stored = model.Resource.get(resource)
    stored.extras = {"dictionary": copy.deepcopy(ROWS)}
    stored.package.metadata_modified = datetime.datetime.utcnow()
    model.Session.commit()
    retire("unit", "retired")

    headers = {"Authorization": factories.SysadminWithToken()["token"]}
    address = f"/dataset/{dataset['name']}/resource/{resource}/edit"
    page = BeautifulSoup(app.get(address, headers=headers).body, "html.parser")
    assert page.select("[name='dictionary-0-column']") and not page.select("[name='dictionary-0-unit']")
    sent = {each["name"]: each.get("value", "") for each in page.select("form.resource-form input[name], #resource-edit input[name]")
            if not each.find_parent("template") and not each.find_parent("noscript") and each.get("type") != "file"}
    assert "dictionary-0-civicswitchboard_kept" in sent
    answer = app.post(address, headers=headers, data={**sent, "dictionary-0-column": "Calendar year", "save": "go_metadata"},
                      follow_redirects=False)
    assert answer.status_code == 302
    model.Session.expire_all()
    changed, same = model.Resource.get(resource).extras["dictionary"]
    assert {name: value for name, value in changed.items() if value} == {**ROWS[0], "column": "Calendar year"}
    assert same == ROWS[1]

    shown = BeautifulSoup(app.get(f"/dataset/{dataset['name']}/resource/{resource}").body, "html.parser")
    assert "no longer offered" in shown.select_one(".scheming-subfield-list").text and "years" in shown.text
    retire("unit", "active")
    again = BeautifulSoup(app.get(address, headers=headers).body, "html.parser")
    assert again.select_one("[name='dictionary-0-unit']")["value"] == "years"


def retire(part_id: str, state: str) -> None:
    document = current_document()
    parts = field_of(document, "dictionary", "resource_fields")["repeating_subfields"]
    next(each for each in parts if each["id"] == part_id)["state"] = state
    publish(document)
