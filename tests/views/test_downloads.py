"""Vocabularies and the application profile to take away, by page, address and command."""
from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
import rdflib
from bs4 import BeautifulSoup
from support.editing import act, changed, current_document, publish
from words.reading import text as words_of

from ckanext.civicswitchboard.cli.schema import schema
from ckanext.civicswitchboard.core.formats.skos import read_skos
from ckanext.civicswitchboard.core.schema.document import parse
from ckanext.civicswitchboard.views import downloads

pytestmark = [pytest.mark.usefixtures("clean_portal")]
SKOS = rdflib.Namespace("http://www.w3.org/2004/02/skos/core#")


def test_every_vocabulary_of_every_version_can_be_taken_away(app: Any) -> None:
    publish(changed(current_document(), "data_notes", label="Caveats"))
    page = BeautifulSoup(app.get("/metadata-schema").body, "html.parser")
    links = [a["href"] for a in page.select(".csw-vocabulary-forms a")]
    document = parse(current_document())
    assert len(links) == 3 * len(document.vocabularies) and all("version=2" in link for link in links)
    for link in [link for link in links if "theme" in link]:
        answer = app.get(link, status=200)
        assert "version-2-theme." in answer.headers["Content-Disposition"]
    turtle = app.get("/metadata-schema/vocabularies/theme.ttl?version=1", status=200)
    assert turtle.headers["Content-Type"].startswith("text/turtle")
    assert read_skos(turtle.body, "turtle", "x") == document.vocabulary("theme")
    table = app.get("/metadata-schema/vocabularies/theme.csv", status=200).get_data().decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(table)))) == len(document.vocabulary("theme").terms)
    for wrong in ("theme.xml", "nothing.ttl", "theme.ttl?version=9", "theme.ttl?version=x", "theme/nothing", "nothing"):
        assert app.get(f"/metadata-schema/vocabularies/{wrong}", status=404)


def test_a_terms_address_leads_programs_to_skos_and_people_to_the_page(app: Any) -> None:
    turtle = app.get("/metadata-schema/vocabularies/theme.ttl").body
    graph = rdflib.Graph().parse(data=turtle, format="turtle")
    concept = next(iter(sorted(graph.subjects(rdflib.RDF.type, SKOS.Concept))))
    path = "/metadata-schema" + str(concept).partition("/metadata-schema")[2]
    found = app.get(path, headers={"Accept": "text/turtle"}, status=200)
    assert str(concept) in found.body
    person = app.get(path, headers={"Accept": "text/html"}, follow_redirects=False)
    place, _hash, anchor = person.headers["Location"].partition("#")
    assert person.status_code == 302 and place.endswith("/metadata-schema/vocabularies/theme")
    described = BeautifulSoup(app.get("/metadata-schema/vocabularies/theme").body, "html.parser").find(id=anchor)
    assert str(next(graph.objects(concept, SKOS.prefLabel))) in described.get_text()


def test_the_profile_of_a_version_can_be_printed_and_cited(app: Any) -> None:
    publish(changed(current_document(), "data_notes", label="Caveats"), "Plainer words")
    publish(changed(current_document(), "data_notes", label="Third <b>name</b>"), "Again")
    page = BeautifulSoup(app.get("/metadata-schema/versions/2/profile").body, "html.parser").find(role="main")
    text = " ".join(page.get_text(" ").split())
    rows = [" ".join(row.get_text(" ").split()) for row in page.select("th[scope=row]")]
    assert "Caveats data_notes" in rows and "Theme theme" in rows
    cite = " ".join(page.find(class_="csw-cite").get_text(" ").split())
    assert cite.startswith("Test portal (20") and "version 2. Test portal. http" in cite
    assert cite.endswith("/metadata-schema/versions/2/profile")
    # Its own past, and nothing of what came later.
    assert "Plainer words" in text and "Again" not in text and "Third" not in text
    assert "is now called" in text or "Caveats" in text.partition("Change log")[2]
    later = app.get("/metadata-schema/versions/3/profile").body
    assert "Third &lt;b&gt;name" in later and "Third <b>" not in later
    table = app.get("/metadata-schema/versions/2/profile.csv", status=200)
    assert "version-2-profile.csv" in table.headers["Content-Disposition"] and "propertyID" in table.body
    app.get("/metadata-schema/versions/9/profile", status=404)
    app.get("/metadata-schema/versions/9/profile.csv", status=404)


def test_commands_take_vocabularies_out_and_into_the_draft(cli: Any, tmp_path: Path) -> None:
    def run(*arguments: Any) -> Any:
        return cli.invoke(schema, [str(each) for each in arguments])

    for form, name in {"skos-turtle": "t.ttl", "skos-json-ld": "t.jsonld", "terms-csv": "t.csv"}.items():
        path = tmp_path / name
        assert run("export", "--format", form, "--vocabulary", "theme", "-o", path).exit_code == 0
        done = run("import", path, "--vocabulary", "theme")
        assert done.exit_code == 0 and "The draft has no changes." in done.output, done.output
    path = tmp_path / "more.csv"
    path.write_text("label\nSoil and rocks\n")
    done = run("import", path, "-v", "theme")
    assert done.exit_code == 0 and "Soil and rocks" in done.output
    assert act("schema_draft_show")["document"]["vocabularies"][0]["terms"][-1]["value"] == "soil_and_rocks"
    assert "Choose a vocabulary" in run("export", "--format", "terms-csv").output
    assert "Choose a vocabulary" in run("import", path, "-v", "nothing").output
    assert "Use --vocabulary only with" in run("export", "-v", "theme").output
    path.write_text("colour\nred\n")
    assert "a column 'label' is missing" in run("import", path, "-v", "theme").output


def test_a_long_log_says_where_earlier_versions_stand(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "MOST_TOLD", 2)
    for label in ("Caveats", "Remarks"):
        publish(changed(current_document(), "data_notes", label=label))
    shown = words_of(app.get("/metadata-schema/versions/3/profile")).partition("Change log")[2]
    assert "Version 1 and earlier versions are in the list of all versions" in shown
    assert "stand in the list" not in words_of(app.get("/metadata-schema/versions/2/profile"))
