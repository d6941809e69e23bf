"""What schema files of other portals brought down or lost, each with the right result."""
from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories, helpers
from records.test_forms import fields_of
from support.editing import act, call, current_document, field_of, with_field
from werkzeug.datastructures import MultiDict

from ckanext.civicswitchboard.core.schema.rules import read
from ckanext.civicswitchboard.publishing import publish
from ckanext.civicswitchboard.schema_registry import versions

Run = Callable[..., Any]
Raw = dict[str, Any]

BASE = [
    {"field_name": "title", "label": "Title", "preset": "title"},
    {"field_name": "name", "label": "URL", "preset": "dataset_slug"},
    {"field_name": "owner_org", "label": "Organization", "preset": "dataset_organization"},
]
URL = {"field_name": "url", "label": "URL", "preset": "resource_url_upload"}


@pytest.fixture
def take(run: Run, tmp_path: Path) -> Callable[..., str]:
    """Take over a schema with these dataset fields; gives what was said."""

    def take(*fields: Raw, base: list[Raw] | None = None, resource: list[Raw] | None = None) -> str:
        file = tmp_path / "dataset.yaml"
        schema = {
            "scheming_version": 2, "dataset_type": "dataset", "dataset_fields": [*(base or BASE), *fields],
            "resource_fields": [URL, *(resource or [])],
        }
        file.write_text(yaml.safe_dump(schema, sort_keys=False))
        done = run("init", "--from-scheming", dataset_schemas=[str(file)])
        assert done.exit_code == 0, done.output
        return str(done.output)

    return take


def made(**values: Any) -> Raw:
    owner = factories.Organization()["id"]
    dataset: Raw = factories.Dataset(**{"owner_org": owner, **values})
    return dataset


def stored(dataset: Raw) -> Raw:
    model.Session.expire_all()
    return dict(model.Package.get(dataset["id"]).extras)


def refused(**values: Any) -> Raw:
    with pytest.raises(tk.ValidationError) as error:
        made(**values)
    model.Session.rollback()
    return dict(error.value.error_dict)


def headers() -> dict[str, str]:
    return {"Authorization": factories.SysadminWithToken()["token"]}


# Parts of entries


def test_a_part_with_several_values_is_a_list_everywhere(take: Callable[..., str], app: Any) -> None:
    roles = [{"value": "lead", "label": "Lead"}, {"value": "data", "label": "Data"}]
    take({"field_name": "creators", "label": "Creators", "repeating_subfields": [
        {"field_name": "who", "label": "Who"},
        {"field_name": "places", "label": "Places", "preset": "multiple_text"},
        {"field_name": "roles", "label": "Roles", "preset": "multiple_checkbox", "choices": roles},
    ]}, resource=[{"field_name": "by", "label": "By", "repeating_subfields": [
        {"field_name": "places", "label": "Places", "preset": "multiple_text"}]}])
    entry = {"who": "Ada", "places": ["U1", "U2"], "roles": ["lead", "data"]}
    dataset = made(creators=[entry], resources=[{"url": "http://example.org/1", "by": [{"places": ["R1", "R2"]}]}])
    shown = helpers.call_action("package_show", id=dataset["id"])
    assert shown["creators"] == [entry] and shown["resources"][0]["by"] == [{"places": ["R1", "R2"]}]
    before = stored(dataset)
    call("package_update", **shown)
    assert stored(dataset) == before
    page = app.get(f"/dataset/{dataset['name']}").body
    assert ">U1<" in page and ">U2<" in page and "[&#34;U1" not in page
    sender = headers()
    sent = fields_of(app.get(f"/dataset/edit/{dataset['name']}", headers=sender).body)
    assert ("creators-0-places", "U1\nU2") in sent
    assert [value for name, value in sent if name == "creators-0-roles"] == ["", "lead", "data"]
    sent = [(name, "U2\r\nU3" if name == "creators-0-places" else value) for name, value in sent]
    sent = [pair for pair in sent if pair != ("creators-0-roles", "data")]
    answer = app.post(f"/dataset/edit/{dataset['name']}", headers=sender, data=MultiDict([*sent, ("save", "")]),
                      follow_redirects=False)
    assert answer.status_code == 302
    changed = helpers.call_action("package_show", id=dataset["id"])["creators"]
    assert changed == [{"who": "Ada", "places": ["U2", "U3"], "roles": ["lead"]}]


