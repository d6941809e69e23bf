"""An organization's profile: stored, shown, and ruled by its partner types."""
from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories, helpers
from werkzeug.datastructures import MultiDict

pytestmark = [pytest.mark.usefixtures("clean_portal")]

SPACES = [
    {"name": "Hall", "address": "1 Market Square", "capacity": "80", "equipment": "Screen\r\nPiano"},
    {"name": "Lab", "booking_url": "https://library.example.org/lab"},
]
MISSION = [
    {"plan": "2018-2022 Plan", "period_start": "2018", "period_end": "2022", "focus_area": "Open",
     "statement": "Data show where wifi is rare."},
    {"plan": "2026-2030 Plan", "period_end": "2030", "focus_area": "Welcoming", "statement": "Classes."},
]


def library(**more: Any) -> dict[str, Any]:
    values = {"name": "branch", "title": "Branch", "partner_type": "public_library"}
    return factories.Organization(**{**values, **more})


def change(action: str = "organization_patch", user: str | None = None, **values: Any) -> Any:
    """As the site's own user, a sysadmin, unless somebody is named; with all checks."""
    name = user or helpers.call_action("get_site_user")["name"]
    context = {"user": name, "ignore_auth": False}
    return tk.get_action(action)(context, {"id": "branch", **values})


def stored() -> dict[str, Any]:
    model.Session.expire_all()
    return dict(model.Group.get("branch").extras)


def stand(field: str, rows: list[dict[str, Any]]) -> None:
    """Put rows into the organization as an earlier version or another program left them."""
    group = model.Group.get("branch")
    group.extras = {**group.extras, field: json.dumps(rows)}
    model.Session.commit()


def shown() -> dict[str, Any]:
    return helpers.call_action("organization_show", id="branch")


def admin_of(**more: Any) -> dict[str, Any]:
    user = factories.UserWithToken()
    library(users=[{"name": user["name"], "capacity": "admin"}], **more)
    return user


class TestRepeatingFields:
    def test_are_stored_and_shown_by_create_update_and_patch(self):
        library(spaces=SPACES)
        assert shown()["spaces"] == SPACES
        change(mission_alignment=MISSION)
        assert (shown()["spaces"], shown()["mission_alignment"]) == (SPACES, MISSION)
        change("organization_update", name="branch", title="New title", spaces=SPACES[:1])
        assert (shown()["title"], shown()["spaces"]) == ("New title", SPACES[:1])
        assert shown()["mission_alignment"] == MISSION
        change(spaces=[])
        assert "spaces" not in stored() and not shown().get("spaces")

    def test_are_stored_as_text_that_everybody_can_read(self):
        library(spaces=SPACES)
        assert json.loads(stored()["spaces"]) == SPACES

    def test_a_fault_names_its_row_and_part(self):
        library()
        with pytest.raises(tk.ValidationError) as refused:
            change(spaces=[SPACES[0], {"name": "Lab", "booking_url": "javascript:alert(1)"}])
        assert "isn't a web address" in refused.value.error_dict["spaces"][1]["booking_url"][0]

    @pytest.mark.parametrize("bad", [{"a": 1}, ["x", "y"]])
    def test_a_part_that_is_no_text_is_refused_with_its_row(self, bad: Any):
        library(spaces=SPACES)
        with pytest.raises(tk.ValidationError) as refused:
            change(spaces=[*SPACES, {"name": bad}])
        assert refused.value.error_dict["spaces"] == [f"Entry {len(SPACES) + 1}: “Room” has to be a text"]
        assert shown()["spaces"] == SPACES

    def test_a_plan_ends_after_it_begins(self):
        library(mission_alignment=MISSION)
        odd = {"plan": "Plan", "focus_area": "Data", "statement": "We teach.",
               "period_start": "2022", "period_end": "2018"}
        with pytest.raises(tk.ValidationError) as refused:
            change(mission_alignment=[*MISSION, odd])
        errors = refused.value.error_dict["mission_alignment"]
        assert errors == [*({} for _ in MISSION), {"period_end": ["“Plan ends” is before “Plan begins”"]}]
        change(mission_alignment=[*MISSION, {**odd, "period_end": "2022-06"}])
        assert len(shown()["mission_alignment"]) == len(MISSION) + 1

    def test_one_that_stands_the_wrong_way_hinders_nobody(self):
        library(mission_alignment=MISSION)
        turned = [{**MISSION[0], "period_start": "2022", "period_end": "2018"}]
        stand("mission_alignment", turned)
        before = stored()["mission_alignment"]
        change(title="Another title", mission_alignment=turned)
        assert (shown()["title"], stored()["mission_alignment"]) == ("Another title", before)

    def test_the_rest_of_one_that_stands_the_wrong_way_can_be_mended(self):
        library(mission_alignment=MISSION)
        turned = {**MISSION[0], "period_start": "2022", "period_end": "2018"}
        stand("mission_alignment", [turned, MISSION[1]])
        mended = {**turned, "statement": "Data show where wifi is rare and dear."}
        change(mission_alignment=[mended, MISSION[1]])
        assert shown()["mission_alignment"] == [mended, MISSION[1]]
        with pytest.raises(tk.ValidationError):
            change(mission_alignment=[{**mended, "period_end": "2017"}, MISSION[1]])

    def test_a_part_that_stands_as_no_text_hinders_no_other_row(self):
        library()
        odd = {"name": {"en": "Hall"}, "capacity": ["80"]}
        stand("spaces", [odd])
        change(spaces=[odd, SPACES[1]])
        assert json.loads(stored()["spaces"]) == [odd, SPACES[1]]
        with pytest.raises(tk.ValidationError, match="Entry 1"):
            change(spaces=[{**odd, "address": "1 Market Square"}, SPACES[1]])

    @pytest.mark.parametrize("value", [0, False])
    def test_a_row_that_says_only_zero_or_no_is_kept_or_refused(self, value: Any):
        library(spaces=SPACES)
        try:
            change(spaces=[*SPACES, {"name": value}])
        except tk.ValidationError as refused:
            assert "spaces" in refused.error_dict
        else:
            assert str(shown()["spaces"][-1]["name"]) == str(value)

    @pytest.mark.parametrize("bad", ["no rows", [1, 2], {"a": 1}, [["x"]]])
    def test_what_is_no_rows_is_refused_with_words(self, bad: Any):
        library(spaces=SPACES)
        with pytest.raises(tk.ValidationError) as refused:
            change(spaces=bad)
        assert "list of entries" in str(refused.value.error_dict)
        assert shown()["spaces"] == SPACES


