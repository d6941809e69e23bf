"""What stands beside a dataset: on its page, by the API, and who sees what."""
from __future__ import annotations

from html import unescape

import pytest
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories, helpers
from shelves.conftest import NOBODY_LISTENS, change, names, page, shelf

from ckanext.civicswitchboard.helpers import shelves
from ckanext.civicswitchboard.model import ShelfItem


def test_the_api_tells_who_published_it_and_why(portal):
    assert shelf("landings") == [
        {"dataset": "timetables", "title": "Timetables", "organization": "branch", "sector": "library",
         "pinned": False, "reasons": ["both about ferries"]}
    ]  # fmt: skip
    assert shelf(portal.ours["id"])[0]["dataset"] == "landings"


def test_the_page_shows_it_between_resources_and_metadata(app, portal):
    shown = page(app, "/dataset/landings")
    section = shown.select_one("#alongside")
    item = section.select_one(".csw-item")
    assert section.h2.get_text() == "Alongside this dataset"
    assert item.a["href"].endswith("/dataset/timetables")
    assert item.select_one(".csw-badge").get_text(strip=True) == "Public library"
    assert item.select_one(".csw-reasons").get_text().strip() == "both about ferries"
    assert item.em.get_text() == "ferries"
    headings = [h.get_text(strip=True) for h in shown.select("main h2, [role=main] h2")]
    assert headings.index("Data and Resources") < headings.index("Alongside this dataset")
    assert headings.index("Alongside this dataset") < headings.index("This record")
    assert not section.select("form")


def test_each_side_sees_the_other_and_nobody_sees_its_own(portal):
    portal.dataset(portal.county, "moorings")
    portal.dataset(portal.library, "postcards")
    assert sorted(names("landings")) == ["postcards", "timetables"]
    assert sorted(names("timetables")) == ["landings", "moorings"]


@pytest.mark.parametrize("partner_type", ["", "data_intermediary", "nonprofit"])
def test_any_other_organizations_datasets_have_libraries_beside_them(portal, partner_type):
    other = factories.Organization(partner_type=partner_type)
    portal.dataset(other, "crossings")
    assert names("crossings") == ["timetables"]
    assert "crossings" in names("timetables")


def test_a_dataset_of_nobody_has_libraries_beside_it(portal):
    portal.dataset({"id": None}, "stray")
    assert names("stray") == ["timetables"]


def test_an_organization_that_becomes_a_library_changes_sides_at_once(portal):
    change("organization_patch", id="county", partner_type="school_library")
    assert names("landings") == []


def test_at_most_six_and_as_many_as_asked_up_to_twenty(app, portal):
    for number in range(24):
        portal.dataset(portal.library, f"ferry-{number}", f"ferries ramp{number % 9}")
    portal.dataset(portal.county, "ramps", " ".join(f"ramp{n}" for n in range(9)))
    assert len(shelf("ramps")) == 6
    assert len(page(app, "/dataset/ramps").select(".csw-item")) == 6
    assert len(shelf("ramps", limit=3)) == 3
    assert len(shelf("ramps", limit=1000)) == 20
    with pytest.raises(tk.ValidationError):
        shelf("ramps", limit="many")


class TestPrivacy:
    def test_a_private_dataset_stands_nowhere_not_even_for_its_own_people(self, app, portal):
        portal.dataset(portal.library, "secret", private=True)
        sysadmin = factories.SysadminWithToken()
        assert names("landings") == names("landings", sysadmin["name"]) == ["timetables"]
        for user in (None, portal.editor, sysadmin):
            assert "Secret" not in page(app, "/dataset/landings", user).get_text()

    def test_made_private_later_it_is_gone_at_once(self, app, portal):
        change("package_patch", id="timetables", private=True)
        assert names("landings") == []
        assert page(app, "/dataset/landings").select("#alongside") == []

    def test_deleted_it_is_gone_at_once(self, portal):
        change("package_delete", id="timetables")
        assert names("landings") == []

    def test_the_shelf_of_a_private_dataset_is_its_readers(self, portal):
        portal.dataset(portal.county, "plans", private=True)
        with pytest.raises(tk.NotAuthorized):
            shelf("plans")
        assert names("plans", portal.editor["name"]) == ["timetables"]

    def test_a_dataset_that_does_not_exist(self, portal):
        with pytest.raises(tk.ObjectNotFound):
            shelf("nowhere")

    def test_by_the_web_api_each_has_its_answer(self, app, portal):
        portal.dataset(portal.county, "plans", private=True)
        base = "/api/3/action/civicswitchboard_shelf_show"
        app.get(f"{base}?dataset_id=landings", status=200)
        app.get(f"{base}?dataset_id=plans", status=403)
        app.get(f"{base}?dataset_id=nowhere", status=404)
        app.get(base, status=409)
        app.get(f"{base}?dataset_id=landings&limit=-1", status=409)


