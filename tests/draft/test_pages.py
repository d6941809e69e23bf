"""The pages of the draft."""
from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup
from ckan.tests import factories
from support.editing import act
from words.reading import text

DRAFT = "/metadata-schema/draft"


def test_a_draft_is_started_undone_and_discarded(app: Any, curators: list[str], as_user: Any) -> None:
    headers = as_user(curators[1])
    assert "Start a draft" in text(app.get(DRAFT, headers=headers))
    page = text(app.post(f"{DRAFT}/start", headers=headers))
    assert "Draft of version 2 based on version 1 0 changes saved" in page

    document = act("schema_draft_show")["document"]
    act("schema_draft_update", revision=1, document={**document, "title": "Our schema"})
    assert "1 change saved" in text(app.get(DRAFT, headers=headers))
    assert "0 changes saved" in text(app.post(f"{DRAFT}/undo", headers=headers, data={"revision": "2"}))
    assert "nothing to undo" in text(app.post(f"{DRAFT}/undo", headers=headers, data={"revision": "3"}))
    app.post(f"{DRAFT}/undo", headers=headers, data={"revision": "x"}, status=400)

    assert "Keep draft" in text(app.get(f"{DRAFT}/discard", headers=headers))
    late = text(app.post(f"{DRAFT}/discard", headers=headers, data={"revision": "2"}))
    assert "was changed in the meantime" in late
    assert "was discarded" in text(app.post(f"{DRAFT}/discard", headers=headers, data={"revision": "3"}))
    assert "Start a draft" in text(app.get(DRAFT, headers=headers))


def test_others_may_not(app: Any, curators: list[str], as_user: Any) -> None:
    act("schema_draft_create")
    from ckan.tests import factories

    headers = as_user(factories.User()["name"])
    for path in ("", "/organization", "/discard", "/status"):
        app.get(DRAFT + path, headers=headers, status=403)
    for path in ("/start", "/undo", "/discard", "/up-to-date"):
        app.post(DRAFT + path, headers=headers, data={"revision": "1"}, status=403)
    app.get(f"{DRAFT}/status", headers={"HX-Request": "true"}, status=401)


def test_a_field_is_made_changed_moved_and_retired_without_javascript(
    app: Any, curators: list[str], as_user: Any
) -> None:
    headers = as_user(curators[1])
    act("schema_draft_create")

    def post(path: str, seen: int, **data: str) -> str:
        return text(app.post(DRAFT + path, headers=headers, data={"revision": str(seen), **data}))

    page = post("/fields/dataset", 1, label="Reading level", section="about")
    assert "Field: Reading level" in page and "1 change saved" in page
    assert "needs a vocabulary" in post("/fields/dataset/reading_level", 2, preset="select")
    page = post("/fields/dataset/reading_level/vocabulary", 3, name="Levels", terms="Easy\nHard")
    assert "2 terms" in page and "needs a vocabulary" not in page
    page = post("/fields/dataset/reading_level/move", 4, place="updates:issued")
    assert "Draft of version 2" in page
    document = act("schema_draft_show")["document"]
    (made,) = [f for f in document["dataset"]["fields"] if f["id"] == "reading_level"]
    assert (made["section"], made["preset"], made["vocabulary"]) == ("updates", "select", "levels")
    assert "Field: New" in post("/fields/dataset", 5, label="New", section="about")
    assert "Field: News" in post("/fields/dataset/new", 6, label="News")
    page = post("/fields/dataset/department/state", 5, state="retired")
    assert "Offer again" in page
    assert "A published field can't be removed" in post("/fields/dataset/department/state", 6, state="removed")
    post("/fields/dataset/reading_level/state", 6, state="removed")
    post("/sections/dataset", 7, label="Reading")
    post("/sections/dataset/reading", 8, do="remove")

    # A form made before somebody else's edit: told, or asked.
    page = post("/fields/dataset/data_notes", 9, label="Caveats")
    page = post("/fields/dataset/data_notes", 9, label="Limits")
    assert "Someone else changed the same thing" in page and "Caveats" in page and "Limits" in page
    page = post("/fields/dataset/data_notes", 9, label="Limits",
                **{"choice:dataset.fields|data_notes||label": "ours"})
    assert "Field: Limits" in page
    app.post(f"{DRAFT}/fields/dataset/nowhere", headers=headers, data={"revision": "10"}, status=404)

    tried = f"{DRAFT}/fields/dataset/department/try"
    for pattern, value, answer in [("[0-9]+", "12", "Yes"), ("[0-9]+", "x", "No"), ("(", "x", "isn't valid"),
                                   ("(a+)+$", "a" * 9_000 + "!", "No")]:
        told = app.post(tried, headers={**headers, "HX-Request": "true"}, data={"pattern": pattern, "value": value})
        assert answer in text(told)