class TestTypeRulesTheProfile:
    def test_a_type_and_back_changes_no_byte(self):
        library(spaces=SPACES, mission_alignment=MISSION, roles=["publishing_civic_data"])
        before = stored()
        change(partner_type="local_government", spaces=[], roles=["using_civic_data"])
        assert stored()["spaces"] == before["spaces"]
        change(partner_type="public_library")
        after = stored()
        assert {**after, "roles": before["roles"]} == before
        assert json.loads(after["roles"]) == ["using_civic_data"]

    def test_inputs_for_fields_that_the_type_lacks_are_ignored(self):
        library(partner_type="local_government", spaces=SPACES)
        assert "spaces" not in stored()
        change(spaces="no rows at all", website="https://county.example.org")
        assert "spaces" not in stored() and shown()["website"] == "https://county.example.org"

    def test_what_it_also_acts_as_brings_its_fields(self):
        library(partner_type="local_government", also_acts_as=["public_library"], spaces=SPACES)
        assert shown()["spaces"] == SPACES

    def test_without_a_type_there_is_no_profile(self):
        library(partner_type="", spaces=SPACES, description="Hello")
        assert "spaces" not in stored() and shown()["description"] == "Hello"

    def test_an_organization_becomes_a_partner_by_its_type_alone(self):
        library(partner_type="")
        change(partner_type="public_library")
        assert shown()["partner_type"] == "public_library"
        change(title="Still saved without roles")
        assert shown()["title"] == "Still saved without roles"

    def test_what_a_type_requires_can_be_filled_later_but_not_emptied(self):
        library()
        change(roles=["publishing_civic_data"])
        with pytest.raises(tk.ValidationError) as refused:
            change(roles=[])
        assert refused.value.error_dict["roles"] == ["Missing value"]
        assert shown()["roles"] == ["publishing_civic_data"]

    def test_who_sends_a_required_field_empty_at_the_start_is_asked_for_it(self):
        with pytest.raises(tk.ValidationError) as refused:
            library(roles=[])
        assert refused.value.error_dict["roles"] == ["Missing value"]
        library(partner_type="museum", roles=[])

    def test_an_empty_required_field_that_stays_empty_is_let_through(self):
        library()
        change(roles=[], title="Again")
        assert shown()["title"] == "Again"


