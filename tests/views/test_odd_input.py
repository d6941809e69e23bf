"""Input that once broke a page or an action, each with the answer that says what to do."""
from __future__ import annotations

import time
from io import BytesIO
from typing import Any

import pytest
from ckan.tests import factories, helpers
from support.editing import act
from support.people import People, enter_people

pytestmark = [pytest.mark.usefixtures("clean_portal")]

NUMBERS = {
    "civicswitchboard_schema_version_list": ("limit", "offset"), "civicswitchboard_suggestion_list": ("limit", "offset"),
    "civicswitchboard_repair_list": ("limit", "offset"), "civicswitchboard_partner_search": ("rows", "start"),
    "package_search": ("rows", "start", "facet.limit", "facet.mincount"), "organization_list": ("limit", "offset"),
    "group_list": ("limit", "offset"),
}


@pytest.fixture
def people() -> People:
    return enter_people()


@pytest.mark.parametrize("blank", ["%20", "", "%09"])
def test_a_blank_number_is_the_same_as_none(app: Any, people: People, blank: str) -> None:
    headers = people.headers("sysadmin")
    for action, names in NUMBERS.items():
        usual = app.get(f"/api/3/action/{action}", headers=headers).json["result"]
        for name in names:
            answer = app.get(f"/api/3/action/{action}?{name}={blank}", headers=headers)
            assert answer.status_code == 200 and answer.json["result"] == usual, (action, name)


@pytest.mark.parametrize("number", ["x", "-5", "1.5", "9x", "[]"])
def test_a_number_that_is_none_is_refused_by_its_name(app: Any, people: People, number: str) -> None:
    headers = people.headers("sysadmin")
    for action, names in NUMBERS.items():
        for name in names:
            answer = app.get(f"/api/3/action/{action}?{name}={number}", headers=headers)
            assert answer.status_code == 409 and name in answer.json["error"], (action, name, answer.body)


def test_a_blank_required_number_is_missing(app: Any, people: People) -> None:
    act("schema_draft_create")
    for action, sent in (("schema_rollback", {"version": " ", "note": "x"}), ("schema_draft_undo", {"revision": "\t"})):
        answer = app.post(f"/api/3/action/civicswitchboard_{action}", headers=people.headers("sysadmin"), json=sent)
        assert answer.status_code == 409 and answer.json["error"].get("version" if "version" in sent else "revision") == ["Missing value"]


def test_an_empty_list_is_nothing(app: Any, people: People) -> None:
    headers = people.headers("sysadmin")
    answer = app.post("/api/3/action/civicswitchboard_schema_draft_create", headers=headers, json={"base_version": []})
    assert answer.status_code == 200 and answer.json["result"]["base_version"] == 1
    answer = app.post("/api/3/action/civicswitchboard_schema_version_list", headers=headers, json={"limit": [], "offset": []})
    assert answer.status_code == 200 and len(answer.json["result"]) == 1


@pytest.mark.parametrize(
    ("query", "said"),
    [("partner_type=%5C", "A filter by partner_type has to name one"), ("q=%7B%22%22:%20%22%22%7D", "We can’t read this search")],
)
def test_a_feed_of_a_search_that_cannot_be_read_says_so(app: Any, query: str, said: str) -> None:
    answer = app.get(f"/feeds/custom.atom?{query}")
    assert answer.status_code == 400 and said in answer.body


@pytest.mark.parametrize("name", ["__extras", "__junk", "__before", "__after"])
@pytest.mark.parametrize("value", [5, {"a": "b"}, None])
def test_names_that_validation_keeps_for_itself_are_refused(app: Any, people: People, name: str, value: Any) -> None:
    headers = people.headers("sysadmin")
    dataset = factories.Dataset(license_id="cc-by", resources=[{"url": "https://example.org/a.csv", "name": "A"}])
    resource = {**dataset["resources"][0], name: value}
    for action, sent in (
        ("resource_update", resource), ("package_update", {**dataset, name: value}),
        ("package_patch", {"id": dataset["id"], "resources": [resource]}),
    ):
        answer = app.post(f"/api/3/action/{action}", headers=headers, json=sent)
        assert answer.status_code == 409 and "This can’t be the name of a field" in str(answer.json["error"]), action


def test_a_file_under_a_name_that_takes_none_is_refused(app: Any, people: People) -> None:
    resource = factories.Resource(url="https://example.org/a.csv", name="A", package_id=factories.Dataset(license_id="cc-by")["id"])
    for name in ("image_upload", "another_upload"):
        form = {"id": resource["id"], "name": "Three", name: (BytesIO(b"a"), "a.csv")}
        answer = app.post("/api/3/action/resource_patch", headers=people.headers("sysadmin"), data=form, content_type="multipart/form-data")
        assert answer.status_code == 409 and answer.json["error"][name] == ["A file can’t be kept here"]
    assert helpers.call_action("resource_show", id=resource["id"])["name"] == resource["name"]


