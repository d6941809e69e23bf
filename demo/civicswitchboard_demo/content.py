"""The demo's content, read from the YAML files beside this module as what CKAN's actions take."""
from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from . import tables
from .places import Gazetteer

HERE = Path(__file__).parent


@dataclass(frozen=True)
class File:
    """A small file for a resource."""

    name: str
    text: str


@dataclass(frozen=True)
class Dataset:
    """A dataset with the account that publishes it; ``resources`` come with their files."""

    user: str
    record: dict[str, Any]
    resources: list[tuple[dict[str, Any], File]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """:returns: the dataset's web address."""
        return self.record["name"]


class Content:
    """Everything that the demo is made of."""

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """:returns: the invented region."""
        return Gazetteer.from_dict(_read(HERE / "places.yaml"))

    @cached_property
    def accounts(self) -> list[dict[str, Any]]:
        """:returns: the demo's accounts."""
        return _read(HERE / "accounts.yaml")["accounts"]

    @cached_property
    def groups(self) -> list[dict[str, Any]]:
        """:returns: the topics, as ``group_create`` takes them."""
        return _read(HERE / "groups.yaml")["groups"]

    @cached_property
    def steward(self) -> str:
        """:returns: the organization that maintains the shared schema."""
        return _read(HERE / "organizations.yaml")["steward"]

    @cached_property
    def organizations(self) -> list[dict[str, Any]]:
        """:returns: the partners, as ``organization_create`` takes them."""
        return [self._organization(row) for row in _read(HERE / "organizations.yaml")["organizations"]]

    @cached_property
    def datasets(self) -> list[Dataset]:
        """:returns: all datasets; of each publisher's file, the first comes last.

        What was made last leads the home page's shelves, so each file's first dataset is made last.
        """
        paths = sorted((HERE / "datasets").glob("*.yaml"))
        publishers = [list(self._datasets(_read(path))) for path in paths]
        return [dataset for publisher in publishers for dataset in reversed(publisher)]

    def _organization(self, row: dict[str, Any]) -> dict[str, Any]:
        area = self.gazetteer.polygon(row["extent"])
        return {**_without(row, "extent"), "service_area": json.dumps(area)}

    def _datasets(self, publisher: dict[str, Any]) -> Iterator[Dataset]:
        common = {"owner_org": publisher.get("owner_org"), "user": publisher["user"], **publisher["defaults"]}
        for row in publisher["datasets"]:
            yield self._dataset({**common, **row})

    def _dataset(self, row: dict[str, Any]) -> Dataset:
        record = _without(row, "user", "extent", "tags", "groups", "resources")
        named = {place.name for place in self.gazetteer.places}
        places = [name for name in row["extent"] if name in named]
        record |= {
            "spatial": json.dumps(self.gazetteer.polygon(row["extent"])),
            "tags": [{"name": tag} for tag in row["tags"]],
            "groups": [{"name": group} for group in row["groups"]],
            **({"places": places} if places else {}),
        }
        resources = [made for resource in row["resources"] for made in self._resources(row["name"], resource)]
        return Dataset(row["user"], record, resources)

    def _resources(self, dataset: str, row: dict[str, Any]) -> Iterator[tuple[dict[str, Any], File]]:
        if "text" in row:
            yield {**_without(row, "text"), "format": "TXT"}, File(f"{dataset}-guide.txt", row["text"])
            return
        text = tables.csv_text(row, dataset, self.gazetteer)
        described = {"name": row["name"], "description": row["description"]}
        described |= {"format": "CSV", "encoding": "UTF-8"}
        yield {
            **described,
            "resource_type": "data",
            "rows": str(text.count("\n") - 1),
            "dictionary": tables.dictionary(row),
        }, File(f"{dataset}.csv", text)
        if row.get("dictionary_file"):
            yield {
                **described,
                "name": "Data dictionary",
                "description": "The columns of the table, with the meaning and the unit of each.",
                "resource_type": "data_dictionary",
            }, File(f"{dataset}-dictionary.csv", tables.dictionary_csv(row))


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _without(row: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in keys}
