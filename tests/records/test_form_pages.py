"""Forms on more than one page: each page saves what is on it, and nothing else changes."""
from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories
from records.test_forms import fields_of
from support.editing import Raw, call, changed, current_document, publish, with_field
from werkzeug.datastructures import MultiDict

pytestmark = [pytest.mark.usefixtures("clean_portal")]

PEOPLE = [{"given": "Ada", "orcid": "1"}, {"given": "Cy"}]


def paged(document: Raw) -> Raw:
    """A document whose every section starts a page, with fields that other tests need."""
    document = with_field(
        document, field_name="people", section="access_and_rights",
        repeating_subfields=[{"id": "given", "field_name": "given", "label": "Given name"},
                             {"id": "web", "field_name": "web", "label": "Web", "preset": "link"}],
    )
    document = with_field(document, field_name="flag", section="access_and_rights", preset="select", vocabulary="yes_or_no")
    answers = [{"id": value, "value": value, "label": value} for value in ("true", "false")]
    vocabularies = [*document["vocabularies"], {"id": "yes_or_no", "label": "Yes or no", "terms": answers}]
    sections = [{**section, "page": True} for section in document["dataset"]["sections"]]
    document = {**document, "vocabularies": vocabularies, "dataset": {**document["dataset"], "sections": sections}}
    return changed(document, "methods", state="retired")


@pytest.fixture
def pages() -> list[str]:
    """The ids of the sections, each of which is a page."""
    document = paged(current_document())
    publish(document)
    return [section["id"] for section in document["dataset"]["sections"]]


@pytest.fixture
def headers() -> dict[str, str]:
    return {"Authorization": factories.SysadminWithToken()["token"]}


def make_dataset(**more: Any) -> Raw:
    values = {
        "title": "Survey", "license_id": "cc-by", "owner_org": factories.Organization()["id"],
        "author": "A. Author", "version": "2", "theme": ["energy", "health"], "places": ["A", "B, c"],
        "people": PEOPLE, "flag": "true", "tag_string": "one,two",
        "extras": [{"key": "methods", "value": "Counted by hand"}, {"key": "guid", "value": "<b>x</b>"}],
        "resources": [{"name": "One", "url": "http://data.example.org/1.csv", "rows": "7"}],
    }
    created: Raw = factories.Dataset(**{**values, **more})
    return created


def rows_of(dataset_id: str) -> dict[str, Any]:
    """Every column of a dataset's rows, but for the time of the save."""
    model.Session.expire_all()
    model.Session.rollback()
    tables = {
        "package": "SELECT * FROM package WHERE id = :id",
        "resource": "SELECT * FROM resource WHERE package_id = :id ORDER BY position",
        "tag": "SELECT t.name, pt.state FROM package_tag pt JOIN tag t ON t.id = pt.tag_id"
               " WHERE pt.package_id = :id ORDER BY 1",
        "member": "SELECT group_id, capacity, state FROM member WHERE table_id = :id ORDER BY 1, 2",
    }
    return {
        name: [
            {key: value for key, value in row.items() if key != "metadata_modified"}
            for row in model.Session.execute(sa.text(query), {"id": dataset_id}).mappings()
        ]
        for name, query in tables.items()
    }


def save(app: Any, url: str, headers: dict[str, str], typed: dict[str, Any]) -> Any:
    """Open a form, type into it, and press its first button, as a browser without JavaScript."""
    page = app.get(url, headers=headers)
    form = BeautifulSoup(page.body, "html.parser").select_one("form#dataset-edit")
    assert form is not None
    pairs = [(name, value) for name, value in fields_of(page.body, "dataset-edit") if name not in typed]
    for name, value in typed.items():
        pairs += [(name, each) for each in (value if isinstance(value, list) else [value])]
    target = form.get("action") or url
    return app.post(target, headers=headers, data=MultiDict([*pairs, ("save", "")]), follow_redirects=False)


@pytest.mark.parametrize("state", ["active", "draft"])
def test_saving_any_page_untouched_changes_nothing(
    app: Any, pages: list[str], headers: dict[str, str], state: str
) -> None:
    dataset = make_dataset(name="survey", state=state)
    before = rows_of(dataset["id"])
    for number in range(1, len(pages) + 1):
        answer = save(app, f"/dataset/edit/survey/{number}", headers, {})
        assert answer.status_code == 302, (number, answer.body)
        assert rows_of(dataset["id"]) == before, number


