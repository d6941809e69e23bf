"""The counts are those of the independent checker: on random documents and records, and on real ones."""
from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.cli.cli import ckan
from ckan.tests import factories, helpers
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from impact.checker import Checker
from impact.writing import Row, describe, remove_all, write
from importer.real import REAL, where_they_are
from importer.records import an_id, odd_records, record, write_file
from support.editing import changed, current_document, field_of, with_field

from ckanext.civicswitchboard.core.schema.document import parse
from ckanext.civicswitchboard.impact import Reader, Scope, sources
from ckanext.civicswitchboard.impact.report import Report
from ckanext.civicswitchboard.schema_registry import versions

Raw = dict[str, Any]

TERMS = [{"id": each, "value": each, "label": each.title()} for each in ("red", "green", "blue")]
PARTS = [
    {"id": "who", "field_name": "who", "label": "Who"},
    {"id": "color", "field_name": "color", "label": "Color", "preset": "select", "vocabulary": "color"},
]
FIELDS: list[Raw] = [
    {"id": "x_word", "field_name": "x_word", "label": "Word"},
    {"id": "x_color", "field_name": "x_color", "label": "Color", "preset": "select", "vocabulary": "color"},
    {"id": "x_colors", "field_name": "x_colors", "label": "Colors", "preset": "multiple_select",
     "vocabulary": "color"},
    {"id": "x_lines", "field_name": "x_lines", "label": "Lines", "preset": "multiple_text"},
    {"id": "x_rows", "field_name": "x_rows", "label": "Rows", "repeating_subfields": PARTS},
]  # fmt: skip


def base() -> Raw:
    """The shipped document with a field of every shape, for datasets, files and organizations."""
    document = copy.deepcopy(versions.shipped().document.model_dump())
    document["vocabularies"].append({"id": "color", "label": "Colors", "terms": TERMS})
    document["vocabularies"].append({"id": "few", "label": "Few colors", "terms": TERMS[:1]})
    for place, part, section in (("dataset", "fields", "about"), ("dataset", "resource_fields", ""),
                                 ("organization", "fields", "about")):  # fmt: skip
        sections = document[place]["sections"]
        known = section if section in {each["id"] for each in sections} else sections[0]["id"]
        document[place][part] += [{**each, "section": known if section else ""} for each in FIELDS]
    return parse(document).model_dump()


EDITS = st.sampled_from([
    {"expectation": "required"}, {"enforce": "all"}, {"pattern": "[a-z]+"}, {"state": "retired"},
    {"expectation": "required", "enforce": "all", "missing_values": ["red"]}, {"missing_values": ["12", "red"]},
    {"vocabulary": "few"}, {"preset": "multiple_text", "vocabulary": ""}, {"preset": "partial_date", "vocabulary": ""},
    {"preset": "number", "vocabulary": "", "enforce": "all"}, {"preset": "", "vocabulary": ""}, None, "renamed",
    {"max_length": 3}, {"max_length": 8, "enforce": "all"}, {"preset": "number", "vocabulary": "", "minimum": "13"},
    {"preset": "partial_date", "vocabulary": "", "maximum": "2018", "enforce": "all"},
])  # fmt: skip
PART_EDITS = st.sampled_from([{}, {"expectation": "required"}, {"expectation": "required", "missing_values": ["12", "red"]},
                              {"pattern": "[a-z]+"}, {"enforce": "all"}, None])
WORDS = st.sampled_from(["", "red", "green", "puce", "12", "2019-02-30", "Two words", "[]", "null", "[broken"])
LISTS = st.lists(st.sampled_from(["red", "green", "puce", ""]), max_size=3).map(json.dumps)
ROWS = st.lists(st.fixed_dictionaries({}, optional={"who": WORDS, "color": WORDS}), max_size=3).map(json.dumps)
VALUES = WORDS | LISTS | ROWS | st.sampled_from(['["a", 1]', '{"a": 1}', '[["red"]]', "17"])


PLACES = (("dataset", "fields"), ("dataset", "resource_fields"), ("organization", "fields"))
TYPES = ("public_library", "archive", "nonprofit")


@st.composite
def drafts(draw: Any) -> Raw:
    """A draft that edits some of the fields and terms."""
    document = base()
    for place, part in PLACES:
        for field in draw(st.lists(st.sampled_from(range(len(FIELDS))), max_size=3, unique=True)):
            _edit(document[place][part], FIELDS[field]["id"], draw(EDITS), draw(PART_EDITS))
    if draw(st.booleans()):
        core = draw(st.sampled_from(["license_id", "tag_string", "notes"]))
        field_of(document, core).update(expectation="required", enforce="all")
    if draw(st.booleans()):
        place, part = draw(st.sampled_from(PLACES))
        section = document[place]["sections"][0]["id"] if part == "fields" else ""
        document[place][part].append(
            {"id": "x_new", "field_name": "x_new", "label": "New", "section": section,
             "expectation": draw(st.sampled_from(["optional", "required"]))}
        )  # fmt: skip
    _edit_partner_types(draw, document)
    colors = next(each for each in document["vocabularies"] if each["id"] == "color")["terms"]
    term = draw(st.sampled_from([{}, {"state": "retired"}, {"state": "retired", "merged_into": "red"},
                                 {"value": "vert"}]))  # fmt: skip
    colors[1] = {**colors[1], **term}
    return parse(document).model_dump()