def test_a_shared_value_patched_away_takes_its_reason_at_once(portal):
    change("package_patch", id="landings", tags=[{"name": "piers"}])
    assert names("landings") == []
    change("package_patch", id="landings", tags=[{"name": "piers"}, {"name": "Ferry"}])
    assert names("landings") == ["timetables"]


def test_places_decades_themes_and_collections_are_found_in_the_index(portal):
    shared = {
        "places": ["Quarry Hill"], "temporal_coverage": "1907-1909", "theme": ["health"],
        "collection": "Survey Records",
    }  # fmt: skip
    portal.dataset(portal.library, "old-survey", "", **shared)
    portal.dataset(portal.county, "new-survey-map", "", geographic_unit="Neighborhood", **shared)
    for key, value in shared.items():
        portal.dataset(portal.county, f"only-{key.replace('_', '-')}", "", **{key: value})
    found = {item["dataset"]: item["reasons"] for item in shelf("new-survey-map")}
    assert found["old-survey"] == [
        "same neighborhood: Quarry Hill", "both from the collection Survey Records",
        "also from the 1900s", "both about Health",
    ]  # fmt: skip
    assert shelf("only-places")[0]["reasons"] == ["same place: Quarry Hill"]
    assert shelf("only-temporal-coverage")[0]["reasons"] == ["also from the 1900s"]
    assert shelf("only-theme")[0]["reasons"] == ["both about Health"]
    assert shelf("only-collection")[0]["reasons"] == ["both from the collection Survey Records"]


def test_a_group_alone_suffices_and_harvested_does_not(portal):
    factories.Group(name="civic", title="Civic Life")
    portal.dataset(portal.library, "branch-wifi", "internet harvested", groups=[{"name": "civic"}])
    portal.dataset(portal.county, "hotspots", "_etl harvested", groups=[{"name": "civic"}])
    portal.dataset(portal.county, "sewers", "_etl harvested")
    assert shelf("hotspots")[0]["reasons"] == ["both in Civic Life"]
    assert shelf("sewers") == []


def test_a_crowds_group_fills_up_to_three_with_partners_first_and_in_turn(portal):
    factories.Group(name="civic", title="Civic Life")
    civic = [{"name": "civic"}]
    nobody = factories.Organization(name="nobody", title="Nobody in particular")
    city = factories.Organization(name="city", title="City", partner_type="local_government")
    portal.dataset(portal.library, "branch-wifi", "internet", groups=civic)
    for number in range(5):
        portal.dataset(city, f"alley-{number}", f"alley-{number}", groups=civic)
    for number in range(3):
        portal.dataset(nobody, f"path-{number}", f"path-{number}", groups=civic)
    # A group of more than a fifth of all datasets would be no reason.
    for number in range(40):
        portal.dataset(city, f"other-{number}", f"other-{number}")
    portal.dataset(portal.county, "hydrants", "hydrants", groups=civic)
    first, second, third = names("branch-wifi")
    assert "hydrants" in (first, second) and third.startswith("alley-")
    assert {reason for item in shelf("branch-wifi") for reason in item["reasons"]} == {"both in Civic Life"}
    assert names("alley-0") == ["branch-wifi"]

    for number in range(2):
        portal.dataset(portal.county, f"cables-{number}", "internet")
    assert sorted(names("branch-wifi")[:2]) == ["cables-0", "cables-1"] and len(names("branch-wifi")) == 3
    portal.dataset(portal.county, "cables-2", "internet")
    assert sorted(names("branch-wifi")) == ["cables-0", "cables-1", "cables-2"]


