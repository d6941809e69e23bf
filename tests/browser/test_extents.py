"""Search by area and the control for extents, in Chromium."""
from __future__ import annotations

import html
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from browser.conftest import enter, make_dataset
from browser.keyboard import tab_to
from browser.looking import violations
from ckan import model

pytestmark = [pytest.mark.browser]

MILLRACE = "-83.031,38.755,-83.002,38.791"
# Around Millrace, and the same as no place.
AROUND = "-83.04,38.75,-83,38.8"


def box(text: str) -> dict[str, Any]:
    west, south, east, north = map(float, text.split(","))
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


TRIANGLE = {"type": "Polygon", "coordinates": [[[-83.03, 38.76], [-83.01, 38.76], [-83.02, 38.78], [-83.03, 38.76]]]}


@pytest.fixture
def mapped(shared_portal: Any) -> None:
    """More datasets in Millrace than a page of results shows, and one elsewhere."""
    shared_portal("mapped", make_mapped)


def make_mapped() -> None:
    for number in range(22):
        make_dataset(f"mill-{number:02}", f"Mill {number:02}", "county", tag_string="mills",
                     spatial=json.dumps(box(MILLRACE)))
    make_dataset("far", "Far mill", "county", tag_string="mills", spatial=json.dumps(box("1,1,2,2")))
    make_drawn()


def make_drawn() -> None:
    make_dataset("drawn", "Drawn trail", "public-library", spatial=json.dumps(TRIANGLE))


@pytest.fixture
def drawn(small_portal: Any) -> None:
    """A dataset with an outline that is no box."""
    make_drawn()


@pytest.fixture
def plain_page(new_page: Callable[..., Any]) -> Any:
    """A page in a browser without JavaScript."""
    return new_page(javascript=False)


def area(page: Any) -> str:
    """The area in the page's address."""
    return parse_qs(urlsplit(page.url).query).get("ext_bbox", [""])[0]


def found(page: Any) -> str:
    return page.locator("#search-results h1").inner_text()


def wait_for_first(page: Any, title: str) -> None:
    """Come back when results stand there of which the first is called so."""
    page.wait_for_function(
        "title => document.querySelector('.dataset-list .dataset-heading')?.innerText.trim().startsWith(title)", arg=title
    )


def check_search(page: Any, text: str, count: int, first: str = "") -> None:
    """The address, the form, the words, the results and the page's style agree.

    :param text: the area
    :param count: how many datasets are found
    :param first: what the first of them is called: pages that find as many differ in it
    """
    wait_for_first(page, first)
    page.wait_for_function(
        "text => document.querySelector('#search-results h1')?.innerText.startsWith(text + ' dataset')", arg=str(count)
    )
    # What is shown can be there before what listens to it.
    page.wait_for_load_state()
    assert area(page) == text
    assert page.locator("#dataset-search-form input[name=ext_bbox]").input_value() == text
    assert page.locator(".csw-area .pill").is_visible()
    assert page.locator("#csw-area-west").input_value() == text.split(",")[0]
    assert page.locator("header .navbar, .masthead").first.is_visible()
    assert page.evaluate("document.styleSheets.length") > 1
    assert page.evaluate("getComputedStyle(document.querySelector('.csw-area-search .csw-sides')).display") == "grid"


def stored(name: str) -> Any:
    model.Session.remove()
    return json.loads(model.Package.get(name).extras["spatial"])


