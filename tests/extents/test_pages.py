"""Areas and extents on pages, over HTTP and without JavaScript."""
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from ckan.tests import factories
from extents.conftest import MILLRACE, box

Make = Callable[..., dict[str, Any]]

NONSENSE = ["1,2,3", "a,b,c,d", "nan,1,2,3", "1,2,3,4,5", "1,2,inf,4", "1e9,0,1,1", "1,2,3,95", ",,,", "<b>x</b>",
            "x" * 1000, "{0}", "\0"]


def soup(answer: Any) -> Any:
    return BeautifulSoup(answer.body, "html.parser")


@pytest.fixture
def topic(library: dict[str, Any]) -> dict[str, Any]:
    return factories.Group(name="topic")


@pytest.fixture
def headers() -> dict[str, str]:
    return {"Authorization": factories.SysadminWithToken()["token"]}


@pytest.mark.parametrize("given", NONSENSE)
def test_nonsense_is_a_message_on_every_page_that_takes_an_area(
    app: Any, topic: dict[str, Any], place: Make, headers: dict[str, str], given: str
) -> None:
    place("here", box(1, 1, 2, 2), groups=[{"name": "topic"}])
    for path in ("/dataset/", "/organization/library", "/group/topic", "/organization/bulk_process/library"):
        answer = app.get(f"{path}?ext_bbox={quote(given)}", headers=headers)
        assert answer.status_code == 200, path
        alert = soup(answer).select_one(".csw-area[role=alert]")
        assert "aren't limited to an area" in alert.text, path
        assert alert.find("a")["href"].endswith(path), path
        assert alert.find("b") is None
        assert soup(answer).find("a", href="/dataset/here") or "bulk" in path


@pytest.mark.parametrize("path", ["/dataset/", "/organization/library", "/group/topic"])
def test_an_empty_area_is_none(app: Any, topic: dict[str, Any], path: str) -> None:
    for query in ("ext_bbox=", "ext_bbox=%20"):
        answer = app.get(f"{path}?{query}")
        assert answer.status_code == 200 and soup(answer).select_one(".csw-area") is None


def test_several_areas_are_no_area(app: Any, library: dict[str, Any]) -> None:
    answer = app.get(f"/dataset/?ext_bbox={MILLRACE}&ext_bbox={MILLRACE}")
    assert soup(answer).select_one(".csw-area[role=alert]")


def test_the_api_keeps_ckans_answer(app: Any, library: dict[str, Any]) -> None:
    answer = app.get("/api/3/action/package_search?ext_bbox=1,2,3")
    assert answer.status_code in (400, 409) and not answer.json["success"]


def test_a_page_says_which_area_is_searched_and_how_to_remove_it(app: Any, place: Make) -> None:
    place("in-millrace", box(-83.02, 38.76, -83.01, 38.77))
    place("elsewhere", box(1, 1, 2, 2))
    for path in ("/dataset/", "/organization/library"):
        page = soup(app.get(f"{path}?q=in&ext_bbox={MILLRACE}&page=1"))
        pill = page.select_one(".csw-area .pill")
        assert "Millrace" in pill.text and "Remove" in pill.text
        assert pill.find("a")["href"] == f"{path}?q=in"
        assert pill.find("a")["aria-label"] == "Remove area: Millrace"
        assert page.find("a", href="/dataset/in-millrace")
        assert not page.find("a", href="/dataset/elsewhere")
        assert page.select_one("#dataset-search-form input[name=ext_bbox]")["value"] == MILLRACE


def test_an_area_without_a_name_is_said_in_numbers(app: Any, library: dict[str, Any]) -> None:
    page = soup(app.get("/dataset/?ext_bbox=1,2,3,4"))
    assert "west 1, south 2, east 3, north 4" in " ".join(page.select_one(".csw-area .pill").text.split())
    chosen = page.select_one("#csw-area-place option[selected]")
    assert chosen.text == "Another area" and chosen["value"] == "1,2,3,4"


def test_numbers_the_wrong_way_round_are_put_right_and_told(app: Any, place: Make) -> None:
    place("here", box(1, 1, 2, 2))
    page = soup(app.get("/dataset/?ext_bbox=3,3,0,0"))
    assert page.find("a", href="/dataset/here")
    assert "in the wrong order" in page.select_one("#search-results").text
    assert page.select_one("#csw-area-west")["value"] == "0"


def test_links_carry_the_area_on(app: Any, place: Make) -> None:
    for number in range(21):
        place(f"here-{number:02}", box(1, 1, 2, 2), tag_string="parks")
    page = soup(app.get("/dataset/?ext_bbox=0,0,3,3"))
    (facet,) = page.select('.nav-facet a[href*="tags=parks"]')
    following = page.select_one('.pagination a[href*="page=2"]')
    for link in (facet, following):
        assert "ext_bbox=0%2C0%2C3%2C3" in link["href"]
        assert "west 0, south 0" in " ".join(soup(app.get(link["href"])).select_one(".csw-area").text.split())


