"""The demo's content by itself, without CKAN: it has to fit the shipped schema."""
from __future__ import annotations

import csv
import io
import json
import re
from itertools import chain
from pathlib import Path
from typing import Any

import ckanext.civicswitchboard.schemas
import pytest

from civicswitchboard_demo import content as module
from civicswitchboard_demo import tables
from civicswitchboard_demo.content import Content, Dataset
from ckanext.civicswitchboard.core.schema import yaml_files

SCHEMA = yaml_files.read_folder(Path(ckanext.civicswitchboard.schemas.__path__[0]))
CONTENT = Content()
CORE = {"tags", "groups", "private"}
LICENSES = {"cc-by", "cc-zero", "other-pd"}


def tables_of(dataset: Dataset) -> list[tuple[dict[str, Any], list[dict[str, str]]]]:
    return [
        (resource, list(csv.DictReader(io.StringIO(file.text))))
        for resource, file in dataset.resources
        if resource["resource_type"] == "data"
    ]


def wrong_values(record: dict[str, Any], entity: Any) -> list[str]:
    fields = {field.field_name: field for field in SCHEMA.fields_of(entity)}
    wrong = [f"no field {key}" for key in record if key not in fields and key not in CORE]
    for key, field in fields.items():
        if field.vocabulary and key in record:
            terms = {term.value for term in SCHEMA.vocabulary(field.vocabulary).active_terms}
            values = record[key] if isinstance(record[key], list) else [record[key]]
            wrong += [f"{key}: {value}" for value in values if value not in terms]
    return wrong


@pytest.mark.parametrize("dataset", CONTENT.datasets, ids=lambda dataset: dataset.name)
class TestDataset:
    def test_fits_the_schema(self, dataset: Dataset) -> None:
        assert wrong_values(dataset.record, "dataset") == []
        assert list(chain(*(wrong_values(resource, "resource") for resource, _ in dataset.resources))) == []
        assert dataset.record["license_id"] in LICENSES

    def test_has_what_the_schema_requires_and_recommends(self, dataset: Dataset) -> None:
        wanted = {f.field_name for f in SCHEMA.fields_of("dataset") if f.expectation == "required"}
        wanted |= {"theme", "spatial", "geographic_unit", "temporal_start", "data_steward_email"}
        wanted |= {"frequency_data_change", "frequency_publishing"}
        assert [name for name in wanted if not dataset.record.get(name)] == []
        assert dataset.record["tags"] and dataset.resources

    def test_refers_to_what_the_demo_has(self, dataset: Dataset) -> None:
        assert dataset.record["owner_org"] in {each["name"] for each in CONTENT.organizations}
        assert dataset.user in {each["name"] for each in CONTENT.accounts}
        topics = {each["name"] for each in CONTENT.groups}
        assert {each["name"] for each in dataset.record["groups"]} <= topics

    def test_has_a_small_table_with_every_column_explained(self, dataset: Dataset) -> None:
        for resource, records in tables_of(dataset):
            assert 10 <= len(records) <= 60
            assert resource["rows"] == str(len(records))
            assert [row["column"] for row in resource["dictionary"]] == list(records[0])
            assert all(row["description"] for row in resource["dictionary"])
            assert all(cell for record in records for cell in record.values())

    def test_has_an_extent_on_the_invented_map(self, dataset: Dataset) -> None:
        ring = json.loads(dataset.record["spatial"])["coordinates"][0]
        assert ring[0] == ring[-1] and len(ring) == 5
        west, south, east, north = CONTENT.gazetteer.extents["county"]
        assert all(west <= lon <= east and south <= lat <= north for lon, lat in ring)

    def test_tells_enough(self, dataset: Dataset) -> None:
        assert len(dataset.record["notes"]) > 80
        assert len({*dataset.record["notes"].split()}) > 12


def test_names_are_used_once() -> None:
    datasets = [dataset.name for dataset in CONTENT.datasets]
    groups = [each["name"] for each in CONTENT.organizations + CONTENT.groups]
    assert len(datasets) == len(set(datasets)) == 60
    assert len(groups) == len(set(groups))
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in datasets + groups)


def test_the_same_name_gives_the_same_tables() -> None:
    first, second = Content().datasets, Content().datasets
    assert [each.resources for each in first] == [each.resources for each in second]


def test_different_names_give_different_tables() -> None:
    table = {"rows": 10, "columns": [{"column": "N", "between": [0, 1000000]}]}
    texts = {tables.csv_text(table, name, CONTENT.gazetteer) for name in ("a", "b", "c")}
    assert len(texts) == 3


def test_small_counts_are_suppressed() -> None:
    by_name = {dataset.name: dataset for dataset in CONTENT.datasets}
    for name, least in {
        "summer-reading-by-zip": 50,
        "hotspot-lending-by-zip": 50,
        "overdose-deaths-by-quarter": 5,
        "eviction-filings-by-neighborhood": 5,
        "lead-tests-in-tap-water": 10,
        "human-services-clients-draft": 11,
    }.items():
        dataset = by_name[name]
        [(_, records)] = tables_of(dataset)
        counts = [
            cell
            for record in records
            for column, cell in record.items()
            if column in {"Children", "Teens", "Adults", "Loans", "Deaths", "Filings", "Kits", "Clients"}
        ]
        assert tables.SUPPRESSED in counts
        assert all(int(cell) >= least for cell in counts if cell != tables.SUPPRESSED)
        assert "suppressed" in dataset.record["access_level_comment"]


def test_organizations_fit_the_schema() -> None:
    types = {kind.name for kind in SCHEMA.partner_types}
    for organization in CONTENT.organizations:
        assert wrong_values(organization, "organization") == []
        assert {organization["partner_type"], *organization.get("also_acts_as", [])} <= types
        for name in ("spaces", "mission_alignment"):
            field = next(f for f in SCHEMA.fields_of("organization") if f.field_name == name)
            known = {part.field_name for part in field.repeating_subfields}
            assert all(set(entry) <= known for entry in organization.get(name, []))


def test_there_are_private_datasets() -> None:
    assert sum(bool(dataset.record.get("private")) for dataset in CONTENT.datasets) >= 2


def test_steward_and_accounts_belong_to_organizations() -> None:
    names = {each["name"] for each in CONTENT.organizations}
    assert CONTENT.steward in names
    assert {each["member_of"] for each in CONTENT.accounts if "member_of" in each} <= names


def test_addresses_are_of_nobody() -> None:
    text = "\n".join(path.read_text() for path in module.HERE.rglob("*.yaml"))
    hosts = re.findall(r"[\w.+-]+@([\w.-]+)", text) + re.findall(r"https?://([\w.-]+)", text)
    assert hosts
    assert all(host == "example.org" or host.endswith(".example.org") for host in hosts)