@pytest.mark.ckan_config("civicswitchboard.shelves.stop_list", "ferries")
@pytest.mark.ckan_config("civicswitchboard.shelves.region_names", "Tamber Valley, Harrow Bend")
def test_the_configuration_stops_values_and_the_regions_names(portal):
    portal.dataset(portal.county, "roads", "tamber-valley Harrow")
    portal.dataset(portal.library, "walks", "Tamber-Valley harrow")
    assert names("landings") == []
    assert names("roads") == []


def test_an_extent_of_the_whole_world_is_no_reason(portal):
    world = '{"type":"Polygon","coordinates":[[[-180,-90],[180,-90],[180,90],[-180,90],[-180,-90]]]}'
    portal.dataset(portal.library, "globes", "globes", spatial=world)
    portal.dataset(portal.county, "visas", "visas", spatial=world)
    assert names("visas") == []


@pytest.mark.parametrize("odd", ['say "hi"', "{!lucene}x", "_query_:x", "a\\", "(((", "* OR *", "x" * 1000])
def test_odd_values_break_no_page(app, portal, odd):
    portal.dataset(portal.library, "odd-one", "", places=[odd], collection=odd)
    portal.dataset(portal.county, "odd-two", "", title=odd, places=[odd], collection=odd)
    assert names("odd-two") in ([], ["odd-one"])
    app.get("/dataset/odd-two", status=200)


def test_html_in_values_is_shown_as_text(app, portal):
    evil = "<b>x</b><script>1</script>"
    portal.dataset(portal.library, "evil-one", "", title=evil, places=[evil])
    portal.dataset(portal.county, "evil-two", "", places=[evil])
    section = page(app, "/dataset/evil-two").select_one("#alongside")
    assert evil in section.get_text()
    assert not section.select("script, b")