class TestFormsWithoutJavaScript:
    def sent(self, form: Any, **typed: str) -> dict[str, str]:
        values = {each["name"]: each.get("value", "") for each in form.find_all("input") if each.get("name")}
        return {**values, **typed}

    def test_a_place_is_searched_and_the_rest_of_the_search_kept(self, app: Any, place: Make) -> None:
        place("in-millrace", box(-83.02, 38.76, -83.01, 38.77))
        page = soup(app.get("/dataset/?q=millrace&sort=name+desc&ext_bbox=1,2,3,4&page=3"))
        form = page.select_one("form.csw-area-by-place")
        assert "Millrace" in [option.text for option in form.find_all("option")]
        answer = app.get(form["action"], query_string=self.sent(form, ext_place="Millrace"), follow_redirects=False)
        assert answer.status_code == 302
        assert answer.headers["Location"].endswith(
            f"/dataset/?q=millrace&sort=name+desc&ext_bbox={quote(MILLRACE)}"
        )
        assert "Millrace" in soup(app.get(answer.headers["Location"])).select_one(".csw-area").text

    def test_four_numbers_are_searched(self, app: Any, place: Make) -> None:
        place("here", box(1, 1, 2, 2))
        form = soup(app.get("/dataset/")).select_one("form.csw-area-by-numbers")
        typed = {"ext_west": "0", "ext_south": "0", "ext_east": "3", "ext_north": "3"}
        page = soup(app.get(form["action"], query_string=self.sent(form, **typed)))
        assert page.find("a", href="/dataset/here")
        assert page.select_one("#csw-area-north")["value"] == "3"

    @pytest.mark.parametrize("typed", [{"ext_west": "1"}, {"ext_place": "Nowhere"}, {"ext_west": "x", "ext_north": "9"}])
    def test_what_is_incomplete_comes_back_with_a_message(
        self, app: Any, library: dict[str, Any], typed: dict[str, str]
    ) -> None:
        page = soup(app.get("/dataset/", query_string=typed))
        assert page.select_one(".csw-area[role=alert]")
        if "ext_west" in typed:
            assert page.select_one("#csw-area-west")["value"] == typed["ext_west"]

    @pytest.mark.parametrize("typed", [{"ext_place": ""}, {"ext_west": "", "ext_north": " "}])
    def test_nothing_chosen_is_everywhere(self, app: Any, library: dict[str, Any], typed: dict[str, str]) -> None:
        answer = app.get("/dataset/", query_string={"q": "x", **typed}, follow_redirects=False)
        assert answer.headers["Location"].endswith("/dataset/?q=x")


def test_a_page_that_does_not_exist_stays_so(app: Any, library: dict[str, Any]) -> None:
    assert app.get("/no-such-page?ext_place=x").status_code == 404


@pytest.mark.ckan_config("civicswitchboard.gazetteer", "")
def test_without_a_gazetteer_there_is_no_list_of_places(app: Any, library: dict[str, Any]) -> None:
    page = soup(app.get(f"/dataset/?ext_bbox={MILLRACE}"))
    assert page.select_one("form.csw-area-by-place") is None
    assert page.select_one("form.csw-area-by-numbers")
    assert "west -83.031" in " ".join(page.select_one(".csw-area .pill").text.split())


def test_a_changed_gazetteer_is_read_at_once(
    app: Any, library: dict[str, Any], tmp_path: Any, ckan_config: Any, monkeypatch: Any
) -> None:
    file = tmp_path / "places.geojson"
    monkeypatch.setitem(ckan_config, "civicswitchboard.gazetteer", str(file))
    for name in ("Old town", "New and longer town"):
        feature = {"type": "Feature", "properties": {"name": name}, "geometry": box(0, 0, 1, 1)}
        file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
        page = soup(app.get("/dataset/?ext_bbox=0,0,1,1"))
        assert name in page.select_one(".csw-area .pill").text
        address = page.select_one(".csw-area-search")["data-module-places"]
        assert app.get(address).json["features"][0]["properties"]["name"] == name
    file.write_text("{")
    assert app.get("/dataset/?ext_bbox=0,0,1,1").status_code == 200


@pytest.mark.ckan_config("ckanext.spatial.common_map.type", "custom")
@pytest.mark.ckan_config("ckanext.spatial.common_map.custom.url", "https://tiles.example.org/{z}/{x}/{y}.png")
@pytest.mark.ckan_config("ckanext.spatial.common_map.attribution", "Example's \"maps\"")
def test_maps_get_the_tiles_that_an_admin_chose(app: Any, place: Make) -> None:
    place("boxed", box(1, 2, 3, 4))
    for path, element in (("/dataset/", ".csw-area-search"), ("/dataset/boxed", ".csw-extent .csw-map")):
        tiles = json.loads(soup(app.get(path)).select_one(element)["data-module-tiles"])
        assert tiles["type"] == "custom" and tiles["custom.url"] == "https://tiles.example.org/{z}/{x}/{y}.png"
        assert tiles["attribution"] == "Example's \"maps\""


def test_maps_have_no_tiles_of_their_own(app: Any, library: dict[str, Any]) -> None:
    panel = soup(app.get("/dataset/")).select_one(".csw-area-search")
    assert "type" not in json.loads(panel["data-module-tiles"])
    assert panel["data-module-places"].startswith("/extents/places/")


