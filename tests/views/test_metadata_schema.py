"""The public description of the shared schema, and its downloads."""
from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckan.tests import factories, helpers

from ckanext.civicswitchboard.core.schema.compiler import compile_document
from ckanext.civicswitchboard.core.schema.document import Document, dump
from ckanext.civicswitchboard.core.schema.rules import read
from ckanext.civicswitchboard.core.schema.yaml_files import parse_yaml, read_folder
from ckanext.civicswitchboard.schema_registry import versions

pytestmark = [pytest.mark.usefixtures("clean_portal")]

ADDRESS = "/metadata-schema"
NEVER = (
    "json preset validator key regex snapshot orphan enforce grace migration breaking null boolean"
    " schema_document"
).split()


@pytest.fixture
def document() -> Document:
    with as_file(files("ckanext.civicswitchboard.schemas")) as folder:
        return read_folder(Path(folder))


@pytest.fixture
def page(app: Any) -> BeautifulSoup:
    return BeautifulSoup(app.get(ADDRESS).body, "html.parser")


def changed(document: Document, change: Any) -> Any:
    """A Snapshot of a changed copy."""
    raw = dump(document)
    change(raw)
    return compile_document(read(raw), version=7, presets=versions.presets())


def serve(monkeypatch: pytest.MonkeyPatch, snapshot: Any) -> None:
    monkeypatch.setattr(versions, "current", lambda: snapshot)


def field(page: BeautifulSoup, anchor: str) -> Any:
    found = page.find(id=anchor)
    assert found is not None, anchor
    return found


def text_of(element: Any) -> str:
    return " ".join(element.get_text(" ").split())


