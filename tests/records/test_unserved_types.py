"""Records of a type that no plugin serves any more are kept, listed and reported."""
from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckan import logic, model
from ckan.cli.cli import ckan
from ckan.lib import search
from ckan.tests import factories
from records.test_form_pages import rows_of
from records.test_forms import fields_of
from support.editing import Raw, call, current_document, publish
from werkzeug.datastructures import MultiDict

from ckanext.civicswitchboard.records import unserved_types

pytestmark = [pytest.mark.usefixtures("clean_portal")]

EXTRAS = {"topics": '["t1","t2"]', "people": '[{"given": "Ada"}]', "flag": "true", "long": "one\r\ntwo",
          "guid": "<b>x</b>"}
# The values that stock scheming shows as fields.
STOCK = {"topics": ["t1", "t2"], "people": [{"given": "Ada"}], "flag": "true", "long": EXTRAS["long"]}


@pytest.fixture
def user() -> Raw:
    return factories.SysadminWithToken()


@pytest.fixture
def record(user: Raw, monkeypatch: Any) -> Raw:
    """A record that stock scheming stored and indexed under its type "info"."""
    organization = factories.Organization(name="valley", title="Valley", users=[
        {"name": user["name"], "capacity": "admin"}])
    created = call(
        "package_create", name="about-us", title="About us", type="info", owner_org=organization["id"],
        notes="First\r\nsecond", author="A. Author", maintainer_email="m@example.org", version="2",
        url="http://x.example.org", license_id="cc-by", tags=[{"name": "one"}, {"name": "two"}],
        groups=[{"name": factories.Group()["name"]}],
        extras=[{"key": key, "value": value} for key, value in EXTRAS.items()],
        resources=[
            {"name": "One", "url": "http://x.example.org/1", "description": "a\r\nb", "resource_type": "doc",
             "mimetype_inner": "x/y", "rows": "7", "deep": [1]},
            {"name": "Empty", "url": ""},
        ],
    )
    model.Package.get(created["id"]).creator_user_id = user["id"]
    model.Session.commit()
    with monkeypatch.context() as stock:
        stock.setattr(unserved_types, "index_document", lambda document: document)
        index_as_stock_scheming(created["id"])
    return created


def index_as_stock_scheming(record_id: str) -> None:
    """Put the record into the index as it is while scheming serves its type."""
    default, shown = logic.package_show_default_and_custom_schemas({"ignore_auth": True}, record_id)
    extras = [extra for extra in shown["extras"] if extra["key"] not in STOCK]
    logic.index_update_package_dicts((default, {**shown, **STOCK, "extras": extras}))


def indexed(record_id: str) -> Raw:
    found: Raw = json.loads(search.show(record_id)["validated_data_dict"])
    return found


def patch(record: Raw) -> None:
    call("package_patch", id=record["id"], title="Changed")


def patch_with_extras_as_read(record: Raw) -> None:
    extras = call("package_show", id=record["id"])["extras"]
    call("package_patch", id=record["id"], title="Changed", extras=extras)


def update_with_the_least(record: Raw) -> None:
    call("package_update", id=record["id"], title="Changed")


def update_as_read(record: Raw) -> None:
    call("package_update", **{**call("package_show", id=record["id"]), "title": "Changed"})


def update_as_read_from_stock(record: Raw) -> None:
    stock = {**indexed(record["id"]), "title": "Changed"}
    stock.pop("metadata_modified")
    call("package_update", **stock)


def update_as_pushed_without_extras(record: Raw) -> None:
    call("package_update", id=record["id"], title="Changed", **STOCK)


def revise(record: Raw) -> None:
    call("package_revise", match={"id": record["id"]}, update={"title": "Changed"})


def update_resource(record: Raw) -> None:
    call("resource_update", id=record["resources"][0]["id"], name="Changed")


def patch_resource(record: Raw) -> None:
    call("resource_patch", id=record["resources"][0]["id"], name="Changed")


