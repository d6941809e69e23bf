"""Pages of repairs: what is typed, pasted, ticked and asked there."""
from __future__ import annotations

import csv
import json
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories, helpers
from repairs.conftest import progress, stored
from support.editing import act, call, changed, current_document, publish, with_field
from words.reading import text

from ckanext.civicswitchboard.repairs import forms, runner

pytestmark = [pytest.mark.usefixtures("portal")]

PAGE = "/metadata-schema/repairs"
REVIEW = "/metadata-schema/review"


@pytest.fixture
def curator() -> dict[str, str]:
    """Headers of a request by an admin of the steward."""
    return headers_of(member("university-library", "admin"))


def member(organization: str, role: str) -> str:
    name = str(factories.User()["name"])
    helpers.call_action("organization_member_create", id=organization, username=name, role=role)
    return name


def headers_of(name: str) -> dict[str, str]:
    return {"Authorization": factories.APIToken(user=name)["token"]}


def drafted(document: Any) -> None:
    draft = act("schema_draft_create")
    act("schema_draft_update", revision=draft["revision"], document=document)


def started() -> str:
    """The id of the newest run."""
    return str(act("repair_list")[0]["id"])


def test_a_table_is_filled_in_and_pasted_and_the_rest_stays(app: Any, curator: dict[str, str]) -> None:
    for number, department in enumerate(("Parks", "Parcs", "Rivers", "Streets")):
        factories.Dataset(name=f"dataset-{number}", owner_org="county", license_id="cc-by", department=department)
    form = {"kind": "map_values", "field": "department", "old": ["Parcs", "Rivers"], "new": ["Parks", ""],
            "pasted": "Rivers\tWater\nStreets\tRoads\textra\nalone\n", "do": "preview"}  # fmt: skip
    shown = text(app.post(f"{PAGE}/new", headers=curator, data=form))
    assert "Repair 3 records" in shown and "Water" in shown
    app.post(f"{PAGE}/new", headers=curator, data={**form, "do": "start"})
    runner.work(started())
    assert [stored(f"dataset-{n}")["department"] for n in range(4)] == ["Parks", "Parks", "Water", "Roads"]
    # No cell of a spreadsheet is as long as this.
    form = {**form, "old": "Roads", "new": "Ways", "pasted": f"a\t{'b' * 140_000}"}
    assert "Repair 1 record" in text(app.post(f"{PAGE}/new", headers=curator, data=form))


def test_other_fields_are_offered_with_the_number_of_datasets(app: Any, curator: dict[str, str]) -> None:
    for number in range(2):
        extras = [{"key": key, "value": "x"} for key in ("office", "room")[: number + 1]]
        factories.Dataset(name=f"dataset-{number}", owner_org="county", license_id="cc-by", extras=extras)
    page = page_of(app, f"{PAGE}/new?kind=move", curator)
    offered = {each["value"]: each.get_text() for each in page.select("select[name=key] option")}
    assert offered["office"] == "“office” in “Other fields”, 2 datasets"
    assert offered["room"] == "“room” in “Other fields”, 1 dataset"


@pytest.mark.parametrize(("given", "pairs"), [
    ("Parks \tPark \r\n Rivers\tWater\r\n\tx\n", {"Parks ": "Park", " Rivers": "Water"}),
    ("Parks ; Park\n Rivers; Water", {"Parks": "Park", "Rivers": "Water"}),
    ("Parks , Park", {"Parks": "Park"}),
])  # fmt: skip
def test_a_value_from_a_spreadsheet_keeps_its_blanks(given: str, pairs: dict[str, str]) -> None:
    assert forms.pasted(given) == pairs


def test_what_is_missing_is_said_of_its_question(app: Any, curator: dict[str, str]) -> None:
    form = {"kind": "split_interval", "field": "temporal_coverage", "do": "preview"}
    page = page_of(app, f"{PAGE}/new", curator, **form)
    assert [each.get_text() for each in page.select("[role=alert] li")] == [
        "“Field for the start”: Missing value", "“Field for the end”: Missing value"
    ]


@pytest.mark.parametrize(("kind", "sent", "first", "other"), [
    ("map_values", {"old": ["geography"], "new": ["energy"], "pasted": "a\tb"}, "field", ("theme", "department")),
    ("set_default", {"value": "energy"}, "field", ("theme", "frequency_publishing")),
    ("delete_values", {"values": "geography", "confirm": "yes"}, "field", ("theme", "department")),
    ("merge_terms", {"term": "geography", "into": "energy"}, "vocabulary", ("theme", "language")),
])  # fmt: skip
def test_answers_given_for_another_field_are_asked_again(
    app: Any, curator: dict[str, str], kind: str, sent: dict[str, Any], first: str, other: tuple[str, str]
) -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", theme=["geography"], department="Parks")
    was, now = other
    page = page_of(app, f"{PAGE}/new", curator, kind=kind, **{first: was}, **sent, do="preview")
    assert page.select_one("input[name=given_for]")["value"] == was
    assert page.select_one("#preview") or page.select_one(".error-explanation")
    page = page_of(app, f"{PAGE}/new", curator, kind=kind, **{first: now}, given_for=was, **sent, do="start")
    assert page.select_one("input[name=given_for]")["value"] == now and act("repair_list") == []
    assert not page.select("#preview, .error-explanation")
    assert not {"geography", "energy", "a"} & {
        each.get("value") for each in page.select("[name=old], [name=values], [name=value] option, [name=into] option")
    }