@pytest.mark.usefixtures("mapped")
class TestSearch:
    def test_the_area_survives_facet_sort_pages_a_result_and_back_twice(self, page: Any) -> None:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"/dataset/?ext_bbox={AROUND}")
        check_search(page, AROUND, 23)
        for _ in range(2):
            page.locator(".nav-facet a[href*='tags=mills']").first.click()
            page.wait_for_url("**tags=mills**")
            check_search(page, AROUND, 22, "Mill 21")
            page.select_option("#field-order-by", "title_string asc")
            page.wait_for_url("**sort=title_string*asc**")
            check_search(page, AROUND, 22, "Mill 00")
            page.locator(".pagination a", has_text="2").first.click()
            page.wait_for_url("**page=2**")
            check_search(page, AROUND, 22, "Mill 20")
            page.locator(".dataset-heading a", has_text="Mill 20").click()
            page.wait_for_url("**/dataset/mill-20")
            page.go_back()
            page.wait_for_url("**page=2**")
            check_search(page, AROUND, 22, "Mill 20")
            page.go_back()
            check_search(page, AROUND, 22, "Mill 00")
            page.go_back()
            check_search(page, AROUND, 22, "Mill 21")
            page.go_back()
            check_search(page, AROUND, 23)
        assert errors == []

    def test_back_pressed_again_while_the_page_still_loads(self, page: Any) -> None:
        page.goto(f"/dataset/?ext_bbox={AROUND}")
        page.locator(".nav-facet a[href*='tags=mills']").first.click()
        check_search(page, AROUND, 22, "Mill 21")
        page.select_option("#field-order-by", "title_string asc")
        wait_for_first(page, "Mill 00")
        scripts = "**/*.js*"
        page.route(scripts, lambda route: None)
        page.go_back(wait_until="commit")
        wait_for_first(page, "Mill 21")
        page.go_back(wait_until="commit")
        page.unroute(scripts)
        check_search(page, AROUND, 23)

    def test_words_typed_after_a_facet_are_searched_within_the_area(self, page: Any) -> None:
        page.goto(f"/dataset/?ext_bbox={AROUND}")
        page.locator(".nav-facet a[href*='tags=mills']").first.click()
        page.wait_for_url("**tags=mills**")
        page.fill("#field-giant-search", "mill")
        page.press("#field-giant-search", "Enter")
        page.wait_for_url("**q=mill**")
        check_search(page, AROUND, 22)

    def test_a_place_is_searched_by_keyboard_with_what_the_results_were_filtered_by(self, page: Any) -> None:
        page.goto("/dataset/")
        page.locator(".nav-facet a[href*='tags=mills']").first.click()
        page.wait_for_url("**tags=mills**")
        tab_to(page, "csw-area-place")
        page.keyboard.type("Millr")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**ext_bbox=**")
        check_search(page, MILLRACE, 22)
        assert "tags=mills" in page.url
        assert page.locator(".csw-area .pill").inner_text().startswith("Millrace")
        page.get_by_role("link", name="Remove area: Millrace").press("Enter")
        page.wait_for_url(lambda url: "ext_bbox" not in url)
        assert found(page).startswith("23 datasets") and page.locator(".csw-area").count() == 0

    def test_four_numbers_are_searched_by_keyboard(self, page: Any) -> None:
        page.goto("/dataset/")
        for side, number in zip(("west", "south", "east", "north"), AROUND.split(",")):
            tab_to(page, f"csw-area-{side}")
            page.keyboard.type(number)
        page.keyboard.press("Enter")
        page.wait_for_url("**ext_bbox=**")
        check_search(page, AROUND, 23)

    @pytest.mark.parametrize("by", ["place", "numbers"])
    def test_both_work_without_javascript(self, plain_page: Any, by: str) -> None:
        plain_page.goto("/dataset/?tags=mills")
        if by == "place":
            plain_page.select_option("#csw-area-place", "Millrace")
            plain_page.get_by_role("button", name="Search this place").click()
        else:
            plain_page.locator(".csw-area-more summary").click()
            for side, number in zip(("west", "south", "east", "north"), MILLRACE.split(",")):
                plain_page.fill(f"#csw-area-{side}", number)
            plain_page.get_by_role("button", name="Search this area").click()
        assert area(plain_page) == MILLRACE and "tags=mills" in plain_page.url
        assert found(plain_page).startswith("22 datasets")
        assert "Millrace" in plain_page.locator(".csw-area .pill").inner_text()

    def test_a_box_is_drawn_and_searched(self, page: Any) -> None:
        page.goto("/dataset/")
        drag(page, ".csw-area-map .csw-map")
        assert "Press “Search this area”" in page.locator(".csw-area-search [role=status]").inner_text()
        page.get_by_role("button", name="Search this area").click()
        page.wait_for_url("**ext_bbox=**")
        assert found(page).startswith("23 datasets")
        check_search(page, area(page), 23)

    def test_maps_show_an_admins_tiles_with_their_attribution(self, page: Any) -> None:
        tiles = {"type": "custom", "custom.url": "http://tiles.example.org/{z}/{x}/{y}.png", "attribution": "Map by us"}
        asked: list[str] = []

        def with_tiles(route: Any) -> None:
            answer = route.fetch()
            attribute = f'data-module-tiles="{html.escape(json.dumps(tiles))}"'
            route.fulfill(response=answer, body=answer.text().replace('data-module-tiles="{}"', attribute))

        def tile(route: Any) -> None:
            asked.append(route.request.url)
            route.fulfill(status=200, content_type="image/svg+xml", body='<svg xmlns="http://www.w3.org/2000/svg"/>')

        page.route("**/dataset/?ext_bbox=*", with_tiles)
        page.route("http://tiles.example.org/**", tile)
        page.goto(f"/dataset/?ext_bbox={AROUND}")
        page.locator(".csw-map .leaflet-tile-loaded").first.wait_for(state="attached")
        assert page.locator(".csw-map .leaflet-control-attribution").inner_text() == "Map by us"
        # The area and at least one place: the map draws its outlines beside its tiles, in no set order.
        page.locator(".csw-map path").nth(1).wait_for(state="attached")
        assert asked

    def test_on_a_narrow_screen_the_message_is_seen_without_the_map_before_it(self, page: Any) -> None:
        page.set_viewport_size({"width": 320, "height": 900})
        page.goto("/dataset/?ext_bbox=1,2,3")
        page.wait_for_function("!document.querySelector('.csw-area-more').open")
        assert page.get_by_role("alert").bounding_box()["y"] < 700

    @pytest.mark.parametrize("path", ["/dataset/", "/organization/county"])
    def test_what_is_no_area_is_a_message(self, page: Any, path: str) -> None:
        page.goto(f"{path}?ext_bbox=1,2,3")
        assert page.get_by_role("alert").filter(has_text="aren't limited to an area").is_visible()
        page.get_by_role("link", name="Remove area").click()
        page.wait_for_url(f"**{path}")