def _edit(fields: list[Raw], field_id: str, edit: Any, part_edit: Any) -> None:
    place = next(place for place, each in enumerate(fields) if each["id"] == field_id)
    field = fields[place]
    if field["repeating_subfields"]:
        if part_edit is None:
            field["repeating_subfields"] = field["repeating_subfields"][:1]
        else:
            field["repeating_subfields"][0].update(part_edit)
        if edit in (None, "renamed") or ("preset" not in edit and "vocabulary" not in edit):
            pass
        else:
            return
    if edit is None:
        del fields[place]
    elif edit == "renamed":
        field.update(field_name=f"{field_id}_now", previous_names=[field_id])
    else:
        field.update(edit)


def _edit_partner_types(draw: Any, document: Raw) -> None:
    """A type goes, or asks for more; what an organization is, is asked of all."""
    fields = document["organization"]["fields"]
    offered = [each["field_name"] for each in fields if each["id"].startswith("x_") and each.get("state") != "retired"]
    for name in draw(st.lists(st.sampled_from(TYPES), max_size=2, unique=True)):
        partner_type = next(each for each in document["partner_types"] if each["name"] == name)
        if draw(st.booleans()):
            document["partner_types"].remove(partner_type)
            continue
        asked = draw(st.lists(st.sampled_from(["website", "roles", "spaces", *offered]), max_size=3, unique=True))
        others = [each for each in partner_type["fields"] if each["field"] not in asked]
        partner_type["fields"] = others + [{"field": each, "expectation": "required"} for each in asked]
    for field in fields:
        if field["id"] in ("partner_type", "also_acts_as") and draw(st.booleans()):
            field["enforce"] = "all"


@st.composite
def profiles(draw: Any) -> list[Raw]:
    """What organizations hold, as no form would let it in."""
    more = st.fixed_dictionaries({}, optional={
        "partner_type": st.sampled_from([*TYPES, "mill", ""]), "website": WORDS, "roles": VALUES, "spaces": VALUES,
        "also_acts_as": st.lists(st.sampled_from([*TYPES, "mill", ""]), max_size=2).map(json.dumps) | VALUES,
    })  # fmt: skip
    names = [each["field_name"] for each in FIELDS] + ["x_new"]
    return [{**draw(st.dictionaries(st.sampled_from(names), VALUES)), **draw(more)} for _number in range(2)]


@st.composite
def rows(draw: Any, owners: list[str | None]) -> list[Row]:
    """Datasets as no form would let them in."""
    names = [each["field_name"] for each in FIELDS] + ["x_new"]
    extras = st.dictionaries(st.sampled_from(names), VALUES)
    columns = st.fixed_dictionaries({}, optional={
        "license_id": st.sampled_from(["notspecified", "cc-by", "", None]), "notes": st.sampled_from(["", "Text"]),
    })  # fmt: skip
    files = st.tuples(st.just({}), st.none() | extras.map(json.dumps))
    return [
        Row(f"record-{number}", draw(st.sampled_from(owners)), draw(columns), draw(extras),
            draw(st.sampled_from([(), ("wifi",), ("maps", "wifi")])), tuple(draw(st.lists(files, max_size=3))),
            private=draw(st.booleans()))
        for number in range(draw(st.integers(1, 6)))
    ]  # fmt: skip


def shown(names: list[str]) -> list[Raw]:
    """Datasets as the API reads them."""
    return [helpers.call_action("package_show", {"use_cache": False}, id=name) for name in names]


def differences(before: Raw, after: Raw, names: list[str]) -> list[str]:
    """Where the count and the checker do not agree."""
    current = versions.compiled(parse(before), 1)
    checker = Checker(before, after)
    with versions.pinned(current):
        organizations = [
            helpers.call_action("organization_show", id=each)
            for each in helpers.call_action("organization_list")
        ]
        datasets = shown(names)
        report = Report(current, versions.compiled(parse(after), 2), Scope(reader=Reader(sees_all=True)))
        told = report.answer()
    return checker.differences(datasets, organizations, told)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.usefixtures("clean_portal")
