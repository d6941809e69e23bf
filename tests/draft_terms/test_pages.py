"""The draft's vocabularies, crosswalk, partner types and translations, as pages without a script."""
from __future__ import annotations

import io
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckan.tests import factories
from support.editing import act

from ckanext.civicswitchboard.core.schema.document import Document, Term, Vocabulary, parse

DRAFT = "/metadata-schema/draft"


class Desk:
    """A curator's requests."""

    def __init__(self, app: Any, headers: Any) -> None:
        self.app, self.headers = app, headers

    def get(self, path: str, status: int = 200) -> str:
        return self.text(self.app.get(f"{DRAFT}{path}", headers=self.headers, status=status))

    def post(self, path: str, status: int = 200, **data: Any) -> str:
        revision = act("schema_draft_show")["revision"]
        given = {"revision": str(revision), **data}
        return self.text(self.app.post(f"{DRAFT}{path}", data=given, headers=self.headers, status=status))

    def text(self, response: Any) -> str:
        self.last = response
        self.soup = BeautifulSoup(response.body, "html.parser")
        return " ".join(self.soup.get_text(" ").split())

    def kept(self) -> str:
        return str(self.soup.find("input", {"name": "kept"})["value"])  # type: ignore[index,call-overload]


@pytest.fixture
def desk(app: Any, curators: list[str], as_user: Any) -> Desk:
    """The desk of an editor of the steward, with a draft."""
    act("schema_draft_create")
    return Desk(app, as_user(curators[1]))


def dataset(**more: Any) -> None:
    factories.Dataset(license_id="cc-by", owner_org=factories.Organization()["id"], **more)


def document() -> Document:
    return parse(act("schema_draft_show")["document"])


def vocabulary(vocabulary_id: str) -> Vocabulary:
    found = document().vocabulary(vocabulary_id)
    assert found
    return found


def term(vocabulary_id: str, term_id: str) -> Term:
    return next(each for each in vocabulary(vocabulary_id).terms if each.id == term_id)


def kinds() -> list[tuple[str, str]]:
    changes = act("schema_diff", from_version="1", to_version="draft")["changes"]
    return [(change["kind"], change["part"] or change["field"]) for change in changes]


def test_the_terms_of_a_vocabulary_are_edited(desk: Desk) -> None:
    dataset(theme=["transportation"], title="Stops")
    assert "Theme" in desk.get("/vocabularies")
    theme = "/vocabularies/theme"
    assert "1 record" in desk.get(theme)

    desk.post(theme, add="", label="Wifi <script>alert(1)</script>", definition="{{ 7*7 }}")
    new = vocabulary("theme").terms[-1]
    shown = desk.get(f"{theme}?term={new.id}")
    assert "Wifi <script>alert(1)</script>" in shown and "{{ 7*7 }}" in shown
    assert "Make" not in shown and "This term is new in the draft" in shown
    assert "There's already a term “Transportation”" in desk.post(theme, add="", label="transportation")

    desk.post(theme, set="", term=new.id, label="Internet", alternate_labels="Wifi\r\nWLAN", definition="Online",
              scope_note="", uri="http://example.org/i", source="", broader="technology", note="")
    changed = term("theme", new.id)
    assert (changed.label, changed.alternate_labels, changed.broader) == ("Internet", ["WLAN", "Wifi"], "technology")
    assert changed.value == new.value

    desk.post(theme, retire="", term="transportation", replaced_by=new.id)
    assert "use “Internet” instead" in desk.get(theme)
    desk.post(theme, restore="", term="transportation")
    desk.post(theme, merge="", term="recreation", into="technology")
    assert "merged into “Technology”" in desk.get(theme)
    desk.post(theme, up="technology")
    desk.post(theme, place="", term="energy", after="")
    assert vocabulary("theme").terms[0].id == "energy"
    assert ("term_merged", "recreation") in kinds() and ("term_moved", "energy") in kinds()
    desk.post(theme, remove="", term=new.id)
    assert "Retire it instead" in desk.post(theme, remove="", term="health")
    assert {"term_added", "term_removed"} & {kind for kind, _part in kinds()} == set()
    assert "Choose an action" in desk.post(theme)
    assert "There's no term “nowhere”" in desk.post(theme, up="nowhere")
    desk.get("/vocabularies/nowhere", status=404)


def test_a_list_is_seen_before_it_is_taken(desk: Desk) -> None:
    path = "/vocabularies/theme/list"
    before = vocabulary("theme")
    seen = desk.post(path, pasted="Transportation\r\nWifi\r\nLibraries\r\n")
    assert "2 terms added" in seen and "1 unchanged" in seen and vocabulary("theme") == before
    rows = [box["value"] for box in desk.soup.find_all("input", {"name": "row"})]
    kept = desk.kept()
    desk.post(path, kept=kept, row=rows[1])
    assert [each.label for each in vocabulary("theme").terms[len(before.terms):]] == ["Libraries"]
    assert "This isn't the list you previewed" in desk.post(path, kept="QUJD")
    assert "has no terms" in desk.post(path, pasted="  ")
    assert "The limit is 20000" in desk.post(path, pasted="\n".join(f"Term {n}" for n in range(20_001)))