def test_values_are_deleted_when_that_was_ticked_only(app: Any, curator: dict[str, str]) -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", department="Parks")
    form = {"kind": "delete_values", "field": "department", "values": "Parks", "do": "start"}
    shown = text(app.post(f"{PAGE}/new", headers=curator, data=form))
    assert "Confirm that the values should be deleted" in shown and act("repair_list") == []
    app.post(f"{PAGE}/new", headers=curator, data={**form, "confirm": "yes"})
    runner.work(started())
    assert "department" not in stored("one")


def test_a_run_is_paused_gone_on_with_and_cancelled_from_its_page(
    app: Any, curator: dict[str, str], ckan_config: Any
) -> None:
    ckan_config["civicswitchboard.repairs.chunk"] = 1
    for number in range(3):
        factories.Dataset(name=f"dataset-{number}", owner_org="county", license_id="cc-by", department="Parks")
    run_id = act("repair_start", kind="map_values", params={"field": "department", "values": {"Parks": "Park"}})["id"]
    runner._step(run_id)
    shown = text(app.get(f"{PAGE}/{run_id}", headers=curator))
    assert "1 of 3" in shown and " per second" in shown and "Pause" in shown
    app.post(f"{PAGE}/{run_id}/pause", headers=curator)
    assert progress(run_id).state == "paused" and not runner._step(run_id)
    assert "Resume" in text(app.get(f"{PAGE}/{run_id}", headers=curator))
    app.post(f"{PAGE}/{run_id}/resume", headers=curator)
    runner._step(run_id)
    app.post(f"{PAGE}/{run_id}/cancel", headers=curator)
    assert (progress(run_id).state, progress(run_id).done) == ("cancelled", 2)
    assert "That can't be done now" in text(app.post(f"{PAGE}/{run_id}/pause", headers=curator))


def test_what_would_be_left_is_a_table_also_for_what_goes_with_the_draft(app: Any, curator: dict[str, str]) -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", department="Parks",
                      extras=[{"key": "office", "value": "=Rivers"}])
    drafted(changed(current_document(), "department", field_name="office", previous_names=["department"]))
    form = {"kind": "rename", "field": "department", "to": "office", "do": "csv"}
    answer = app.post(f"{PAGE}/new", headers=curator, data=form)
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.body.lstrip("\ufeff").splitlines() == [
        "dataset,reason,department,office", "one,another value is already there,Parks,'=Rivers"
    ]


def test_neither_a_name_of_other_fields_nor_a_value_is_a_formula_in_a_table(app: Any, curator: dict[str, str]) -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", department="\t=1+1",
                      extras=[{"key": "=2+2", "value": "Rivers"}])
    form = {"kind": "move", "key": "=2+2", "to": "department", "do": "csv"}
    table = app.post(f"{PAGE}/new", headers=curator, data=form).body
    head, row = csv.reader(table.lstrip("\ufeff").splitlines())
    assert dict(zip(head, row)) == {
        "dataset": "one", "reason": "another value is already there", "'=2+2": "Rivers", "department": "'\t=1+1"
    }  # fmt: skip


@pytest.mark.parametrize("bad", ["\0", "x\ud800"])
@pytest.mark.parametrize(("kind", "params"), [
    ("rename", {"field": "?", "to": "department"}), ("move", {"key": "office", "to": "?"}),
    ("map_values", {"field": "department", "values": {"x": "?"}}),
    ("map_values", {"field": "department", "values": {"?": "x"}}),
    ("set_default", {"field": "department", "value": "?"}),
    ("delete_values", {"field": "department", "values": ["?"]}),
    ("merge_terms", {"vocabulary": "?", "term": "?", "into": "?"}),
    ("join", {"fields": ["methods", "limitations"], "to": "data_notes", "separator": "?"}),
])  # fmt: skip
def test_what_no_database_stores_is_refused(kind: str, params: dict[str, Any], bad: str) -> None:
    def put(value: Any) -> Any:
        if isinstance(value, dict):
            return {put(key): put(each) for key, each in value.items()}
        if isinstance(value, list):
            return [put(each) for each in value]
        return bad if value == "?" else value

    for action in ("repair_preview", "repair_start"):
        with pytest.raises(tk.ValidationError, match="can't be stored"):
            act(action, kind=kind, params=put(params), confirm=True)


def test_an_activity_tells_no_value(app: Any) -> None:
    secret = "someone@example.org"
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", department=secret, private=True)
    factories.Dataset(name="two", owner_org="county", license_id="cc-by", department="Parks")
    for kind, params in (
        ("map_values", {"field": "department", "values": {secret: "Rivers"}}),
        ("delete_values", {"field": "department", "values": ["Rivers", "Parks"]}),
    ):
        run_id = act("repair_start", kind=kind, params=params, confirm=True)["id"]
        runner.work(run_id)
    told = call("organization_activity_list", id="county", include_hidden_activity=True)
    texts = [each["data"]["repair"]["text"] for each in told if "repair" in each["data"]]
    assert texts == ["Values of “Department” are deleted", "Values of “Department” are replaced"]


