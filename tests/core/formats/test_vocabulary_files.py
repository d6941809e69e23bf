"""A vocabulary in a file of its own, taken into a document."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ckanext.civicswitchboard.core.formats.csv_terms import terms_csv
from ckanext.civicswitchboard.core.formats.skos import write_skos
from ckanext.civicswitchboard.core.formats.vocabulary_files import (
    read_vocabulary,
    vocabulary_of,
    with_vocabulary,
)
from ckanext.civicswitchboard.core.schema.document import Document, DocumentError
from ckanext.civicswitchboard.core.schema.rules import read

ADDRESS = "http://portal.example.org/metadata-schema/vocabularies"


@pytest.fixture
def document(raw: dict[str, Any]) -> Document:
    return read(raw)


@pytest.mark.parametrize("ending", ["ttl", "jsonld", "csv"])
def test_what_goes_out_and_comes_in_changes_nothing(document: Document, tmp_path: Path, ending: str) -> None:
    vocabulary = document.vocabularies[0]
    forms = {
        "ttl": lambda: write_skos(vocabulary, "turtle", ADDRESS),
        "jsonld": lambda: write_skos(vocabulary, "json-ld", ADDRESS),
        "csv": lambda: "\ufeff" + terms_csv(vocabulary),
    }
    path = tmp_path / f"unit.{ending}"
    path.write_text(forms[ending](), encoding="utf-8")
    assert with_vocabulary(document, vocabulary_of(path, "unit")) == document


def test_terms_are_met_by_what_they_store_and_missing_ones_stay(document: Document, tmp_path: Path) -> None:
    path = tmp_path / "terms.csv"
    path.write_text("id,value,label,definition\nx,Census Tract,Tract,A small area\nblock,Block,Block,\n")
    terms = with_vocabulary(document, vocabulary_of(path, "unit")).vocabularies[0].terms
    assert [(t.id, t.value, t.label, t.definition, t.state) for t in terms] == [
        ("tract", "Census Tract", "Tract", "A small area", "active"),
        ("old", "Ward", "Ward", "", "retired"),
        ("block", "Block", "Block", "", "active"),
    ]


def test_skos_of_others_becomes_a_new_vocabulary(document: Document, tmp_path: Path) -> None:
    path = tmp_path / "theirs.ttl"
    path.write_text(
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        '<http://x.example.org/v> a skos:ConceptScheme ; skos:prefLabel "Levels" .\n'
        '<http://x.example.org/v/1> a skos:Concept ; skos:inScheme <http://x.example.org/v> ; skos:prefLabel "Easy" .'
    )
    after = with_vocabulary(document, vocabulary_of(path, "levels"))
    assert after.vocabularies[-1].id == "levels" and after.vocabularies[-1].terms[0].value == "easy"


def test_a_file_that_is_none_is_refused(document: Document, tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_bytes(b"\xff")
    with pytest.raises(DocumentError, match="is not text"):
        vocabulary_of(path, None)


TABLE = "Label;Definition\r\nCafé;Größe “groß”\r\n"
TURTLE = (
    "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
    '<http://example.org/t/1> a skos:Concept ; skos:prefLabel "Café" ; skos:definition "Größe “groß”" .'
)
TRIPLES = (
    '<http://example.org/t/1> <http://www.w3.org/2004/02/skos/core#prefLabel> "Café" .\n'
    '<http://example.org/t/1> <http://www.w3.org/2004/02/skos/core#definition> "Größe “groß”" .\n'
    "<http://example.org/t/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/2004/02/skos/core#Concept> .\n"
)
RDF = (
    '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s="http://www.w3.org/2004/02/skos/core#">'
    '<s:Concept rdf:about="http://example.org/t/1"><s:prefLabel>Café</s:prefLabel><s:definition>Größe “groß”</s:definition>'
    "</s:Concept></rdf:RDF>"
)
JSON = '{"@id": "x:1", "@type": "http://www.w3.org/2004/02/skos/core#Concept", "http://www.w3.org/2004/02/skos/core#prefLabel": "Café", "http://www.w3.org/2004/02/skos/core#definition": "Größe “groß”"}'


@pytest.mark.parametrize(
    ("text", "name"),
    [(TABLE, "a.csv"), (TABLE, "a.txt"), (TURTLE, "a.ttl"), (TURTLE, "a.csv"), (TRIPLES, "a.nt"), (TRIPLES, "a.txt"),
     (RDF, "a.rdf"), (RDF, "a.ttl"), (JSON, "a.jsonld"), (JSON, "a.xml")],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_each_form_is_read_whatever_its_encoding_and_name(text: str, name: str, encoding: str) -> None:
    read = read_vocabulary(text.encode(encoding), name)
    (term,) = read.vocabulary.terms
    assert (term.value, term.label, term.definition, read.notes) == ("cafe", "Café", "Größe “groß”", [])


def test_tables_in_windows_1252_are_read_with_a_note() -> None:
    read = read_vocabulary(TABLE.encode("cp1252"), "a.csv")
    assert read.vocabulary.terms[0].definition == "Größe “groß”"
    assert [str(note) for note in read.notes] == [
        "The file isn't in UTF-8, so it was read as Windows-1252. Check its accented letters."]


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("label\nКарта".encode("cp1251"), "a.csv", "is not text in UTF-8 (byte 7); save it as “CSV UTF-8”"),
        ("label\n地図".encode("shift-jis"), "a.csv", "is not text in UTF-8 (byte 7); save it as “CSV UTF-8”"),
        (b"label\n\x81", "a.csv", "is not text in UTF-8 (byte 7); save it as “CSV UTF-8”"),
        (TURTLE.encode("cp1252"), "a.ttl", "is not text in UTF-8 (byte 117)"),
        (b"\xff\xfea\x00b", "a.csv", "is not text in utf-16 (byte 5)"),
        (b"PK\x03\x04", "a.xlsx", "is a workbook; save it as “CSV UTF-8”"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.csv", "is a workbook; save it as “CSV UTF-8”"),
        (b"", "a.ttl", "is empty"),
        (b"\xef\xbb\xbf \r\n", "a.csv", "is empty"),
        (b"MZ", "a.exe", "has to end in .csv, .tsv, .txt, .ttl, .n3, .nt, .jsonld, .json, .rdf, .xml, .owl"),
        (b"x" * 5_000_001, "a.csv", "larger than 5,000,000 bytes"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(content: bytes, name: str, message: str) -> None:
    with pytest.raises(DocumentError) as error:
        read_vocabulary(content, name)
    assert str(error.value) == f"{name}: {message}"
