"""Invented records of the shapes that real portals' records have."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

Record = dict[str, Any]

SQUARE = '{"type": "Polygon", "coordinates": [[[-80, 40], [-80, 41], [-79, 41], [-79, 40], [-80, 40]]]}'


def an_id(text: str) -> str:
    """A lasting id for a text."""
    return str(uuid5(NAMESPACE_URL, text))


def record(name: str, **more: Any) -> Record:
    """A plain record, as package_show gives one, with other values over it."""
    return {
        "id": an_id(name),
        "name": name,
        "title": f"Data about {name}",
        "notes": "Counts by year.\n\n*With a note.*",
        "license_id": "cc-by",
        "organization": {"name": "example-library", "title": "Example Library"},
        "groups": [{"name": "reading", "title": "Reading & Learning"}],
        "tags": [{"name": "libraries"}, {"name": "wifi use"}],
        "frequency_publishing": "Annually",
        "extras": [{"key": "guid", "value": f"https://data.example.org/{name}"}],
        "resources": [
            {
                "id": an_id(f"{name}/csv"),
                "name": "Table",
                "format": "CSV",
                "url": f"https://data.example.org/{name}.csv",
                "description": "One row a year",
            }
        ],
        **more,
    }


def many(count: int) -> list[Record]:
    """Plain records with different names."""
    return [record(f"series-{number:04}") for number in range(count)]


def odd_records() -> list[Record]:
    """One record for each oddity; none of them is a reason to refuse a record."""
    return [
        record("plain"),
        record("tags", tags=[{"name": n} for n in ("R&D", "R/D", "a" * 120, "C", "Café", "wifi")]),
        record("long-extra", extras=[{"key": "raw", "value": "long words " * 9_091}]),
        record("unicode", title="Bücher 📚 \u202eolleh 漢字", notes="a\u0000b\u000bc\ud83d", 漢字="値"),
        record("html", title="<script>alert(1)</script>", notes="<b>bold</b>", odd="<i>&amp;"),
        record(
            "fields-in-extras",
            extras=[
                {"key": "spatial", "value": SQUARE},
                {"key": "geographic_unit", "value": "County"},
                {"key": "frequency_publishing", "value": "Monthly"},
            ],
        ),
        record("same-in-extras", extras=[{"key": "frequency_publishing", "value": "Annually"}]),
        record("vocabulary", frequency_publishing="Now and then", theme=["health", "no such theme"]),
        record("no-license", license_id="notspecified", data_steward_email="not an address"),
        record("bad-extent", extras=[{"key": "spatial", "value": "somewhere in the north"}]),
        record("core-faults", author_email="nobody", version="v" * 120),
        record("own-keys", group="plain text", flags={"a": [1, None]}, count=7, ok=True, nothing=None),
        record("dates", metadata_created="2015-02-03T04:05:06", metadata_modified="2019-01-01T00:00:00"),
        record("names-of-core", extras=[{"key": "author_email", "value": "someone"}]),
        record("doubled", guid="first", extras=[{"key": "guid", "value": "second"}]),
        record("resources", resources=odd_resources()),
        record("blanks", url="https://data.example.org/a ", temporal_start=" 2019", notes="Counts.\r\n"),
        record("draft", state="draft"),
        record("deleted", state="deleted"),
        record("private", private=True),
        record("related", tags=["plain text tag"], groups=["reading", {"name": "second-group"}]),
    ]


def odd_resources() -> list[Record]:
    """Resources with keys and values that CKAN has no place for."""
    url = "https://data.example.org/odd.csv"
    return [
        {"id": an_id("odd/1"), "name": "Custom keys", "url": url, "depth": 12, "parts": [{"a": 1}]},
        {"id": an_id("odd/2"), "name": "Bad size", "url": url, "size": "12 KB", "rows": 1250},
        {"name": "Without id", "url": url, "format": "csv"},
        {"id": an_id("odd/4"), "name": "Uploaded elsewhere", "url": url, "url_type": "upload"},
        {"id": an_id("odd/5"), "name": "Kind", "url": url, "resource_type": "no such type"},
        {"id": an_id("odd/6"), "name": "Extras", "url": url, "extras": {"a": "b"}, "": "empty key"},
    ]


def write_file(path: Path, records: list[Record]) -> Path:
    """A file with one record a line."""
    path.write_text("".join(json.dumps(each) + "\n" for each in records), encoding="utf-8")
    return path