def test_an_address_that_core_cannot_read_is_refused(app: Any, people: People) -> None:
    dataset = factories.Dataset(license_id="cc-by", resources=[{"url": "https://example.org/a.csv", "name": "A"}])
    for path in ("/dataset/new?__junk=a", f"/dataset/%00/resource/{dataset['resources'][0]['id']}/edit"):
        assert app.get(path, headers=people.headers("sysadmin")).status_code == 400, path


@pytest.mark.parametrize("path", ["/metadata-schema?a=", "/dataset/?q=", "/partners?q="])
def test_an_address_full_of_dots_is_shown_with_links_to_itself(app: Any, path: str) -> None:
    answer = app.get(path + "." * 3000)
    assert answer.status_code == 200 and path + "%2E" * 3000 in answer.body


@pytest.mark.parametrize("page", ["%20", "x", "-1", "0", "1.5"])
def test_a_page_that_is_no_number_is_refused(app: Any, people: People, page: str) -> None:
    act("schema_draft_create")
    for path in ("versions", "suggestions", "repairs", "draft/crosswalk", "draft/translations", "draft/vocabularies/frequency",
                 "draft/fields/dataset/department/records"):
        status = app.get(f"/metadata-schema/{path}?page={page}", headers=people.headers("sysadmin")).status_code
        assert status == 400, path


def test_a_page_beyond_the_last_is_shown(app: Any, people: People) -> None:
    act("schema_draft_create")
    for path in ("versions", "suggestions", "repairs", "draft/translations", "draft/fields/dataset/department/records"):
        address = f"/metadata-schema/{path}?page={'9' * 40}"
        assert app.get(address, headers=people.headers("sysadmin")).status_code == 200, path


@pytest.mark.parametrize("extras", ["x", ["x"], 5, True])
def test_parameters_of_a_search_that_have_no_names_are_refused(app: Any, extras: Any) -> None:
    answer = app.post("/api/3/action/package_search", json={"extras": extras, "ext_bbox": "0,0,1,1"})
    assert answer.status_code == 409 and answer.json["error"]["extras"] == ["Send the parameters by their names"]