def drag(page: Any, element: str) -> None:
    """Draw a box over nearly all of a map, after its places are drawn."""
    page.locator(f"{element} path").first.wait_for(state="attached")
    holder = page.locator(f":has(> {element.split()[-1]}), fieldset, section").filter(has=page.locator(element)).last
    holder.get_by_role("button", name="Draw a box").click()
    at = page.locator(element).bounding_box()
    page.mouse.move(at["x"] + at["width"] * 0.2, at["y"] + at["height"] * 0.1)
    page.mouse.down()
    page.mouse.move(at["x"] + at["width"] * 0.5, at["y"] + at["height"] * 0.5, steps=3)
    page.mouse.move(at["x"] + at["width"] * 0.9, at["y"] + at["height"] * 0.9, steps=3)
    page.mouse.up()


@pytest.mark.usefixtures("drawn")
class TestPicker:
    @pytest.fixture
    def edit(self, page: Any, log_in: Callable[[str], None]) -> Callable[[str], Any]:
        """Open a dataset's form."""

        def form(name: str) -> Any:
            if page.url == "about:blank":
                log_in("library_editor")
            page.goto(f"/dataset/edit/{name}")
            return page.locator("#field-spatial-picker")

        return form

    def save(self, page: Any, name: str) -> str:
        page.locator("button[name=save].btn-primary").click()
        page.wait_for_url(f"**/dataset/{name}")
        return " ".join(page.locator(".csw-extent-words").first.inner_text().split())

    def test_a_place_is_chosen_by_keyboard(self, page: Any, edit: Callable[[str], Any]) -> None:
        picker = edit("wifi")
        tab_to(page, "field-spatial-place")
        page.keyboard.type("Millr")
        status = picker.get_by_role("status")
        page.wait_for_function("document.querySelector('#field-spatial').value !== ''")
        assert "Millrace selected." in status.inner_text()
        assert page.locator("#field-spatial-west").input_value() == "-83.031"
        assert self.save(page, "wifi") == "Millrace"
        assert stored("wifi") == box(MILLRACE)

    def test_four_numbers_by_keyboard_the_wrong_way_round(self, page: Any, edit: Callable[[str], Any]) -> None:
        picker = edit("wifi")
        for side, number in {"west": "4", "south": "3", "east": "1", "north": "2"}.items():
            tab_to(page, f"field-spatial-{side}")
            page.keyboard.type(number)
        page.keyboard.press("Tab")
        assert "in the wrong order" in picker.get_by_role("status").inner_text()
        assert page.locator("#field-spatial-west").input_value() == "1"
        assert self.save(page, "wifi") == "west 1, south 2, east 4, north 3"
        assert stored("wifi") == box("1,2,4,3")

    def test_clear_takes_the_extent_away(self, page: Any, edit: Callable[[str], Any]) -> None:
        picker = edit("drawn")
        picker.get_by_role("button", name="Clear").press("Enter")
        assert "cleared" in picker.get_by_role("status").inner_text()
        page.locator("button[name=save].btn-primary").click()
        page.wait_for_url("**/dataset/drawn")
        assert page.locator(".csw-extent").count() == 0

    def test_a_box_replaces_an_outline_only_after_a_yes(self, page: Any, edit: Callable[[str], Any]) -> None:
        picker = edit("drawn")
        page.select_option("#field-spatial-place", "Millrace")
        replace, keep = (picker.get_by_role("button", name=name) for name in ("Replace outline", "Keep outline"))
        keep.wait_for()
        assert "It's kept unless you choose" in picker.get_by_role("status").inner_text()
        assert json.loads(page.locator("#field-spatial").input_value()) == TRIANGLE
        keep.press("Enter")
        assert not keep.is_visible() and page.evaluate("document.activeElement.id") == "field-spatial-place"
        page.select_option("#field-spatial-place", "Millrace")
        replace.press("Enter")
        assert self.save(page, "drawn") == "Millrace"
        assert stored("drawn") == box(MILLRACE)

    def test_a_place_typed_letter_by_letter_replaces_no_outline_on_the_way(
        self, page: Any, edit: Callable[[str], Any]
    ) -> None:
        picker = edit("drawn")
        tab_to(page, "field-spatial-place")
        page.keyboard.type("Millr", delay=80)
        picker.get_by_role("button", name="Keep outline").wait_for()
        assert page.evaluate("document.activeElement.id") == "field-spatial-place"
        assert page.locator("#field-spatial-place").input_value() == "Millrace"
        assert json.loads(page.locator("#field-spatial").input_value()) == TRIANGLE
        tab_to(page, "Replace outline")
        page.keyboard.press("Enter")
        assert json.loads(page.locator("#field-spatial").input_value()) == box(MILLRACE)

    def test_an_untouched_outline_is_saved_as_it_was(self, page: Any, edit: Callable[[str], Any]) -> None:
        edit("drawn")
        assert self.save(page, "drawn").startswith("an outline within west -83.03")
        assert stored("drawn") == TRIANGLE

    def test_a_box_is_drawn_on_the_map(self, page: Any, edit: Callable[[str], Any]) -> None:
        edit("wifi")
        page.locator("#field-spatial-picker .csw-map").scroll_into_view_if_needed()
        drag(page, "#field-spatial-picker .csw-map")
        assert "Area set" in page.locator("#field-spatial-picker [role=status]").inner_text()
        assert self.save(page, "wifi").startswith("west -83")

    def test_the_whole_world_is_flagged_at_once_and_on_the_page(self, page: Any, edit: Callable[[str], Any]) -> None:
        picker = edit("wifi")
        assert not picker.locator(".csw-world").is_visible()
        for side, number in {"west": "-180", "south": "-90", "east": "180", "north": "90"}.items():
            page.fill(f"#field-spatial-{side}", number)
        page.keyboard.press("Tab")
        assert picker.locator(".csw-world").is_visible()
        assert self.save(page, "wifi") == "The whole world"
        assert page.get_by_text("This area covers the whole world, so it doesn't help").is_visible()

    def test_without_javascript_the_text_is_what_there_is(self, plain_page: Any) -> None:
        enter(plain_page, "library_editor")
        plain_page.goto("/dataset/edit/wifi")
        assert not plain_page.locator(".csw-picker-choice").first.is_visible()
        plain_page.fill("#field-spatial", "along the river")
        plain_page.locator("button[name=save].btn-primary").click()
        assert plain_page.locator("#field-spatial").input_value() == "along the river"
        assert "We can't read this outline" in plain_page.locator("#field-spatial-error").inner_text()
        plain_page.fill("#field-spatial", json.dumps(box(MILLRACE)))
        assert self.save(plain_page, "wifi") == "Millrace"

    def test_bad_text_is_shown_again_with_javascript_too(self, page: Any, edit: Callable[[str], Any]) -> None:
        picker = edit("wifi")
        picker.locator("summary").press("Enter")
        page.fill("#field-spatial", "along the river")
        page.locator("button[name=save].btn-primary").click()
        page.locator("#field-spatial-error").wait_for()
        assert page.locator("#field-spatial").is_visible()
        assert page.locator("#field-spatial").input_value() == "along the river"


PATHS = [f"/dataset/?ext_bbox={AROUND}", "/dataset/?ext_bbox=1,2,3", "/organization/county?ext_bbox=1,2,3",
         f"/organization/county?ext_bbox={MILLRACE}", "/dataset/drawn", "/dataset/edit/drawn",
         "/organization/edit/public-library"]


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.usefixtures("mapped")
def test_axe_finds_nothing_and_nothing_runs_out_of_the_window(
    page: Any, log_in: Callable[[str], None], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    log_in("portal_admin")
    faults: dict[str, Any] = {}
    for path in PATHS:
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        found = violations(page, settled=400)
        wide = page.evaluate("document.documentElement.scrollWidth")
        faults[path] = (found, wide if wide > width else 0)
    assert {path: fault for path, fault in faults.items() if fault != ({}, 0)} == {}