@pytest.mark.parametrize("kind", ["map_values", "delete_values"])
def test_who_does_not_see_all_records_is_told_what_is_counted(app: Any, curator: dict[str, str], kind: str) -> None:
    for number in range(2):
        factories.Dataset(name=f"dataset-{number}", owner_org="county", license_id="cc-by", department="Parks",
                          private=number == 1)
    told = "Only records you have access to are counted here. The preview counts all records."
    address = f"{PAGE}/new?kind={kind}&field=department"
    assert told in text(app.get(address, headers=curator))
    sysadmin = {"Authorization": factories.SysadminWithToken()["token"]}
    assert told not in text(app.get(address, headers=sysadmin))


def test_what_was_typed_of_private_records_is_told_to_who_typed_it_alone(app: Any) -> None:
    secret = "someone@example.org"
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", department=secret, private=True,
                      frequency_publishing="Monthly")
    starter, other = (factories.UserWithToken() for _number in range(2))
    for curator in (starter, other):
        helpers.call_action("organization_member_create", id="university-library", username=curator["name"], role="admin")
    helpers.call_action("organization_member_create", id="county", username=starter["name"], role="member")

    def asked(by: dict[str, Any], action: str, **data: Any) -> Any:
        return helpers.call_action(f"civicswitchboard_{action}", {"user": by["name"], "ignore_auth": False}, **data)

    values = {"field": "department", "values": {secret: "Rivers"}}
    terms = {"field": "frequency_publishing", "values": {"Monthly": "Annually"}}
    started = [asked(starter, "repair_start", kind="map_values", params=params) for params in (values, terms)]
    ids = [each["id"] for each in started]
    assert [each["params"] for each in started] == [values, terms] and secret in started[0]["text"]
    seen = [asked(other, "repair_show", id=each) for each in ids]
    assert [each["params"] for each in seen] == [{}, terms]
    assert [each["text"] for each in seen] == [
        "Values of “Department” are replaced", "In “How often the data are published”, “Monthly” becomes “Annually”"
    ]
    with pytest.raises(tk.ValidationError) as met:
        asked(other, "repair_start", kind="map_values", params={"field": "department", "values": {"a": "b"}})
    assert "Values of “Department” are replaced" in str(met.value)
    for state in ("waiting", "done"):
        if state == "done":
            [runner.work(each) for each in ids]
        headers = {"Authorization": other["token"]}
        listed = json.dumps(asked(other, "repair_list"))
        pages = [app.get(path, headers=headers).body for path in (PAGE, f"{PAGE}/{ids[0]}", f"{PAGE}/{ids[0]}/progress")]
        assert not any(secret in told for told in [listed, str(met.value), *pages])
    mine = {"Authorization": starter["token"]}
    assert secret in app.get(f"{PAGE}/{ids[0]}", headers=mine).body
    assert act("repair_show", id=ids[0])["params"] == values


def test_drafts_and_deleted_datasets_are_shown_to_their_editors_only(app: Any) -> None:
    factories.Dataset(name="active", owner_org="county", license_id="cc-by", department="Old", private=True)
    factories.Dataset(name="draft", owner_org="county", license_id="cc-by", department="Old", state="draft")
    seen = {}
    for role in ("member", "editor"):
        name = member("university-library", "admin")
        helpers.call_action("organization_member_create", id="county", username=name, role=role)
        context = {"user": name, "ignore_auth": False}
        data = {"kind": "map_values", "params": {"field": "department", "values": {"Old": "New"}}}
        found = helpers.call_action("civicswitchboard_repair_preview", context, **data)
        seen[role] = (found["total"], sorted(each["dataset"] for each in found["examples"]))
    assert seen == {"member": (2, ["active"]), "editor": (2, ["active", "draft"])}


def test_a_link_opens_a_repair_that_can_be_completed_or_says_when(app: Any, curator: dict[str, str]) -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", department="Parks", methods="Counted")
    factories.Dataset(name="two", owner_org="county", license_id="cc-by")
    document = changed(current_document(), "department", preset="multiple_text")
    document = changed(document, "methods", expectation="required")
    drafted(with_field(document, field_name="reading_level", expectation="required"))
    page = app.get(REVIEW, headers=curator)
    assert "After publishing: Fill in missing values" in text(page)
    links = [link["href"] for link in BeautifulSoup(page.body, "html.parser").select(".csw-impact-repairs a")]
    (retype,), (default,) = ([link for link in links if f"kind={kind}" in link] for kind in ("retype", "set_default"))
    assert len(links) == 2 and "field=methods" in default and "field=department" in retype and "to=several" in retype
    for link in links:
        assert "The preview doesn't change anything." in text(app.get(link, headers=curator))

    form = {"kind": "retype", "field": "department", "to": "several", "do": "preview"}
    shown = text(app.post(f"{PAGE}/new", headers=curator, data=form))
    assert "This is only in the draft" in shown and "Repair 1 record" not in shown
    form = {"kind": "set_default", "field": "reading_level", "value": "Adult", "do": "preview"}
    assert "Only the draft has this" in text(app.post(f"{PAGE}/new", headers=curator, data=form))