def reorder(record: Raw) -> None:
    call("package_resource_reorder", id=record["id"], order=[each["id"] for each in record["resources"]])


def make_private(record: Raw) -> None:
    call("bulk_update_private", datasets=[record["id"]], org_id=record["owner_org"])


SAVES = (
    patch, patch_with_extras_as_read, update_with_the_least, update_as_read, update_as_read_from_stock,
    update_as_pushed_without_extras, revise, update_resource, patch_resource, reorder, make_private,
)


@pytest.mark.parametrize("save", SAVES, ids=lambda save: save.__name__)
@pytest.mark.parametrize("healed", [False, True], ids=["indexed by stock", "indexed anew"])
def test_a_save_changes_only_what_was_sent(record: Raw, cli: Any, save: Any, healed: bool) -> None:
    if healed:
        cli.invoke(ckan, ["civicswitchboard", "init"])
    before = rows_of(record["id"])
    save(record)
    after = rows_of(record["id"])
    changed = {
        (table, number, column)
        for table, rows in before.items() for number, row in enumerate(rows)
        for column in row if after[table][number][column] != row[column]
    }
    allowed = {"make_private": {("package", 0, "private")}, "reorder": set()}.get(save.__name__)
    if allowed is None:
        of_file = "resource" in save.__name__
        allowed = {("resource", 0, "name")} if of_file else {("package", 0, "title")}
    assert changed == allowed


def test_what_is_sent_on_purpose_is_stored(record: Raw) -> None:
    def extras() -> Raw:
        return dict(rows_of(record["id"])["package"][0]["extras"])

    listed = [{"key": key, "value": value} for key, value in EXTRAS.items() if key != "guid"]
    call("package_patch", id=record["id"], extras=[*listed, {"key": "new", "value": "n"}])
    without_guid = {key: value for key, value in EXTRAS.items() if key != "guid"}
    assert extras() == {**without_guid, "new": "n"}
    call("package_update", id=record["id"], topics=["t1", "t3"], flag="", author="")
    del without_guid["flag"]
    assert extras() == {**without_guid, "new": "n", "topics": '["t1", "t3"]'}
    assert not rows_of(record["id"])["package"][0]["author"]
    call("resource_patch", id=record["resources"][0]["id"], url="http://x.example.org/2", mimetype_inner="")
    resource = rows_of(record["id"])["resource"][0]
    assert resource["url"] == "http://x.example.org/2" and not resource["mimetype_inner"]


def test_forms_save_it_unchanged(app: Any, user: Raw, record: Raw) -> None:
    headers = {"Authorization": user["token"]}
    before = rows_of(record["id"])
    sections = current_document()["dataset"]["sections"]
    for pages in (False, True):
        if pages:
            document = current_document()
            document["dataset"]["sections"] = [{**each, "page": True} for each in sections]
            publish(document)
        page = app.get("/dataset/edit/about-us", headers=headers)
        sent = MultiDict([*fields_of(page.body, "dataset-edit"), ("save", "")])
        answer = app.post("/dataset/edit/about-us", headers=headers, data=sent, follow_redirects=False)
        assert answer.status_code == 302, BeautifulSoup(answer.body, "html.parser").select(".error-explanation")
        assert rows_of(record["id"]) == before
    url = f"/dataset/about-us/resource/{record['resources'][0]['id']}/edit"
    page = app.get(url, headers=headers)
    sent = MultiDict([*fields_of(page.body, "resource-edit"), ("save", "")])
    answer = app.post(url, headers=headers, data=sent, follow_redirects=False)
    assert answer.status_code == 302
    assert rows_of(record["id"]) == before


