"""The home page's shelves, as a visitor sees them."""
from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from ckan import model
from ckan.tests import factories, helpers

pytestmark = [pytest.mark.usefixtures("clean_portal")]

NOBODY_LISTENS = "http://127.0.0.1:9/solr/none"


def organization(name: str, partner_type: str = "", **more: Any) -> dict[str, Any]:
    return factories.Organization(name=name, partner_type=partner_type, **more)


def change(action: str, **values: Any) -> None:
    site_user = helpers.call_action("get_site_user")
    helpers.call_action(action, {"user": site_user["name"]}, **values)


def dataset(owner: dict[str, Any], title: str, **more: Any) -> dict[str, Any]:
    return factories.Dataset(owner_org=owner["id"], title=title, license_id="cc-by", **more)


def home(app: Any, **request: Any) -> BeautifulSoup:
    return BeautifulSoup(app.get("/", status=200, **request).body, "html.parser")


def shelf(page: BeautifulSoup, name: str) -> Tag:
    heading = page.find(id=f"csw-shelf-{name}")
    assert heading is not None, f"there is no shelf {name!r}"
    return heading.find_parent("section")


def titles(page: BeautifulSoup, name: str) -> list[str]:
    return [each.get_text(strip=True) for each in shelf(page, name).select(".csw-shelf-item h3")]


def test_libraries_stand_beside_the_others_by_what_changed_last(app):
    library = organization("branch", "public_library")
    county = organization("county", "local_government")
    center = organization("center", "data_intermediary", title="Regional Data Center")
    dataset(library, "Wifi")
    dataset(county, "Assessments")
    dataset(center, "Crashes")
    oldest = dataset(library, "Locations")
    dataset(library, "Circulation")
    change("package_patch", id=oldest["id"], version="2")

    page = home(app)

    assert titles(page, "library") == ["Locations", "Circulation", "Wifi"]
    assert titles(page, "others") == ["Crashes", "Assessments"]
    headings = [h.get_text(strip=True) for h in page.select(".csw-shelf > h2")]
    assert headings == ["From our library partners", "From Regional Data Center and governments"]


def test_an_item_tells_who_published_it_its_formats_and_when_it_changed(app):
    library = organization("branch", "public_library", title="Branch Library")
    resources = [{"url": "http://data.example.org/1", "name": n, "format": n} for n in ("CSV", "PDF")]
    dataset(library, "Wifi", resources=resources)

    item = shelf(home(app), "library").select_one(".csw-shelf-item")
    words = " ".join(item.get_text(" ", strip=True).split())

    assert words.startswith("Wifi Public library Branch Library CSV, PDF updated ")
    assert item.time["datetime"].endswith("Z")


def test_private_datasets_never_show_not_even_to_sysadmins(app):
    library = organization("branch", "public_library")
    dataset(library, "Open")
    dataset(library, "Secret", private=True)
    admin = factories.SysadminWithToken()

    page = home(app, headers={"Authorization": admin["token"]})

    assert titles(page, "library") == ["Open"]
    assert "Secret" not in page.get_text()


@pytest.mark.ckan_config("civicswitchboard.home.shelf_size", 2)
def test_a_full_shelf_leads_to_all_of_its_datasets(app):
    library = organization("branch", "public_library")
    other = organization("campus", "academic_library")
    county = organization("county", "local_government")
    for title in ("A", "B"):
        dataset(library, title)
        dataset(county, f"County {title}")
    dataset(other, "C")

    page = home(app)

    assert len(titles(page, "library")) == 2
    link = shelf(page, "library").select_one(".csw-shelf-all a")
    assert link.get_text(strip=True).startswith("All 3 datasets")
    assert "3 datasets found" in app.get(link["href"], status=200).body
    assert shelf(page, "others").select_one(".csw-shelf-all") is None


def test_a_side_with_fewer_shows_what_it_has(app):
    library = organization("branch", "public_library")
    county = organization("county", "local_government")
    dataset(library, "Wifi")
    for number in range(4):
        dataset(county, f"County {number}")

    page = home(app)

    assert titles(page, "library") == ["Wifi"]
    assert len(titles(page, "others")) == 3


def test_without_libraries_the_shelf_says_how_to_join(app):
    dataset(organization("county", "local_government"), "Assessments")

    page = home(app)

    assert "ask the portal's administrators" in shelf(page, "library").get_text()
    assert "set its partner type" not in page.get_text()
    assert titles(page, "others") == ["Assessments"]


def test_a_sysadmin_is_told_where_to_set_the_partner_type(app):
    admin = factories.SysadminWithToken()
    page = home(app, headers={"Authorization": admin["token"]})
    assert "set its partner type" in shelf(page, "library").get_text()


def test_a_library_without_datasets_is_named(app):
    organization("branch", "public_library", title="Branch Library")
    assert "Branch Library" in shelf(home(app), "library").get_text()