def test_files_come_and_go(desk: Desk) -> None:
    for ending in ("skos.ttl", "skos.jsonld", "terms.csv"):
        answer = desk.app.get(f"{DRAFT}/vocabularies/theme/{ending}", headers=desk.headers)
        assert "attachment" in answer.headers["Content-Disposition"]
        name = ending.replace("terms.", "theme.")
        seen = desk.post("/vocabularies/theme/list", upload=(io.BytesIO(answer.body.encode()), name))
        assert "The list has nothing new" in seen
        seen = desk.post("/vocabularies-from-a-list", label="Copy", upload=(io.BytesIO(answer.body.encode()), name))
        assert f"{len(vocabulary('theme').terms)} terms added" in seen
    desk.post("/vocabularies-from-a-list", label="Copy", kept=desk.kept(), everything="yes")
    assert vocabulary("copy").terms == vocabulary("theme").terms
    assert "not readable as turtle" in desk.post("/vocabularies-from-a-list", upload=(io.BytesIO(b"<a> <b"), "a.ttl"))
    two = b"""@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix x: <http://example.org/> .
        x:s skos:prefLabel "Shapes" . x:a a skos:Concept ; skos:inScheme x:s ; skos:prefLabel "Round" .
        x:c skos:prefLabel "Colors" . x:b a skos:Concept ; skos:inScheme x:c ; skos:prefLabel "Red" ."""
    refused = desk.post("/vocabularies-from-a-list", upload=(io.BytesIO(two), "a.ttl"))
    assert "has the concepts of 2 schemes; choose one of them by its name: “Colors” (1), “Shapes” (1)" in refused
    seen = desk.post("/vocabularies-from-a-list", scheme="shapes", upload=(io.BytesIO(two), "a.ttl"))
    assert "Round" in seen and "Red" not in seen and "Left out: terms of other schemes (1)." in seen
    for given in ({"upload": (io.BytesIO(b"label,Rank\nRound,1"), "a.csv")}, {"pasted": "label\tRank\nRound\t1\n"}):
        assert "Left out: columns that terms don’t have: “Rank”" in desk.post("/vocabularies-from-a-list", **given)
    assert "has to end in" in desk.post("/vocabularies-from-a-list", upload=(io.BytesIO(b"MZ"), "a.exe"))
    assert "is not text in UTF-8" in desk.post("/vocabularies-from-a-list", upload=(io.BytesIO(b"\x81"), "a.csv"))
    desk.post("/vocabularies", label="Reading level", description="For whom")
    assert vocabulary("reading_level").description == "For whom"
    desk.post("/vocabularies/reading_level", set_vocabulary="", label="Level", description="", uri="", note="n")
    assert vocabulary("reading_level").label == "Level"
    desk.post("/vocabularies/reading_level", remove_vocabulary="")
    assert document().vocabulary("reading_level") is None
    assert "A published vocabulary can't be removed" in desk.post("/vocabularies/theme", remove_vocabulary="")


def test_a_row_that_is_left_out_says_why(desk: Desk) -> None:
    seen = desk.post("/vocabularies-from-a-list", label="Kinds", pasted="a\tMaps\r\nb\tMaps\r\n")
    assert "1 term added" in seen and "1 skipped" in seen
    assert "The list already has “Maps” above" in seen
    desk.post("/vocabularies/theme/list", pasted="label\talternate_labels@en\talternate_labels@es\nTransportation\tTransit\tTránsito")
    assert "Transit" in desk.text(desk.last) and "Tránsito" in desk.text(desk.last)


TURTLE = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
<http://example.org/t> a skos:ConceptScheme ; skos:prefLabel "Themes"@en .
<http://example.org/t/AGRI> a skos:Concept ; skos:prefLabel "Земя"@bg ; skos:definition [ rdf:value "Почва"@bg ] ; skos:example "x" .
<http://example.org/t/ECON> a skos:Concept ; skos:prefLabel <http://example.org/labels/Money> ."""


