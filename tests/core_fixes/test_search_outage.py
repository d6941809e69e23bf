"""Every page that people see comes while the search engine is away, and says so."""
from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckan.tests import factories, helpers

pytestmark = pytest.mark.usefixtures("clean_portal")

NOBODY_LISTENS = "http://127.0.0.1:9/solr/none"
MISSING = "Datasets are missing from this page"
PAGES = (
    "/",
    "/dataset/",
    "/dataset/?q=wifi",
    "/dataset/wifi",
    "/organization/branch",
    "/organization/about/branch",
    "/group/topic",
    "/organization/",
    "/group/",
    "/partners",
    "/metadata-schema",
)
# Search alone would have told something more on these.
WITHOUT_SEARCH = frozenset(PAGES) - {"/dataset/wifi", "/partners", "/metadata-schema"}


@pytest.fixture
def portal(clean_portal: None) -> dict[str, Any]:
    library = factories.Organization(name="branch", title="Branch Library", partner_type="public_library")
    topic = factories.Group(name="topic")
    factories.Dataset(
        name="wifi", owner_org=library["id"], license_id="cc-by", groups=[{"name": topic["name"]}]
    )
    return {"library": library}


@pytest.fixture
def away(portal: Any, monkeypatch: pytest.MonkeyPatch, ckan_config: Any) -> None:
    monkeypatch.setitem(ckan_config, "solr_url", NOBODY_LISTENS)


@pytest.fixture
def hanging(portal: Any, monkeypatch: pytest.MonkeyPatch, ckan_config: Any) -> Iterator[None]:
    """A search engine that takes what it is asked, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/solr/none"
        monkeypatch.setitem(ckan_config, "solr_url", address)
        monkeypatch.setitem(ckan_config, "solr_timeout", 1)
        yield


@pytest.mark.parametrize("address", PAGES)
def test_every_page_comes(app, away, address):
    page = BeautifulSoup(app.get(address, status=200).body, "html.parser")
    assert page.select_one("h1, h2")
    if address in WITHOUT_SEARCH:
        assert MISSING in page.select_one(".flash-messages").get_text()


@pytest.mark.parametrize("address", ["/organization/edit/branch", "/organization/members/branch"])
def test_the_pages_of_an_organizations_admin_come_too(app, away, address):
    user = factories.SysadminWithToken()
    app.get(address, headers={"Authorization": user["token"]}, status=200)


@pytest.mark.parametrize(
    # For an organization CKAN counts the datasets of groups past package_search.
    ("address", "times"), [("/", 1), ("/dataset/", 1), ("/dataset/wifi", 2), ("/organization/branch", 2)]
)
def test_where_it_never_answers_a_page_waits_no_longer(app, hanging, address, times):
    started = time.monotonic()
    app.get(address, status=200)
    waited = time.monotonic() - started
    assert times <= waited < times + 0.9


@pytest.mark.parametrize("address", PAGES)
def test_where_redis_never_answers_a_page_waits_once(app, portal, monkeypatch, ckan_config, address):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silence = f"redis://127.0.0.1:{silent.getsockname()[1]}/0?socket_timeout=2"
        monkeypatch.setitem(ckan_config, "ckan.redis.url", silence)
        monkeypatch.setattr("ckan.lib.redis._connection_pool", None)
        started = time.monotonic()
        page = app.get(address, status=200)
        assert time.monotonic() - started < 3.5
        assert MISSING not in page.body


def test_what_machines_read_fails_as_ever(app, away):
    answer = app.get("/api/3/action/package_search", status=500)
    assert answer.json["error"]["__type"] == "Search Connection Error"


def test_a_partner_is_shown_without_it(portal, away):
    shown = helpers.call_action("civicswitchboard_partner_show", id="branch")
    assert (shown["title"], shown["dataset_count"]) == ("Branch Library", 1)


def test_with_an_answer_nothing_is_said(app, portal):
    page = BeautifulSoup(app.get("/organization/branch", status=200).body, "html.parser")
    assert MISSING not in page.get_text()
