"""The dataset, resource and organization forms over HTTP, without JavaScript."""
from __future__ import annotations

import datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories
from support.editing import act, changed, current_document, publish

pytestmark = [pytest.mark.usefixtures("clean_portal")]

# The forms of a dataset, a file and an organization.
RECORDS = "form#dataset-edit, form#resource-edit, form.dataset-form"


def fields_of(html: str, form_id: str = "") -> list[tuple[str, str]]:
    """What a browser would send of a form, in order; without an id of the record's own form."""
    form = BeautifulSoup(html, "html.parser").select_one(f"form#{form_id}" if form_id else RECORDS)
    assert form is not None
    sent = []
    for control in form.find_all(["input", "select", "textarea"]):
        aside = control.find_parent("template") or control.find_parent("fieldset", disabled=True)
        if aside or control.find_parent(attrs={"name": "repeating-template"}) or not control.get("name"):
            continue
        sent += [(control["name"], value) for value in _values(control)]
    return sent


def _values(control: Any) -> list[str]:
    if control.name == "textarea":
        text = control.text
        return [text[1:] if text.startswith("\n") else text]
    if control.name == "select":
        options = control.find_all("option")
        chosen = [o for o in options if o.has_attr("selected")] or options[:1]
        # Of two that are marked in a list for one answer, as CKAN marks them, a browser takes the last.
        return [o["value"] for o in (chosen if control.has_attr("multiple") else chosen[-1:])]
    if control.get("type") in ("checkbox", "radio"):
        return [control["value"]] if control.has_attr("checked") else []
    if control.get("type") in ("submit", "file"):
        return []
    return [control.get("value", "")]


@pytest.fixture
def editor() -> dict[str, Any]:
    return factories.SysadminWithToken()


