"""Every resource leads to a file or a link, and a chosen file is never lost without a word."""
from __future__ import annotations

import datetime
import io
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.cli.cli import ckan
from ckan.lib import uploader
from ckan.tests import factories
from records.test_forms import fields_of
from support.editing import Raw, call, publish

from ckanext.civicswitchboard.core.schema.reserved_names import FORM_INPUTS

pytestmark = [pytest.mark.usefixtures("clean_portal")]

NEEDED = "Add a link or choose a file"


@pytest.fixture
def headers() -> dict[str, str]:
    return {"Authorization": factories.SysadminWithToken()["token"]}


@pytest.fixture
def survey() -> Raw:
    return make("survey")


def make(name: str, **more: Any) -> Raw:
    created: Raw = factories.Dataset(
        name=name, license_id="cc-by", owner_org=factories.Organization()["id"], **more
    )
    return created


def with_empty_resource(name: str) -> Raw:
    """A dataset of before the rule, whose second resource has neither a file nor a link."""
    created = make(name, resources=[{"name": each, "url": "http://x.example.org"} for each in ("One", "Two")])
    model.Resource.get(created["resources"][1]["id"]).url = ""
    model.Package.get(created["id"]).metadata_modified = datetime.datetime.utcnow()
    model.Session.commit()
    return created


def post(app: Any, url: Any, headers: dict[str, str], typed: dict[str, Any], save: str = "") -> Any:
    """Fill in a resource form as a browser does, with the values that it shows.

    :param url: the address of the form, or the answer that shows it
    """
    page = app.get(url, headers=headers) if isinstance(url, str) else url
    sent: dict[str, Any] = {}
    for name, value in fields_of(page.body, "resource-edit"):
        sent.setdefault(name, value)
    sent |= {"upload": (io.BytesIO(b""), ""), **typed, "save": save}
    form = BeautifulSoup(page.body, "html.parser").select_one("form#resource-edit")
    assert form is not None
    return app.post(
        form["action"], headers=headers, data=sent, content_type="multipart/form-data", follow_redirects=False
    )


def file(text: str = "a,b\n1,2\n", name: str = "data.csv") -> Any:
    return (io.BytesIO(text.encode()), name)


def contents(resource_id: str) -> str:
    resource = {"id": resource_id, "url_type": "upload"}
    location = uploader.get_resource_uploader(resource).get_path(resource_id)
    folder = Path(tk.config["ckan.storage_path"])
    return next(each for each in (Path(location), folder / "resources" / location) if each.exists()).read_text()


@pytest.mark.parametrize("url", ["", "   ", None])
def test_a_new_resource_needs_a_file_or_a_link(survey: Raw, url: Any) -> None:
    for act, data in (
        ("resource_create", {"package_id": survey["id"], "name": "One", "url": url}),
        ("package_patch", {"id": survey["id"], "resources": [{"name": "One", "url": url}]}),
        ("package_update", {**survey, "resources": [{"name": "One", "url": url}]}),
        ("package_revise", {"match": {"id": survey["id"]},
                            "update__resources__extend": [{"name": "One", "url": url}]}),
        ("package_create", {"name": "new", "license_id": "cc-by", "owner_org": survey["owner_org"],
                            "resources": [{"name": "One", "url": url}]}),
    ):
        with pytest.raises(tk.ValidationError) as refused:
            call(act, **data)
        errors = refused.value.error_dict
        assert (errors["resources"][-1] if "resources" in errors else errors) == {"url": [NEEDED]}, act
    assert call("package_show", id=survey["id"])["resources"] == []


def test_a_stored_resource_keeps_its_file_or_link() -> None:
    created = make("survey", resources=[{"name": "One", "url": "http://x.example.org/1"}])
    resource = created["resources"][0]
    for act, data in (
        ("resource_update", {"id": resource["id"], "name": "One"}),
        ("resource_update", {**resource, "url": ""}),
        ("resource_patch", {"id": resource["id"], "url": ""}),
        ("package_patch", {"id": created["id"], "resources": [{**resource, "url": " "}]}),
    ):
        with pytest.raises(tk.ValidationError) as refused:
            call(act, **data)
        errors = refused.value.error_dict
        assert (errors["resources"][-1] if "resources" in errors else errors) == {"url": [NEEDED]}, act
    assert call("resource_show", id=resource["id"])["url"] == "http://x.example.org/1"


