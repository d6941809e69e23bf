"""WCAG 2.1 A and AA by axe, and narrow windows, on the pages that our templates touch."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from browser.looking import violations_at

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("small_portal")]

PUBLIC = ["/", "/dataset/", "/dataset/wifi", "/organization/", "/organization/public-library",
          "/organization/about/public-library", "/metadata-schema", "/metadata-schema/vocabularies/frequency",
          "/partners",
          "/dataset/?partner_type=public_library"]
EDITORS = ["/dataset/new", "/dataset/edit/wifi", "/organization/edit/public-library",
           "/organization/new"]


@pytest.mark.parametrize("width", [1280, 320])
def test_axe_finds_nothing(page: Any, log_in: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    found = {path: violations_at(page, path) for path in PUBLIC}
    log_in("portal_admin")
    found |= {path: violations_at(page, path) for path in EDITORS}
    assert {path: ids for path, ids in found.items() if ids} == {}


def test_nothing_runs_out_of_a_narrow_window(page: Any, log_in: Any) -> None:
    page.set_viewport_size({"width": 320, "height": 900})
    log_in("portal_admin")
    widths = {}
    for path in [*PUBLIC, *EDITORS]:
        page.goto(path)
        page.wait_for_timeout(200)
        widths[path] = page.evaluate("document.documentElement.scrollWidth")
    assert {path: width for path, width in widths.items() if width > 320} == {}


@pytest.mark.usefixtures("changes_the_portal")
@pytest.mark.parametrize("width", [1280, 320])
def test_one_endless_word_and_a_web_address_run_out_of_no_window(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    admin = {"user": "portal_admin"}
    word = "Ж" * 1000
    notes = f"{word} https://data.example.org/{'a' * 300} and https://data.example.org/b, a short one."
    tk.get_action("organization_patch")(dict(admin), {"id": "public-library", "title": word, "description": notes})
    tk.get_action("package_patch")(dict(admin), {"id": "wifi", "title": word, "notes": notes})
    widths, found = {}, {}
    for path in (*PUBLIC, "/organization/members/public-library", "/dataset/?q=wifi"):
        found[path] = violations_at(page, path)
        widths[path] = page.evaluate("document.documentElement.scrollWidth")
    assert {path: wide for path, wide in widths.items() if wide > width} == {}
    assert {path: ids for path, ids in found.items() if ids} == {}
