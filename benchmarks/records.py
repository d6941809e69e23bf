"""Invented records of the shapes that a regional portal's real ones have.

How often a field is filled, how long its text is and how many files a dataset has follow
a portal of 333 datasets. The same number always gives the same record.
"""
from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from ckanext.civicswitchboard.core.schema.compiler import Snapshot

Record = dict[str, Any]
Terms = Mapping[str, Sequence[str]]

# Name, partner type, and its share of the datasets: most come from two governments.
ORGANIZATIONS: tuple[tuple[str, str, int], ...] = (
    ("County", "local_government", 90),
    ("City", "local_government", 70),
    ("Public Library", "public_library", 14),
    ("University Library", "academic_library", 9),
    ("Library Consortium", "library_consortium", 5),
    ("Regional Data Center", "data_intermediary", 12),
    ("Transit Authority", "regional_agency", 9),
    ("Planning Commission", "regional_agency", 6),
    ("State Health Department", "state_federal_agency", 6),
    ("Water Authority", "regional_agency", 5),
    ("Housing Alliance", "nonprofit", 4),
    ("Clean Air Council", "nonprofit", 4),
    ("Center for Social Research", "university_center", 5),
    ("Community Foundation", "foundation", 2),
    ("History Center", "museum", 2),
    *((f"Borough {number}", "local_government", 3) for number in range(1, 11)),
)
SUBJECTS = (
    "library visits", "wifi sessions", "property assessments", "street trees", "bus stops",
    "building permits", "crash reports", "air quality readings", "school attendance",
    "vacant parcels", "food inspections", "capital projects", "election results", "playgrounds",
    "summer reading", "service requests", "water quality samples", "housing starts",
    "program attendance", "flood zones", "bridge inspections", "small business loans",
    "oral histories", "ferry timetables", "noise complaints", "tax liens", "bicycle counts",
    "book checkouts", "lead tests", "overdose deaths", "zoning appeals", "rain gauges",
    "snow plows", "census profiles", "homeless shelters", "school lunches", "street lights",
    "newspaper indexes", "voting precincts", "jail bookings", "community gardens", "bridge heights",
    "landslide hazards", "tenement surveys",
)  # fmt: skip
SCOPES = (
    "by branch", "by neighborhood", "by municipality", "by month", "by census tract", "since 2004",
    "by ward", "in the city", "in the county", "by school district", "by street", "of 1974",
)  # fmt: skip
WORDS = (
    "each row stands for one case that staff counted at the place named in the second column "
    "numbers come from the office that keeps the register and are checked twice a year before "
    "they are released here older years were typed from paper and may hold gaps readers should "
    "compare areas with care because borders moved and small counts were left out on purpose"
).split()
FORMATS = ("CSV", "CSV", "CSV", "GeoJSON", "PDF", "XLSX", "HTML", "SHP", "KML", "ZIP")
LICENSES = ("cc-by", "cc-zero", "odc-pddl", "other-open")


def organizations() -> list[Record]:
    """The partners, as organization_create takes them."""
    return [
        {
            "name": _slug(title),
            "title": title,
            "description": _prose(random.Random(title), 300),
            "partner_type": partner_type,
        }
        for title, partner_type, _share in ORGANIZATIONS
    ]


def terms(snapshot: Snapshot) -> Terms:
    """The terms on offer by field name."""
    return {
        each["field_name"]: [choice["value"] for choice in each["choices"]]
        for part in ("dataset_fields", "resource_fields")
        for each in snapshot.dataset_form[part]
        if each.get("choices")
    }


def dataset(number: int, terms: Terms) -> Record:
    """One dataset, as package_create takes it.

    :param number: which one
    :param terms: the terms on offer by field name
    """
    chance = random.Random(number)
    title = f"{chance.choice(SUBJECTS)} {chance.choice(SCOPES)}".capitalize()
    names = [_slug(name) for name, _kind, _share in ORGANIZATIONS]
    shares = [share for _name, _kind, share in ORGANIZATIONS]
    return {
        "name": f"{_slug(title)}-{number}",
        "title": f"{title}, part {number}",
        "notes": _prose(chance, _length(chance, 300, 2400)),
        "owner_org": chance.choices(names, shares)[0],
        "license_id": chance.choice(LICENSES) if chance.random() < 0.67 else "notspecified",
        "tags": [{"name": name} for name in _tags(chance)],
        "resources": [
            _resource(chance, place, terms) for place in range(_length(chance, 4, 10) or 1)
        ],
        "extras": _other_fields(chance, number),
        **_fields(chance, terms),
    }


