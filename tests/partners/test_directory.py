"""The directory of partners: its actions, its page, and a partner's own pages."""
from __future__ import annotations

import json
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories, helpers

pytestmark = [pytest.mark.usefixtures("clean_portal")]

PLAN = {"plan": "2018-2022 Plan", "period_start": "2018", "period_end": "2022",
        "focus_area": "Open to all", "statement": "Data show where wifi is rare."}
CURRENT = {"plan": "Our mission", "focus_area": "Learning", "statement": "Classes for everybody."}


@pytest.fixture
def portal() -> dict[str, Any]:
    """A library with a full profile, a county, an intermediary, and a club that is no partner."""
    library = factories.Organization(
        name="branch", title="Branch Library", partner_type="public_library",
        also_acts_as=["archive"], description="We lend **books** and data. We also teach. ",
        roles=["publishing_civic_data", "developing_civic_data_literacy"],
        skills=["data_literacy_teaching"], audiences=["teens"], website="https://branch.example.org",
        partner_since="2016", spaces=[{"name": "Hall", "capacity": "80"}],
        mission_alignment=[PLAN, CURRENT],
    )
    # One of its rooms is of a time when no name was asked for.
    group = model.Group.get("branch")
    rooms = [{"name": "Hall", "capacity": "80"}, {"address": "Elm Street"}]
    group.extras = {**group.extras, "spaces": json.dumps(rooms)}
    model.Session.commit()
    county = factories.Organization(
        name="county", title="The County", partner_type="local_government",
        roles=["publishing_civic_data"], description="",
    )
    factories.Organization(name="center", title="Center", partner_type="data_intermediary")
    factories.Organization(name="club", title="Chess Club")
    for number in range(2):
        factories.Dataset(owner_org=library["id"], license_id="cc-by", name=f"open-{number}")
    factories.Dataset(owner_org=library["id"], license_id="cc-by", private=True)
    factories.Dataset(owner_org=county["id"], license_id="cc-by", state="draft")
    helpers.call_action("civicswitchboard_steward_update", organization_id=library["id"])
    return library


def search(**asked: Any) -> dict[str, Any]:
    anybody = {"user": "", "auth_user_obj": model.AnonymousUser(), "ignore_auth": False}
    return tk.get_action("civicswitchboard_partner_search")(anybody, asked)


def change(**values: Any) -> None:
    site_user = helpers.call_action("get_site_user")
    helpers.call_action("organization_patch", {"user": site_user["name"]}, **values)


def names(**asked: Any) -> list[str]:
    return [each["name"] for each in search(**asked)["results"]]


def page(app: Any, url: str, **request: Any) -> BeautifulSoup:
    return BeautifulSoup(app.get(url, status=200, **request).body, "html.parser")


def words(element: Any) -> str:
    return " ".join(element.get_text(" ", strip=True).split())


class TestSearch:
    def test_partners_come_sector_by_sector_libraries_first(self, portal):
        found = search()
        assert (found["count"], names()) == (3, ["branch", "center", "county"])

    def test_each_tells_what_it_is_and_publishes(self, portal):
        first = search()["results"][0]
        assert first["id"] == portal["id"] and first["title"] == "Branch Library"
        assert (first["partner_type"], first["sector"]) == ("public_library", "library")
        assert first["also_acts_as"] == ["archive"] and first["steward"] is True
        assert first["summary"] == "We lend books and data."
        assert (first["dataset_count"], first["contribution_count"]) == (2, 0)
        assert search(q="county")["results"][0]["dataset_count"] == 0

    def test_who_says_nothing_about_itself_is_told_by_what_it_does(self, portal):
        change(id="branch", description="")
        told = search()["results"][0]["summary"]
        assert told == "Developing civic data literacy; Publishing civic data"
        # As of a time when nobody asked for roles.
        group = model.Group.get("branch")
        group.extras = {key: value for key, value in group.extras.items() if key != "roles"}
        model.Session.commit()
        assert search()["results"][0]["summary"] == "Data literacy teaching"
        change(id="branch", skills=[])
        assert search()["results"][0]["summary"] == ""

    def test_filters_narrow(self, portal):
        cases: dict[tuple[tuple[str, str], ...], list[str]] = {
            (("partner_type", "public_library"),): ["branch"],
            (("partner_type", "archive"),): ["branch"],
            (("sector", "community"),): ["branch"],
            (("sector", "government"),): ["county"],
            (("role", "publishing_civic_data"),): ["branch", "county"],
            (("role", "publishing_civic_data"), ("sector", "government")): ["county"],
            (("skill", "data_literacy_teaching"),): ["branch"],
            (("audience", "teens"),): ["branch"],
            (("q", "BOOKS library"),): ["branch"],
            (("q", "literacy"),): ["branch"],
            (("q", "books county"),): [],
            (("q", "chess"),): [],
            (("q", ""), ("role", "")): ["branch", "center", "county"],
        }
        assert {case: names(**dict(case)) for case in cases} == cases

    def test_values_that_nobody_has_find_nobody(self, portal):
        for name in ("partner_type", "sector", "role", "skill", "audience", "q"):
            for value in ("nothing", "x" * 1000, '"', "\\", "%", "<b>", "\u0000"):
                assert names(**{name: value}) == [], (name, value)

    def test_rows_and_start_page_through(self, portal):
        assert names(rows=1, start=1) == ["center"]
        assert search(rows=10**6)["count"] == 3
        assert names(start=100) == []
        for wrong in ({"rows": "many"}, {"rows": -1}, {"start": [1]}):
            with pytest.raises(tk.ValidationError):
                search(**wrong)

    def test_twenty_come_when_nothing_is_said(self):
        for number in range(21):
            factories.Organization(name=f"org-{number}", partner_type="museum")
        assert (search()["count"], len(names())) == (21, 20)

    def test_deleted_organizations_are_no_partners(self, portal):
        site_user = helpers.call_action("get_site_user")["name"]
        helpers.call_action("organization_delete", {"user": site_user}, id="county")
        assert names() == ["branch", "center"]

    def test_it_can_be_asked_by_get(self, app, portal):
        answer = app.get("/api/3/action/civicswitchboard_partner_search?sector=library")
        assert answer.json["result"]["count"] == 1

    def test_what_its_type_does_not_have_is_neither_found_nor_told(self, portal):
        site_user = helpers.call_action("get_site_user")["name"]
        helpers.call_action(
            "organization_patch", {"user": site_user}, id="branch", partner_type="state_federal_agency",
            also_acts_as=[],
        )
        shown = helpers.call_action("civicswitchboard_partner_show", id="branch")
        assert "spaces" not in shown and shown["roles"]
        assert helpers.call_action("organization_show", id="branch")["spaces"]