@pytest.mark.parametrize(
    ("content", "name", "terms", "note"),
    [
        (TURTLE.encode(), "themes.ttl", [("agri", {"bg": "Земя"}), ("money", "Money")], "Left out: “example” of 1 terms."),
        ("label\nالعربية\n中文\n".encode(), "languages.csv", [("العربية", "العربية"), ("中文", "中文")], ""),
        ("sep=;\r\nLabel;Definition;;\r\nCafé;x;;\r\n".encode("cp1252"), "excel.csv", [("cafe", "Café")], "read as Windows-1252"),
        ("Label\tDefinition\r\nKarten\tx\r\n".encode("utf-16"), "excel.txt", [("karten", "Karten")], ""),
    ],
)
def test_files_of_other_programs_become_vocabularies(desk: Desk, content: bytes, name: str, terms: Any, note: str) -> None:
    seen = desk.post("/vocabularies-from-a-list", label="From a file", upload=(io.BytesIO(content), name))
    assert f"{len(terms)} term" in seen and note in seen
    desk.post("/vocabularies-from-a-list", label="From a file", kept=desk.kept(), row=[str(n) for n in range(len(terms))])
    assert [(term.value, term.label) for term in vocabulary("from_a_file").terms] == terms
    seen = desk.post("/vocabularies/from_a_file/list", upload=(io.BytesIO(content), name))
    assert "The list has nothing new" in seen


@pytest.mark.parametrize("content", [b'{"a":' * 200 + b"1" + b"}" * 200, b"[" * 100_000, b'[{"@graph":' * 90 + b"1" + b"}]" * 90])
def test_deep_files_are_refused(desk: Desk, content: bytes) -> None:
    assert "nest" in desk.post("/vocabularies-from-a-list", upload=(io.BytesIO(content), "deep.jsonld"))


def test_the_crosswalk_is_a_table(desk: Desk) -> None:
    dataset(name="stops", title="Bus stops", theme=["transportation"])
    shown = desk.get("/crosswalk?record=stops")
    assert "not in our list:" not in shown and "Bus stops" in shown and "DataCite 4.5" in shown
    desk.post("/crosswalk?of=dataset&page=1", **{"cell|theme|mods": "subject/topic", "cell|title|mods": "heading"})
    fields = {field.id: field for field in document().dataset.fields}
    assert fields["theme"].mapping["mods"] == "subject/topic" and "dcat" in fields["theme"].mapping
    assert "not in our list: heading" in desk.get("/crosswalk")
    assert kinds() == [("field_mapping_changed", "title"), ("field_mapping_changed", "theme")]
    desk.post("/crosswalk?of=resource", **{"cell|dictionary.column|dublin_core": "dct:title", "cell|x": "y"})
    assert "We can't find “nowhere”" in desk.get("/crosswalk?record=nowhere&of=organization")
    assert "no longer exists" in desk.post("/crosswalk", **{"cell|nowhere|mods": "note"})


def test_the_records_that_hold_a_term_are_listed_wherever_it_stands(desk: Desk) -> None:
    owner = factories.Organization(name="county", title="The county", partner_type="academic_library",
                                   skills=["gis"])["id"]
    common: dict[str, Any] = {"license_id": "cc-by", "owner_org": owner}
    file = {"name": "Table", "url": "http://data.example.org/1.csv", "resource_type": "data"}
    factories.Dataset(title="Alone", theme=["health"], **common)
    factories.Dataset(title="Among others", theme=["technology", "health"], resources=[file], **common)
    factories.Dataset(title="Hidden", theme=["health"], private=True, **common)
    factories.Dataset(title="Without", theme=["technology"], **common)
    shown = desk.get("/vocabularies/theme/records?term=health")
    assert "Alone" in shown and "Among others" in shown and "Without" not in shown and "Hidden" not in shown
    # How many records hold a term that an editor may not read is for those who may publish.
    assert "private to its organization" not in shown and "Open in dataset search" in shown
    admin = Desk(desk.app, {"Authorization": factories.SysadminWithToken()["token"]})
    assert "Hidden" in admin.get("/vocabularies/theme/records?term=health")
    assert "Among others" in desk.get("/vocabularies/resource_type/records?term=data")
    assert "The county organization" in desk.get("/vocabularies/skill/records?term=gis")
    desk.get("/vocabularies/theme/records?term=nowhere", status=404)


def test_partner_types_are_edited(desk: Desk) -> None:
    assert "Only a system administrator" in desk.get("/partner-types?type=museum")
    desk.post("/partner-types", add="", label="Makerspace", sector="community")
    desk.post("/partner-types", set="", type="makerspace", label="Maker space", description="Builds", sector="library",
              icon="fa-code", note="", **{"field:roles": "required", "field:skills": ""})
    kind = document().partner_type("makerspace")
    assert kind and (kind.label, kind.icon, kind.sector) == ("Maker space", "fa-code", "library")
    assert [(each.field, each.expectation) for each in kind.fields] == [("roles", "required")]
    desk.post("/partner-types", up="makerspace")
    assert document().partner_types[-2].name == "makerspace"
    assert "Choose an icon" in desk.post("/partner-types", set="", type="makerspace", label="M", sector="library",
                                         icon='x" onload="')
    factories.Organization(name="the-museum", partner_type="museum")
    shown = desk.get("/partner-types")
    assert "1 organization" in shown and "Some organizations have this type" in desk.post(
        "/partner-types", remove="", type="museum")
    desk.post("/partner-types", remove="", type="school_library")
    assert document().partner_type("school_library") is None and ("partner_type_removed", "school_library") in kinds()
    act("schema_draft_undo", revision=act("schema_draft_show")["revision"])
    desk.post("/partner-types", remove="", type="makerspace")
    assert document().partner_type("makerspace") is None and kinds() == []
    assert "Choose a sector" in desk.post("/partner-types", add="", label="X", sector="army")