def test_one_that_never_had_any_stays_saveable_and_doctor_lists_it(app: Any, headers: Any, cli: Any) -> None:
    created = with_empty_resource("old")
    resource = created["resources"][1]
    call("package_patch", id=created["id"], title="Changed")
    call("resource_patch", id=resource["id"], description="Changed")
    call("resource_update", id=resource["id"], name="Two", description="Changed again")
    call("package_update", **{**call("package_show", id=created["id"]), "notes": "Changed"})
    answer = post(app, f"/dataset/old/resource/{resource['id']}/edit", headers, {"description": "By form"})
    assert answer.status_code == 302
    assert call("resource_show", id=resource["id"])["description"] == "By form"
    result = cli.invoke(ckan, ["civicswitchboard", "doctor"])
    assert "Resources without a file or link: 1, in the datasets old." in result.output
    call("resource_patch", id=resource["id"], url="http://x.example.org/2")
    result = cli.invoke(ckan, ["civicswitchboard", "doctor"])
    assert "Every resource has a file or a link." in result.output


def test_an_import_may_create_one_and_lists_it(tmp_path: Path, cli: Any) -> None:
    lines = tmp_path / "records.jsonl"
    lines.write_text('{"name": "came", "title": "Came", "resources": [{"name": "One", "url": ""}]}\n')
    result = cli.invoke(ckan, ["civicswitchboard", "import", str(lines)])
    assert result.exit_code == 0, result.output
    assert NEEDED in result.output
    assert "Resources without a file or link: 1" in cli.invoke(ckan, ["civicswitchboard", "doctor"]).output


@pytest.mark.parametrize("state", ["draft", "active"])
def test_a_file_is_asked_for_again_after_an_error(app: Any, headers: Any, state: str) -> None:
    dataset = make("survey", state=state)
    save = "go-metadata" if state == "draft" else "go-dataset-complete"
    typed = {"name": "", "description": "Typed", "url_type": "upload", "upload": file()}
    again = post(app, "/dataset/survey/resource/new", headers, typed, save)
    assert again.status_code == 200
    assert "Choose the file “data.csv” again" in again.body and "previous_upload" not in again.body
    sent = dict(fields_of(again.body, "resource-edit"))
    assert sent["description"] == "Typed" and sent["url"] == "" and sent["url_type"] == ""
    refused = post(app, again, headers, {"name": "One"}, save)
    assert refused.status_code == 200 and NEEDED in refused.body
    assert call("package_show", id=dataset["id"])["resources"] == []
    saved = post(app, refused, headers, {"name": "One", "url_type": "upload", "upload": file()}, save)
    assert saved.status_code == 302
    (resource,) = call("package_show", id=dataset["id"])["resources"]
    assert resource["url"].endswith("data.csv") and contents(resource["id"]) == "a,b\n1,2\n"
    assert not FORM_INPUTS & resource.keys()