class TestChosenByEditors:
    def choose(self, verb, portal, item, user=None, dataset="landings"):
        user = user or portal.editor
        context = {"user": user["name"], "auth_user_obj": model.User.get(user["name"]), "ignore_auth": False}
        data = {"dataset_id": dataset, "item_id": item}
        return tk.get_action(f"civicswitchboard_shelf_item_{verb}")(context, data)

    def test_a_pinned_dataset_stands_first_also_without_a_reason(self, app, portal):
        portal.dataset(portal.library, "cookbook", "recipes")
        assert self.choose("pin", portal, "cookbook") == {}
        assert [(i["dataset"], i["pinned"], i["reasons"]) for i in shelf("landings")] == [
            ("cookbook", True, []), ("timetables", False, ["both about ferries"]),
        ]  # fmt: skip
        first = page(app, "/dataset/landings").select(".csw-item")[0]
        assert "chosen by the publisher" in first.get_text()

    def test_also_one_of_the_same_side(self, portal):
        portal.dataset(portal.county, "quays", "quays")
        self.choose("pin", portal, "quays")
        assert names("landings") == ["quays", "timetables"]

    def test_pinned_ones_stand_in_the_order_they_were_pinned(self, portal):
        for name in ("b", "c", "a"):
            portal.dataset(portal.library, f"book-{name}", "recipes")
            self.choose("pin", portal, f"book-{name}")
        assert names("landings") == ["book-b", "book-c", "book-a", "timetables"]

    def test_a_hidden_one_is_gone_until_it_is_reset(self, portal):
        self.choose("hide", portal, "timetables")
        assert names("landings") == []
        assert names("timetables") == ["landings"]
        self.choose("reset", portal, "timetables")
        assert names("landings") == ["timetables"]

    def test_the_last_word_counts(self, portal):
        self.choose("hide", portal, "timetables")
        self.choose("pin", portal, "timetables")
        assert shelf("landings")[0]["pinned"]
        assert model.Session.query(ShelfItem).count() == 1

    @pytest.mark.parametrize("verb", ["pin", "hide", "reset"])
    def test_others_are_refused(self, portal, verb):
        stranger = factories.User()
        with pytest.raises(tk.NotAuthorized):
            self.choose(verb, portal, "timetables", stranger)
        with pytest.raises(tk.NotAuthorized):
            helpers.call_action(
                f"civicswitchboard_shelf_item_{verb}", {"user": "", "ignore_auth": False},
                dataset_id="landings", item_id="timetables",
            )  # fmt: skip
        assert model.Session.query(ShelfItem).count() == 0

    def test_a_dataset_that_the_editor_may_not_read_cannot_be_pinned(self, portal):
        portal.dataset(portal.library, "secret", private=True)
        with pytest.raises(tk.NotAuthorized):
            self.choose("pin", portal, "secret")

    def test_a_pinned_dataset_made_private_is_gone_and_comes_back(self, app, portal):
        self.choose("pin", portal, "timetables")
        change("package_patch", id="timetables", private=True)
        sysadmin = factories.SysadminWithToken()
        assert names("landings") == names("landings", sysadmin["name"]) == []
        assert "Timetables" not in page(app, "/dataset/landings", portal.editor).select_one("#alongside").get_text()
        assert "Timetables" in page(app, "/dataset/landings", sysadmin).select_one(".csw-choices").get_text()
        change("package_patch", id="timetables", private=False)
        assert names("landings") == ["timetables"]

    @pytest.mark.parametrize("verb", ["pin", "hide"])
    def test_what_makes_no_sense_is_refused_with_a_sentence(self, portal, verb):
        change("package_delete", id="timetables")
        for item in ("landings", "timetables"):
            with pytest.raises(tk.ValidationError) as refused:
                self.choose(verb, portal, item, factories.Sysadmin())
            assert refused.value.error_dict["item_id"]
        with pytest.raises(tk.ObjectNotFound):
            self.choose(verb, portal, "nowhere")
        with pytest.raises(tk.ValidationError):
            self.choose(verb, portal, "")

    @pytest.mark.parametrize("verb", ["pin", "hide", "reset"])
    def test_what_cannot_be_stored_is_refused_with_its_name(self, portal, verb):
        for given in ({"dataset_id": "a\0b"}, {"item_id": "a\0b"}):
            wanted = {"dataset_id": "landings", "item_id": "timetables", **given}
            with pytest.raises(tk.ValidationError) as refused:
                change(f"civicswitchboard_shelf_item_{verb}", **wanted)
            assert list(refused.value.error_dict) == list(given)

    def test_what_was_purged_can_be_reset_by_its_id(self, portal):
        self.choose("hide", portal, "timetables")
        change("dataset_purge", id="timetables")
        self.choose("reset", portal, portal.ours["id"])
        assert model.Session.query(ShelfItem).count() == 0