def test_a_datasets_editor_reads_in_its_history_what_a_repair_did(app: Any) -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", department="Old")
    run_id = act("repair_start", kind="map_values", params={"field": "department", "values": {"Old": "New"}})["id"]
    runner.work(run_id)
    editor, elsewhere = member("county", "editor"), member("public-library", "editor")
    told = {name: text(app.get("/dataset/activity/one", headers=headers_of(name))) for name in (editor, elsewhere)}
    # The sentence is of all records of the run, some of which the editor may not see; the values are of this one.
    words = "Values of “Department” are replaced"
    assert words in told[editor] and words not in told[elsewhere]
    assert "Department (department) before: Old → after: New" in told[editor]


def test_a_datasets_history_names_the_file(app: Any) -> None:
    files = [{"url": f"https://example.org/{number}", "name": name, "format": "CSV"}
             for number, name in enumerate(("Visits", "Loans", "None"))]
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", resources=files)
    model.Session.query(model.Resource).filter_by(name="None").update({"name": ""})
    model.Session.commit()
    runner.work(act("repair_start", kind="map_values", params={"field": "format", "values": {"CSV": "csv"}})["id"])
    page = page_of(app, "/dataset/activity/one", headers_of(member("county", "editor")))
    told = [" ".join(each.get_text(" ").split()) for each in page.select(".csw-repair-history .csw-repair-examples > li")]
    assert len(told) == 3
    for name in ("Visits", "Loans", "https://example.org/2"):
        assert sum(f"in the file “{name}”" in each for each in told) == 1


def page_of(app: Any, address: str, headers: dict[str, str], **form: Any) -> BeautifulSoup:
    """A page as it is read, or as a form that was sent gives it."""
    answer = app.post(address, headers=headers, data=form) if form else app.get(address, headers=headers)
    return BeautifulSoup(answer.body, "html.parser")


def test_a_license_is_stored_by_its_id_and_offered_by_its_title(app: Any, curator: dict[str, str]) -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by")
    page = page_of(app, f"{PAGE}/new?kind=set_default&field=license_id", curator)
    offered = {each["value"]: each.get_text() for each in page.select("select[name=value] option")}
    assert offered["cc-zero"] == "Creative Commons CCZero" and "notspecified" not in offered
    form = {"kind": "map_values", "field": "license_id", "old": "cc-by", "new": "cc-zero", "do": "start"}
    app.post(f"{PAGE}/new", headers=curator, data=form)
    runner.work(started())
    assert call("package_show", id="one")["license_id"] == "cc-zero"


def test_pages_call_terms_licenses_and_parts_as_people_do(app: Any, curator: dict[str, str]) -> None:
    file = {"url": "https://example.org/visits.csv", "name": "Visits", "dictionary": [{"column": "id", "type": "Number"}]}
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", theme=["geography"], resources=[file])
    editor = headers_of(member("county", "editor"))
    for field, old, new, before, after in (
        ("theme", "geography", "business_and_economy", "Geography", "Business and economy"),
        ("license_id", "cc-by", "cc-zero", "Creative Commons Attribution", "Creative Commons CCZero"),
        ("dictionary.type", "Number", "Text", "Column: id, Type of value: Number", "Column: id, Type of value: Text"),
    ):
        change = f"before: {before} → after: {after}"
        form = {"kind": "map_values", "field": field, "old": old, "new": new}
        assert change in text(app.post(f"{PAGE}/new", headers=curator, data={**form, "do": "preview"}))
        app.post(f"{PAGE}/new", headers=curator, data={**form, "do": "start"})
        runner.work(started())
        assert change in text(app.get(f"{PAGE}/{started()}", headers=curator))
        assert change in text(app.get("/dataset/activity/one", headers=editor))


def test_what_would_be_left_is_shown_by_labels_and_downloaded_as_stored(app: Any, curator: dict[str, str]) -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", theme=["geography"],
                      extras=[{"key": "subject", "value": "energy"}])
    form = {"kind": "move", "key": "subject", "to": "theme"}
    shown = text(app.post(f"{PAGE}/new", headers=curator, data={**form, "do": "preview"}))
    assert "Theme: Geography" in shown
    table = app.post(f"{PAGE}/new", headers=curator, data={**form, "do": "csv"}).body
    assert "geography" in table and "Geography" not in table


@pytest.mark.parametrize("value", ["One line\nanother", "One\r\nanother", '["a"]', "[x]", '"said"', '"', " x "])
def test_a_form_sends_a_value_as_the_record_holds_it(app: Any, curator: dict[str, str], value: str) -> None:
    factories.Dataset(title="One", owner_org="county", license_id="cc-by", department=value)
    factories.Dataset(name="two", owner_org="county", license_id="cc-by", department="a")

    def as_a_browser_sends(sent: str) -> str:
        return sent.replace("\r\n", "\n").replace("\n", "\r\n")

    for kind, name in (("map_values", "old"), ("delete_values", "values")):
        page = page_of(app, f"{PAGE}/new?kind={kind}&field=department", curator)
        inputs = [each["value"] for each in page.select(f"input[name={name}]")]
        assert len(inputs) == 2
        (sent,) = map(as_a_browser_sends, set(inputs) - {"a"})
        form = {"kind": kind, "field": "department", "new": "Parks", name: sent, "do": "preview"}
        shown = page_of(app, f"{PAGE}/new", curator, **form)
        links = [link.get_text() for link in shown.select(".csw-repair-examples a")]
        assert links == ["One"]