@pytest.mark.parametrize("older", [False, True], ids=["as_it_is", "older_than_16"])
def test_random_drafts_over_random_records(older: bool, monkeypatch: Any) -> None:
    if older:
        # Read JSON as on a server that cannot say beforehand whether a text is any.
        monkeypatch.setattr(sources, "_KNOWS_VALIDITY", sys.maxsize)
    owners: list[Any] = [None, *(factories.Organization()["id"] for _number in range(2))]
    before = base()

    # Making a failing example smaller would take longer than reading it.
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck),
              phases=[Phase.generate], database=None)  # fmt: skip
    @given(drafts(), rows(owners), profiles())
    def agree(after: Raw, records: list[Row], held: list[Raw]) -> None:
        remove_all()
        write(records)
        describe(dict(zip(owners[1:], held)))
        found = differences(before, after, [each.name for each in records])
        assert not found, "\n".join(found)

    agree()


@pytest.mark.usefixtures("clean_portal")
def test_a_record_that_holds_a_value_in_two_places_is_one_record() -> None:
    write([
        Row("twice", extras={"x_color": "green", "x_colors": '["green"]'}),
        Row("file", files=(({}, '{"x_color": "green", "x_colors": "[\\"green\\"]"}'), ({}, '{"x_color": "green"}'))),
        Row("parts", extras={"x_rows": '[{"who": "UP", "color": "UP"}, {"who": "UP"}]'}),
        Row("other", extras={"x_rows": '[{"who": "DOWN"}]'}),
    ])  # fmt: skip
    libraries = [factories.Organization()["id"] for _number in range(3)]
    types = ({"partner_type": "archive"}, {"partner_type": "nonprofit"}, {"partner_type": "archive", "x_word": "mine"})
    describe({each: {"x_word": "12", **more} for each, more in zip(libraries, types)})
    before, after = base(), base()
    colors = next(each for each in after["vocabularies"] if each["id"] == "color")["terms"]
    colors[1] = {**colors[1], "state": "retired"}
    rows = field_of(after, "x_rows")
    rows["enforce"] = "all"
    rows["repeating_subfields"][0]["pattern"] = "[a-z]+"
    word = next(each for each in after["organization"]["fields"] if each["id"] == "x_word")
    word["missing_values"] = ["12", "mine"]
    archive = next(each for each in after["partner_types"] if each["name"] == "archive")
    archive["fields"] = [*archive["fields"], {"field": "x_word", "expectation": "required"}]
    after = parse(after).model_dump()
    assert differences(before, after, ["twice", "file", "parts", "other"]) == []


def license_of_all(document: Raw) -> Raw:
    """A draft with the changes of the story that the issue tells."""
    drafted = changed(document, "license_id", enforce="all")
    drafted = changed(drafted, "data_steward_email", field_name="contact_email",
                      previous_names=["data_steward_email"])  # fmt: skip
    for vocabulary in drafted["vocabularies"]:
        for term in vocabulary["terms"]:
            if term["value"] == "Bi-Annually":
                vocabulary["terms"] = [
                    {**each, "state": "retired", "merged_into": _twice_a_year(vocabulary)}
                    if each is term else each for each in vocabulary["terms"]
                ]  # fmt: skip
    return drafted


def _twice_a_year(vocabulary: Raw) -> str:
    return next(str(each["id"]) for each in vocabulary["terms"] if each["value"] == "Twice a year")


@pytest.fixture
def imported(cli: Any, tmp_path: Path) -> Any:
    """Import records by the command."""

    def run(path: Path) -> None:
        result = cli.invoke(ckan, ["civicswitchboard", "import", str(path)])
        assert result.exit_code == 0, result.output

    return run


@pytest.mark.usefixtures("clean_portal")
def test_records_of_the_shapes_that_real_ones_have(imported: Any, tmp_path: Path) -> None:
    more = [
        record(f"series-{number}", license_id=["cc-by", "notspecified", ""][number % 3],
               organization={"name": ["county", "city"][number % 2], "title": "Publisher"},
               frequency_publishing=["Bi-Annually", "Monthly"][number % 2], temporal_coverage="2016-30-09",
               data_steward_email="data@example.org" if number % 4 else "")
        for number in range(8)
    ]  # fmt: skip
    imported(write_file(tmp_path / "records.jsonl", [*odd_records(), *more]))
    before = current_document()
    after = changed(license_of_all(before), "temporal_coverage", preset="partial_date")
    after = with_field(after, field_name="guid")
    names = [*helpers.call_action("package_list"), "private"]
    assert differences(before, after, sorted(set(names))) == []
    with pytest.raises(tk.ObjectNotFound):
        helpers.call_action("package_show", id=an_id("nothing"))


@where_they_are
@pytest.mark.usefixtures("clean_portal")
def test_the_207_real_records(imported: Any) -> None:
    imported(REAL)
    before = current_document()
    after = license_of_all(before)
    told = {each["kind"]: each for each in Report.of(parse(after), Scope()).answer()["changes"]}
    license_ = told["field_applied_to_all"]
    assert license_["affected"] == 66
    assert [each["affected"] for each in license_["organizations"]] == [37, 27, 2]
    assert license_["values"] == [{"value": "notspecified", "count": 54}]
    assert told["field_renamed"]["affected"] == 162
    assert differences(before, after, helpers.call_action("package_list")) == []