class TestWhoMayChangeWhat:
    @pytest.mark.parametrize(
        "forged",
        [
            {"partner_type": "data_intermediary"},
            {"also_acts_as": ["data_intermediary"]},
            {"also_acts_as": "data_intermediary"},
            {"partner_type": ""},
            {"extras": [{"key": "partner_type", "value": "data_intermediary"}]},
            {"extras": [{"key": "also_acts_as", "value": '["data_intermediary"]'}]},
            {"extras": [{"key": "partner_type", "value": "x", "deleted": True}]},
        ],
    )
    def test_the_type_is_not_the_organizations_own_to_set(self, forged: Any):
        user = admin_of()
        before = stored()
        for action in ("organization_patch", "organization_update", "group_update"):
            with pytest.raises(tk.ValidationError) as refused:
                change(action, user["name"], **{"name": "branch", "title": "Branch", **forged})
            assert "Only an administrator of the portal can change this" in str(refused.value.error_dict)
            model.Session.rollback()
            assert stored() == before, action

    @pytest.mark.parametrize("forged", [
        {"type": "group"}, {"is_organization": False}, {"is_organization": "false"}, {"is_organization": "x"},
        {"is_organization": ["True"]}, {"is_organization": {"a": 1}}, {"type": ["organization"]},
    ])
    def test_an_organization_stays_one(self, app: Any, forged: Any):
        user = admin_of()
        for action in ("organization_patch", "organization_update"):
            with pytest.raises(tk.ValidationError) as refused:
                change(action, user["name"], **{"name": "branch", "title": "Branch", **forged})
            assert list(refused.value.error_dict) == list(forged)
            model.Session.rollback()
        assert app.get("/organization/branch").status_code == 200
        for empty in ("", None):
            change(user=user["name"], is_organization=empty, title=f"The same {empty}")
            assert shown()["title"] == f"The same {empty}"
        change(user=user["name"], type="organization", is_organization=True, title="The same")
        assert shown()["title"] == "The same"

    def test_the_rest_of_the_profile_is(self):
        user = admin_of()
        change(user=user["name"], spaces=SPACES, roles=["creating_civic_data"])
        assert shown()["spaces"] == SPACES
        change(user=user["name"], partner_type="public_library", title="Same type, new title")
        assert shown()["title"] == "Same type, new title"

    def test_editors_and_strangers_change_nothing(self):
        editor, stranger = factories.User(), factories.User()
        library(users=[{"name": editor["name"], "capacity": "editor"}])
        for user in (editor, stranger):
            with pytest.raises(tk.NotAuthorized):
                change(user=user["name"], roles=["creating_civic_data"])

    def test_the_steward_is_named_by_administrators_only(self):
        user = admin_of()
        with pytest.raises(tk.NotAuthorized, match="Only a portal administrator"):
            change("civicswitchboard_steward_update", user["name"], organization_id="branch")

    def test_a_sysadmin_by_the_site_user_can(self):
        library()
        change(partner_type="museum", also_acts_as=["archive"])
        assert (shown()["partner_type"], shown()["also_acts_as"]) == ("museum", ["archive"])

    def test_an_extra_of_a_fields_name_is_checked_as_the_field(self):
        library()
        with pytest.raises(tk.ValidationError) as refused:
            change(extras=[{"key": "website", "value": "javascript:alert(1)"}])
        assert "isn't a web address" in refused.value.error_dict["website"][0]