def test_an_organization_in_a_list_leads_to_its_page(app: Any, curator: dict[str, str]) -> None:
    model.Group.get("county").extras = {"website": "https://county.example.org"}
    model.Session.commit()
    form = {"kind": "map_values", "entity": "organization", "field": "website",
            "old": "https://county.example.org", "new": "https://new.example.org"}  # fmt: skip
    page = page_of(app, f"{PAGE}/new", curator, **form, do="preview")
    assert [link["href"] for link in page.select(".csw-repair-examples a")] == ["/organization/county"]
    app.post(f"{PAGE}/new", headers=curator, data={**form, "do": "start"})
    runner.work(started())
    page = page_of(app, f"{PAGE}/{started()}", curator)
    assert [link["href"] for link in page.select(".csw-repair-examples a")] == ["/organization/county"]


@pytest.mark.parametrize("address", ["%00", "%20", "x" * 300])
@pytest.mark.parametrize("page", ["", "/progress", "/left.csv"])
def test_an_address_of_no_run_is_not_found(app: Any, curator: dict[str, str], address: str, page: str) -> None:
    assert app.get(f"{PAGE}/{address}{page}", headers=curator, expect_errors=True).status_code == 404


def test_a_private_value_or_name_is_told_to_no_other_publisher(app: Any) -> None:
    secret = {"department": "Secret bureau", "extras": [{"key": "secret_name", "value": "x"}]}
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", department="Parks")
    factories.Dataset(name="two", owner_org="public-library", license_id="cc-by", private=True, **secret)
    for kind, params in (
        ("delete_values", {"field": "department", "values": ["Secret bureau", "Parks"]}),
        ("move", {"key": "secret_name", "to": "citation"}),
    ):
        runner.work(act("repair_start", kind=kind, params=params, confirm=True)["id"])
    editor = headers_of(member("county", "editor"))
    history = text(app.get("/dataset/activity/one", headers=editor))
    assert "Values of “Department” are deleted" in history and "Secret bureau" not in history
    told = call("organization_activity_list", id="public-library", include_hidden_activity=True)
    texts = [each["data"]["repair"]["text"] for each in told if "repair" in each["data"]]
    assert texts == ["Move values from or to “Other fields”", "Values of “Department” are deleted"]


def test_the_list_tells_what_was_given_back(app: Any, curator: dict[str, str]) -> None:
    for number in range(3):
        factories.Dataset(name=f"dataset-{number}", title=f"Parks {number}", owner_org="county", license_id="cc-by",
                          department="Parks")
    run_id = act("repair_start", kind="map_values", params={"field": "department", "values": {"Parks": "Park"}})["id"]
    runner.work(run_id)
    call("package_patch", id="dataset-1", department="Rivers")
    act("repair_undo", id=run_id)
    runner.work(run_id)
    shown = text(app.get(PAGE, headers=curator))
    assert "2 of 3 records restored" in shown and "1 changed since and kept" in shown
    shown = text(app.get(f"{PAGE}/{run_id}", headers=curator))
    assert "1 changed since and kept" in shown and "Parks 1 : changed since" in shown
    history = text(app.get("/dataset/activity/dataset-1", headers=headers_of(member("county", "editor"))))
    assert "undone, but this was changed in the meantime and kept" in history


def test_long_values_do_not_fill_the_headings(app: Any, curator: dict[str, str]) -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by", department="x" * 900)
    for kind, params in (("map_values", {"values": {"x" * 900: "y" * 900}}), ("set_default", {"value": "z" * 900})):
        act("repair_start", kind=kind, params={"field": "department", **params})
        assert len(act("repair_list")[0]["text"]) < 250
        act("repair_cancel", id=started())


@pytest.mark.parametrize("name", ["limit", "offset"])
def test_a_list_is_asked_for_by_numbers(name: str) -> None:
    with pytest.raises(tk.ValidationError):
        act("repair_list", **{name: "x"})


def files_named(*names: str, **more: Any) -> list[dict[str, Any]]:
    """Files that are called so; the nameless one has an address."""
    return [{"url": f"https://example.org/{number}", "name": name, "format": "CSV", **more}
            for number, name in enumerate(names)]  # fmt: skip


def records_on(page: BeautifulSoup, part: str) -> list[tuple[str, list[str]]]:
    """How a list names its records, each with where it leads."""
    listed = [row.select("a") for row in page.select(f".csw-repair-{part} > li")]
    return [(" · ".join(link.get_text() for link in links), [link["href"] for link in links]) for links in listed]


