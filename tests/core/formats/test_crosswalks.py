"""Crosswalks: lists of properties, what is in them, and what a record would give."""
from __future__ import annotations

from pathlib import Path

import pytest

from ckanext.civicswitchboard.core.formats import standards
from ckanext.civicswitchboard.core.formats.crosswalks import Pair, sample, table, target, targets, with_target
from ckanext.civicswitchboard.core.formats.standards import STANDARDS
from ckanext.civicswitchboard.core.schema.document import Field, Term
from ckanext.civicswitchboard.core.schema.labels import STANDARDS as NAMES
from ckanext.civicswitchboard.core.schema.messages import first_language
from ckanext.civicswitchboard.core.schema.yaml_files import read_folder

SHIPPED = read_folder(Path(__file__).parents[3] / "schemas")
FILES = Path(standards.__file__).parent.glob("*.yaml")


def test_every_standard_has_a_name_and_properties_with_words_and_ranges() -> None:
    assert set(STANDARDS) == set(NAMES) == {path.stem for path in FILES}
    for standard in STANDARDS.values():
        assert len(standard.properties) > 50
        assert all(p.name and p.of and p.range and p.definition for p in standard.properties)
        seen = [(p.of, p.name) for p in standard.properties]
        assert len(seen) == len(set(seen))
        assert set(standard.kinds) <= set(standard.by_name)


def test_the_shipped_crosswalk_is_in_the_lists() -> None:
    unknown = {
        (row.path, each.standard): each.unknown for row in table(SHIPPED) for each in row.targets if each.unknown
    }
    assert unknown == {}


@pytest.mark.parametrize(("standard", "path", "unknown"), [
    ("dcat", "dct:temporal/dcat:startDate", ()),
    ("dcat", "dcterms:title", ()),
    ("dcat", "dct:temporal/dcat:begin", ("dcat:begin",)),
    ("datacite", "descriptions[Methods].description", ()),
    ("datacite", "descriptions[Recipe].description", ("descriptions[Recipe]",)),
    ("datacite", "subjects[Any scheme].subject", ()),
    ("schema_org", "spatialCoverage.geo", ()),
    ("schema_org", "color", ("color",)),
    ("dublin_core", "dc:title", ()),
    ("mods", "note[source]", ()),
    ("mods", "relatedItem[aunt]/titleInfo/title", ("relatedItem[aunt]",)),
    ("mods", "a b[", ("a b[",)),
    ("marc", "245$a", ("245$a",)),
    ("dcat", "", ()),
])
def test_what_is_not_in_a_list_is_told(standard: str, path: str, unknown: tuple[str, ...]) -> None:
    assert target(standard, path).unknown == unknown


def test_the_property_at_the_end_is_the_one_of_what_leads_there() -> None:
    title = target("mods", "titleInfo/title").property
    assert title and (title.of, title.range) == ("title", "text")
    language = target("mods", "language").property
    assert language and language.of == "mods"
    assert target("dcat", "x:y").property is None


def test_blanks_and_other_standards_stand_in_the_table() -> None:
    found = targets({"marc": "245$a", "mods": "abstract"})
    assert [(each.standard, each.path) for each in found] == [
        ("dcat", ""), ("datacite", ""), ("schema_org", ""), ("dublin_core", ""), ("mods", "abstract"),
        ("marc", "245$a"),
    ]
    rows = {row.path: row for row in table(SHIPPED)}
    assert rows["dictionary.column"].parent and rows["title"].parent is None


def test_what_is_no_longer_offered_stands_in_the_table_and_says_so() -> None:
    fields = [f.model_copy(update={"state": "retired"}) if f.id == "theme" else f for f in SHIPPED.dataset.fields]
    after = SHIPPED.model_copy(update={"dataset": SHIPPED.dataset.model_copy(update={"fields": fields})})
    assert [row.path for row in table(after)] == [row.path for row in table(SHIPPED)]
    assert [row.path for row in table(after) if not row.is_offered] == ["theme"]


def test_a_cell_is_changed_and_emptied() -> None:
    mapping = with_target({"schema_org": "name"}, "dcat", "  dct:title ")
    assert list(mapping.items()) == [("dcat", "dct:title"), ("schema_org", "name")]
    assert with_target(mapping, "dcat", " ") == {"schema_org": "name"}
    assert with_target({"marc": "245"}, "mods", "abstract") == {"mods": "abstract", "marc": "245"}


def test_a_record_gives_each_value_under_each_property() -> None:
    terms = {"theme": {"wifi": Term(id="wifi", value="wifi", label={"en": "Wifi"}, uri="http://x.org/w"),
                       "old": Term(id="old", value="old", label="Old", state="retired")}}
    theme = Field(id="theme", field_name="theme", label="Theme", preset="multiple_checkbox", vocabulary="theme",
                  mapping={"dcat": "dcat:theme", "mods": "subject/topic"})
    assert sample({"theme": ["wifi", "old", "odd"]}, theme, terms, first_language) == [
        Pair("dcat", "dcat:theme", "http://x.org/w"), Pair("dcat", "dcat:theme", "Old"),
        Pair("dcat", "dcat:theme", "odd"), Pair("mods", "subject/topic", "Wifi"),
        Pair("mods", "subject/topic", "Old"), Pair("mods", "subject/topic", "odd"),
    ]
    assert sample({"theme": '["wifi"]'}, theme, terms, first_language)[0].value == "http://x.org/w"
    assert sample({"theme": ""}, theme, terms, first_language) == sample({}, theme, terms, first_language) == []


def test_rows_give_what_their_parts_say_and_odd_values_stop_nothing() -> None:
    part = Field(id="name", field_name="name", label="Name", mapping={"schema_org": "variableMeasured.name"})
    rows = Field(id="rows", field_name="rows", label="Rows", mapping={"dcat": "csvw:column"},
                 repeating_subfields=[part])
    assert sample({"rows": [{"name": "a"}, {"name": ""}]}, rows, {}, first_language) == [
        Pair("schema_org", "variableMeasured.name", "a")]
    assert sample({"rows": "no list"}, rows, {}, first_language) == [Pair("dcat", "csvw:column", "no list")]
    number = Field(id="n", field_name="n", label="N", mapping={"dcat": "dct:extent"})
    assert sample({"n": 3}, number, {}, first_language) == [Pair("dcat", "dct:extent", "3")]
    assert sample({"n": "x" * 900}, number, {}, first_language)[0].value == "x" * 199 + "…"