class TestDatasetPage:
    def words(self, app: Any, name: str) -> str:
        return " ".join(soup(app.get(f"/dataset/{name}")).select_one(".csw-extent").text.split())

    def test_says_the_place_or_the_numbers(self, app: Any, place: Make) -> None:
        place("named", box(-83.031, 38.755, -83.002, 38.791))
        place("boxed", box(1, 2, 3, 4))
        place("at-a-point", {"type": "Point", "coordinates": [5, 6]})
        place("outlined", {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [0, 9], [0, 0]]]})
        assert self.words(app, "named").startswith("Millrace")
        assert self.words(app, "boxed").startswith("west 1, south 2, east 3, north 4")
        assert self.words(app, "at-a-point").startswith("a point at longitude 5, latitude 6")
        assert self.words(app, "outlined").startswith("an outline within west 0, south 0, east 9, north 9")

    def test_flags_the_whole_world_and_so_does_the_form(
        self, app: Any, place: Make, headers: dict[str, str]
    ) -> None:
        place("worldly", box(-180, -90, 180, 90))
        flag = "This area covers the whole world, so it doesn't help people find the dataset."
        assert flag in self.words(app, "worldly")
        form = soup(app.get("/dataset/edit/worldly", headers=headers))
        hint = form.select_one("#field-spatial-picker .csw-world")
        assert flag in hint.text and not hint.has_attr("hidden")

    def test_shows_what_cannot_be_read_as_it_is(self, app: Any, place: Make) -> None:
        from ckan import model
        from ckan.lib import search

        made = place("odd", box(1, 1, 2, 2))
        package = model.Package.get("odd")
        package.extras = {**package.extras, "spatial": "<i>north</i>"}
        model.Session.commit()
        search.rebuild(made["id"], force=True)
        page = soup(app.get("/dataset/odd")).select_one(".csw-extent")
        assert "can't be displayed" in page.text and "<i>north</i>" in page.find("pre").text


class TestFormWithoutJavaScript:
    def test_the_text_carries_the_value_and_a_bad_one_comes_back(
        self, app: Any, place: Make, headers: dict[str, str]
    ) -> None:
        place("boxed", box(1, 2, 3, 4))
        page = soup(app.get("/dataset/edit/boxed", headers=headers)).select_one("#field-spatial-picker")
        assert json.loads(page.find("textarea", attrs={"name": "spatial"}).text) == box(1, 2, 3, 4)
        assert page.find("details").has_attr("open") and page.select_one(".csw-picker-choice").has_attr("hidden")
        assert page.find("label", attrs={"for": "field-spatial"})
        sent = {"title": "Boxed", "name": "boxed", "notes": "x", "license_id": "cc-by", "owner_org": "library",
                "spatial": "near <the> river", "save": ""}
        answer = app.post("/dataset/edit/boxed", headers=headers, data=sent)
        again = soup(answer).select_one("#field-spatial-picker")
        assert answer.status_code == 200
        assert again.find("textarea")["aria-describedby"] == again.select_one(".error-block")["id"]
        assert again.find("textarea").text.strip() == "near <the> river"
        assert again.find("details").has_attr("data-bad")

    def test_a_good_one_is_saved(self, app: Any, place: Make, headers: dict[str, str]) -> None:
        place("boxed", box(1, 2, 3, 4))
        sent = {"title": "Boxed", "name": "boxed", "notes": "x", "license_id": "cc-by", "owner_org": "library",
                "spatial": json.dumps(box(5, 5, 6, 6)), "save": ""}
        app.post("/dataset/edit/boxed", headers=headers, data=sent)
        assert soup(app.get("/dataset/?ext_bbox=5,5,6,6")).find("a", href="/dataset/boxed")

    def test_an_organizations_form_has_the_same(self, app: Any, library: Any, headers: dict[str, str]) -> None:
        page = soup(app.get("/organization/edit/library", headers=headers))
        assert page.select_one("#field-service_area-picker textarea[name=service_area]")


def test_no_page_is_taken_for_a_fragment_of_itself(app: Any, library: dict[str, Any]) -> None:
    whole = app.get("/dataset/")
    fragment = app.get("/dataset/", headers={"HX-Request": "true"})
    assert "HX-Request" in whole.headers["Vary"] and "HX-Request" in fragment.headers["Vary"]
    assert "<head>" in whole.body and "<head>" not in fragment.body
    config = soup(whole).find("meta", attrs={"name": "htmx-config"})
    assert json.loads(config["content"]) == {"historyCacheSize": 0, "refreshOnHistoryMiss": True}


def test_the_results_that_htmx_swaps_carry_the_area_too(app: Any, library: dict[str, Any]) -> None:
    fragment = soup(app.get("/dataset/?ext_bbox=0,0,3,3", headers={"HX-Request": "true"}))
    assert fragment.select_one("#dataset-search-form input[name=ext_bbox]")["value"] == "0,0,3,3"
    assert fragment.select_one(".csw-area .pill")