def test_a_file_is_named_wherever_records_are_listed(app: Any, curator: dict[str, str]) -> None:
    """By its name, else by its address, beside its dataset's title; the table leads to the page of each."""
    made = factories.Dataset(name="one", title="Visits by branch", owner_org="county", license_id="cc-by",
                             resources=files_named("Visits", "=Loans", "None", department="Parks", office="Rivers"))
    model.Session.query(model.Resource).filter_by(name="None").update({"name": ""})
    model.Session.query(model.Resource).filter_by(name="Visits").update({"extras": '{"office": "Parks"}'})
    model.Session.commit()
    ids = [file["id"] for file in made["resources"]]
    field = {"id": "department", "field_name": "department", "label": "Department", "section": "about"}
    document = current_document()
    document["dataset"]["resource_fields"].append(field)
    publish(document)
    ways = {id: ["/dataset/one", f"/dataset/one/resource/{id}"] for id in ids}
    form = {"kind": "move", "entity": "resource", "key": "office", "to": "department"}

    preview = page_of(app, f"{PAGE}/new", curator, **form, do="preview")
    tables = [app.post(f"{PAGE}/new", headers=curator, data={**form, "do": "csv"}).body]
    app.post(f"{PAGE}/new", headers=curator, data={**form, "do": "start"})
    runner.work(started())
    page = page_of(app, f"{PAGE}/{started()}", curator)
    tables.append(app.get(f"{PAGE}/{started()}/left.csv", headers=curator).body)
    for shown in (preview, page):
        assert records_on(shown, "examples") == [("Visits by branch · in the file “Visits”", ways[ids[0]])]
        assert sorted(records_on(shown, "left")) == sorted([
            ("Visits by branch · in the file “=Loans”", ways[ids[1]]),
            ("Visits by branch · in the file “https://example.org/2”", ways[ids[2]]),
        ])  # fmt: skip
    site = tk.config["ckan.site_url"]
    for table in tables:
        head, *rows = csv.reader(table.lstrip("\ufeff").splitlines())
        assert head == ["dataset", "file", "file_page", "reason", "department", "office"]
        assert sorted(row[:3] for row in rows) == sorted([
            ["one", "'=Loans", f"{site}/dataset/one/resource/{ids[1]}"],
            ["one", "https://example.org/2", f"{site}/dataset/one/resource/{ids[2]}"],
        ])  # fmt: skip
    (example,) = act("repair_show", id=started())["examples"]
    assert example == {
        "dataset": "one", "title": "Visits by branch", "entity": "resource", "resource": ids[0], "file": "Visits",
        "deleted": False, "before": {"office": "Parks"}, "after": {"department": "Parks"},
    }  # fmt: skip


def test_a_file_is_named_to_those_only_who_may_read_it(app: Any) -> None:
    """One of a private dataset, of a draft, and one that was deleted, whose values a rename moves too."""
    made = [
        factories.Dataset(name=name, owner_org="county", license_id="cc-by", **more,
                          resources=files_named(f"{name} file", office="Parks"))
        for name, more in (("public", {}), ("private", {"private": True}), ("draft", {"state": "draft"}),
                           ("deleted", {}))
    ]  # fmt: skip
    model.Session.get(model.Resource, made[3]["resources"][0]["id"]).state = "deleted"
    model.Session.commit()
    document = current_document()
    field = {"id": "bureau", "field_name": "bureau", "label": "Bureau", "section": "about"}
    document["dataset"]["resource_fields"].append(field)
    publish(document)
    curators = {role: member("university-library", "admin") for role in ("", "member", "editor")}
    for role, name in curators.items():
        if role:
            helpers.call_action("organization_member_create", id="county", username=name, role=role)
    asked = {"kind": "rename", "params": {"field": "office", "to": "bureau", "entity": "resource"}}
    seen = {}
    for when in ("before", "after"):
        if when == "after":
            runner.work(act("repair_start", **asked)["id"])
        for role, name in curators.items():
            told = act("repair_show", user=name, id=started()) if when == "after" else act(
                "repair_preview", user=name, **asked)  # fmt: skip
            seen[role, when] = sorted(each["file"] for each in told["examples"])
    listed = {"": ["public file"], "member": ["private file", "public file"],
              "editor": ["deleted file", "draft file", "private file", "public file"]}
    assert seen == {(role, when): listed[role] for role in listed for when in ("before", "after")}
    shown = text(app.get(f"{PAGE}/{started()}", headers=headers_of(curators[""])))
    assert "public file" in shown and not any(f"{name} file" in shown for name in ("private", "draft", "deleted"))


def test_a_deleted_file_leads_to_no_page_as_it_has_none(app: Any) -> None:
    made = factories.Dataset(name="one", title="One", owner_org="county", license_id="cc-by",
                             resources=files_named("Visits", "Loans", office="Parks"))
    ids = [each["id"] for each in made["resources"]]
    call("resource_delete", id=ids[1])
    document = current_document()
    document["dataset"]["resource_fields"].append(
        {"id": "bureau", "field_name": "bureau", "label": "Bureau", "section": "about"}
    )
    publish(document)
    editor = headers_of(name := member("university-library", "admin"))
    helpers.call_action("organization_member_create", id="county", username=name, role="editor")
    form = {"kind": "rename", "field": "office", "to": "bureau", "entity": "resource"}
    preview = page_of(app, f"{PAGE}/new", editor, **form, do="preview")
    app.post(f"{PAGE}/new", headers=editor, data={**form, "do": "start"})
    runner.work(started())
    for shown in (preview, page_of(app, f"{PAGE}/{started()}", editor)):
        assert sorted(records_on(shown, "examples")) == [
            ("One", ["/dataset/one"]),
            ("One · in the file “Visits”", ["/dataset/one", f"/dataset/one/resource/{ids[0]}"]),
        ]
        listed = " ".join(shown.select_one(".csw-repair-examples").get_text("").split())
        assert "One · in the file “Loans” (deleted)" in listed