class TestControls:
    def send(self, app, portal, user=None, dataset="landings", status=302, **form):
        headers = {"Authorization": (user or portal.editor)["token"]}
        return app.post(f"/dataset/alongside/{dataset}", data=form, headers=headers, follow_redirects=False, status=status)

    def test_an_editor_pins_hides_and_brings_back_without_javascript(self, app, portal):
        section = page(app, "/dataset/landings", portal.editor).select_one("#alongside")
        labels = [b.get_text(" ", strip=True) for b in section.select(".csw-item button")]
        assert labels == ["Pin Timetables", "Hide Timetables"]
        assert section.select_one("form")["method"] == "post"

        answer = self.send(app, portal, action="hide", item=portal.ours["id"])
        assert answer.headers["Location"].endswith("/dataset/landings?shelf=hide#alongside")
        section = page(app, "/dataset/landings?shelf=hide", portal.editor).select_one("#alongside")
        assert "You can show it again below" in section.select_one("[role=status]").get_text()
        assert section.select_one(".csw-choices").has_attr("open")
        assert section.select_one(".csw-choices li button").get_text(" ", strip=True) == "Show again Timetables"

        self.send(app, portal, action="reset", item=portal.ours["id"])
        assert names("landings") == ["timetables"]

    @pytest.mark.parametrize("item", ["timetables", " timetables ", "http://data.example.org/en/dataset/timetables?x=1#a", "/dataset/timetables/"])
    def test_another_dataset_is_pinned_by_name_or_address(self, app, portal, item):
        change("package_patch", id="timetables", tags=[])
        self.send(app, portal, action="pin", item=item)
        assert shelf("landings")[0]["pinned"]

    @pytest.mark.parametrize("item", ["nowhere", "", "x" * 1000, "landings", "<script>"])
    def test_what_cannot_be_pinned_is_told_on_the_page(self, app, portal, item):
        headers = {"Authorization": portal.editor["token"]}
        answer = app.post("/dataset/alongside/landings", data={"action": "pin", "item": item}, headers=headers, status=200)
        assert 'class="alert' in answer.body
        assert "<script>”" not in answer.body

    def test_a_private_dataset_and_none_are_told_alike(self, app, portal):
        portal.dataset(portal.library, "secret", private=True)
        headers = {"Authorization": portal.editor["token"]}
        for item in ("secret", "nowhere"):
            answer = app.post("/dataset/alongside/landings", data={"action": "pin", "item": item}, headers=headers)
            assert f"We can't find a dataset “{item}”, or you don't have access to it" in unescape(answer.body)

    def test_others_are_sent_away(self, app, portal):
        self.send(app, portal, factories.UserWithToken(), status=403, action="pin", item="timetables")
        self.send(app, portal, dataset="nowhere", status=404, action="pin", item="timetables")
        self.send(app, portal, status=400, action="burn", item="timetables")
        app.get("/dataset/alongside/landings", status=404)

    def test_an_editor_reads_why_a_shelf_is_empty(self, app, portal):
        change("package_patch", id="timetables", tags=[])
        assert "No related datasets yet" in page(app, "/dataset/landings", portal.editor).select_one("#alongside").get_text()
        assert page(app, "/dataset/landings").select("#alongside") == []


class TestInTrouble:
    @pytest.mark.parametrize("address", [NOBODY_LISTENS, "{}-gone"])
    def test_without_the_search_engine_the_page_comes_with_a_quiet_line(
        self, app, portal, monkeypatch, ckan_config, address, caplog
    ):
        monkeypatch.setitem(ckan_config, "solr_url", address.format(ckan_config["solr_url"]))
        # Migrations of other plugins silence the loggers of a test's process.
        monkeypatch.setattr(shelves.log, "disabled", False)
        shown = page(app, "/dataset/landings")
        assert "can't be shown right now" in shown.select_one("#alongside").get_text()
        assert "Landings" in shown.h1.get_text()
        told = [r for r in caplog.records if "without its shelf" in r.message]
        assert len(told) == 1

    def test_without_redis_values_are_counted_for_the_page(self, portal, monkeypatch, ckan_config):
        monkeypatch.setitem(ckan_config, "ckan.redis.url", "redis://127.0.0.1:9/0")
        monkeypatch.setattr("ckan.lib.redis._connection_pool", None)
        assert names("landings") == ["timetables"]

    def test_without_our_tables_the_shelf_stands_and_choosing_says_what_to_do(
        self, app, portal, migrate_db_for
    ):
        model.Session.remove()
        migrate_db_for("civicswitchboard", "base", forward=False)
        try:
            assert page(app, "/dataset/landings", portal.editor).select(".csw-item")
            headers = {"Authorization": portal.editor["token"]}
            form = {"action": "pin", "item": "timetables"}
            answer = app.post("/dataset/alongside/landings", data=form, headers=headers, status=200)
            assert "ckan db upgrade -p civicswitchboard" in answer.body
        finally:
            model.Session.remove()
            migrate_db_for("civicswitchboard")


def test_a_shelf_costs_one_small_search(app, portal, monkeypatch):
    import pysolr

    searches = []
    search = pysolr.Solr.search
    monkeypatch.setattr(pysolr.Solr, "search", lambda *a, **k: searches.append(k) or search(*a, **k))
    shelf("landings")
    ours = [asked for asked in searches if "ferries" in asked["q"]]
    assert len(ours) == 1
    assert ours[0]["facet"] == "false" and "validated_data_dict" not in ours[0]["fl"]
