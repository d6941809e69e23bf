"""The pages about versions: history, comparison, review, restore."""
from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckan.tests import factories
from support.editing import act, changed, current_document, publish, with_field
from support.people import enter_people
from words.reading import text

from ckanext.civicswitchboard.impact.usage import forget as usage_forget
from ckanext.civicswitchboard.schema_registry import downloads
from ckanext.civicswitchboard.search_index import reindex

pytestmark = [pytest.mark.usefixtures("clean_portal")]

PAGE = "/metadata-schema"


@pytest.fixture
def curator() -> dict[str, str]:
    """Headers of a request by an admin of the steward."""
    user = factories.User()
    steward = factories.Organization(users=[{"name": user["name"], "capacity": "admin"}])
    act("steward_update", organization_id=steward["id"])
    token = factories.APIToken(user=user["name"])["token"]
    return {"Authorization": token}


def test_the_history_tells_who_did_what_and_why(app: Any) -> None:
    publish(with_field(current_document(), field_name="reading_level"), note="Schools asked <b>for</b> it")
    shown = text(app.get(f"{PAGE}/versions"))
    assert "Version 2" in shown and "Version 1" in shown and "1 change" in shown
    assert "Schools asked <b>for</b> it" in shown
    assert "Restore version" not in shown


def test_any_version_is_shown_with_what_it_changed(app: Any) -> None:
    publish(changed(current_document(), "data_notes", label="Caveats"))
    first, second = text(app.get(f"{PAGE}/versions/1")), text(app.get(f"{PAGE}/versions/2"))
    assert "This is an earlier version" in first and "Data notes" in first
    assert "Changes since version 1" in second and "Caveats" in second
    assert "This is an earlier version" not in second