def test_organizations_without_a_type_stand_on_no_shelf(app):
    dataset(organization("friends"), "Minutes")
    assert "Minutes" not in home(app).get_text()


def test_community_partners_are_on_the_strip_and_on_no_shelf(app):
    dataset(organization("archive", "archive", title="City Archive"), "Glass plates")

    page = home(app)

    assert "Glass plates" not in page.get_text()
    assert "City Archive" in page.select_one(".csw-strip").get_text()


def test_an_organization_counts_on_each_shelf_but_no_dataset_stands_twice(app):
    both = organization("branch", "public_library", also_acts_as=["data_intermediary"])
    for number in range(5):
        dataset(both, f"Set {number}")

    page = home(app)

    assert titles(page, "library") == ["Set 4", "Set 3", "Set 2"]
    assert titles(page, "others") == ["Set 1", "Set 0"]


def test_an_organization_that_changes_its_type_moves_at_once(app):
    owner = organization("branch", "public_library")
    dataset(owner, "Wifi")
    change("organization_patch", id=owner["id"], partner_type="local_government")

    page = home(app)

    assert titles(page, "library") == []
    assert titles(page, "others") == ["Wifi"]


def test_html_in_titles_is_shown_as_text(app):
    evil = '<script>alert("x")</script>'
    library = organization("branch", "public_library", title=f"{evil} Library")
    dataset(library, f"{evil} sessions", resources=[
        {"url": "http://data.example.org/1", "name": "a", "format": "<b>CSV</b>"}
    ])

    page = home(app)

    assert titles(page, "library") == [f"{evil} sessions"]
    assert not page.select(".csw-home script, .csw-home b")
    assert shelf(page, "library").select_one("h3")["title"] == f"{evil} sessions"


@pytest.mark.ckan_config("civicswitchboard.home.shelves", ["others", "nonsense"])
@pytest.mark.ckan_config("civicswitchboard.home.others_title", "Next door")
def test_order_and_headings_come_from_the_configuration(app):
    organization("county", "local_government")
    headings = [h.get_text(strip=True) for h in home(app).select(".csw-shelf > h2")]
    assert headings == ["Next door"]


@pytest.mark.ckan_config("civicswitchboard.home.shelves", [])
def test_without_shelves_the_partners_stay(app):
    organization("county", "local_government", title="The County")
    page = home(app)
    assert not page.select(".csw-shelf")
    assert "The County" in page.select_one(".csw-strip").get_text()


class TestSearchEngineInTrouble:
    @pytest.fixture
    def partner(self):
        owner = organization("branch", "public_library", title="Branch Library")
        dataset(owner, "Wifi")
        return owner

    def test_not_there_the_page_stays_whole(self, app, partner, monkeypatch, ckan_config):
        monkeypatch.setitem(ckan_config, "solr_url", NOBODY_LISTENS)
        page = home(app)
        assert "can't be shown right now" in page.select_one(".csw-quiet").get_text()
        assert not page.select(".csw-shelf")
        assert page.find(id="field-main-search") is not None
        assert "Branch Library" in page.select_one(".csw-strip").get_text()

    def test_answering_with_an_error_the_page_stays_whole(
        self, app, partner, monkeypatch, ckan_config
    ):
        monkeypatch.setitem(ckan_config, "solr_url", f"{ckan_config['solr_url']}-gone")
        page = home(app)
        assert "can't be shown right now" in page.select_one(".csw-quiet").get_text()
        assert "Branch Library" in page.select_one(".csw-strip").get_text()

    def test_other_pages_keep_their_own_answer(self, app, partner, monkeypatch, ckan_config):
        monkeypatch.setitem(ckan_config, "solr_url", NOBODY_LISTENS)
        answer = app.get("/api/3/action/package_search", status=500)
        assert answer.json["error"]["__type"] == "Search Connection Error"


def test_the_shelves_cost_two_small_searches_and_one_query_for_partners(app, monkeypatch):
    import pysolr
    import sqlalchemy as sa

    library = organization("branch", "public_library")
    county = organization("county", "local_government")
    for number in range(3):
        dataset(library, f"L{number}")
        dataset(county, f"C{number}")
    searches, statements = [], []
    search = pysolr.Solr.search
    monkeypatch.setattr(
        pysolr.Solr, "search", lambda *a, **k: searches.append(k) or search(*a, **k)
    )

    def seen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    # Whoever comes first reads the partners, all others ask whether they are still the same.
    home(app)
    searches.clear()
    engine = model.meta.engine
    sa.event.listen(engine, "before_cursor_execute", seen)
    try:
        home(app)
    finally:
        sa.event.remove(engine, "before_cursor_execute", seen)

    ours = [asked for asked in searches if any("owner_org:" in fq for fq in asked["fq"])]
    assert len(ours) == 2
    assert all(asked["facet"] == "false" for asked in ours)
    assert len([asked for asked in statements if "xmin" in asked]) == 1
    assert not [asked for asked in statements if '"group".image_url' in asked and "package" not in asked]