class TestShow:
    def test_a_profile_with_its_labels(self, portal):
        shown = helpers.call_action("civicswitchboard_partner_show", id="branch")
        assert shown["labels"]["partner_type"] == "Public library"
        assert shown["labels"]["also_acts_as"] == ["Archive or historical society"]
        assert shown["labels"]["roles"] == ["Developing civic data literacy", "Publishing civic data"]
        assert shown["spaces"] == [{"name": "Hall", "capacity": "80"}, {"address": "Elm Street"}]
        assert [row["ended"] for row in shown["mission_alignment"]] == [True, False]
        assert (shown["sector"], shown["steward"], shown["dataset_count"]) == ("library", True, 2)

    def test_an_organization_without_a_type_has_no_profile(self, portal):
        shown = helpers.call_action("civicswitchboard_partner_show", id="club")
        assert (shown["partner_type"], shown["types"], shown["sector"]) == (None, [], None)

    @pytest.mark.parametrize("wanted", ["nobody", "x" * 1000, "\u00e9", "topic"])
    def test_what_is_no_organization_is_not_found(self, portal, app, wanted):
        factories.Group(name="topic")
        url = "/api/3/action/civicswitchboard_partner_show"
        assert app.get(url, query_string={"id": wanted}).status_code == 404

    def test_a_missing_id_is_asked_for(self, app):
        assert app.get("/api/3/action/civicswitchboard_partner_show").status_code == 409