def _fields(chance: random.Random, terms: Terms) -> Record:
    """The schema's optional fields, each as often as real records fill it."""
    one = {name: chance.choice(values) for name, values in terms.items()}
    shares: list[tuple[float, str, Any]] = [
        (0.50, "theme", chance.sample(terms["theme"], chance.randint(1, 2))),
        (0.30, "url", f"https://data.example.org/{chance.randrange(10**6)}"),
        (0.78, "data_steward_email", "data@example.org"),
        (0.62, "data_steward_name", "Office of Data Services"),
        (0.45, "department", "Department of Public Works"),
        (0.28, "spatial", _extent(chance)),
        (0.15, "places", ["Riverside", "Hilltop"]),
        (0.58, "geographic_unit", one["geographic_unit"]),
        (0.40, "temporal_start", str(chance.randint(1974, 2020))),
        (0.55, "temporal_coverage", f"{chance.randint(1974, 2010)}/2020"),
        (0.71, "frequency_data_change", one["frequency_data_change"]),
        (0.71, "frequency_publishing", one["frequency_publishing"]),
        (0.27, "issued", f"20{chance.randint(10, 24)}-05"),
        (0.36, "data_notes", _prose(chance, _length(chance, 190, 530))),
        (0.17, "related_documents", "https://data.example.org/documents/guide"),
        (0.11, "access_level_comment", _prose(chance, 150)),
    ]
    return {name: value for share, name, value in shares if chance.random() < share}


def _resource(chance: random.Random, place: int, terms: Terms) -> Record:
    file_format = chance.choice(FORMATS)
    resource = {
        "name": f"{file_format} file {place + 1}",
        "url": f"https://data.example.org/files/{chance.randrange(10**9)}.{file_format.lower()}",
        "format": file_format,
    }
    if chance.random() < 0.39:
        resource["description"] = _prose(chance, 110)
    if chance.random() < 0.2:
        resource["resource_type"] = chance.choice(terms["resource_type"])
    return resource


def _other_fields(chance: random.Random, number: int) -> list[Record]:
    """What harvesters and scripts leave on a record, outside the schema."""
    if chance.random() > 0.44:
        return []
    return [
        {"key": "dcat_issued", "value": "2018-03-20T13:39:15.000Z"},
        {"key": "dcat_modified", "value": "2018-04-27T16:25:12.000Z"},
        {"key": "dcat_publisher_name", "value": "open data team"},
        {"key": "guid", "value": f"https://data.example.org/items/{number}"},
        {"key": "last_etl_update", "value": "2021-02-03T04:05:06"},
    ]


def _extent(chance: random.Random) -> str:
    west, south = round(chance.uniform(-80.3, -79.8), 4), round(chance.uniform(40.2, 40.6), 4)
    east, north = round(west + 0.1, 4), round(south + 0.1, 4)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return f'{{"type": "Polygon", "coordinates": [{ring}]}}'


def _tags(chance: random.Random) -> list[str]:
    words = [f"{subject.split()[0]} {scope.split()[-1]}" for subject in SUBJECTS for scope in SCOPES]
    return sorted(set(chance.sample(words, _length(chance, 6, 12))))


def _length(chance: random.Random, median: int, ninth: int) -> int:
    """A length whose median and ninth decile are about these."""
    return int(min(median * (ninth / median) ** (chance.gauss(0, 1) / 1.28), ninth * 3))


def _prose(chance: random.Random, length: int) -> str:
    words = [chance.choice(WORDS) for _each in range(max(length // 6, 3))]
    for place in range(14, len(words), 15):
        words[place] += ".\n\n" if place % 60 > 45 else "."
    return (" ".join(words) + ".").capitalize()


def _slug(text: str) -> str:
    return text.lower().replace(" ", "-")