@pytest.mark.parametrize(
    ("sent", "led_to"),
    [("/dataset/new?a=b", "/dataset/new?a=b"), ("http://[", "/"), ("//evil.example", "/"), ("/\\evil.example", "/"), ("dataset.nowhere", "/"),
     ("javascript:x", "/"), ("/a\r\nb: c", "/"), ("https://evil.example/a", "/"), ("", "/"), ("\0", "/")],
)
def test_who_takes_the_news_away_is_led_back_within_the_portal(app: Any, people: People, sent: str, led_to: str) -> None:
    form = {"version": "9" * 5000, "came_from": sent}
    answer = app.post("/metadata-schema/form-news", headers=people.headers("sysadmin"), data=form, follow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["Location"].removeprefix("http://").partition("/")[2] == led_to[1:]


def test_undo_leads_back_within_the_portal(app: Any, people: People) -> None:
    draft = act("schema_draft_create")
    for referrer in ("http://[", "//evil.example", "https://evil.example/x"):
        headers = {**people.headers("sysadmin"), "Referer": referrer}
        answer = app.post("/metadata-schema/draft/undo", headers=headers, data={"revision": draft["revision"]}, follow_redirects=False)
        assert answer.status_code == 302 and answer.headers["Location"].endswith("/metadata-schema/draft")


def test_deep_json_is_refused(app: Any, people: People) -> None:
    for text in ("[" * 100_000, '{"id": ' + "[" * 500 + "]" * 500 + "}", '{"id":' * 200):
        answer = app.post("/api/3/action/package_show", headers=people.headers("sysadmin"), data=text, content_type="application/json")
        assert answer.status_code == 400 and "JSON" in answer.body


def test_what_names_a_record_is_a_text(app: Any, people: People) -> None:
    for action in ("package_show", "organization_show", "group_show", "dataset_purge", "organization_delete", "tag_delete",
                   "package_patch", "resource_patch", "package_owner_org_update", "member_create"):
        for wrong in (["a"], {"a": "b"}, True, "a\0"):
            answer = app.post(f"/api/3/action/{action}", headers=people.headers("sysadmin"), json={"id": wrong})
            assert answer.status_code == 409 and "id" in answer.json["error"], (action, wrong, answer.body)


def test_a_form_without_its_button_is_refused(app: Any, people: People) -> None:
    factories.Dataset(name="open", owner_org="public-library", license_id="cc-by")
    for path, form in (("/dataset/open/resource/new", {"id": ""}), ("/dataset/open/resource/new", {"save": "x"}),
                       ("/dataset/edit/open", {"_ckan_phase": "1"})):
        answer = app.post(path, headers=people.headers("sysadmin"), data=form)
        assert answer.status_code == 400 and "Parts of this form are missing" in answer.body, (path, form)


def test_a_list_of_organizations_beyond_its_last_page_is_empty(app: Any) -> None:
    assert app.get(f"/organization/?page={2**63}").status_code == 200


def test_extras_that_are_no_list_are_refused_in_the_form(app: Any, people: People) -> None:
    form = {"title": "x", "name": "new", "license_id": "cc-by", "owner_org": "public-library", "save": "go-dataset-complete",
            "_ckan_phase": "1", "extras": "None"}
    answer = app.post("/dataset/new", headers=people.headers("sysadmin"), data=form)
    assert answer.status_code == 200 and "This has to be a list of records" in answer.body


def test_a_form_with_an_input_without_a_name_is_refused(app: Any, people: People) -> None:
    sent = b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"
    for path in ("/organization/edit/elsewhere", "/api/3/action/package_patch", "/metadata-schema/form-news"):
        answer = app.post(path, headers=people.headers("sysadmin"), data=sent, content_type="multipart/form-data; boundary=b")
        assert answer.status_code == 400, path


def test_a_filter_that_cannot_be_read_is_told_where_datasets_are_changed_at_once(app: Any, people: People) -> None:
    address = "/organization/bulk_process/public-library?partner_type=[[["
    assert app.get(address, headers=people.headers("sysadmin")).status_code == 200


def test_odd_tags_are_refused_by_every_action_in_cores_form(app: Any, people: People) -> None:
    for action in ("organization_patch", "package_show", "group_update"):
        for wrong in ("a\0", ["a\0"]):
            sent = {"id": "elsewhere", "tags": wrong}
            answer = app.post(f"/api/3/action/{action}", headers=people.headers("sysadmin"), json=sent)
            assert answer.status_code == 409 and "tags" in answer.json["error"], (action, wrong)


@pytest.mark.parametrize("parameter", ["x=1", "res_format=CSV", "q=a", "topic=a%26b"])
@pytest.mark.parametrize("path", ["/dataset/", "/organization/public-library", "/group/parks"])
def test_a_search_with_a_great_many_parameters_is_refused(app: Any, people: People, path: str, parameter: str) -> None:
    factories.Group(name="parks")

    def ask(times: int) -> Any:
        return app.get(path, query_string="&".join([parameter] * times), headers=people.headers("sysadmin"))

    # Core's list of languages has the address once for each, so a page's size isn't what is asked here.
    for times, status in ((1500, 400), (100, 200)):
        began = time.process_time()
        answer = ask(times)
        assert answer.status_code == status and time.process_time() - began < 3
        assert ("has 1,500 filters and other parameters; at most 100" in answer.body) == (status == 400)
    assert len(answer.body) < 1_000_000


@pytest.mark.parametrize("path", ["/partners", "/metadata-schema", "/metadata-schema/vocabularies/frequency", "/"])
def test_pages_of_ours_take_a_great_many_parameters(app: Any, people: People, path: str) -> None:
    for parameter in ("x=1", "type=public_library", "q=a", "page=1"):
        began = time.process_time()
        answer = app.get(path, query_string="&".join([parameter] * 1500))
        assert answer.status_code == 200 and time.process_time() - began < 3, parameter


def test_a_file_at_an_address_that_cannot_be_taken_apart_is_refused(app: Any, people: People) -> None:
    dataset = factories.Dataset(license_id="cc-by", resources=[{"url": "https://example.org/a.csv", "name": "A"}])
    wrong, said = {"url": "http://[", "name": "Two"}, "This isn’t a web address we can read"
    for action, sent in (
        ("resource_create", {"package_id": dataset["id"], **wrong}),
        ("resource_update", {"id": dataset["resources"][0]["id"], **wrong}),
        ("package_patch", {"id": dataset["id"], "resources": [wrong]}),
        ("package_create", {"name": "new", "license_id": "cc-by", "resources": [wrong]}),
    ):
        answer = app.post(f"/api/3/action/{action}", headers=people.headers("sysadmin"), json=sent)
        assert answer.status_code == 409 and said in str(answer.json["error"]), (action, answer.body)
    assert helpers.call_action("package_show", id=dataset["id"])["resources"][0]["url"] == "https://example.org/a.csv"
