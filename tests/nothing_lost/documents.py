"""Versions of the shared schema between which records are read and saved.

`BEFORE` has fields that `AFTER` has retired, renamed or given another type; both have the same fields
otherwise, on one page of the form or on three.
"""
from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from support.editing import current_document, publish

from ckanext.civicswitchboard.core.schema.compiler import Snapshot
from ckanext.civicswitchboard.schema_registry import versions

Raw = dict[str, Any]


@dataclass(frozen=True)
class Versions:
    """The published versions, each with its Snapshot."""

    before: Snapshot
    before_in_pages: Snapshot
    after: Snapshot
    after_in_pages: Snapshot


def _field(name: str, section: str = "about", **more: Any) -> Raw:
    return {"id": name, "field_name": name, "label": name.replace("_", " ").capitalize(), "section": section, **more}


def _entries(name: str, section: str = "about") -> Raw:
    parts = [
        {"id": "given", "field_name": "given", "label": "Given", "expectation": "required"},
        {"id": "part_role", "field_name": "part_role", "label": "Role"},
        {"id": "remark", "field_name": "remark", "label": "Remark", "preset": "textarea"},
    ]
    return _field(name, section, repeating_subfields=parts)


# `gone_`: retired in AFTER; `early_`: renamed there to `late_`; `turned_`: given another type there.
_DATASET = [
    _entries("people"),
    _entries("helpers", "library"),
    _field("counted", "library", preset="number"),
    _field("gone_text"),
    _field("gone_lines", "library", preset="textarea"),
    _field("gone_choice", preset="select", vocabulary="frequency"),
    _field("gone_several", preset="multiple_checkbox", vocabulary="theme"),
    _field("gone_list", "library", preset="multiple_text"),
    _field("gone_day", preset="partial_date"),
    _entries("gone_entries"),
    _field("early_text"),
    _field("early_list", "library", preset="multiple_text"),
    _entries("early_entries"),
    _field("turned_list"),
    _field("turned_list_of_lines", "library", preset="textarea"),
    _field("turned_text", preset="multiple_text"),
    _field("turned_day"),
    _field("turned_choice"),
]
_RESOURCE = [
    _field("units", section="", preset="multiple_text"),
    _field("made", section="", preset="partial_date"),
    _field("gone_text", section=""),
    _field("gone_list", section="", preset="multiple_text"),
    _entries("gone_entries", section=""),
    _field("early_text", section=""),
    _field("early_list", section="", preset="multiple_text"),
    _field("turned_list", section=""),
    _field("turned_text", section="", preset="multiple_text"),
    _field("turned_day", section=""),
]
_ORGANIZATION = [
    _field("names", preset="multiple_text"),
    _entries("gone_entries"),
    _field("gone_text"),
    _field("gone_list", preset="multiple_text"),
    _field("early_text"),
    _field("early_list", preset="multiple_text"),
    _field("turned_list"),
    _field("turned_text", preset="multiple_text"),
]
_RETIRED_COLUMNS = {"dataset": {"url"}, "resource": {"description", "resource_type"}, "organization": {"description"}}
_TURNED: dict[str, Raw] = {
    "turned_list": {"preset": "multiple_text"},
    "turned_list_of_lines": {"preset": "multiple_text"},
    "turned_text": {"preset": ""},
    "turned_day": {"preset": "partial_date"},
    "turned_choice": {"preset": "select", "vocabulary": "frequency"},
}
_PAGES = ("about", "where_and_when", "library")


def publish_versions() -> Versions:
    """Publish them, on an empty portal."""
    shipped = current_document()
    before = _with_fields(shipped)
    after = _changed(before)
    made = [publish(each)["version"] for each in (before, _in_pages(before), _in_pages(after), after)]
    snapshots = [versions.of_version(number) for number in made]
    one, two, three, four = (each for each in snapshots if each is not None)
    return Versions(before=one, before_in_pages=two, after_in_pages=three, after=four)


def _parts(document: Raw) -> dict[str, list[Raw]]:
    dataset, organization = document["dataset"], document["organization"]
    return {
        "dataset": dataset["fields"],
        "resource": dataset["resource_fields"],
        "organization": organization["fields"],
    }


def _with_fields(document: Raw) -> Raw:
    document = copy.deepcopy(document)
    for part, more in (("dataset", _DATASET), ("resource", _RESOURCE), ("organization", _ORGANIZATION)):
        _parts(document)[part].extend(copy.deepcopy(more))
    return document


def _changed(document: Raw) -> Raw:
    document = copy.deepcopy(document)
    for part, fields in _parts(document).items():
        for field in fields:
            name = field["field_name"]
            if name.startswith("gone_") or name in _RETIRED_COLUMNS[part]:
                field["state"] = "retired"
            if name.startswith("early_"):
                field.update(field_name=name.replace("early_", "late_"), previous_names=[name])
            field.update(_TURNED.get(name, {}))
    return document


def _in_pages(document: Raw) -> Raw:
    document = copy.deepcopy(document)
    for section in document["dataset"]["sections"]:
        section["page"] = section["id"] in _PAGES
    return document