def test_parts_inside_parts_are_kept_and_shown(take: Callable[..., str], app: Any) -> None:
    agent = {"field_name": "agent", "label": "Agent", "repeating_subfields": [{"field_name": "mail", "label": "Mail"}]}
    said = take({"field_name": "credits", "label": "Credits",
                 "repeating_subfields": [{"field_name": "part", "label": "Part"}, agent]})
    assert "(credits).repeating_subfields[2] (agent): isn't a part here" in said and "stays as stored" in said
    dataset = made(credits=[{"part": "lead", "agent": [{"mail": "a@example.org"}]}])
    sender = headers()
    address = f"/dataset/edit/{dataset['name']}"
    sent = fields_of(app.get(address, headers=sender).body)
    sent = [(name, "boss" if name == "credits-0-part" else value) for name, value in sent]
    app.post(address, headers=sender, data=MultiDict([*sent, ("save", "")]), follow_redirects=False)
    shown = helpers.call_action("package_show", id=dataset["id"])
    assert shown["credits"] == [{"part": "boss", "agent": [{"mail": "a@example.org"}]}]
    assert "a@example.org" in app.get(f"/dataset/{dataset['name']}").body


def test_parts_called_like_fields_of_core_are_parts(take: Callable[..., str]) -> None:
    parts = [{"field_name": name, "label": name} for name in ("name", "title", "url", "format", "owner_org")]
    take({"field_name": "contact", "label": "Contact", "repeating_subfields": parts})
    entry = {"name": "Desk 1", "title": "Dr.", "url": "none", "format": "by phone", "owner_org": "us"}
    dataset = made(contact=[entry])
    assert helpers.call_action("package_show", id=dataset["id"])["contact"] == [entry]


def test_a_schema_of_an_earlier_release_with_controls_of_core_in_entries_takes_any_text(clean_portal: None) -> None:
    raw = with_field(current_document(), field_name="contact", section="about", repeating_subfields=[
        {"id": "name", "field_name": "name", "label": "Name", "preset": "dataset_slug"}])
    publish.enter_first(read(raw))
    dataset = made(contact=[{"name": "Desk 1"}], license_id="cc-by")
    assert helpers.call_action("package_show", id=dataset["id"])["contact"] == [{"name": "Desk 1"}]


# What becomes a check


def test_snippets_do_not_become_checks(take: Callable[..., str], app: Any) -> None:
    said = take(
        {"field_name": "homepage", "label": "Home page", "display_snippet": "link.html"},
        {"field_name": "mail", "label": "Mail", "display_snippet": "email.html"},
        {"field_name": "since", "label": "Since", "validators": "ignore_missing isodate"},
        {"field_name": "issued", "label": "Issued", "preset": "dcat_date"},
    )
    assert "(since): the check 'isodate' is not kept" in said and "(issued): there is no preset 'dcat_date'" in said
    values = {"homepage": "www.example.org", "mail": "data team", "since": "2014-05-01T10:00:00",
              "issued": "2016-10-20T00:00:00"}
    assert stored(made(**values)) == values
    page = app.get(f"/dataset/{made(homepage='https://example.org/x', mail='data@example.org')['name']}").body
    assert 'href="https://example.org/x"' in page and "mailto:data@example.org" in page


def test_booleans_numbers_and_formats_are_as_stock_has_them(take: Callable[..., str]) -> None:
    said = take(
        {"field_name": "must", "label": "Must", "required": "true"},
        {"field_name": "may", "label": "May", "required": "false"},
        {"field_name": "flag", "label": "Flag", "preset": "select",
         "choices": [{"value": True, "label": "Yes"}, {"value": False, "label": "No"}]},
        {"field_name": "whole", "label": "Whole", "validators": "ignore_missing int_validator"},
        resource=[{"field_name": "format", "label": "Format", "preset": "select",
                   "choices": [{"value": "CSV", "label": "CSV"}]}],
    )
    assert "(flag): the choice true isn't a text; records store it as 'true'" in said
    assert "(format): its choices are not kept" in said and "(may): 'required' says “false”" in said
    assert refused() == {"must": ["Missing value"]}
    assert "whole" in refused(must="x", whole="2.5") and "flag" in refused(must="x", flag="perhaps")
    assert stored(made(must="x", flag=True, whole=12)) == {"must": "x", "flag": "true", "whole": "12"}