PAGES = (
    "/", "/dataset/", "/dataset/?q=about", "/organization/valley", "/organization/bulk_process/valley",
    "/organization/activity/valley", "/dashboard/", "/dashboard/datasets", "/user/{user}", "/user/activity/{user}",
    "/group/{group}", "/dataset/about-us", "/dataset/edit/about-us", "/dataset/resources/about-us",
    "/dataset/groups/about-us", "/dataset/followers/about-us", "/dataset/activity/about-us",
    "/dataset/delete/about-us", "/dataset/about-us/resource/{resource}", "/dataset/about-us/resource/new",
    "/dataset/about-us/resource/{resource}/edit", "/dataset/about-us/resource/{resource}/views",
    "/ckan-admin/trash", "/feeds/dataset.atom", "/fr/dataset/", "/dataset/{id}",
)
LISTING = {"/dataset/", "/dataset/?q=about", "/organization/valley", "/organization/bulk_process/valley",
           "/dashboard/datasets", "/user/{user}", "/group/{group}", "/fr/dataset/"}


def test_pages_list_it_and_every_link_to_it_leads_somewhere(app: Any, user: Raw, record: Raw) -> None:
    headers = {"Authorization": user["token"]}
    call("follow_dataset", id=record["id"])
    names = {"user": user["name"], "group": record["groups"][0]["name"], "id": record["id"],
             "resource": record["resources"][0]["id"]}
    followed: set[str] = set()
    for page in PAGES:
        answer = app.get(page.format(**names), headers=headers)
        assert answer.status_code == 200, page
        links = {a["href"] for a in BeautifulSoup(answer.body, "html.parser").find_all("a", href=True)}
        ours = {link for link in links if "about-us" in link and link.startswith("/")}
        if page in LISTING:
            assert any(link.endswith("/dataset/about-us") for link in ours), (page, links)
        for link in ours - followed:
            assert app.get(link, headers=headers).status_code in (200, 302), (page, link)
        followed |= ours
    for visitor in ("/", "/dataset/", "/organization/valley", "/dataset/about-us"):
        assert app.get(visitor).status_code == 200, visitor


def test_a_deleted_one_can_be_listed_in_the_trash(app: Any, user: Raw, record: Raw) -> None:
    call("package_delete", id=record["id"])
    answer = app.get("/ckan-admin/trash", headers={"Authorization": user["token"]})
    assert answer.status_code == 200 and "About us" in answer.body


def test_an_address_that_no_record_has_stays_an_error(app: Any, record: Raw) -> None:
    from ckan.plugins.toolkit import h
    from werkzeug.routing import BuildError

    with app.flask_app.test_request_context():
        assert h.url_for("info.read", id="about-us") == "/dataset/about-us"
        for endpoint in ("story.read", "info.no_such_page", "dataset.no_such_page"):
            with pytest.raises(BuildError):
                h.url_for(endpoint, id="about-us")


def test_the_api_lists_it(record: Raw) -> None:
    found = call("package_search", fq="dataset_type:info")
    assert [each["name"] for each in found["results"]] == ["about-us"]
    shown = call("package_show", id="about-us")
    assert {each["key"]: each["value"] for each in shown["extras"]} == EXTRAS
    assert "topics" not in shown


def test_init_indexes_it_anew_once_and_reports_it(record: Raw, cli: Any) -> None:
    first = cli.invoke(ckan, ["civicswitchboard", "init"])
    assert first.exit_code == 0, first.output
    assert "Records of types that no enabled plugin serves: info (1)." in first.output
    assert "add the plugin that serves their type to ckan.plugins" in first.output
    assert "Datasets reindexed: 1." in first.output
    found = indexed(record["id"])
    assert {each["key"]: each["value"] for each in found["extras"]} == EXTRAS and "topics" not in found
    second = cli.invoke(ckan, ["civicswitchboard", "init"])
    assert "reindexed" not in second.output and "info (1)" in second.output


def test_doctor_reports_it(record: Raw, cli: Any) -> None:
    output = cli.invoke(ckan, ["civicswitchboard", "doctor"]).output
    assert "Records of types that no enabled plugin serves: info (1)." in output
    model.Package.get(record["id"]).state = "deleted"
    model.Package.get(record["id"]).metadata_modified = datetime.datetime.utcnow()
    model.Session.commit()
    assert "Every record has a type that an enabled plugin serves." in cli.invoke(
        ckan, ["civicswitchboard", "doctor"]).output
