"""Kinds of stored value: what a record of each kind holds besides what every record needs.

Values are put into the rows themselves, as an import, an earlier version of the schema or another
extension left them.
"""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

Entity = Literal["dataset", "resource", "organization"]
Sort = Literal[
    "mixture",  # some of the following at once
    "column",  # a column of core's that some field of the schema shows
    "bare column",  # a column of core's that has no field
    "gone column",  # a column of core's whose field is retired
    "known",  # a value of a field, as the field takes it
    "odd",  # a value that its field would not take, though it can be read
    "unreadable",  # a value that can't be read as its field's type
    "unknown",  # a key that was never a field
    "gone",  # a value of a retired field
    "renamed",  # a value under a field's earlier name
    "turned",  # a value from before its field had another type
    "relation",  # rows of other tables: tags, groups, people
    "other type",  # a record of a type that the portal doesn't serve
]

ODD_BYTES = " \u00a0kept  as it is\r\nwith two\tlines\u2028and \U0001f4da a\u0301 <b>&amp;</b> \"'"
ENTRIES = [{"given": "Ada", "part_role": "reader"}, {"given": "Bea", "remark": "two\r\nlines"}]
MORE_PARTS = [{"given": "Ada", "orcid": "0000", "deep": {"a": [1, None, True]}}, {"given": "Bea", "n": 7}]
UNLIKE_ENTRIES = [{"part_role": "no name given"}, {"given": ["a", "list"]}]


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of stored value.

    :ivar columns: what columns hold
    :ivar extras: what `extras` holds: strings, in resources anything; None takes away what every
        record of the table has
    :ivar relation: which rows of other tables there are
    :ivar leads: whether the default run tries it on every path
    """

    name: str
    entity: Entity
    sort: Sort
    columns: dict[str, Any] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)
    relation: str = ""
    leads: bool = False

    @property
    def keys(self) -> set[str]:
        """The names of what it holds."""
        return {*self.columns, *self.extras}

    def __str__(self) -> str:
        return f"{self.entity} {self.sort}: {self.name}"


def text(value: Any) -> str:
    """A value as an extra of a dataset holds it."""
    return json.dumps(value, ensure_ascii=False)


def _column(entity: Entity, sort: Sort, name: str, value: Any, leads: bool = False, also: str = "") -> Kind:
    return Kind(name + also, entity, sort, columns={name: value}, leads=leads)


def _extra(entity: Entity, sort: Sort, key: str, value: Any, leads: bool = False, also: str = "") -> Kind:
    return Kind(key + also, entity, sort, extras={key: value}, leads=leads)


def _dataset() -> list[Kind]:
    def column(sort: Sort, name: str, value: Any, leads: bool = False, also: str = "") -> Kind:
        return _column("dataset", sort, name, value, leads, also)

    def extra(sort: Sort, key: str, value: Any, leads: bool = False, also: str = "") -> Kind:
        return _extra("dataset", sort, key, value if isinstance(value, str) else text(value), leads, also)

    return [
        column("bare column", "author", "Ada  Example", leads=True),
        column("bare column", "author_email", "ada@example.org"),
        column("bare column", "author_email", "ask at the desk", also=", no address"),
        column("bare column", "maintainer", "Mo Example\r\nsecond line"),
        column("bare column", "maintainer_email", "mo@example.org", leads=True),
        column("bare column", "version", "1.2"),
        column("bare column", "plugin_data", {"other": {"a": [1]}}, leads=True),
        column("bare column", "creator_user_id", "somebody-who-left"),
        column("bare column", "metadata_created", "2012-03-04T05:06:07.000008"),
        column("bare column", "private", True, leads=True),
        column("gone column", "url", "http://data.example.org/page", leads=True),
        column("gone column", "url", "see the desk", also=", no link"),
        column("column", "title", "Title  with \u00a0 spaces, “quotes” & <b>"),
        column("column", "notes", ODD_BYTES, leads=True),
        column("column", "notes", "\r\nbegins with a line end\r\n", also=" with line ends"),
        column("column", "license_id", "no-such-license", leads=True, also=" out of the list"),
        column("column", "license_id", None, also=" of none"),
        extra("known", "department", "Parks", leads=True),
        extra("known", "department", "two\r\nlines", also=" of two lines"),
        extra("known", "citation", "a\rb\n\nc ", also=" of many lines"),
        extra("known", "data_notes", "\nbegins with a line end", also=" with a line end first"),
        extra("known", "geographic_unit", "Neighborhood"),
        extra("known", "temporal_start", "2016-01"),
        extra("known", "user_guide_url", "http://data.example.org/guide?a=1&b=2"),
        extra("known", "data_steward_email", "desk@example.org"),
        extra("known", "counted", "12"),
        extra("known", "theme", ["technology", "energy"], leads=True),
        extra("known", "theme", '["technology",  "energy" ]', also=" in other JSON"),
        extra("known", "theme", ["energy", "energy", ""], also=" twice and empty"),
        extra("known", "theme", "[]", also=" of none"),
        extra("known", "places", ["River", "Hill, east", "ä"]),
        extra("known", "places", ["two\nlines", " spaces "], also=" of two lines"),
        extra("known", "department", "", also=" empty"),
        extra("known", "people", ENTRIES, leads=True),
        extra("known", "people", MORE_PARTS, leads=True, also=" with unknown parts"),
        extra("known", "people", '[{"given":"Ada", "part_role":""},{}]', also=" with empty parts"),
        extra("known", "helpers", MORE_PARTS, also=" on the last page"),
        extra("known", "spatial", '{"type":"Point",  "coordinates":[-80, 40.5]}'),
        extra("odd", "frequency_publishing", "Bi-Annually", leads=True),
        extra("odd", "geographic_unit", "Block face"),
        extra("odd", "theme", ["old_theme", "technology"], leads=True),
        extra("odd", "temporal_start", "2016-30-09", leads=True),
        extra("odd", "issued", "long ago"),
        extra("odd", "data_steward_email", "ask at the desk"),
        extra("odd", "user_guide_url", "see desk"),
        extra("odd", "counted", "a dozen"),
        extra("odd", "people", UNLIKE_ENTRIES),
        extra("odd", "helpers", UNLIKE_ENTRIES, leads=True, also=" on the last page"),
        extra("unreadable", "theme", "Environment", leads=True),
        extra("unreadable", "theme", '["cut off', also=", broken JSON"),
        extra("unreadable", "theme", '{"a": 1}', also=", another shape"),
        extra("unreadable", "theme", "[1, null]", also=", no texts"),
        extra("unreadable", "places", "River; Hill"),
        extra("unreadable", "places", "River\r\nHill", also=" in lines"),
        extra("unreadable", "people", "Ada and Bea", leads=True),
        extra("unreadable", "people", '[{"given": "cut off', also=", broken JSON"),
        extra("unreadable", "people", '{"given": "Ada"}', also=", one entry alone"),
        extra("unreadable", "helpers", "Mo", also=" on the last page"),
        extra("unknown", "guid", ODD_BYTES, leads=True),
        extra("unknown", "Key with spaces: é", "v"),
        extra("unknown", "group", "a name that core has too"),
        extra("unknown", "a__0__b", "a key like a form's"),
        extra("unknown", "listed", '["a","b"]'),
        extra("unknown", "empty", ""),
        extra("unknown", "long", "y" * 50_000),
        extra("gone", "gone_text", ODD_BYTES, leads=True),
        extra("gone", "gone_lines", "a\rb\n\nc "),
        extra("gone", "gone_choice", "Daily"),
        extra("gone", "gone_choice", "Now and then", also=" out of the list"),
        extra("gone", "gone_several", ["technology", "energy"], leads=True),
        extra("gone", "gone_several", "Environment", also=", unreadable"),
        extra("gone", "gone_list", ["River", "Hill"]),
        extra("gone", "gone_day", "long ago"),
        extra("gone", "gone_entries", MORE_PARTS, leads=True),
        extra("renamed", "early_text", ODD_BYTES, leads=True),
        extra("renamed", "early_list", ["River", "Hill"], leads=True),
        extra("renamed", "early_list", "River; Hill", also=", unreadable"),
        extra("renamed", "early_entries", MORE_PARTS),
        extra("turned", "turned_list", "A; B", leads=True),
        extra("turned", "turned_list", "A, b\r\nC", also=" in lines"),
        extra("turned", "turned_list_of_lines", "A\r\nB; C"),
        extra("turned", "turned_text", ["A", "B"], leads=True),
        extra("turned", "turned_day", "May of that year"),
        extra("turned", "turned_choice", "when there is news"),
        Kind("one key", "dataset", "other type", {"type": "info"}, {"topics": '["t1"]'}, leads=True),
        Kind("author and odd keys", "dataset", "other type", {"type": "info", "author": "Ada"}, {"theme": "a", "guid": ODD_BYTES}),
        Kind("tags", "dataset", "relation", relation="tags", leads=True),
        Kind("tag of a vocabulary", "dataset", "relation", relation="vocabulary tag"),
        Kind("group", "dataset", "relation", relation="group", leads=True),
        Kind("collaborator", "dataset", "relation", relation="collaborator"),
        Kind("relationship", "dataset", "relation", relation="relationship"),
        Kind("resource view", "dataset", "relation", relation="view"),
        Kind("deleted resource", "dataset", "relation", relation="deleted resource"),
    ]


def _resource() -> list[Kind]:
    def column(sort: Sort, name: str, value: Any, leads: bool = False, also: str = "") -> Kind:
        return _column("resource", sort, name, value, leads, also)

    def extra(sort: Sort, key: str, value: Any, leads: bool = False, also: str = "") -> Kind:
        return _extra("resource", sort, key, value, leads, also)

    return [
        column("bare column", "mimetype", "application/x-not-guessed", leads=True),
        column("bare column", "mimetype_inner", "text/plain", leads=True),
        column("bare column", "cache_url", "http://cache.example.org/1"),
        column("bare column", "cache_last_updated", "2013-01-02T03:04:05.000006"),
        column("bare column", "hash", "md5:1234", leads=True),
        column("bare column", "size", 12345678901),
        column("bare column", "url_type", "datastore"),
        column("bare column", "created", "2012-03-04T05:06:07.000008"),
        column("bare column", "last_modified", "2014-05-06T07:08:09.00001"),
        column("gone column", "description", ODD_BYTES, leads=True),
        column("gone column", "resource_type", "file", leads=True),
        column("column", "format", "Odd Format"),
        column("column", "name", "Name  with \u00a0 spaces & <b>"),
        column("column", "url", "http://data.example.org/a b.csv", also=" with a space"),
        column("column", "url", "http://data.example.org/%C3%A4?x=1&y=<2>", also=" with odd characters"),
        extra("known", "encoding", "UTF-8", leads=True),
        extra("known", "rows", "12"),
        extra("known", "rows", 12, also=" as a number"),
        extra("known", "units", '["River", "Hill"]', leads=True),
        extra("known", "units", ["River", "Hill"], also=" as a list"),
        extra("known", "dictionary", [{"column": "a", "label": "A"}, {"column": "b", "codes": "1\r\n2"}], leads=True),
        extra("known", "dictionary", [{"column": "a", "odd": {"deep": [1]}}], leads=True, also=" with unknown parts"),
        extra("known", "dictionary", '[{"column": "a", "odd": 1}]', also=" as text"),
        extra("odd", "rows", "many"),
        extra("odd", "made", "long ago", leads=True),
        extra("odd", "dictionary", [{"label": "no column"}]),
        extra("unreadable", "units", "River; Hill", leads=True),
        extra("unreadable", "units", '["cut off', also=", broken JSON"),
        extra("unreadable", "units", {"a": 1}, also=", another shape"),
        extra("unreadable", "units", 7, also=", a number"),
        extra("unreadable", "dictionary", "see the guide", leads=True),
        extra("unreadable", "dictionary", {"column": "a"}, also=", one entry alone"),
        extra("unknown", "weird", {"deep": [1, "a", None]}, leads=True),
        extra("unknown", "number", 12.5),
        extra("unknown", "yes", True),
        extra("unknown", "nothing", None),
        extra("unknown", "empty", ""),
        extra("unknown", "Key with spaces: é", ODD_BYTES),
        extra("unknown", "listed", ["a", "b"]),
        extra("unknown", "datastore_active", True),
        extra("unknown", "previous_upload", "kept.csv"),
        extra("gone", "gone_text", ODD_BYTES, leads=True),
        extra("gone", "gone_list", '["River", "Hill"]', leads=True),
        extra("gone", "gone_list", "River; Hill", also=", unreadable"),
        extra("gone", "gone_entries", [{"given": "Ada", "odd": 1}], leads=True),
        extra("renamed", "early_text", ODD_BYTES, leads=True),
        extra("renamed", "early_list", '["River", "Hill"]'),
        extra("turned", "turned_list", "A; B", leads=True),
        extra("turned", "turned_text", '["A", "B"]'),
        extra("turned", "turned_day", "May of that year"),
    ]


def _organization() -> list[Kind]:
    def column(sort: Sort, name: str, value: Any, leads: bool = False, also: str = "") -> Kind:
        return _column("organization", sort, name, value, leads, also)

    def extra(sort: Sort, key: str, value: Any, leads: bool = False, also: str = "") -> Kind:
        return _extra("organization", sort, key, value if isinstance(value, str) else text(value), leads, also)

    space = [{"name": "Room", "capacity": "30", "odd": {"deep": [1]}}, {"name": "Hall", "equipment": "a\r\nb"}]
    return [
        column("bare column", "approval_status", "pending", leads=True),
        column("bare column", "created", "2012-03-04T05:06:07.000008"),
        column("gone column", "description", ODD_BYTES, leads=True),
        column("column", "image_url", "http://data.example.org/logo.png", leads=True),
        column("column", "image_url", "kept_logo.png", also=" of an upload"),
        column("column", "title", "Title  with \u00a0 spaces & <b>"),
        extra("known", "partner_type", "public_library", leads=True),
        extra("known", "contact_name", "The desk", leads=True),
        extra("known", "roles", ["advocating", "using_civic_data"]),
        extra("known", "names", ["River", "Hill"], leads=True),
        extra("known", "spaces", space, leads=True),
        Kind("contact_name, of no type", "organization", "known", extras={"contact_name": "Mo", "partner_type": None}),
        extra("odd", "partner_type", "no_such_type"),
        extra("odd", "partner_since", "long ago", leads=True),
        extra("odd", "website", "see the desk"),
        extra("odd", "roles", ["no such role"]),
        extra("odd", "spaces", [{"capacity": "many"}]),
        extra("unreadable", "names", "River; Hill", leads=True),
        extra("unreadable", "names", '["cut off', also=", broken JSON"),
        extra("unreadable", "roles", "Teaching"),
        extra("unreadable", "spaces", "a room", leads=True),
        extra("unknown", "guid", ODD_BYTES, leads=True),
        extra("unknown", "Key with spaces: é", "v"),
        extra("unknown", "empty", ""),
        extra("gone", "gone_text", ODD_BYTES, leads=True),
        extra("gone", "gone_list", ["River", "Hill"]),
        extra("gone", "gone_entries", MORE_PARTS, leads=True),
        extra("renamed", "early_text", ODD_BYTES, leads=True),
        extra("renamed", "early_list", ["River", "Hill"]),
        extra("turned", "turned_list", "A; B", leads=True),
        extra("turned", "turned_text", ["A", "B"]),
        Kind("people", "organization", "relation", relation="people", leads=True),
        Kind("dataset", "organization", "relation", relation="dataset"),
        Kind("parent", "organization", "relation", relation="parent"),
    ]


# A mixture of values that no new record may have.
WRONG = "all that is wrong"


def _mixtures(kinds: list[Kind]) -> list[Kind]:
    """Kinds that hold one value of each key and column, of several sorts."""
    groups: dict[str, tuple[Sort, ...]] = {
        "all that is right": ("bare column", "gone column", "known", "unknown", "gone", "renamed"),
        WRONG: ("odd", "unreadable", "turned"),
    }
    found = []
    for name, sorts in groups.items():
        columns: dict[str, Any] = {}
        extras: dict[str, Any] = {}
        for kind in sorted((kind for kind in kinds if kind.sort in sorts), key=lambda kind: not kind.leads):
            columns = {**kind.columns, **columns}
            extras = {**kind.extras, **extras}
        # A private dataset is not a matter of columns alone; plugin_data is never shown.
        columns = {key: value for key, value in columns.items() if key not in ("private", "plugin_data")}
        found.append(Kind(name, kinds[0].entity, "mixture", columns, extras, leads=True))
    return found


KINDS: tuple[Kind, ...] = tuple(
    each for kinds in (_dataset(), _resource(), _organization()) for each in (*_mixtures(kinds), *kinds)
)