class TestRenderedOnce:
    @pytest.fixture
    def rendered(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The parts of pages that were rendered, one after the other."""
        templates: list[str] = []
        render = downloads._rendered

        def counting(template: str, given: Any) -> Any:
            templates.append(template.rpartition("/")[2])
            return render(template, given)

        monkeypatch.setattr(downloads, "_rendered", counting)
        publish(changed(current_document(), "data_notes", label={"en": "Caveats", "fr": "Réserves"}))
        return templates

    def test_a_version_is_rendered_for_its_first_reader(self, app: Any, rendered: list[str]) -> None:
        first, second = (text(app.get(f"{PAGE}/versions/2")) for _ in range(2))
        assert first == second and "Caveats" in second and "Changes since version 1" in second
        assert sorted(rendered) == ["changes.html", "description.html"]

    def test_each_language_and_address_has_its_own(self, app: Any, rendered: list[str]) -> None:
        for address in (PAGE, f"/en{PAGE}", f"/fr{PAGE}", PAGE):
            page = BeautifulSoup(app.get(address).body, "html.parser")
            field = page.find(id="dataset-field-data_notes")
            assert field.find("h4").text == ("Réserves" if "/fr" in address else "Caveats")
            term_page = page.select_one(".csw-vocabularies a")["href"]
            assert term_page.startswith(f"{address}/vocabularies/")
        assert rendered == ["description.html"] * 3

    def test_figures_and_links_are_those_of_today_and_of_the_reader(self, app: Any, rendered: list[str]) -> None:
        def filled_in() -> str:
            page = BeautifulSoup(app.get(PAGE).body, "html.parser")
            return " ".join(page.find(id="dataset-field-department").text.split())

        people = enter_people()
        dataset = {"owner_org": "public-library", "license_id": "cc-by"}
        factories.Dataset(department="Parks", **dataset)
        assert "filled in for 1 of 1 dataset" in filled_in()
        factories.Dataset(**dataset)
        usage_forget()
        assert "filled in for 1 of 2 datasets" in filled_in()
        link = "/metadata-schema/suggestions/new?entity="
        assert link in app.get(PAGE, headers=people.headers("publisher")).body and link not in app.get(PAGE).body

    def test_changes_of_remarks_are_for_curators_whoever_reads_first(
        self, app: Any, curator: dict[str, str], rendered: list[str]
    ) -> None:
        document = current_document()
        document["vocabularies"][0]["note"] = "Ask the county"
        publish(document)
        version = f"{PAGE}/versions/3"
        for _time in range(2):
            assert "Changes since" in text(app.get(version, headers=curator))
            assert "Changes since" not in text(app.get(version))
        assert rendered.count("changes.html") == 2


@pytest.mark.parametrize("path", ["versions/99", "versions/0", "versions/x", f"versions/{10**30}",
                                  "schema.yaml?version=99", "versions/compare?from=1&to=99",
                                  "versions/compare?from=x&to=%00"])
def test_what_is_not_there_is_not_found(app: Any, path: str) -> None:
    app.get(f"{PAGE}/{path}", status=404)


def test_two_versions_are_compared(app: Any) -> None:
    publish(changed(current_document(), "data_notes", label="Caveats"))
    assert "now called “Caveats”" in text(app.get(f"{PAGE}/versions/compare?from=1&to=2"))
    assert "The two versions are the same" in text(app.get(f"{PAGE}/versions/compare?from=2&to=2"))


def test_an_earlier_version_is_restored_with_a_note(app: Any, curator: dict[str, str]) -> None:
    publish(with_field(current_document(), field_name="reading_level"))
    asked = text(app.get(f"{PAGE}/versions/1/restore", headers=curator))
    assert "Publish version 3" in asked and "“Reading level” is removed" in asked
    refused = app.post(f"{PAGE}/versions/1/restore", headers=curator, data={"note": " "})
    assert "Nothing was published" in text(refused) and act("schema_show")["version"] == 2
    app.post(f"{PAGE}/versions/1/restore", headers=curator, data={"note": "Not yet"})
    assert act("schema_show")["version"] == 3


def test_the_review_tells_how_many_records_are_concerned_and_publishes(app: Any, curator: dict[str, str]) -> None:
    organization = factories.Organization(name="parks", title="City parks")
    for number in range(3):
        factories.Dataset(license_id="cc-by", owner_org=organization["id"], private=number == 0,
                          name=f"trees-{number}")
    act("schema_draft_create")
    act("schema_draft_update", revision=1,
        document=changed(current_document(), "department", expectation="required"))
    page = app.get(f"{PAGE}/review", headers=curator)
    shown = text(page)
    assert "3 of 3 datasets affected" in shown and "City parks: 3" in shown
    assert "trees-1" in shown and "trees-0" not in shown
    assert "some records may need attention" in shown and "Publish version 2" in shown
    app.post(f"{PAGE}/review", headers=curator, data={"note": "", "revision": "2"})
    assert act("schema_show")["version"] == 1
    app.post(f"{PAGE}/review", headers=curator, data={"note": "Needed", "revision": "2"})
    assert act("schema_show")["version"] == 2


def test_faults_of_the_draft_are_named_and_the_button_is_not_there(app: Any, curator: dict[str, str]) -> None:
    act("schema_draft_create")
    act("schema_draft_update", revision=1, document=changed(current_document(), "url", label=""))
    shown = text(app.get(f"{PAGE}/review", headers=curator))
    assert "says nothing; write at least a word" in shown and "Publish version" not in shown


def test_of_a_list_full_of_faults_the_first_are_told(app: Any, curator: dict[str, str]) -> None:
    act("schema_draft_create")
    raw = current_document()
    raw["vocabularies"][0]["terms"] += [{"id": f"t{n}", "value": f"t{n}", "label": ""} for n in range(150)]
    act("schema_draft_update", revision=1, document=raw)
    shown = text(app.get(f"{PAGE}/review", headers=curator))
    assert shown.count("says nothing; write at least a word") == 100
    assert "50 more appear once these are fixed." in shown


@pytest.mark.parametrize("path", ["review", "versions/1/restore"])
def test_others_may_not(app: Any, curator: dict[str, str], path: str) -> None:
    act("schema_draft_create")
    token = factories.APIToken(user=factories.User()["name"])["token"]
    for method in (app.get, app.post):
        method(f"{PAGE}/{path}", headers={"Authorization": token}, status=403)


def test_without_a_draft_there_is_nothing_to_review(app: Any, curator: dict[str, str]) -> None:
    shown = text(app.get(f"{PAGE}/review", headers=curator))
    assert "No draft yet" in shown and "Publish version" not in shown


def test_curators_are_told_what_lags_behind_a_version_until_it_does_not(app: Any, curator: dict[str, str]) -> None:
    factories.Dataset(license_id="cc-by")
    document = current_document()
    document["dataset"]["fields"] = [
        {**each, "facet": True} if each["id"] == "department" else each for each in document["dataset"]["fields"]
    ]
    publish(document)
    lags = "Search is updating (0 of 1)"
    for path in ("versions", "review", "draft"):
        assert lags in text(app.get(f"{PAGE}/{path}", headers=curator))
    assert lags not in text(app.get(f"{PAGE}/versions"))
    for _id, failed in reindex.reindex(reindex.behind()):
        assert not failed
    assert lags not in text(app.get(f"{PAGE}/versions", headers=curator))


def test_a_draft_is_compared_with_any_version_by_its_curators(app: Any, curator: dict[str, str]) -> None:
    assert "the draft" not in text(app.get(f"{PAGE}/versions/compare", headers=curator))
    act("schema_draft_create")
    act("schema_draft_update", revision=1, document=changed(current_document(), "data_notes", label="Caveats"))
    shown = text(app.get(f"{PAGE}/versions/compare?from=1&to=draft", headers=curator))
    assert "now called “Caveats”" in shown and "the draft" in shown
    assert "the draft" not in text(app.get(f"{PAGE}/versions/compare"))
    app.get(f"{PAGE}/versions/compare?from=1&to=draft", status=403)


def test_a_fault_of_a_term_or_a_section_leads_to_it(app: Any, curator: dict[str, str]) -> None:
    act("schema_draft_create")
    raw = current_document()
    raw["vocabularies"][0]["terms"][0]["label"] = ""
    raw["dataset"]["sections"][0]["label"] = ""
    act("schema_draft_update", revision=1, document=raw)
    page = app.get(f"{PAGE}/review", headers=curator).body
    vocabulary, section = raw["vocabularies"][0], raw["dataset"]["sections"][0]
    assert f'/draft/vocabularies/{vocabulary["id"]}?term={vocabulary["terms"][0]["id"]}"' in page
    assert f'/draft/sections/dataset/{section["id"]}"' in page