class TestFormWithoutScript:
    @pytest.fixture
    def headers(self) -> dict[str, str]:
        return {"Authorization": factories.SysadminWithToken()["token"]}

    def form(self, app: Any, headers: Any, url: str = "/organization/edit/branch") -> BeautifulSoup:
        return BeautifulSoup(app.get(url, headers=headers, status=200).body, "html.parser")

    def save(self, app: Any, headers: Any, page: BeautifulSoup, **typed: Any) -> Any:
        sent = [(name, value) for name, value in fields_of(page) if name not in typed]
        for name, value in typed.items():
            sent += [(name, each) for each in (value if isinstance(value, list) else [value])]
        url = "/organization/edit/branch"
        return app.post(url, headers=headers, data=MultiDict([*sent, ("save", "")]),
                        follow_redirects=False)

    def test_an_untouched_form_changes_no_byte(self, app, headers):
        library(spaces=SPACES, mission_alignment=MISSION)
        before = stored()
        assert self.save(app, headers, self.form(app, headers)).status_code == 302
        assert stored() == before

    @pytest.mark.parametrize("forged", [
        {"type": "group"}, {"type": ["group", "organization"]}, {"is_organization": "false"},
        {"is_organization": ["True", "False"]},
    ])
    def test_a_forged_form_is_told_what_cannot_be_changed(self, app, headers, forged: Any):
        library()
        before = stored()
        answer = self.save(app, headers, self.form(app, headers), **forged)
        page = BeautifulSoup(answer.body, "html.parser")
        assert answer.status_code == 200 and page.select(".error-explanation")
        assert stored() == before and shown()["type"] == "organization"

    def test_more_than_ten_rows_keep_their_order(self, app, headers):
        library(spaces=[{"name": f"Room {n}"} for n in range(13)])
        before = stored()
        self.save(app, headers, self.form(app, headers))
        assert stored() == before

    def test_a_blank_row_stands_ready_and_a_blanked_one_goes(self, app, headers):
        library(spaces=SPACES)
        page = self.form(app, headers)
        blank = page.select_one("noscript [name='spaces-2-name']")
        assert blank is not None and not blank.get("value")
        self.save(app, headers, page, **{"spaces-2-name": "Garden"})
        assert [space["name"] for space in shown()["spaces"]] == ["Hall", "Lab", "Garden"]
        parts = ("name", "address", "capacity", "equipment", "accessibility", "booking_url")
        gone = {f"spaces-{n}-{part}": "" for n in (0, 1, 2) for part in parts}
        self.save(app, headers, self.form(app, headers), **gone)
        assert "spaces" not in stored()

    def test_a_fault_is_told_and_what_was_typed_stays(self, app, headers):
        library(spaces=SPACES)
        answer = self.save(
            app, headers, self.form(app, headers), **{"spaces-2-name": "Garden", "spaces-2-booking_url": "call us"}
        )
        page = BeautifulSoup(answer.body, "html.parser")
        assert page.select_one("[name='spaces-2-name']")["value"] == "Garden"
        assert page.select_one("[name='spaces-2-booking_url']")["value"] == "call us"
        assert "isn't a web address" in page.select_one(".error-block").get_text()
        assert shown()["spaces"] == SPACES

    def test_the_form_asks_what_the_type_has(self, app, headers):
        library(partner_type="local_government")
        page = self.form(app, headers)
        names = {name for name, _value in fields_of(page)}
        assert {"website", "roles"} <= names
        assert not any(name.startswith("spaces") for name in names)
        self.save(app, headers, page, partner_type="public_library")
        names = {name for name, _value in fields_of(self.form(app, headers))}
        assert "spaces-0-name" in names

    def test_a_type_is_set_and_taken_back_by_one_edit_each(self, app, headers):
        library(spaces=SPACES, mission_alignment=MISSION, roles=["creating_civic_data"])
        before = stored()
        self.save(app, headers, self.form(app, headers), partner_type="business")
        assert stored()["partner_type"] == "business"
        self.save(app, headers, self.form(app, headers), partner_type="public_library")
        assert stored() == before

    def test_an_organizations_admin_sees_only_its_fields_and_keeps_them_after_a_fault(self, app):
        user = admin_of(partner_type="local_government", website="https://county.example.org")
        headers = {"Authorization": user["token"]}
        page = self.form(app, headers)
        assert not page.select("[data-asked-by][hidden]")
        answer = self.save(app, headers, page, website="nowhere", partner_type="museum")
        again = BeautifulSoup(answer.body, "html.parser")
        assert again.select_one("[name=website]")["value"] == "nowhere"
        assert "Local government" in again.select_one(".csw-read-only").get_text()
        assert "Only an administrator of the portal can change this" in answer.body
        assert stored()["partner_type"] == "local_government"

    def test_a_partner_is_made_by_the_form_for_new_organizations(self, app, headers):
        page = self.form(app, headers, "/organization/new")
        sent = [(n, v) for n, v in fields_of(page) if n not in ("title", "name", "partner_type")]
        sent += [("title", "Branch"), ("name", "branch"), ("partner_type", "public_library"), ("save", "")]
        app.post("/organization/new", headers=headers, data=MultiDict(sent), follow_redirects=False)
        assert shown()["partner_type"] == "public_library"


@pytest.mark.parametrize("length", [1000])
def test_long_names_are_kept_and_shown_whole(app: Any, length: int):
    long = "Ж" * length
    library(title=long, spaces=[{"name": long, "address": long}],
            mission_alignment=[{"plan": long, "focus_area": long, "statement": long}])
    assert shown()["spaces"][0]["name"] == long
    page = app.get("/organization/about/branch", status=200).body
    assert page.count(long) >= 5
    app.get("/partners", status=200)


def fields_of(page: BeautifulSoup) -> list[tuple[str, str]]:
    """What a browser without script would send of the page's form."""
    form = page.select_one("form.dataset-form")
    sent = []
    for control in form.find_all(["input", "select", "textarea"]):
        aside = control.find_parent("template") or control.find_parent("fieldset", disabled=True)
        if aside or not control.get("name") or control.get("type") in ("submit", "file"):
            continue
        if control.name == "textarea":
            text = control.text
            sent.append((control["name"], text[1:] if text.startswith("\n") else text))
        elif control.name == "select":
            options = control.find_all("option")
            chosen = [o for o in options if o.has_attr("selected")] or options[:1]
            sent.append((control["name"], chosen[0]["value"]))
        elif control.get("type") not in ("checkbox", "radio") or control.has_attr("checked"):
            sent.append((control["name"], control.get("value", "")))
    return sent
