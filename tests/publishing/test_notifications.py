"""What publishers are told of a new version: on the dashboard, by e-mail, above the form."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories
from ckanext.activity.email_notifications import get_notifications
from support.editing import act, call, changed, current_document, publish, with_field
from support.people import People, enter_people
from words.reading import text

from ckanext.civicswitchboard.publishing import whats_new

pytestmark = [pytest.mark.usefixtures("clean_portal")]


@pytest.fixture
def people() -> People:
    return enter_people()


def published(document: Any, by: str) -> Any:
    draft = act("schema_draft_create", user=by)
    draft = act("schema_draft_update", user=by, revision=draft["revision"], document=document)
    return act("schema_publish", user=by, revision=draft["revision"], note="Schools asked for it")


def told(user: str) -> list[dict[str, Any]]:
    context = {"user": user, "auth_user_obj": model.User.get(user)}
    found = tk.get_action("dashboard_activity_list")(context, {})
    return [each for each in found if each["activity_type"] == "published shared schema"]


def line(app: Any, headers: dict[str, str], path: str = "/dataset/new") -> str:
    """The line above a form, empty when there is none."""
    found = BeautifulSoup(app.get(path, headers=headers).body, "html.parser").select("form.csw-form-news p")
    return " ".join(found[0].get_text(" ").split()) if found else ""


def required(document: Any, field_id: str) -> Any:
    return changed(document, field_id, expectation="required")


def test_publishers_find_a_new_version_on_their_dashboard_and_in_their_mail(app: Any, people: People) -> None:
    published(required(with_field(current_document(), field_name="reading_level"), "geographic_unit"), people.admin)
    assert told(people.user) == [], "who publishes nothing fills in no form"
    assert told(people.admin) == [], "who published it knows"
    for name in (people.publisher, people.elsewhere, people.editor):
        (entry,) = told(name)
        assert entry["data"]["version"] == 2 and entry["is_new"]
    page = app.get("/dashboard/", headers=people.headers("publisher"))
    shown = text(page)
    assert f"{people.admin} published version 2 of the shared schema" in shown
    assert "“Geographic unit” becomes required; “Reading level” is added to “About”, optional" in shown
    user = {"id": model.User.get(people.publisher).id, "activity_streams_email_notifications": True}
    long_ago = model.User.get(people.publisher).created.replace(year=2000)
    assert len(get_notifications(user, long_ago)) == 1


def test_what_no_form_shows_is_told_to_nobody(people: People) -> None:
    published(changed(current_document(), "department", help_text="Which office?", definition="An office"), people.admin)
    assert told(people.publisher) == []
    document = current_document()
    fields = [{**each, "label": "Homepage"} if each["id"] == "website" else each
              for each in document["organization"]["fields"]]
    published({**document, "organization": {**document["organization"], "fields": fields}}, people.admin)
    assert told(people.publisher) == [], "an editor fills in no organization's form"
    assert len(told(people.elsewhere)) == 1


def test_the_form_says_once_what_changed(app: Any, people: People) -> None:
    publisher, elsewhere = people.headers("publisher"), people.headers("elsewhere")
    assert line(app, publisher) == ""
    factories.Dataset(name="wifi", owner_org=model.Group.get("public-library").id, license_id="cc-by",
                      geographic_unit="County")
    publish(required(with_field(current_document(), field_name="reading_level"), "geographic_unit"))
    for path in ("/dataset/new", "/dataset/edit/wifi", "/dataset/wifi/resource/new"):
        assert "“Geographic unit” becomes required; “Reading level” is added to “About”, optional" in line(app, publisher, path)
    assert line(app, publisher), "looking is not using"
    assert line(app, {}, "/dataset/wifi") == ""

    app.post("/dataset/edit/wifi", headers=publisher, data={"title": "", "owner_org": "x", "civicswitchboard_form_version": "2"})
    assert line(app, publisher), "a form that comes back with errors is not saved"
    call("package_patch", id="wifi", notes="By a program")
    app.post("/dataset/edit/wifi", headers=publisher, data={
        "name": "wifi", "title": "Wifi", "notes": "About wifi", "license_id": "cc-by", "geographic_unit": "County",
        "owner_org": model.Group.get("public-library").id, "civicswitchboard_form_version": "2",
    })
    assert call("package_show", id="wifi")["title"] == "Wifi"
    assert line(app, publisher) == ""
    assert line(app, elsewhere), "each for themselves"

    back = app.post("/metadata-schema/form-news", headers=elsewhere, follow_redirects=False,
                    data={"version": "2", "came_from": "/dataset/new?x=1"})
    assert back.headers["Location"].endswith("/dataset/new?x=1")
    assert line(app, elsewhere) == ""
    publish(changed(current_document(), "department", label="Office"))
    for headers in (publisher, elsewhere):
        assert "is now called “Office”" in line(app, headers) and "Reading level" not in line(app, headers)


def test_the_form_of_organizations_tells_of_its_own_changes(app: Any, people: People) -> None:
    admin = factories.User()["name"]
    call("organization_member_create", id="public-library", username=admin, role="admin")
    headers = {"Authorization": factories.APIToken(user=admin)["token"]}
    form = "/organization/edit/public-library"
    document = current_document()
    fields = [
        {**each, "label": "Web pages"} if each["id"] == "website" else each for each in document["organization"]["fields"]
    ]
    publish({**required(document, "department"), "organization": {**document["organization"], "fields": fields}})
    told = line(app, headers, form)
    assert "is now called “Web pages”" in told and "Department" not in told
    assert "Department" in line(app, headers) and "Web pages" not in line(app, headers)
    app.post("/metadata-schema/form-news", headers=headers, data={"version": "2", "form": "organization"})
    assert line(app, headers, form) == "" and "Department" in line(app, headers), "each form for itself"


def test_whoever_saved_the_form_of_an_organization_knows_it(app: Any, people: People) -> None:
    admin = factories.User()["name"]
    call("organization_member_create", id="public-library", username=admin, role="admin")
    headers = {"Authorization": factories.APIToken(user=admin)["token"]}
    document = current_document()
    *others, last = document["organization"]["fields"]
    fields = [*others, {**last, "label": "Site"}]
    publish({**document, "organization": {**document["organization"], "fields": fields}})
    form = "/organization/edit/public-library"
    assert "Site" in line(app, headers, form)
    shown = call("organization_show", id="public-library")
    app.post(form, headers=headers, data={"name": shown["name"], "title": "The library", "civicswitchboard_form_version": "2"})
    assert line(app, headers, form) == ""


def test_the_way_back_leads_nowhere_else(app: Any, people: People) -> None:
    headers = people.headers("publisher")
    for came_from in ("https://elsewhere.example.org/", "//elsewhere.example.org", "javascript:alert(1)", ""):
        answer = app.post("/metadata-schema/form-news", headers=headers, follow_redirects=False,
                          data={"version": "9" * 40, "came_from": came_from})
        assert "elsewhere" not in answer.headers["Location"] and "javascript" not in answer.headers["Location"]
    app.post("/metadata-schema/form-news", data={"version": "1"}, status=403)
    fragment = app.post("/metadata-schema/form-news", headers={**headers, "HX-Request": "true"}, data={"version": "x"})
    assert "Dismissed" in fragment.body and "<html" not in fragment.body


def test_what_came_and_went_again_is_not_told(app: Any, people: People) -> None:
    publish(required(current_document(), "department"))
    act("schema_rollback", version=1, note="Not yet")
    assert line(app, people.headers("publisher")) == ""


def test_a_new_account_knows_the_form_of_its_day(app: Any, people: People) -> None:
    publish(required(current_document(), "department"))
    newcomer = factories.User()["name"]
    call("organization_member_create", id="public-library", username=newcomer, role="editor")
    assert line(app, {"Authorization": factories.APIToken(user=newcomer)["token"]}) == ""


def test_what_others_keep_about_an_account_stays_and_ours_is_kept_by_a_profile_edit(people: People) -> None:
    user = model.User.get(people.publisher)
    user.plugin_extras = {"other": {"kept": True}}
    model.Session.commit()
    publish(required(current_document(), "department"))
    whats_new.remember(model.User.get(people.publisher), 2)
    assert model.User.get(people.publisher).plugin_extras == {"other": {"kept": True}, whats_new.EXTRA["dataset"]: 2}
    call("user_patch", id=people.publisher, about="New")
    assert whats_new.known_to(model.User.get(people.publisher)) == 2
    whats_new.remember(model.User.get(people.publisher), 1)
    assert whats_new.known_to(model.User.get(people.publisher)) == 2, "nobody forgets a newer form"


def test_a_publish_stands_although_nobody_can_be_told(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlalchemy as sa

    model.Session.execute(sa.text("ALTER TABLE activity RENAME TO activity_away"))
    model.Session.commit()
    try:
        assert published(required(current_document(), "department"), people.admin)["version"] == 2
    finally:
        model.Session.rollback()
        model.Session.execute(sa.text("ALTER TABLE activity_away RENAME TO activity"))
        model.Session.commit()
    assert act("schema_show")["version"] == 2 and told(people.publisher) == []