@pytest.mark.parametrize("path", ["edit", "new"])
@pytest.mark.parametrize(
    ("typed", "people"),
    [
        ({"people-0-given": "Bea"}, [{"given": "Bea", "orcid": "1", "web": ""}, {"given": "Cy"}]),
        ({"people-2-given": "Dee"}, [*PEOPLE, {"given": "Dee", "web": ""}]),
        ({"people-1-given": ""}, PEOPLE[:1]),
        ({"people-0-given": "", "people-0-civicswitchboard_kept": "", "people-1-given": ""}, None),
    ],
    ids=["edit", "add", "remove", "remove all"],
)
def test_entries_of_a_repeating_field_are_saved(
    app: Any, pages: list[str], headers: dict[str, str], path: str, typed: dict[str, str], people: Any
) -> None:
    dataset = make_dataset(name="survey", state="draft" if path == "new" else "active")
    before = rows_of(dataset["id"])
    url = f"/dataset/{path}/survey/{pages.index('access_and_rights') + 1}"
    assert save(app, url, headers, typed).status_code == 302
    after = rows_of(dataset["id"])
    stored = after["package"][0]["extras"].pop("people", None)
    before["package"][0]["extras"].pop("people")
    assert (json.loads(stored) if stored else None) == people
    assert after == before


@pytest.mark.parametrize(
    ("section", "typed", "key", "stored"),
    [
        ("about", {"theme": ""}, "theme", None),
        ("about", {"theme": ["", "health"]}, "theme", '["health"]'),
        ("where_and_when", {"places": "A\r\nC"}, "places", '["A", "C"]'),
        ("where_and_when", {"places": ""}, "places", None),
        ("access_and_rights", {"flag": ""}, "flag", None),
        ("access_and_rights", {"flag": "false"}, "flag", "false"),
        ("updates", {"other_fields_remove": "guid"}, "guid", None),
    ],
)
@pytest.mark.parametrize("state", ["active", "draft"])
def test_each_kind_of_field_is_changed_and_emptied(
    app: Any, pages: list[str], headers: dict[str, str], state: str,
    section: str, typed: dict[str, Any], key: str, stored: str | None,
) -> None:
    dataset = make_dataset(name="survey", state=state)
    before = rows_of(dataset["id"])
    assert save(app, f"/dataset/edit/survey/{pages.index(section) + 1}", headers, typed).status_code == 302
    after = rows_of(dataset["id"])
    assert after["package"][0]["extras"].pop(key, None) == stored
    before["package"][0]["extras"].pop(key)
    assert after == before


@pytest.mark.parametrize("path", ["edit", "new"])
def test_a_page_shown_again_after_an_error_keeps_entries_and_the_other_pages(
    app: Any, pages: list[str], headers: dict[str, str], path: str
) -> None:
    dataset = make_dataset(name="survey", state="draft" if path == "new" else "active")
    before = rows_of(dataset["id"])
    url = f"/dataset/{path}/survey/{pages.index('access_and_rights') + 1}"
    again = save(app, url, headers, {"people-0-given": "Bea", "people-0-web": "not a link"})
    assert again.status_code == 200
    assert rows_of(dataset["id"]) == before
    form = BeautifulSoup(again.body, "html.parser").select_one("form#dataset-edit")
    assert form is not None
    sent = [pair for pair in fields_of(again.body, "dataset-edit") if pair[0] != "people-0-web"]
    assert ("people-0-given", "Bea") in sent
    target = form.get("action") or url
    saved = app.post(
        target, headers=headers, data=MultiDict([*sent, ("people-0-web", ""), ("save", "")]), follow_redirects=False
    )
    assert saved.status_code == 302
    after = rows_of(dataset["id"])
    people = json.loads(after["package"][0]["extras"].pop("people"))
    assert [each["given"] for each in people] == ["Bea", "Cy"] and people[0]["orcid"] == "1"
    before["package"][0]["extras"].pop("people")
    assert after == before


def test_a_page_opened_before_a_publish_saves_its_entries(
    app: Any, pages: list[str], headers: dict[str, str]
) -> None:
    dataset = make_dataset(name="survey")
    url = f"/dataset/edit/survey/{pages.index('access_and_rights') + 1}"
    sent = [pair for pair in fields_of(app.get(url, headers=headers).body) if pair[0] != "people-0-given"]
    document = current_document()
    publish(changed(document, "people", label="Persons", help_text="Who took part"))
    data = MultiDict([*sent, ("people-0-given", "Bea"), ("save", "")])
    assert app.post(url, headers=headers, data=data, follow_redirects=False).status_code == 302
    people = json.loads(rows_of(dataset["id"])["package"][0]["extras"]["people"])
    assert [each["given"] for each in people] == ["Bea", "Cy"]


def test_a_patch_takes_entries_as_a_form_sends_them(pages: list[str]) -> None:
    dataset = make_dataset(name="survey")
    call("package_patch", id=dataset["id"], **{"people-0-given": "Bea"})
    assert rows_of(dataset["id"])["package"][0]["extras"]["people"] == '[{"given": "Bea"}]'