def test_an_object_for_a_field_of_texts_is_stored_as_json(take: Callable[..., str]) -> None:
    take({"field_name": "summary", "label": "Summary", "preset": "fluent_text"}, {"field_name": "plain", "label": "Plain"})
    dataset = made(summary={"en": "Water"}, plain={"fr": "Eau"})
    assert stored(dataset) == {"summary": '{"en": "Water"}', "plain": '{"fr": "Eau"}'}
    call("package_patch", id=dataset["id"], summary='{"en": "Wells"}')
    assert stored(dataset)["summary"] == '{"en": "Wells"}'


def test_a_yes_that_a_resource_holds_as_such_stays_through_its_form(take: Callable[..., str], app: Any) -> None:
    choices = [{"value": True, "label": "Tidy"}, {"value": False, "label": "Raw"}]
    tidy = {"field_name": "tidy", "label": "State", "preset": "select", "choices": choices}
    take(resource=[tidy, {"field_name": "parts", "label": "Parts", "repeating_subfields": [tidy]}])
    dataset = made(resources=[{"url": "http://example.org/1", "name": "One"}])
    held = {"tidy": True, "parts": [{"tidy": False}], "rows": 12}
    resource = model.Package.get(dataset["id"]).resources[0]
    resource.extras = held
    resource.package.metadata_modified = datetime.datetime.utcnow()
    model.Session.commit()
    sender = headers()
    page = f"/dataset/{dataset['name']}/resource/{resource.id}"
    assert ">Tidy<" in app.get(page).body and ">Raw<" in app.get(page).body
    sent = fields_of(app.get(f"{page}/edit", headers=sender).body)
    assert ("tidy", "true") in sent and ("parts-0-tidy", "false") in sent
    answer = app.post(f"{page}/edit", headers=sender, data=MultiDict([*sent, ("save", "go-dataset-complete")]),
                      follow_redirects=False)
    assert answer.status_code == 302
    model.Session.expire_all()
    assert dict(model.Resource.get(resource.id).extras) == held


# Pages of the form


@pytest.mark.parametrize("needs_resources", [True, False])
def test_a_required_field_is_asked_for_on_its_own_page(
    take: Callable[..., str], app: Any, monkeypatch: Any, needs_resources: bool
) -> None:
    monkeypatch.setitem(tk.config, "ckan.dataset.create_on_ui_requires_resources", needs_resources)
    first = [{**BASE[0], "start_form_page": {"title": "First"}}, *BASE[1:]]
    take({"field_name": "needed", "label": "Needed", "required": True, "start_form_page": {"title": "Second"}},
         base=first)
    owner, sender = factories.Organization()["id"], headers()

    def post(address: str, **values: str) -> Any:
        sent = {**dict(fields_of(app.get(address, headers=sender).body)), **values, "save": ""}
        return app.post(address, headers=sender, data=sent, follow_redirects=False)

    answer = post("/dataset/new", title="Wells", name="wells", owner_org=owner)
    assert answer.status_code == 302 and answer.headers["Location"].endswith("/dataset/new/wells/2")
    answer = post("/dataset/new/wells/2")
    assert answer.status_code == 200 and "Missing value" in answer.body
    # A page that was left out is asked for when the dataset is published.
    with pytest.raises(tk.ValidationError, match="needed"):
        call("package_patch", id="wells", state="active")
    model.Session.rollback()
    answer = post("/dataset/new/wells/2", needed="yes")
    assert answer.status_code == 302 and answer.headers["Location"].endswith("/resource/new")
    assert call("package_patch", id="wells", state="active")["needed"] == "yes"


def test_one_page_with_a_title_leads_to_the_resource(take: Callable[..., str], app: Any) -> None:
    take(base=[{**BASE[0], "start_form_page": {"title": "All"}}, *BASE[1:]])
    sender = headers()
    sent = dict(fields_of(app.get("/dataset/new", headers=sender).body))
    sent.update(title="Wells", name="wells", owner_org=factories.Organization()["id"], save="")
    answer = app.post("/dataset/new", headers=sender, data=sent, follow_redirects=False)
    assert answer.status_code == 302 and answer.headers["Location"].endswith("/dataset/wells/resource/new")
    answer = app.post("/dataset/new", headers=sender, data=sent, follow_redirects=False)
    assert answer.status_code == 200 and "already in use" in answer.body


# Names that core reads

TRANSLATIONS = [f"{name}_translated" for name in ("title", "notes", "name", "description")]