def test_limits_are_kept_judged_and_shown_with_the_hints(app: Any, curators: list[str], as_user: Any) -> None:
    headers = as_user(curators[1])
    act("schema_draft_create")

    def post(seen: int, **data: str) -> str:
        return text(app.post(f"{DRAFT}/fields/dataset/department", headers=headers,
                             data={"revision": str(seen), **data}))

    page = post(1, max_length="40", bad_example="misc.", guidance="Take the name in the *current* directory.")
    assert "Limits: at most 40 characters" in page and "Not like this: misc." in page
    assert "How to decide" in page and "Take the name in the current directory" in page
    assert "“forty” isn't a whole number" in post(2, max_length="forty")
    assert "this type of field has no such limit" in post(2, minimum="3")
    assert "this type of field has no such limit" in post(3, preset="number")
    page = post(4, max_length="", minimum="", maximum="1e2")
    assert "Limits: at most 1e2" in page and "Fix before publishing" not in page
    (field,) = [f for f in act("schema_draft_show")["document"]["dataset"]["fields"] if f["id"] == "department"]
    assert (field.get("minimum"), field["maximum"], field.get("max_length")) == (None, "1e2", None)


def test_private_records_are_neither_listed_nor_previewed(app: Any, curators: list[str], as_user: Any) -> None:
    from ckan.tests import factories

    other = factories.Organization(name="parks")
    for name, private in (("trees", False), ("plans", True)):
        factories.Dataset(name=name, title=name.title(), license_id="cc-by", owner_org=other["id"],
                          private=private, department="Parks")
    act("schema_draft_create")
    headers = as_user(curators[0])
    page = text(app.get(f"{DRAFT}/fields/dataset/department/records", headers=headers))
    assert "Trees" in page and "Plans" not in page and "1 more record is private" in page
    assert "2 of 2" in text(app.get(DRAFT, headers=headers))
    assert "Trees" in text(app.get(f"{DRAFT}/preview/draft/page?dataset=trees", headers=headers))
    for path in ("", "/draft/form", "/draft/page", "/current/form"):
        app.get(f"{DRAFT}/preview{path}?dataset=plans", headers=headers, status=403)
    app.get(f"{DRAFT}/preview/draft/form?dataset=nowhere", headers=headers, status=404)


def test_a_fault_on_the_review_page_leads_to_its_field(app: Any, curators: list[str], as_user: Any) -> None:
    act("schema_draft_create")
    headers = as_user(curators[0])
    app.post(f"{DRAFT}/fields/dataset/data_notes", headers=headers, data={"revision": "1", "label": ""})
    page = app.get("/metadata-schema/review", headers=headers)
    assert f'href="{DRAFT}/fields/dataset/data_notes"' in page.body
    assert "“data_notes”, label : says nothing; write at least a word" in text(page)


def test_of_each_part_it_is_told_which_records_use_it(app: Any, curators: list[str], as_user: Any) -> None:
    headers, owner = as_user(curators[1]), factories.Organization()["id"]
    entries = [{"column": "a", "unit": ""}, {"column": "b", "unit": "km"}]
    for number, dictionary in enumerate((entries, entries[:1])):
        file = {"name": "Table", "url": "http://data.example.org/1.csv", "dictionary": dictionary}
        factories.Dataset(title=f"Measured {number}", license_id="cc-by", owner_org=owner, resources=[file])
    act("schema_draft_create", user=curators[1])
    page = app.get(f"{DRAFT}/fields/resource/dictionary", headers=headers)
    used = {part: text_of(page, f"#records-resource-dictionary-{part}") for part in ("column", "unit", "codes")}
    assert {part: words[:6] for part, words in used.items()} == {"column": "2 of 2", "unit": "1 of 2", "codes": "0 of 2"}
    listed = text(app.get(f"{DRAFT}/fields/resource/dictionary/parts/unit/records", headers=headers))
    assert "Records that use “Unit”" in listed and "Measured 0" in listed and "Measured 1" not in listed


def text_of(page: Any, selector: str) -> str:
    return " ".join(BeautifulSoup(page.body, "html.parser").select_one(selector).get_text(" ").split())