class TestPage:
    def test_cards_stand_by_sector(self, app, portal):
        shown = page(app, "/partners")
        headings = [h.get_text(strip=True) for h in shown.select(".csw-sector > h2")]
        assert headings == ["Libraries", "Data intermediaries", "Governments"]
        card = words(shown.select_one(".csw-card"))
        assert card == (
            "Branch Library Public library . Also acts as: Archive or historical society"
            " Steward of the shared schema We lend books and data. 2 datasets About"
        )
        assert shown.select_one(".masthead a[href='/partners']").get_text(strip=True) == "Partners"

    def test_roles_by_partners_with_gaps(self, app, portal):
        table = page(app, "/partners").select_one(".csw-who-table")
        assert [th.get_text(strip=True) for th in table.select("thead th")] == [
            "Role", "Branch Library", "The County"]
        rows = {words(tr.th): [words(td) for td in tr.select("td")] for tr in table.select("tbody tr")}
        assert len(rows) == 12
        assert rows["Publishing civic data"] == ["● yes", "● yes"]
        assert rows["Developing civic data literacy"] == ["● yes", "– not yet"]
        assert rows["Archiving civic data nobody yet"] == ["– not yet", "– not yet"]

    def test_filters_stay_chosen_and_can_be_cleared(self, app, portal):
        shown = page(app, "/partners?q=Books&role=publishing_civic_data")
        assert words(shown.select_one("[role=status]")) == "1 partner found"
        assert shown.select_one("#partners-q")["value"] == "Books"
        assert shown.select_one("#partners-role option[selected]")["value"] == "publishing_civic_data"
        assert shown.find("a", string="Clear")["href"] == "/partners"

    def test_it_says_what_to_do_when_nobody_fits(self, app, portal):
        for query in ({"q": "x" * 1000}, {"partner_type": "nope"}, {"role": "<script>"}, {"page": "9"}):
            shown = page(app, "/partners", query_string=query)
            assert shown.select_one(".csw-nobody a"), query
            assert not shown.select("main script, .csw-directory script")
        app.get("/partners?page=x", status=400)

    def test_it_says_what_to_do_while_there_are_no_partners(self, app):
        assert "No organization has a partner type yet" in words(page(app, "/partners"))
        admin = {"Authorization": factories.SysadminWithToken()["token"]}
        assert "choose Manage" in words(page(app, "/partners", headers=admin))

    def test_many_partners_come_in_pages(self, app):
        for number in range(61):
            group = model.Group(name=f"org-{number:02}", type="organization", is_organization=True)
            group.extras = {"partner_type": "museum"}
            model.Session.add(group)
        model.Session.commit()
        first, second = page(app, "/partners?q=org"), page(app, "/partners?q=org&page=2")
        assert (len(first.select(".csw-card")), len(second.select(".csw-card"))) == (60, 1)
        following = first.select_one(".csw-pages [rel=next]")["href"]
        assert "page=2" in following and "q=org" in following

    def test_it_costs_few_queries_however_many_partners(self, app, portal):
        import sqlalchemy as sa

        statements: list[str] = []

        def seen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        # Whoever comes first reads the partners, all others ask whether they are still the same.
        page(app, "/partners")
        sa.event.listen(model.meta.engine, "before_cursor_execute", seen)
        try:
            page(app, "/partners")
        finally:
            sa.event.remove(model.meta.engine, "before_cursor_execute", seen)
        assert len([s for s in statements if 'FROM "group"' in s]) <= 3


class TestOrganizationsPages:
    def test_about_tells_the_partnership(self, app, portal):
        shown = page(app, "/organization/about/branch")
        text = words(shown.select_one(".primary"))
        for said in (
            "About the partnership", "Steward of the shared schema", "Partner since 2016",
            "Civic data roles",
            "Publishing civic data. Releasing the organization's own data",
            "Data literacy teaching", "Teens", "Hall Capacity 80 people", "Room Address Elm Street",
            "2018-2022 Plan 2018–2022 This plan has ended Open to all Data show where wifi is rare.",
        ):
            assert said in text, said
        assert text.index("Our mission") < text.index("2018-2022 Plan")
        assert [words(h) for h in shown.select(".csw-space h3")] == ["Hall", "Room"]

    def test_the_side_column_says_it_in_few_words(self, app, portal):
        side = words(page(app, "/organization/branch").select_one(".context-info"))
        for said in ("Public library", "Steward of the shared schema", "Partner since 2016", "Website"):
            assert said in side

    def test_what_its_type_does_not_have_is_not_shown(self, app, portal):
        site_user = helpers.call_action("get_site_user")["name"]
        helpers.call_action(
            "organization_patch", {"user": site_user}, id="branch", partner_type="business",
            also_acts_as=[],
        )
        text = words(page(app, "/organization/about/branch"))
        assert "Hall" not in text and "2018-2022 Plan" not in text and "Partner since 2016" in text

    def test_without_a_profile_it_says_what_to_do(self, app, portal):
        assert "hasn't filled in its profile yet" in words(page(app, "/organization/about/center"))
        admin = {"Authorization": factories.SysadminWithToken()["token"]}
        shown = page(app, "/organization/about/center", headers=admin)
        assert shown.find("a", string="Fill in the profile")["href"] == "/organization/edit/center"

    def test_an_organization_that_is_no_partner_stays_as_in_ckan(self, app, portal):
        shown = page(app, "/organization/about/club")
        assert "About the partnership" not in words(shown)

    def test_nothing_that_was_typed_runs(self, app, portal):
        evil = "<script>alert(1)</script>"
        group = model.Group.get("branch")
        group.extras = {
            **group.extras, "website": "javascript:alert(1)", "partner_since": evil,
            "spaces": f'[{{"name": "{evil}", "booking_url": "javascript:alert(1)"}}]',
            "mission_alignment": f'[{{"plan": "{evil}", "period_end": 7, "url": "javascript:alert(1)"}},'
            ' {"plan": ["odd"], "focus_area": {"a": 1}}]',
            "roles": '["unknown"]', "contact_email": evil,
        }
        model.Session.commit()
        for url in ("/organization/about/branch", "/organization/branch", "/partners"):
            shown = page(app, url)
            assert not shown.select("a[href^=javascript]"), url
            assert evil not in str(shown), url
        shown = helpers.call_action("civicswitchboard_partner_show", id="branch")
        assert shown["labels"]["roles"] == ["unknown"]