def test_a_dataset_is_not_taken_for_a_file_that_has_its_id(app: Any) -> None:
    """Whoever makes a file may choose its id."""
    id = factories.Dataset(name="one", owner_org="county", license_id="cc-by", department="Parks")["id"]
    factories.Dataset(name="two", owner_org="county", license_id="cc-by", resources=files_named("Visits", id=id))
    call("resource_delete", id=id)
    runner.work(act("repair_start", kind="map_values", params={"field": "department", "values": {"Parks": "Park"}})["id"])
    curator = member("university-library", "admin")
    assert [each["dataset"] for each in act("repair_show", user=curator, id=started())["examples"]] == ["one"]


def test_a_datasets_history_tells_of_a_deleted_file_to_its_editors_only(app: Any, curator: dict[str, str]) -> None:
    made = factories.Dataset(name="one", owner_org="county", license_id="cc-by",
                             resources=files_named("Visits", "Secret"))
    runner.work(act("repair_start", kind="map_values", params={"field": "format", "values": {"CSV": "csv"}})["id"])
    call("resource_delete", id=made["resources"][1]["id"])
    editor = headers_of(member("county", "editor"))
    told = {
        who: text(app.get("/dataset/activity/one", headers=headers)) for who, headers in
        (("curator", curator), ("editor", editor))
    }  # fmt: skip
    assert all("in the file “Visits”" in each for each in told.values())
    assert "Secret" in told["editor"] and "Secret" not in told["curator"]


def test_a_file_without_name_and_address_is_told_of_too(app: Any, curator: dict[str, str]) -> None:
    made = factories.Dataset(name="one", title="Visits by branch", owner_org="county", license_id="cc-by",
                             resources=files_named("None"))
    model.Session.query(model.Resource).update({"name": "", "url": ""})
    model.Session.commit()
    form = {"kind": "map_values", "field": "format", "entity": "resource", "old": ["CSV"], "new": ["csv"]}
    preview = page_of(app, f"{PAGE}/new", curator, **form, do="preview")
    ways = ["/dataset/one", f"/dataset/one/resource/{made['resources'][0]['id']}"]
    assert records_on(preview, "examples") == [("Visits by branch · in the file “Unnamed resource”", ways)]


def test_what_is_left_of_a_record_that_is_there_no_more_is_listed(app: Any) -> None:
    for name in ("one", "two"):
        factories.Dataset(name=name, owner_org="county", license_id="cc-by", resources=files_named("Visits"))
    runner.work(act("repair_start", kind="map_values", params={"field": "format", "values": {"CSV": "csv"}})["id"])
    call("dataset_purge", id="one")
    act("repair_undo", id=started())
    runner.work(started())
    sysadmin = {"Authorization": factories.SysadminWithToken()["token"]}
    assert "A record that no longer exists: no longer there" in " ".join(
        page_of(app, f"{PAGE}/{started()}", sysadmin).select_one(".csw-repair-left").get_text("").split()
    )
    assert "no longer there" in app.get(f"{PAGE}/{started()}/left.csv", headers=sysadmin).body


def test_a_license_is_told_by_its_title(app: Any, curator: dict[str, str]) -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by")
    factories.Dataset(name="two", owner_org="county", license_id="cc-by")
    model.Session.query(model.Package).filter_by(name="two").update({"license_id": "notspecified"})
    model.Session.commit()
    by, zero = "Creative Commons Attribution", "Creative Commons CCZero"
    for kind, given, words in (
        ("map_values", {"old": "cc-by", "new": "cc-zero"}, f"In “License”, “{by}” becomes “{zero}”"),
        ("set_default", {"value": "cc-by"}, f"“License” becomes “{by}” where it has no value"),
    ):
        app.post(f"{PAGE}/new", headers=curator, data={"kind": kind, "field": "license_id", **given, "do": "start"})
        assert page_of(app, f"{PAGE}/{started()}", curator).h1.get_text() == words
        assert page_of(app, PAGE, curator).select_one(".csw-version-list h3").get_text() == words
        runner.work(started())
    told = call("organization_activity_list", id="county", include_hidden_activity=True)
    texts = [each["data"]["repair"]["text"] for each in told if "repair" in each["data"]]
    assert texts == [f"“License” becomes “{by}” where it has no value", "Values of “License” are replaced"]