def test_the_crosswalk_has_parts_with_their_samples_and_what_is_no_longer_offered(desk: Desk) -> None:
    file = {"name": "Table", "url": "http://data.example.org/1.csv", "dictionary": [{"column": "stop_id"}]}
    dataset(name="stops", title="Bus stops", resources=[file])
    desk.post("/crosswalk?of=resource", **{"cell|dictionary.column|dublin_core": "dct:title"})
    assert "dct:title stop_id" in desk.get("/crosswalk?of=resource&record=stops")
    blanks = desk.get("/crosswalk").partition(" blank")[0].rpartition(" ")[2]
    desk.post("/fields/dataset/department/state", state="retired")
    shown = desk.get("/crosswalk")
    assert "Department no longer offered" in shown
    assert int(shown.partition(" blank")[0].rpartition(" ")[2]) < int(blanks), "it asks for nothing any more"


def test_translations_are_filled_in(desk: Desk, app: Any, as_user: Any) -> None:
    assert "So far everything is in one language" in desk.get("/translations")
    assert "Web address" in desk.get("/translations?language=es&show=all") and desk.soup.find("textarea")
    desk.post("/translations?language=es", **{
        "text|dataset.fields|data_notes||label": "Notas {{ 7*7 }}", "text|vocabularies|theme|health|label": "Salud"})
    assert term("theme", "health").label == {"en": "Health", "es": "Salud"}
    overview = desk.get("/translations")
    assert "texts missing" in overview
    desk.post("/translations?language=es&show=all", **{"text|vocabularies|theme|health|label": ""})
    assert term("theme", "health").label == {"en": "Health"}
    desk.post("/translations?language=es", **{"text|vocabularies|theme|health|label": "Salud"})
    assert "Choose one of the portal's languages" in desk.post("/translations?language=zz")

    # A form keeps the other languages of what it changes.
    health = term("theme", "health")
    desk.post("/vocabularies/theme", set="", term="health", label="Health and care", alternate_labels="",
              definition="", scope_note="", uri=health.uri, source=health.source, broader="", note="")
    assert term("theme", "health").label == {"en": "Health and care", "es": "Salud"}

    act("schema_publish", revision=act("schema_draft_show")["revision"], note="Español")
    for path, label in (("/es/metadata-schema", "Notas {{ 7*7 }}"), ("/fr/metadata-schema", "Data notes"),
                        ("/metadata-schema", "Data notes")):
        assert label in desk.text(app.get(path))
    dataset(name="clinics", theme=["health"])
    assert "Salud" in desk.text(app.get("/es/dataset/clinics"))
    assert "Health and care" in desk.text(app.get("/fr/dataset/clinics"))
    assert "Salud" in desk.text(app.get("/es/dataset/edit/clinics", headers=as_user(factories.Sysadmin()["name"])))


PAGES = ["/vocabularies", "/vocabularies/theme", "/vocabularies/theme/list", "/vocabularies-from-a-list", "/crosswalk",
         "/partner-types", "/translations", "/vocabularies/theme/terms.csv", "/vocabularies/theme/skos.ttl"]


def test_only_the_stewards_editors_come_in(desk: Desk, app: Any, as_user: Any) -> None:
    elsewhere = factories.User()
    factories.Organization(users=[{"name": elsewhere["name"], "capacity": "admin"}])
    stranger = as_user(elsewhere["name"])
    before = document()
    for path in PAGES:
        assert app.get(f"{DRAFT}{path}", headers=stranger, follow_redirects=False).status_code == 403, path
        assert app.get(f"{DRAFT}{path}", follow_redirects=False).status_code in (302, 403), path
        desk.get(path)
    for path in ("/vocabularies", "/vocabularies/theme", "/vocabularies/theme/list", "/crosswalk", "/partner-types",
                 "/translations?language=es"):
        data = {"revision": "1", "add": "", "label": "X", "sector": "library"}
        assert app.post(f"{DRAFT}{path}", data=data, headers=stranger).status_code == 403
    assert document() == before