@pytest.fixture
def headers(editor: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": editor["token"]}


@pytest.fixture
def dataset() -> dict[str, Any]:
    created = factories.Dataset(
        name="odd", title="Odd", notes="\r\nbegins with a line end\r\n", license_id="cc-by",
        owner_org=factories.Organization()["id"], theme=["energy"], places=["A", "B, c"],
        extras=[{"key": "guid", "value": "<b>x</b>"}],
        resources=[{"name": "One", "url": "http://data.example.org/1.csv", "weird": [1],
                    "dictionary": [{"column": "a", "label": "A"}, {"column": "b"}]}],
    )
    package = model.Package.get(created["id"])
    package.extras = {
        **package.extras, "frequency_publishing": "Bi-Annually", "geographic_unit": "Block face",
        "theme": '["old_theme","energy"]', "temporal_start": "2016-30-09",
        "department": "two\r\nlines", "access_level_comment": "a\rb", "user_guide_url": "see desk",
    }
    package.license_id = "notspecified"
    package.metadata_modified = datetime.datetime.utcnow()
    model.Session.commit()
    return created


def test_saving_an_untouched_form_changes_no_byte(
    app: Any, dataset: dict[str, Any], headers: dict[str, str]
) -> None:
    package = model.Package.get("odd")
    before = (dict(package.extras), package.notes, package.license_id, package.url)
    page = app.get("/dataset/edit/odd", headers=headers)
    sent = fields_of(page.body, "dataset-edit")
    app.post("/dataset/edit/odd", headers=headers, data=_form([*sent, ("save", "")]))
    model.Session.expire_all()
    package = model.Package.get("odd")
    assert (dict(package.extras), package.notes, package.license_id, package.url) == before


def test_saving_an_untouched_resource_form_changes_no_byte(
    app: Any, dataset: dict[str, Any], headers: dict[str, str]
) -> None:
    resource_id = dataset["resources"][0]["id"]
    before = dict(model.Resource.get(resource_id).extras)
    url = f"/dataset/odd/resource/{resource_id}/edit"
    page = app.get(url, headers=headers)
    sent = fields_of(page.body, "resource-edit")
    app.post(url, headers=headers, data=_form([*sent, ("save", "")]))
    model.Session.expire_all()
    assert dict(model.Resource.get(resource_id).extras) == before


def test_other_fields_stand_on_page_and_form_as_text(
    app: Any, dataset: dict[str, Any], headers: dict[str, str]
) -> None:
    for url in ("/dataset/odd", "/dataset/edit/odd"):
        html = app.get(url, headers=headers).body
        assert "Other fields" in html and "&lt;b&gt;x&lt;/b&gt;" in html
        assert "<b>x</b>" not in html


def test_the_first_submit_button_saves(
    app: Any, dataset: dict[str, Any], headers: dict[str, str]
) -> None:
    page = BeautifulSoup(app.get("/dataset/edit/odd", headers=headers).body, "html.parser")
    form = page.find("form", id="dataset-edit")
    assert form is not None
    first = form.find("button")
    assert first is not None and first["type"] == "submit" and first["value"] == ""


def test_a_form_with_an_error_keeps_what_was_typed(
    app: Any, dataset: dict[str, Any], headers: dict[str, str]
) -> None:
    page = app.get("/dataset/edit/odd", headers=headers)
    sent = dict(fields_of(page.body, "dataset-edit"))
    sent |= {"data_steward_email": "nobody", "department": "<i>Typed</i>", "save": ""}
    answer = app.post("/dataset/edit/odd", headers=headers, data=sent)
    assert answer.status_code == 200
    assert "isn&#39;t an email address" in answer.body and "&lt;i&gt;Typed&lt;/i&gt;" in answer.body


def test_partner_type_is_not_the_organizations_own_to_set(app: Any) -> None:
    user = factories.UserWithToken()
    members = [{"name": user["name"], "capacity": "admin"}]
    organization = factories.Organization(users=members, name="library")
    headers = {"Authorization": user["token"]}
    form = app.get("/organization/edit/library", headers=headers).body
    assert "Set by the portal's administrators" in form and 'name="partner_type"' not in form
    answer = app.post(
        "/organization/edit/library",
        headers=headers,
        data={"title": "Library", "name": "library", "partner_type": "public_library", "save": ""},
    )
    assert "Only an administrator of the portal can change this" in answer.body
    assert "partner_type" not in model.Group.get(organization["id"]).extras


@pytest.mark.parametrize(
    ("field", "old", "new", "stored"),
    [
        ("methods", "Counted by hand", "Counted twice", "Counted twice"),
        ("geographic_unit", "Neighborhood", "Census Tract", "Census Tract"),
        ("theme", ["health"], "energy", '["energy"]'),
    ],
)
def test_a_retired_field_that_comes_back_is_filled_in_as_before_and_edited(
    app: Any, headers: dict[str, str], field: str, old: Any, new: str, stored: str
) -> None:
    values = {"methods": "x", "geographic_unit": "County", "theme": ["health"], field: old}
    factories.Dataset(name="wifi", license_id="cc-by", owner_org=factories.Organization()["id"], **values)
    before = dict(model.Package.get("wifi").extras)

    def form() -> list[tuple[str, str]]:
        return fields_of(app.get("/dataset/edit/wifi", headers=headers).body, "dataset-edit")

    def save(**typed: str) -> dict[str, Any]:
        pairs = [*((name, value) for name, value in form() if name not in typed), *typed.items(), ("save", "")]
        answer = app.post("/dataset/edit/wifi", headers=headers, data=_form(pairs), follow_redirects=False)
        assert answer.status_code == 302
        model.Session.expire_all()
        return dict(model.Package.get("wifi").extras)

    publish(changed(current_document(), field, state="retired"))
    assert field not in dict(form())
    assert save() == before
    act("schema_rollback", version=1, note="Asked for again")
    assert [value for name, value in form() if name == field and value] == (old if isinstance(old, list) else [old])
    assert save() == before
    assert save(**{field: new}) == {**before, field: stored}
    assert dict(form())[field] == new


def test_limits_are_asked_of_new_and_changed_values_alone(
    app: Any, dataset: dict[str, Any], headers: dict[str, str]
) -> None:
    document = changed(current_document(), "department", max_length=10, bad_example="misc.")
    document = changed(document, "temporal_end", maximum="2030")
    publish(changed(document, "places", max_length=4))
    page = app.get("/dataset/edit/odd", headers=headers)
    hints = BeautifulSoup(page.body, "html.parser").select(".csw-field-hints")
    assert any("Limits: at most 10 characters" in each.text and "misc." in each.text for each in hints)
    sent = fields_of(page.body, "dataset-edit")
    before = dict(model.Package.get("odd").extras)

    def post(**typed: str) -> Any:
        pairs = [*((name, value) for name, value in sent if name not in typed), *typed.items(), ("save", "")]
        return app.post("/dataset/edit/odd", headers=headers, data=_form(pairs))

    assert post().status_code == 200 and dict(model.Package.get("odd").extras) == before
    told = post(department="Two words more", temporal_end="2031-01", places="Troy\r\nRosedale")
    errors = BeautifulSoup(told.body, "html.parser").select_one(".error-explanation")
    assert errors is not None
    for words in ("This is 14 characters long. The limit is 10", "“2031-01” is after 2030",
                  "This is 8 characters long. The limit is 4"):
        assert words in errors.text
    assert dict(model.Package.get("odd").extras) == before
    post(department="Two words", temporal_end="2030-12-31", places="Troy\r\nB, c")
    assert model.Package.get("odd").extras["temporal_end"] == "2030-12-31"


def _form(pairs: list[tuple[str, str]]) -> Any:
    from werkzeug.datastructures import MultiDict

    return MultiDict(pairs)
