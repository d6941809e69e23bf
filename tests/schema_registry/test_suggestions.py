"""Publishers suggest, curators answer, and each sees what is theirs."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories
from support.editing import act
from support.people import People, enter_people
from words.reading import text

from ckanext.civicswitchboard.model.schema_versions import Suggestion
from ckanext.civicswitchboard.schema_registry import suggestions

pytestmark = [pytest.mark.usefixtures("clean_portal")]

LIST = "/metadata-schema/suggestions"
HOSTILE = "<script>alert(1)</script> & <b>bold</b>"


@pytest.fixture
def people() -> People:
    return enter_people()


def suggest(user: str, text: str = "We need a term for bookmobiles", field: str = "department", **more: Any) -> Any:
    return act("suggestion_create", user=user, field=field, text=text, **more)


def refused(*place: str, **call: Any) -> None:
    action = call.pop("action")
    with pytest.raises(tk.ValidationError) as error:
        act(action, **call)
    assert set(error.value.error_dict) == set(place), error.value.error_dict


def test_a_suggestion_is_made_answered_and_read_by_whom_it_concerns(people: People) -> None:
    made = suggest(people.publisher)
    assert (made["entity"], made["field"], made["state"]) == ("dataset", "department", "open")
    other = suggest(people.elsewhere, "Another", field="")
    assert (other["entity"], other["field"]) == ("", "")
    assert [each["id"] for each in act("suggestion_list", user=people.publisher)] == [made["id"]]
    assert act("suggestion_list", user=people.user) == []
    assert {each["id"] for each in act("suggestion_list", user=people.editor)} == {made["id"], other["id"]}
    assert act("suggestion_list", user=people.publisher, id=other["id"]) == []

    refused("reply", action="suggestion_update", user=people.editor, id=made["id"], state="declined", reply=" ")
    answered = act("suggestion_update", user=people.editor, id=made["id"], state="declined", reply="Use Places")
    assert (answered["state"], answered["reply"], answered["answered_by"]) == ("declined", "Use Places", people.editor)
    refused("state", action="suggestion_update", user=people.admin, id=made["id"], state="taken")
    assert act("suggestion_list", user=people.publisher, state="open") == []
    (own,) = act("suggestion_list", user=people.publisher, state="declined", field="department")
    assert own["reply"] == "Use Places"

    again = act("suggestion_update", user=people.admin, id=made["id"], state="open")
    assert (again["state"], again["reply"], again["answered"]) == ("open", "", None)
    assert act("suggestion_update", user=people.admin, id=made["id"], state="taken")["state"] == "taken"


def test_a_visitor_reads_none_of_them(app: Any, people: People) -> None:
    made = suggest(people.publisher)
    address = "/api/3/action/civicswitchboard_suggestion_list"
    for asked in ({}, {"id": made["id"]}, {"state": "open"}):
        for answer in (app.post(address, json=asked), app.get(address, query_string=asked)):
            assert answer.status_code == 403 and people.publisher not in answer.body
    # Nobody has none, whoever asks; everybody's have to be asked for.
    assert suggestions.listed(author="") == []
    assert [each.id for each in suggestions.listed(author=None)] == [made["id"]]


def test_what_is_no_suggestion_is_refused_with_a_word(people: People) -> None:
    for given, place in [
        ({"field": "nowhere", "text": "x"}, "field"),
        ({"field": "format", "entity": "dataset", "text": "x"}, "field"),
        ({"field": "department", "entity": "moon", "text": "x"}, "entity"),
        ({"field": "department", "text": " \n"}, "text"),
        ({"field": "department"}, "text"),
        ({"text": "x"}, "field"),
        ({"field": "department", "text": "x" * 2001}, "text"),
        ({"field": "department", "text": "a\x00b"}, "text"),
        ({"field": "department", "text": "a\ud800b"}, "text"),
        ({"field": ["department"], "text": "x"}, "field"),
        ({"field": "department", "text": 7}, "text"),
    ]:
        refused(place, action="suggestion_create", user=people.publisher, **given)
    assert suggest(people.publisher, field="format")["entity"] == "resource"
    for given in ({"id": "nowhere"}, {"id": "a" * 10_000}):
        with pytest.raises(tk.ObjectNotFound):
            act("suggestion_update", user=people.editor, state="taken", **given)
    refused("id", action="suggestion_update", user=people.editor, id="\x00", state="taken")
    refused("state", action="suggestion_update", user=people.editor, id="x", state="lost")
    refused("limit", action="suggestion_list", user=people.editor, limit="many")
    refused("state", action="suggestion_list", user=people.editor, state="lost")
    assert len(act("suggestion_list", user=people.editor, limit=10**9, offset=0)) == 1


def test_nobody_floods_the_curators(people: People) -> None:
    suggest(people.publisher, "Once")
    refused("text", action="suggestion_create", user=people.publisher, field="department", text="Once ")
    for number in range(suggestions.MOST_IN_AN_HOUR - 1):
        suggest(people.publisher, f"Number {number}")
    refused("text", action="suggestion_create", user=people.publisher, field="department", text="One more")
    suggest(people.elsewhere, "Somebody else may")
    for each in model.Session.query(Suggestion):
        each.created -= timedelta(hours=2)
    model.Session.commit()
    suggest(people.publisher, "Later again")


def test_the_pages_from_the_field_to_the_answer(app: Any, people: People) -> None:
    publisher, curator = (people.headers(name) for name in ("publisher", "editor"))
    assert "Suggest a change" not in text(app.get("/metadata-schema"))
    shown = BeautifulSoup(app.get("/metadata-schema", headers=publisher).body, "html.parser")
    link = shown.find(id="dataset-field-department").find("a", string="Suggest a change") or next(
        each for each in shown.find(id="dataset-field-department").find_all("a") if "Suggest" in each.text
    )
    assert "You haven't suggested anything yet" in text(app.get(LIST, headers=publisher))
    assert "No suggestions are waiting" in text(app.get(LIST, headers=curator))

    assert "Suggest a change to “Department”" in text(app.get(link["href"], headers=publisher))
    place = {"entity": "dataset", "field": "department"}
    again = app.post(f"{LIST}/new", headers=publisher, data={**place, "text": "x" * 2001})
    assert "At most 2000 characters" in text(again) and "x" * 2001 in again.body
    app.post(f"{LIST}/new", headers=publisher, data={**place, "text": HOSTILE})
    for headers in (publisher, curator):
        page = app.get(LIST, headers=headers)
        assert HOSTILE in text(page) and "<script>alert" not in page.body
    (made,) = act("suggestion_list", user=people.publisher)

    here = f"{LIST}/{made['id']}"
    assert "Decline" not in text(app.get(here, headers=publisher))
    assert "Give a reason" in text(app.post(here, headers=curator, data={"state": "declined", "reply": ""}))
    taken = app.post(here, headers=curator, data={"state": "taken", "reply": ""}, follow_redirects=False)
    assert taken.headers["Location"].endswith(("/metadata-schema/review", "/department"))
    assert "Taken from a suggestion: “<script>" in text(app.get("/metadata-schema/suggestions", headers=curator))
    assert act("schema_draft_show", user=people.editor)["revision"] == 1
    assert "answered it in the meantime" in text(app.post(here, headers=curator, data={"state": "declined", "reply": "No"}))
    app.post(here, headers=curator, data={"state": "open"})
    field = app.get("/metadata-schema/draft/fields/dataset/department", headers=curator)
    assert "1 suggestion waiting" in text(field) and HOSTILE in text(field) and "<script>alert" not in field.body
    app.post(here, headers=curator, data={"state": "declined", "reply": f"Sorry {HOSTILE}"})
    told = app.get(LIST, headers=publisher)
    assert f"Sorry {HOSTILE}" in text(told) and "declined" in text(told) and "<b>bold" not in told.body


def test_pages_of_what_is_not_there_or_not_theirs(app: Any, people: People) -> None:
    made = suggest(people.publisher)
    elsewhere, publisher = people.headers("elsewhere"), people.headers("publisher")
    app.get(f"{LIST}/{made['id']}", headers=elsewhere, status=404)
    app.post(f"{LIST}/{made['id']}", headers=publisher, data={"state": "taken"}, status=403)
    for path in ("nowhere", "new?field=nowhere", "new?field=format&entity=dataset", "%00", "a" * 3000):
        app.get(f"{LIST}/{path}", headers=publisher, status=404)
    for path, status in {"?state=lost": 200, "?page=999999999999": 200, "?page=-1": 400, "?page=x": 400}.items():
        app.get(f"{LIST}{path}", headers=publisher, status=status)


def test_a_suggestion_outlives_its_field_and_its_author(app: Any, people: People) -> None:
    suggest(people.publisher)
    for each in model.Session.query(Suggestion):
        each.field, each.author = "gone", "gone"
    model.Session.commit()
    shown = text(app.get(LIST, headers=people.headers("editor")))
    assert "gone (a field that no longer exists)" in shown and "bookmobiles" in shown


def test_curators_are_told_of_a_suggestion_and_its_maker_of_the_answer(app: Any, people: People) -> None:
    made = suggest(people.publisher, "A secret wish")
    entries = {name: dashboard(getattr(people, name)) for name in ("publisher", "editor", "admin", "elsewhere")}
    assert [each["activity_type"] for each in entries["editor"]] == ["made suggestion"]
    assert [each["activity_type"] for each in entries["admin"]] == ["made suggestion"]
    assert entries["publisher"] == entries["elsewhere"] == []
    act("suggestion_update", user=people.editor, id=made["id"], state="declined", reply="No secret")
    (told,) = dashboard(people.publisher)
    assert told["activity_type"] == "answered suggestion" and told["is_new"]
    # Everybody may read about whoever is told, so nothing of the matter stands there.
    assert "secret" not in str(told)
    page = text(app.get("/dashboard/", headers=people.headers("publisher")))
    assert f"{people.editor} answered a suggestion for the shared schema" in " ".join(page.split())
    page = text(app.get("/dashboard/", headers=people.headers("editor")))
    assert f"{people.publisher} suggested a change to the shared schema" in page


def dashboard(user: str) -> list[dict[str, Any]]:
    """Entries of ours on somebody's dashboard."""
    context = {"user": user, "auth_user_obj": model.User.get(user)}
    found = tk.get_action("dashboard_activity_list")(context, {})
    return [each for each in found if "suggestion" in each["activity_type"] or "schema" in each["activity_type"]]


def test_without_the_activity_plugin_everything_else_works(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ckan.plugins.plugin_loaded", lambda name: False)
    made = suggest(people.publisher)
    assert act("suggestion_update", user=people.editor, id=made["id"], state="taken")["state"] == "taken"
    assert dashboard(people.publisher) == dashboard(people.editor) == []


def test_sysadmins_suggest_and_answer_without_a_steward() -> None:
    root = factories.Sysadmin()["name"]
    made = suggest(root)
    assert act("suggestion_update", user=root, id=made["id"], state="taken")["state"] == "taken"