@pytest.mark.parametrize("state", ["draft", "active"])
@pytest.mark.parametrize("stored", ["file", "link"])
def test_an_error_while_replacing_keeps_the_stored_file_or_link(
    app: Any, headers: Any, state: str, stored: str
) -> None:
    dataset = make("survey", state=state)
    new = "/dataset/survey/resource/new"
    first = {"url_type": "upload", "upload": file()} if stored == "file" else {"url": "http://x.example.org/1"}
    assert post(app, new, headers, {"name": "One", **first}, "go-dataset-complete").status_code == 302
    (resource,) = call("package_show", id=dataset["id"])["resources"]
    before = dict(model.Session.execute(model.Resource.__table__.select()).mappings().one())
    edit = f"/dataset/survey/resource/{resource['id']}/edit"
    typed = {"name": "", "description": "Typed", "url_type": "upload", "upload": file("new", "new.csv")}
    again = post(app, edit, headers, typed, "go-dataset-complete")
    assert again.status_code == 200 and "Choose the file “new.csv” again" in again.body
    sent = dict(fields_of(again.body, "resource-edit"))
    assert sent["description"] == "Typed" and sent["url"] == resource["url"]
    assert post(app, again, headers, {"name": "One"}, "go-dataset-complete").status_code == 302
    model.Session.rollback()
    after = dict(model.Session.execute(model.Resource.__table__.select()).mappings().one())
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"description", "metadata_modified"}
    if stored == "file":
        assert contents(resource["id"]) == "a,b\n1,2\n"


def test_an_error_keeps_the_stored_file_of_a_draft_when_none_was_chosen(app: Any, headers: Any) -> None:
    dataset = make("survey", state="draft")
    first = {"name": "One", "url_type": "upload", "upload": file()}
    assert post(app, "/dataset/survey/resource/new", headers, first, "again").status_code == 302
    (resource,) = call("package_show", id=dataset["id"])["resources"]
    again = post(app, f"/dataset/survey/resource/{resource['id']}/edit", headers, {"name": ""}, "go-metadata")
    assert again.status_code == 200 and "again. It wasn't saved" not in again.body
    assert post(app, again, headers, {"name": "Uno"}, "go-metadata").status_code == 302
    (after,) = call("package_show", id=dataset["id"])["resources"]
    assert (after["name"], after["url"]) == ("Uno", resource["url"])


def test_a_file_that_was_taken_away_has_to_be_replaced(app: Any, headers: Any, survey: Raw) -> None:
    first = {"name": "One", "url_type": "upload", "upload": file()}
    post(app, "/dataset/survey/resource/new", headers, first, "go-dataset-complete")
    (resource,) = call("package_show", id=survey["id"])["resources"]
    edit = f"/dataset/survey/resource/{resource['id']}/edit"
    refused = post(app, edit, headers, {"url": "", "url_type": "", "clear_upload": "true"})
    assert refused.status_code == 200 and NEEDED in refused.body
    assert post(app, edit, headers, {"url": "http://x.example.org/1", "url_type": ""}).status_code == 302
    assert call("resource_show", id=resource["id"])["url"] == "http://x.example.org/1"


def test_a_draft_is_published_without_resources_where_nothing_is_filled_in(app: Any, headers: Any) -> None:
    dataset = make("survey", state="draft")
    answer = post(app, "/dataset/survey/resource/new", headers, {}, "go-metadata")
    assert answer.status_code == 302, fields_of(answer.body, "resource-edit")
    shown = call("package_show", id=dataset["id"])
    assert (shown["state"], shown["resources"]) == ("active", [])


def test_what_forms_send_beside_is_never_stored(app: Any, headers: Any, survey: Raw) -> None:
    inputs = dict.fromkeys(FORM_INPUTS - {"upload", "clear_upload"}, "x")
    created = call("resource_create", package_id=survey["id"], name="One", url="http://x.example.org", **inputs)
    call("resource_patch", id=created["id"], description="Changed", **inputs)
    call("resource_update", **{**created, **inputs})
    assert not FORM_INPUTS & call("resource_show", id=created["id"]).keys()
    assert not model.Resource.get(created["id"]).extras
    assert "previous_upload" not in app.get(f"/dataset/survey/resource/{created['id']}", headers=headers).body


def test_a_schema_without_the_field_asks_for_nothing(survey: Raw) -> None:
    document = tk.get_action("civicswitchboard_schema_show")({"ignore_auth": True}, {})["document"]
    fields = [{**field, "state": "retired"} if field["id"] == "url" else field
              for field in document["dataset"]["resource_fields"]]
    publish({**document, "dataset": {**document["dataset"], "resource_fields": fields}})
    created = call("resource_create", package_id=survey["id"], name="One")
    assert created["name"] == "One"