def test_a_license_that_ckan_does_not_know_is_told_as_it_is_stored(app: Any, curator: dict[str, str]) -> None:
    factories.Dataset(name="one", owner_org="county", license_id="cc-by")
    model.Session.query(model.Package).filter_by(name="one").update({"license_id": "our-own"})
    model.Session.commit()
    values = {"our-own": "cc-by"}
    name = member("university-library", "admin")
    begun = act("repair_start", user=name, kind="map_values", params={"field": "license_id", "values": values})
    assert begun["text"] == "In “License”, “our-own” becomes “Creative Commons Attribution”"


def mapped_and_partly_given_back(field: str, old: str, new: str) -> str:
    """A run on two datasets, of which one was edited before it was undone.

    :returns: its id
    """
    for name in ("one", "two"):
        factories.Dataset(name=name, title=name.capitalize(), owner_org="county", license_id="cc-by", **{field: old})
    name = member("university-library", "admin")
    params = {"field": field, "values": {old: new}}
    run_id = act("repair_start", user=name, kind="map_values", params=params)["id"]
    runner.work(run_id)
    call("package_patch", id="two", **{field: "energy"})
    act("repair_undo", user=name, id=run_id)
    runner.work(run_id)
    return str(run_id)


@pytest.mark.parametrize("gone", ["restored", "renamed"])
def test_a_field_that_is_gone_keeps_its_label_in_what_was_done(app: Any, curator: dict[str, str], gone: str) -> None:
    document = with_field(current_document(), field_name="subject", preset="select", vocabulary="theme")
    publish(document)
    run_id = mapped_and_partly_given_back("subject", "geography", "business_and_economy")
    words = "In “Subject”, “Geography” becomes “Business and economy”"
    editor = headers_of(member("county", "editor"))

    def read() -> dict[str, str]:
        """What tells of the run, wherever it is told of; a rename tells of itself above it."""
        page, history = page_of(app, f"{PAGE}/{run_id}", curator), page_of(app, "/dataset/activity/one", editor)
        told = {
            "heading": page.h1,
            "left": page.select_one(".csw-repair-left > li"),
            "examples": page.select_one(".csw-repair-examples > li"),
            "list": page_of(app, PAGE, curator).select(".csw-version-list h3")[-1],
            "history": history.select(".csw-repair-history .csw-repair-examples > li")[-1],
        }
        api = act("repair_show", user=member("university-library", "editor"), id=run_id)["text"]
        return {**{where: " ".join(part.get_text(" ").split()) for where, part in told.items()}, "API": api}

    before = read()
    assert before["heading"] == before["list"] == before["API"] == words
    assert before["left"] == "Two : changed since · Subject: Business and economy"
    change = "Subject (subject) before: Geography → after: Business and economy"
    assert before["examples"] == f"One {change}"
    assert before["history"].startswith(words) and before["history"].endswith(change)
    if gone == "restored":
        act("schema_rollback", version=act("schema_show")["version"] - 1, note="Not wanted after all")
    else:
        names = {"field_name": "topic", "label": "Topic", "previous_names": ["subject"]}
        draft = act("schema_draft_create")
        draft = act("schema_draft_update", revision=draft["revision"],
                    document=changed(current_document(), "subject", **names))
        act("schema_publish", revision=draft["revision"], note="A clearer name", with_repairs=True)
        runner.work(started())
    assert "subject" not in {field["field_name"] for field in current_document()["dataset"]["fields"]}
    assert read() == before


def test_what_was_never_a_field_is_told_by_its_name(app: Any, curator: dict[str, str]) -> None:
    factories.Dataset(name="one", title="One", owner_org="county", license_id="cc-by",
                      extras=[{"key": "office", "value": "Parks"}])
    runner.work(act("repair_start", kind="move", params={"key": "office", "to": "department"})["id"])
    publish(with_field(current_document(), field_name="reading_level"))
    page = page_of(app, f"{PAGE}/{started()}", curator)
    labels = [label.get_text() for label in page.select(".csw-repair-changes dt")]
    assert sorted(labels) == ["Department (department)", "office"]


def test_fields_that_exchanged_their_names_since_keep_their_labels(app: Any, curator: dict[str, str]) -> None:
    run_id = mapped_and_partly_given_back("methods", "how", "how so")
    page = page_of(app, f"{PAGE}/{run_id}", curator)
    label = page.select_one(".csw-repair-changes dt").get_text()
    words = page_of(app, PAGE, curator).select_one(".csw-version-list h3").get_text()
    assert label == "Methods (methods)" and "“Methods”" in words
    document = changed(current_document(), "methods", field_name="limitations", previous_names=["methods"])
    document = changed(document, "limitations", field_name="methods", previous_names=["limitations"])
    draft = act("schema_draft_create")
    draft = act("schema_draft_update", revision=draft["revision"], document=document)
    act("schema_publish", revision=draft["revision"], note="Exchanged", with_repairs=True)
    for _since in ("exchanged", "restored"):
        page = page_of(app, f"{PAGE}/{run_id}", curator)
        assert page.select_one(".csw-repair-changes dt").get_text() == label
        assert page.select_one(".csw-repair-left .csw-quiet").get_text().startswith("· Methods: ")
        assert act("repair_show", id=run_id)["text"] == "In “Methods”, “how” becomes “how so”"
        assert page_of(app, PAGE, curator).select(".csw-version-list h3")[-1].get_text() == words
        act("schema_rollback", version=1, note="Back")
