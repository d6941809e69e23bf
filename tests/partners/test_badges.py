"""The badge: wherever an organization or its dataset is listed."""
from __future__ import annotations

import re
from pathlib import Path

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan.tests import factories, helpers

import ckanext.civicswitchboard as package
from ckanext.civicswitchboard.schema_registry import versions

pytestmark = [pytest.mark.usefixtures("clean_portal")]


@pytest.fixture
def library():
    created = factories.Organization(
        name="branch", title="Branch Library", partner_type="public_library"
    )
    factories.Dataset(owner_org=created["id"], name="wifi", title="Wifi", license_id="cc-by")
    return created


def patch(**values) -> None:
    site_user = helpers.call_action("get_site_user")
    helpers.call_action("organization_patch", {"user": site_user["name"]}, **values)


def badges(app, url: str) -> list[str]:
    page = BeautifulSoup(app.get(url, status=200).body, "html.parser")
    return [" ".join(each.get_text(" ", strip=True).split()) for each in page.select(".csw-badge")]


@pytest.mark.parametrize(
    "url", ["/", "/dataset/", "/dataset/wifi", "/organization/", "/organization/branch"]
)
def test_every_listing_has_it(app, library, url):
    found = badges(app, url)
    assert found and set(found) == {"Public library"}


@pytest.mark.ckan_config("ckan.featured_orgs", "branch")
def test_a_featured_organization_has_it(app, library):
    page = BeautifulSoup(render_featured(app), "html.parser")
    assert page.select_one(".module-heading .csw-badge").get_text(strip=True) == "Public library"


def render_featured(app) -> str:
    with app.flask_app.test_request_context("/"):
        return str(tk.render("home/snippets/featured_organization.html", {}))


def test_it_has_the_types_icon_and_its_sectors_colour(app, library):
    page = BeautifulSoup(app.get("/dataset/wifi").body, "html.parser")
    badge = page.select_one(".context-info .csw-badge")
    assert "csw-badge-library" in badge["class"]
    assert "fa-book-open" in badge.i["class"]
    assert badge.i["aria-hidden"] == "true"


def test_an_organization_without_a_type_has_none(app):
    owner = factories.Organization(name="friends")
    factories.Dataset(owner_org=owner["id"], name="minutes", license_id="cc-by")
    for url in ("/dataset/", "/dataset/minutes", "/organization/", "/organization/friends"):
        assert badges(app, url) == []


def test_what_it_also_acts_as_is_in_the_title_and_read_aloud(app, library):
    patch(id=library["id"], also_acts_as=["data_intermediary", "archive"])
    page = BeautifulSoup(app.get("/organization/branch").body, "html.parser")
    badge = page.select_one(".context-info .csw-badge")
    also = "Also acts as: Civic data intermediary, Archive or historical society"
    assert badge["title"] == also
    assert also in badge.select_one(".visually-hidden").get_text()


def test_html_in_a_name_is_shown_as_text_beside_it(app, library):
    patch(id=library["id"], title="<i>Branch</i>")
    page = BeautifulSoup(app.get("/dataset/").body, "html.parser")
    byline = page.select_one(".csw-byline")
    assert "<i>Branch</i>" in byline.get_text()


def test_an_uploaded_logo_is_where_core_says_it_is(app, library):
    patch(id=library["id"], image_url="logo.png")
    shown = helpers.call_action("organization_show", id=library["id"])
    page = BeautifulSoup(app.get("/").body, "html.parser")
    assert page.select_one(".csw-partner img")["src"] == shown["image_display_url"]


ROOT = Path(package.__file__).parent


def test_every_types_icon_is_one_that_ckan_ships():
    import ckan

    styles = Path(ckan.__file__).parent / "public/base/vendor/fontawesome-free/css/all.css"
    known = set(re.findall(r"\.(fa-[a-z0-9-]+)", styles.read_text()))
    assert {kind.icon for kind in versions.current().document.partner_types} <= known


def test_the_sectors_colours_can_be_read_on_white():
    css = (ROOT / "assets/civicswitchboard.css").read_text()
    colours = dict(re.findall(r"--csw-(\w+): (#[0-9a-f]{6});", css))
    for name in ("library", "intermediary", "government", "community", "quiet"):
        assert contrast_on_white(colours[name]) >= 4.5, name


def contrast_on_white(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def test_each_dataset_in_a_listing_names_its_own_publisher(app, library):
    other = factories.Organization(name="friends", title="Friends of the Library")
    factories.Dataset(owner_org=other["id"], name="minutes", license_id="cc-by")
    factories.Dataset(owner_org=library["id"], name="visits", license_id="cc-by")
    page = BeautifulSoup(app.get("/dataset/").body, "html.parser")
    named = {
        item.select_one(".dataset-heading").get_text(strip=True): (
            item.select_one(".csw-byline a").get_text(strip=True),
            item.select_one(".csw-byline a")["href"],
        )
        for item in page.select(".dataset-item")
    }
    assert len(named) == 3
    for title, (publisher, address) in named.items():
        theirs = title == helpers.call_action("package_show", id="minutes")["title"]
        assert publisher == ("Friends of the Library" if theirs else "Branch Library")
        assert address == f"/organization/{'friends' if theirs else 'branch'}"