def test_forms_of_files_and_organizations_are_previewed_with_a_datasets_values(
    app: Any, curators: list[str], as_user: Any
) -> None:
    headers = as_user(curators[1])
    owner = factories.Organization(title="The county", partner_type="local_government")["id"]
    file = {"name": "All trees", "url": "http://data.example.org/1.csv", "encoding": "latin-1"}
    factories.Dataset(name="trees", license_id="cc-by", owner_org=owner, resources=[file])
    document = act("schema_draft_create", user=curators[1])["document"]
    for fields in (document["dataset"]["resource_fields"], document["organization"]["fields"]):
        fields[-1]["label"] = "Quite another label"
    act("schema_draft_update", user=curators[1], revision=1, document=document)
    for view, value in (("file", "latin-1"), ("organization", "The county")):
        sides = {side: app.get(f"{DRAFT}/preview/{side}/{view}?dataset=trees", headers=headers).body
                 for side in ("draft", "current")}
        assert f'value="{value}"' in sides["draft"] and f'value="{value}"' in sides["current"]
        assert "Quite another label" in sides["draft"] and "Quite another label" not in sides["current"]
        shown = text(app.get(f"{DRAFT}/preview?view={view}&dataset=trees", headers=headers))
        assert "form of its first file or link" in shown and "organization form" in shown
    assert "Quite another label" in app.get(f"{DRAFT}/preview/draft/file", headers=headers).body
    assert "Choose one of its datasets" in text(app.get(f"{DRAFT}/preview?view=organization", headers=headers))


def test_a_published_field_gets_another_name_in_records(app: Any, curators: list[str], as_user: Any) -> None:
    headers = as_user(curators[1])
    act("schema_draft_create")
    address = f"{DRAFT}/fields/dataset/data_steward_email"
    assert "Name in records: data_steward_email Change" in text(app.get(address, headers=headers))
    assert "Stored as data_steward_email" in text(app.get(f"{address}/name", headers=headers))

    def post(name: str) -> Any:
        return app.post(f"{address}/name", headers=headers, data={"revision": "1", "field_name": name})

    refused = post("department")
    assert "has the name “department” in records" in text(refused) and 'value="department"' in refused.body
    assert "can't be the name in records" in text(post("Contact e-mail"))
    assert act("schema_draft_show")["revision"] == 1
    page = text(post("contact_email"))
    assert "1 change saved" in page and "Name in records: contact_email" in page
    (field,) = [f for f in act("schema_draft_show")["document"]["dataset"]["fields"] if f["id"] == "data_steward_email"]
    assert (field["field_name"], field["previous_names"]) == ("contact_email", ["data_steward_email"])
    # What CKAN stores itself, and what is not published, keeps its name.
    assert "Change" not in text(app.get(f"{DRAFT}/fields/dataset/license_id", headers=headers))
    for stays in ("dataset/license_id", "dataset/nothing"):
        app.get(f"{DRAFT}/fields/{stays}/name", headers=headers, status=404)


def test_the_crosswalk_of_a_field_says_what_each_place_means_and_what_a_record_gives(
    app: Any, curators: list[str], as_user: Any
) -> None:
    from ckan.tests import factories

    other = factories.Organization(name="parks")
    factories.Dataset(name="plans", title="A plan", license_id="cc-by", owner_org=other["id"], private=True,
                      department="Secret works")
    act("schema_draft_create")
    headers = as_user(curators[0])
    at = f"{DRAFT}/fields/dataset/department"
    assert "No record you have access to" in text(app.get(f"{at}/sample", headers=headers))
    factories.Dataset(name="trees", title="Trees", license_id="cc-by", owner_org=other["id"], department="Parks",
                      resources=[{"name": "One", "url": "http://data.example.org/1.csv",
                                  "dictionary": [{"column": "a", "label": "Height"}]}])
    app.post(at, headers=headers, data={"revision": "1", "mapping.dcat": "dct:publisher", "mapping.mods": "mine"})
    page = BeautifulSoup(app.get(at, headers=headers).body, "html.parser")
    for name in ("dcat", "mods"):
        control = page.select_one(f"#edit-mapping-{name}")
        assert control is not None
        assert len(page.select(f"#{control['list']} option")) > 5
        about = page.select_one(f"#{control['aria-describedby']}")
        assert about is not None and about.text.strip()
        assert ("not in our list" in about.text) == (name == "mods")
    told = text(app.get(f"{at}/sample", headers=headers))
    assert "Trees" in told and "DCAT dct:publisher Parks" in told and "Secret" not in told
    part = f"{DRAFT}/fields/resource/dictionary/parts/label"
    app.post(part, headers=headers, data={"revision": "2", "mapping.schema_org": "description"})
    assert "schema.org description Height" in text(app.get(f"{part}/sample", headers=headers))