class TestPage:
    def test_it_says_what_it_is_and_which_version(self, page: BeautifulSoup, document: Document) -> None:
        assert [h.get_text() for h in page.find_all("h1")] == [document.title]
        assert "Version 1" in text_of(page.find(class_="csw-schema-version"))

    def test_it_says_who_maintains_it(self, app: Any) -> None:
        assert "No partner has been named to maintain it yet" in app.get(ADDRESS).body
        library = factories.Organization(title="University <i>Library</i>")
        helpers.call_action("civicswitchboard_steward_update", organization_id=library["id"])
        line = BeautifulSoup(app.get(ADDRESS).body, "html.parser").find(class_="csw-schema-version")
        assert "Maintained by University <i>Library</i> for all partners." in text_of(line)
        assert line.find("a")["href"] == f"/organization/{library['name']}"

    def test_every_field_and_subfield_is_there(self, page: BeautifulSoup, document: Document) -> None:
        for entity in ("dataset", "resource", "organization"):
            for each in document.fields_of(entity):
                anchor = f"{entity}-field-{each.field_name}"
                shown = text_of(field(page, anchor))
                assert " ".join(each.help_text.split()) in shown, anchor
                assert " ".join(each.definition.split()) in shown, anchor
                assert " ".join(each.example.split()) in shown, anchor
                for subfield in each.repeating_subfields:
                    field(page, f"{anchor}-field-{subfield.field_name}")

    @pytest.mark.parametrize(
        ("anchor", "facts"),
        [
            ("dataset-field-title", "Required Type: one line of text title"),
            ("dataset-field-language", "Optional Type: one term from the list language"),
            ("dataset-field-places", "Optional Type: one value per line Repeatable places"),
            ("resource-field-dictionary", "Optional Type: entries made of the parts below Repeatable dictionary"),
            ("resource-field-dictionary-field-column", "Required Type: one line of text column"),
        ],
    )
    def test_a_field_says_what_is_expected(self, page: BeautifulSoup, anchor: str, facts: str) -> None:
        assert text_of(field(page, anchor).find(class_="csw-field-facts")) == facts

    def test_a_field_says_where_it_goes(self, page: BeautifulSoup) -> None:
        assert "DCAT dct:title · DataCite titles.title · schema.org name" in text_of(
            field(page, "dataset-field-title")
        )
        assert "No counterpart in another standard" in text_of(field(page, "dataset-field-name"))

    def test_an_organization_field_says_of_whom_it_is_expected(self, page: BeautifulSoup) -> None:
        facts = text_of(field(page, "organization-field-roles").find(class_="csw-field-facts"))
        assert facts.startswith(
            "Required for 9 partner types Recommended for 4 partner types Optional for 8 partner types "
        )

    def test_a_long_list_of_terms_is_folded_and_a_short_one_is_not(self, page: BeautifulSoup) -> None:
        folded = field(page, "dataset-field-geographic_unit").find("details")
        assert text_of(folded.find("summary")) == "Geographic units: 16 terms"
        assert len(folded.find_all("dt")) == 16 and not folded.has_attr("open")
        assert field(page, "resource-field-resource_type").find("details") is None
        assert len(field(page, "resource-field-resource_type").select(".csw-terms dt")) == 5

    def test_a_retired_term_is_marked_with_the_reason(self, page: BeautifulSoup) -> None:
        terms = field(page, "dataset-field-frequency_publishing").find("details")
        assert text_of(terms.find("summary")) == "Frequencies: 16 terms, 3 more no longer offered"
        marked = [dt.parent for dt in terms.find_all("dt") if "no longer offered" in dt.get_text()]
        assert [text_of(each.find("dt")) for each in marked] == [
            f"{value} no longer offered" for value in ("Bi-Annually", "Bi-Monthly", "Bi-Weekly")
        ]
        assert all("Scope note:" in text_of(each) for each in marked)

    def test_every_partner_type_is_there(self, page: BeautifulSoup, document: Document) -> None:
        for kind in document.partner_types:
            assert kind.description in text_of(field(page, f"partner-type-{kind.name}"))

    def test_the_contents_lead_to_what_is_there(self, page: BeautifulSoup, document: Document) -> None:
        links = [a["href"] for a in page.select(".csw-schema a") if a["href"].startswith("#")]
        assert [link for link in links if page.find(id=link[1:]) is None] == []
        contents = [a["href"] for a in page.select(".csw-contents a")]
        assert contents[0] == "#dataset" and "#resource" in contents
        for section in document.dataset.sections:
            assert f"#dataset-section-{section.id}" in contents

    def test_no_id_is_there_twice(self, page: BeautifulSoup) -> None:
        ids = [each["id"] for each in page.find_all(id=True)]
        assert [each for each in set(ids) if ids.count(each) > 1] == []

    def test_no_heading_leaves_out_a_level(self, page: BeautifulSoup) -> None:
        levels = [int(h.name[1]) for h in page.find(role="main").find_all(re.compile("^h[1-6]$"))]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))

    def test_the_footer_of_every_page_leads_here(self, app: Any) -> None:
        footer = BeautifulSoup(app.get("/about").body, "html.parser").find("footer")
        assert ADDRESS in [a["href"] for a in footer.find_all("a")]

    def test_the_dataset_form_leads_here(self, app: Any) -> None:
        admin = factories.SysadminWithToken()
        factories.Organization()
        body = app.get("/dataset/new", headers={"Authorization": admin["token"]}).body
        assert ADDRESS in [a["href"] for a in BeautifulSoup(body, "html.parser").select("aside a")]


class TestWords:
    @pytest.mark.parametrize("language", ["", "/es"])
    def test_no_word_is_jargon(self, app: Any, language: str) -> None:
        page = BeautifulSoup(app.get(f"{language}{ADDRESS}").body, "html.parser").find(role="main")
        page.find(class_="csw-downloads").decompose()
        for code in page.find_all("code"):
            code.decompose()
        told = set(re.findall(r"[a-z_]+", page.get_text(" ").casefold()))
        assert sorted(told & set(NEVER)) == []
        assert "schema document" not in text_of(page).casefold()

    def test_no_sentence_shouts(self, page: BeautifulSoup) -> None:
        assert "!" not in text_of(page.find(role="main"))


