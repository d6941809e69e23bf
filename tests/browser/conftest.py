"""A small portal for the browser: a library, a county, a university library, their people and data."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan.tests import factories, helpers

PASSWORD = "civicswitchboard"
DOCS = Path(__file__).parents[2] / "docs"
# What a picture shows around its part.
MARGIN = 12


@dataclass(frozen=True)
class Portal:
    """Names in the small portal."""

    library: str = "public-library"
    county: str = "county"
    editor: str = "library_editor"


@pytest.fixture
def small_portal(clean_portal: None, portal_url: str) -> Portal:
    """Three partners, an editor, and datasets with values that the schema does not know."""
    editor = account("library_editor")
    account("portal_admin", sysadmin=True)
    partners = {
        "public-library": "public_library",
        "university-library": "academic_library",
        "county": "local_government",
    }
    for name, kind in partners.items():
        members = [{"name": editor["name"], "capacity": "editor"}] if "public" in name else []
        factories.Organization(
            name=name, title=name.replace("-", " ").capitalize(), partner_type=kind, users=members,
            roles=["publishing_civic_data"],
        )
    for number in range(4):
        make_dataset(f"county-{number}", f"Property assessments {number}", "county")
    make_dataset("wifi", "Public wifi sessions", "public-library", theme=["technology"],
                 frequency_publishing="Monthly", places=["Hill", "River bend"])
    make_dataset("secret", "Private plans", "public-library", private=True)
    tk.get_action("civicswitchboard_steward_update")(
        {"ignore_auth": True}, {"organization_id": "university-library"}
    )
    return Portal()


def account(name: str, **more: Any) -> dict[str, Any]:
    """A person who can log in, called by their account: a guide's picture shows nobody else's name."""
    words = name.replace("_", " ").capitalize()
    user: dict[str, Any] = factories.User(name=name, password=PASSWORD, fullname=words, **more)
    return user


@pytest.fixture
def shared_portal(with_plugins: None, kept: Any, request: Any) -> Callable[[str, Callable[[], None]], None]:
    """`shared_portal("mapped", make)` in the fixture `mapped`: the small portal with what `make` adds, made once for the
    tests with that fixture that follow one another. A test that changes it has the fixture `changes_the_portal` too.
    """

    def stands(fixture: str, make: Callable[[], None]) -> None:
        if kept.portal != fixture:
            kept.portal = ""
            request.getfixturevalue("small_portal")
            make()
            kept.portal = fixture

    return stands


@pytest.fixture
def changes_the_portal(kept: Any) -> Iterator[None]:
    """The next test has a portal of its own."""
    yield
    kept.portal = ""


@pytest.fixture
def steward(small_portal: Portal) -> Portal:
    """The small portal with the accounts of the steward's admin and editor."""
    for name, role in (("metadata_curator", "admin"), ("metadata_assistant", "editor")):
        account(name)
        helpers.call_action(
            "organization_member_create", id="university-library", username=name, role=role
        )
    make_dataset("reading", "Summer reading", "public-library", geographic_unit="Neighborhood",
                 data_notes="Counts under ten\r\nare left out", places=["Hill"])
    return small_portal


def make_dataset(name: str, title: str, owner: str, **more: Any) -> None:
    tk.get_action("package_create")(
        {"ignore_auth": True, "user": "portal_admin"},
        {
            "name": name, "title": title, "notes": f"About {title}", "owner_org": owner,
            "license_id": "cc-by", "extras": [{"key": "guid", "value": "kept\r\nas it is"}],
            "resources": [{"name": "Table", "url": "http://data.example.org/1.csv", "format": "CSV",
                           "weird": [1, 2]}],
            **more,
        },
    )


def enter(page: Any, name: str) -> None:
    """Log in as an account of the small portal, as its page does; the form is filled in by hand in test_main_paths."""
    form = BeautifulSoup(page.request.get("/user/login").text(), "html.parser")
    token = form.select_one("input[name=_csrf_token]")["value"]
    sent = {"_csrf_token": token, "login": name, "password": PASSWORD}
    assert "/dashboard" in page.request.post("/user/login", form=sent).url, f"{name} is not let in"


@pytest.fixture
def log_in(page: Any) -> Callable[[str], None]:
    """`log_in("library_editor")`: the page is that person's."""
    return partial(enter, page)


@pytest.fixture
def picture(request: Any) -> Callable[..., None]:
    """`picture("publish", part)`: that part of the page, as a picture for the guides.

    It is taken with `--pictures`. In every other run a guide has to show a picture of that name.
    """

    def take(name: str, part: Any, tallest: int = 720) -> None:
        """
        :param part: what of the page is shown
        :param tallest: what is further down is cut off, in pixels
        """
        address = f"images/guide/{name}.png"
        if request.config.getoption("pictures"):
            page = part.page
            page.evaluate("scrollTo(0, 0)")
            box = part.bounding_box()
            left, top = max(box["x"] - MARGIN, 0), max(box["y"] - MARGIN, 0)
            clip = {"x": left, "y": top, "width": min(box["width"] + 2 * MARGIN, page.viewport_size["width"] - left),
                    "height": min(box["height"] + 2 * MARGIN, tallest)}
            page.screenshot(path=DOCS / address, full_page=True, animations="disabled", clip=clip)
        assert (DOCS / address).is_file(), "take it with --pictures"
        assert any(f"]({address})" in guide.read_text() for guide in DOCS.glob("*.md"))

    return take