@pytest.mark.parametrize("name", TRANSLATIONS)
def test_new_fields_cannot_have_names_that_core_reads_as_translations(clean_portal: None, name: str) -> None:
    publish.enter_first(versions.shipped().document)
    raw = with_field(current_document(), field_name=name)
    found = act("schema_validate", document=raw)
    assert not found["valid"] and "read it as translations" in found["errors"][0]["message"]
    draft = act("schema_draft_create")
    draft = act("schema_draft_update", revision=draft["revision"], document=raw)
    with pytest.raises(tk.ValidationError, match="read it as translations"):
        act("schema_publish", revision=draft["revision"], note="A translation")
    assert versions.newest().version == 1


@pytest.mark.parametrize("value", ["Sommer", '{"en": "Summer"}', '["x"]'])
def test_pages_come_with_texts_under_such_names(clean_portal: None, app: Any, value: str) -> None:
    raw = current_document()
    for name in TRANSLATIONS:
        raw = with_field(raw, field_name=name)
    publish.enter_first(read(raw))
    # A schema that has them can still be changed and published.
    later = with_field(raw, field_name="reading_level")
    draft = act("schema_draft_create")
    draft = act("schema_draft_update", revision=draft["revision"], document=later)
    assert act("schema_publish", revision=draft["revision"], note="More")["version"] == 2
    assert field_of(current_document(), "title_translated")
    texts = dict.fromkeys(TRANSLATIONS, value)
    dataset = made(title="Wells", license_id="cc-by", resources=[{"url": "http://example.org/1", "name": "One"}], **texts)
    resource = dataset["resources"][0]["id"]
    user = factories.SysadminWithToken()
    helpers.call_action("resource_patch", {"user": user["name"]}, id=resource, **texts)
    sender = {"Authorization": user["token"]}
    organization = helpers.call_action("organization_show", id=dataset["owner_org"])["name"]
    for address in ("/", "/dataset/", f"/organization/{organization}", f"/dataset/{dataset['id']}",
                    f"/dataset/edit/{dataset['id']}", f"/dataset/{dataset['id']}/resource/{resource}",
                    f"/dataset/{dataset['id']}/resource/{resource}/edit", f"/dataset/activity/{dataset['id']}"):
        assert app.get(address, headers=sender).status_code == 200, address
    assert "Wells" in app.get(f"/dataset/{dataset['id']}").body


def test_texts_by_language_are_shown_in_the_readers_language(clean_portal: None, app: Any) -> None:
    record = {"title": "Wells", "title_translated": {"en": "Springs"}}
    with app.flask_app.test_request_context():
        assert tk.h.get_translated(record, "title") == tk.h.dataset_display_name(record) == "Springs"
        for odd in ("Springs", ["x"], {"en": ["x"]}, None):
            assert tk.h.dataset_display_name({**record, "title_translated": odd}) == "Wells"


# The check before


def test_what_cannot_be_taken_over_is_not_yet(run: Run, tmp_path: Path) -> None:
    broken, other, many = (tmp_path / name for name in ("broken.yaml", "other.json", "many.yaml"))
    broken.write_text("a: [")
    other.write_text('{"a": 1}')
    fields = [{"field_name": f"f{number}", "label": "F"} for number in range(301)]
    many.write_text(yaml.safe_dump({"dataset_type": "dataset", "dataset_fields": fields}))
    for entry, reason in {
        str(broken): "line 2", str(other): "none of the keys", str(many): "at most 300 are possible",
        str(tmp_path / "none.yaml"): "No such file", "no.such.module:x.yaml": "no Python module",
        "https://example.org/x.yaml": "nothing is fetched",
    }.items():
        done = run("adopt-check", entry)
        last = done.output.strip().splitlines()[-1]
        assert done.exit_code == 1 and last.startswith("not yet: ") and reason in last


def test_a_check_needs_no_table_of_ours(run: Run, tmp_path: Path) -> None:
    import sqlalchemy as sa

    file = tmp_path / "dataset.yaml"
    file.write_text(yaml.safe_dump({"dataset_type": "dataset", "dataset_fields": BASE, "resource_fields": [URL]}))
    rename = "ALTER TABLE {} RENAME TO {}"
    here, away = "civicswitchboard_version", "civicswitchboard_set_aside"
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text(rename.format(here, away)))
    try:
        done = run("adopt-check", str(file))
    finally:
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text(rename.format(away, here)))
    assert done.exit_code == 0 and done.output.strip().splitlines()[-1] == "safe"
    assert versions.newest() is versions.shipped()