class TestChangedSchema:
    """What a curator may write stays text and breaks nothing."""

    def test_html_is_shown_as_text(
        self, app: Any, document: Document, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"

        def change(raw: Any) -> None:
            raw["title"] = raw["about"] = evil
            for each in _texts(raw):
                for name in ("label", "description", "help_text", "example", "definition", "scope_note"):
                    if name in each:
                        each[name] = evil
                if "uri" in each:
                    each["uri"] = "javascript:alert(1)"
                if "mapping" in each:
                    each["mapping"] = {"dcat": evil}

        serve(monkeypatch, changed(document, change))
        page = BeautifulSoup(app.get(ADDRESS).body, "html.parser").find(role="main")
        assert page.find("script") is None
        assert [img for img in page.find_all("img") if img.has_attr("onerror")] == []
        assert [a for a in page.find_all("a") if a["href"].startswith("javascript")] == []
        assert evil in page.find("h1").get_text()

    def test_a_retired_field_is_marked(
        self, app: Any, document: Document, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def change(raw: Any) -> None:
            next(f for f in raw["dataset"]["fields"] if f["id"] == "url")["state"] = "retired"

        serve(monkeypatch, changed(document, change))
        page = BeautifulSoup(app.get(ADDRESS).body, "html.parser")
        assert "No longer offered" in text_of(field(page, "dataset-field-url").find(class_="csw-field-facts"))

    def test_texts_are_shown_in_the_readers_language(
        self, app: Any, document: Document, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def change(raw: Any) -> None:
            raw["dataset"]["sections"][0]["label"] = {"en": "About", "es": "Sobre"}

        serve(monkeypatch, changed(document, change))
        for language, label in (("", "About"), ("/es", "Sobre")):
            page = BeautifulSoup(app.get(f"{language}{ADDRESS}").body, "html.parser")
            assert page.find(id="dataset-section-about").get_text() == label

    def test_a_schema_with_nothing_in_it_is_shown(
        self, app: Any, document: Document, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def change(raw: Any) -> None:
            raw["dataset"] = {"sections": [], "fields": [], "resource_fields": []}
            raw["organization"] = {"sections": [], "fields": []}
            raw["partner_types"], raw["vocabularies"] = [], []

        serve(monkeypatch, changed(document, change))
        assert "0 fields" in app.get(ADDRESS, status=200).body


class TestDownloads:
    def test_yaml_is_the_whole_document(self, app: Any, document: Document) -> None:
        answer = app.get(f"{ADDRESS}/schema.yaml")
        assert answer.headers["Content-Type"] == "application/yaml; charset=utf-8"
        assert 'filename="version-1-schema.yaml"' in answer.headers["Content-Disposition"]
        assert read(parse_yaml(answer.body, "schema.yaml")) == document

    def test_json_is_the_same_document(self, app: Any, document: Document) -> None:
        answer = app.get(f"{ADDRESS}/schema.json")
        assert answer.headers["Content-Type"].startswith("application/json")
        assert read(json.loads(answer.body)) == document

    def test_csv_has_a_row_for_each_field(self, app: Any, document: Document) -> None:
        answer = app.get(f"{ADDRESS}/fields.csv")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        text = answer.get_data().decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        named = [(row["entity"], row["part_of"], row["field_name"]) for row in rows]
        assert sorted(named) == sorted(_places(document))

    def test_the_page_leads_to_all_of_them(self, page: BeautifulSoup, app: Any) -> None:
        links = [a["href"] for a in page.select(".csw-downloads a")]
        names = [link.rsplit("/", 1)[1] for link in links]
        assert names == ["schema.yaml", "schema.json", "fields.csv", "profile", "profile.csv"]
        for link in links:
            app.get(link, status=200)


def _texts(part: Any) -> Iterator[Any]:
    """Every mapping in a document."""
    if isinstance(part, dict):
        yield part
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _texts(each)


def _places(document: Document) -> Iterator[tuple[str, str, str]]:
    for entity in ("dataset", "resource", "organization"):
        for each in document.fields_of(entity):
            yield entity, "", each.field_name
            for subfield in each.repeating_subfields:
                yield entity, each.field_name, subfield.field_name
