"""Where values are stored, and the SQL that reads them."""
from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

import sqlalchemy as sa

from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.field_types import Shape
from ckanext.civicswitchboard.core.schema.input_checks import storable
from ckanext.civicswitchboard.core.schema.reserved_names import CORE_FIELDS
from ckanext.civicswitchboard.records.visibility import Reader

# The first server that says whether a text is JSON without failing where it is not.
_KNOWS_VALIDITY = 160000
# Under this name forms show a dataset's tags, as one text.
TAGS = "tag_string"
# Among the names that are asked for: whether a dataset has a tag, in place of its tags as one text.
TAGGED = "tagged"
_EMPTY = "('', '[]', 'null')"
# In strict mode, so that a list within a list is a member itself.
_ANY_MEMBER: dict[Shape, str] = {
    "several": "strict $[*] ? (@.type() != \"string\" || @ != \"\")",
    "rows": "strict $[*] ? (@.type() != \"object\" || exists(@.*))",
}
_MEMBER: dict[Shape, str] = {"several": "string", "rows": "object", "text": "string"}


@dataclass(frozen=True)
class Stored:
    """A stored value in a statement: as text, and as JSON for whoever looks into it.

    :ivar text: the text, as an expression
    :ivar parse: gives the expression of the value as JSON, NULL where it is none
    """

    text: str
    parse: Callable[[], str]

    def __str__(self) -> str:
        return self.text

    def nothing(self) -> str:
        """Whether nothing is stored."""
        return f"coalesce({self.text}, '') IN {_EMPTY}"

    def one_of(self, bound: str) -> str:
        """Whether one of some values is stored.

        :param bound: their placeholder
        """
        return f"{self.text} = ANY({bound})"


_WITH_TAGS = "SELECT DISTINCT pt.package_id FROM package_tag pt WHERE pt.state = 'active'"


class Tags(Stored):
    """A dataset's tags, looked up where they are: putting a text together for each takes long."""

    def nothing(self) -> str:
        """Whether there is no tag."""
        return f"NOT s.{TAGGED}"

    def one_of(self, bound: str) -> str:
        """Whether one of the tags is one of some."""
        return (
            "s.id IN (SELECT pt.package_id FROM package_tag pt JOIN tag t ON t.id = pt.tag_id"
            f" WHERE pt.state = 'active' AND t.name = ANY({bound}))"
        )


class Key(NamedTuple):
    """A name under which records of an entity store something.

    :ivar subfield: the same within the rows that are stored there
    """

    entity: Entity
    name: str
    subfield: str = ""

    @property
    def of_tags(self) -> bool:
        """Whether it stands for a dataset's tags, which have a table of their own."""
        return self.entity == "dataset" and self.name == TAGS


VISITOR = Reader()


@dataclass(frozen=True)
class Scope:
    """Which records are counted, and for whom.

    :ivar states: of datasets: ``active``, and ``draft`` or ``deleted`` on request
    :ivar reader: who reads the answer: names and values are given only of what they may see
    :ivar only: the ids of the only datasets to count, None for all
    :ivar everything: whether records that the reader may not see are counted too. Whoever chooses what
        is counted can find such a record's values letter by letter, so only publishing, and those who
        may publish, count them
    """

    states: tuple[str, ...] = ("active",)
    reader: Reader = VISITOR
    only: tuple[str, ...] | None = None
    everything: bool = False


@dataclass
class Sql:
    """A statement in the making: hands out names for what is bound.

    :ivar scope: which records
    :ivar server: the server's version number
    :ivar bound: the values by the names they were given
    """

    scope: Scope
    server: int
    bound: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = count()
        self._lists: dict[Key, str] = {}

    @classmethod
    def on(cls, connection: sa.Connection, scope: Scope) -> Sql:
        """A statement for a connection, for which :func:`prepare` has been called."""
        version = connection.dialect.server_version_info or (0,)
        return cls(scope, version[0] * 10_000)

    def bind(self, value: Any) -> str:
        """The placeholder of a value.

        PostgreSQL holds neither the NUL character nor half a pair, so nothing can be equal to
        a text with one.
        """
        name = f"b{next(self._numbers)}"
        self.bound[name] = [v for v in value if storable(v)] if isinstance(value, list) else value
        return f"CAST(:{name} AS text[])" if isinstance(value, list) else f":{name}"

    def json(self, text: str) -> str:
        """A text as JSON, NULL where it is none."""
        if self.server >= _KNOWS_VALIDITY:
            return f"(CASE WHEN pg_input_is_valid({text}, 'jsonb') THEN ({text})::jsonb END)"
        return f"pg_temp.civicswitchboard_json({text})"

    def value(self, key: Key) -> Stored:
        """What is stored under a name in a row ``s`` of :meth:`rows`, or of :meth:`read` to look into it."""
        if key.of_tags:
            return Tags(f"s.c_{key.name}", lambda: "NULL::jsonb")
        if key.name in CORE_FIELDS[key.entity]:
            text = f"s.c_{key.name}"
        else:
            text = f"(s.e ->> {self.bind(key.name)})" if storable(key.name) else "NULL::text"
        return Stored(text, lambda: self._parse_once(key, text))

    def _parse_once(self, key: Key, text: str) -> str:
        whole = key._replace(subfield="")
        self._lists.setdefault(whole, self.json(text))
        return f"l.j{list(self._lists).index(whole)}"

    def read(self, entity: Entity, rows: str) -> str:
        """Rows ``s`` with the lists in them as JSON, once all conditions on them are made.

        Reading a text as JSON costs more than all else that is done with it.

        :param rows: a query of :meth:`rows` or :meth:`files`, or a name for one
        """
        known = {f"j{n}": text for n, (key, text) in enumerate(self._lists.items()) if key.entity == entity}
        if not known:
            return f"{rows} s"
        columns = ", ".join(known)
        return f"{rows} s {_once(known.values(), f'l({columns})')}"

    def elements(self, value: Stored) -> str:
        """The members of a stored list as rows ``m``, none where it is no list."""
        parsed = value.parse()
        listed = f"CASE WHEN jsonb_typeof({parsed}) = 'array' THEN {parsed} ELSE '[]'::jsonb END"
        return f"jsonb_array_elements({listed}) m"

    def part(self, subfield: str) -> Stored:
        """A subfield's value in a row ``m``."""
        text = f"(m ->> {self.bind(subfield)})" if storable(subfield) else "NULL::text"
        return Stored(text, lambda: self.json(text))

    def empty(self, value: Stored, shape: Shape) -> str:
        """Whether a stored value says nothing."""
        nothing = value.nothing()
        if shape == "text":
            return nothing
        parsed = value.parse()
        member = f"jsonb_path_exists({parsed}, '{_ANY_MEMBER[shape]}')"
        return f"({nothing} OR (coalesce(jsonb_typeof({parsed}), '') = 'array' AND NOT {member}))"

    def malformed(self, value: Stored, shape: Shape) -> str:
        """Whether a stored value cannot be read as one of its kind."""
        if shape == "text":
            return "false"
        parsed = value.parse()
        other = f"'strict $[*] ? (@.type() != \"{_MEMBER[shape]}\")'"
        return (
            f"(coalesce({value}, '') NOT IN {_EMPTY} AND CASE WHEN jsonb_typeof({parsed}) = 'array'"
            f" THEN jsonb_path_exists({parsed}, {other}) ELSE true END)"
        )

    def rows(self, entity: Entity, names: Collection[str] | None = None) -> str:
        """A query of all records with ``id, dataset, owner, name, visible, e`` and core's columns.

        :param names: the names that are asked for; those that core stores become columns. None asks
            for all that a record holds.
        """
        stored = CORE_FIELDS[entity] if names is None else CORE_FIELDS[entity].intersection(names)
        columns = [self._column(entity, name) for name in sorted(stored)]
        more = "".join(f", {column}" for column in columns)
        if entity == "organization":
            return (
                "SELECT r.id, NULL::text AS dataset, r.id AS owner, r.name, true AS visible,"
                f" r.extras AS e{more} FROM \"group\" r WHERE r.state = 'active' AND r.is_organization"
            )
        if entity == "dataset":
            tags = f" LEFT JOIN ({self._tags()}) g ON g.package_id = r.id" if TAGS in stored else ""
            if TAGGED in (names or ()):
                # A join is shared among processes, a look for each dataset would not be.
                more += f", d.package_id IS NOT NULL AS {TAGGED}"
                tags += f" LEFT JOIN ({_WITH_TAGS}) d ON d.package_id = r.id"
            return (
                "SELECT r.id, r.id AS dataset, r.owner_org AS owner, r.name,"
                f" {self._visible('r')} AS visible, r.extras AS e{more}"
                f" FROM package r{tags} WHERE {self.counted('r')}"
            )
        extras, parsed = self._parsed(names)
        return (
            "SELECT r.id, r.package_id AS dataset, p.owner_org AS owner, p.name,"
            f" {self._visible('p')} AS visible, {extras}, r.extras AS raw{more}"
            f" FROM resource r JOIN package p ON p.id = r.package_id{parsed}"
            f" WHERE r.state = 'active' AND {self.counted('p')}"
        )

    def files(self, names: Iterable[str]) -> str:
        """All files by their ``dataset`` alone, with ``e, raw`` and core's columns: for whoever has
        the datasets beside them.

        :param names: as for :meth:`rows`
        """
        columns = [self._column("resource", name) for name in sorted(set(names) & CORE_FIELDS["resource"])]
        more = "".join(f", {column}" for column in columns)
        extras, parsed = self._parsed(names)
        return (
            f"SELECT r.package_id AS dataset, {extras}, r.extras AS raw{more} FROM resource r{parsed}"
            f" WHERE r.state = 'active'{self._only('r.package_id')}"
        )

    def _parsed(self, names: Iterable[str] | None) -> tuple[str, str]:
        """A file's own keys as a column, and what has to be joined for it."""
        if names is not None and CORE_FIELDS["resource"].issuperset(names):
            return "NULL::jsonb AS e", ""
        return "x.e", f" {_once([self.json('r.extras')], 'x(e)')}"

    def _column(self, entity: Entity, name: str) -> str:
        stored = "g.names" if name == TAGS else f"r.{name}::text"
        return f"{stored} AS c_{name}"

    def _tags(self) -> str:
        """Every dataset's tags as one text, as forms show them."""
        return (
            "SELECT pt.package_id, string_agg(t.name, ',' ORDER BY t.name) AS names FROM package_tag pt"
            " JOIN tag t ON t.id = pt.tag_id"
            f" WHERE pt.state = 'active'{self._only('pt.package_id')} GROUP BY pt.package_id"
        )

    def _only(self, dataset: str) -> str:
        if self.scope.only is None:
            return ""
        return f" AND {dataset} = ANY({self.bind(list(self.scope.only))})"

    def counted(self, package: str) -> str:
        """Whether a dataset is one that is counted."""
        states = self.bind(list(self.scope.states))
        which = f"{package}.type = 'dataset' AND {package}.state = ANY({states})"
        if not self.scope.everything:
            which += f" AND ({self._visible(package)})"
        return which + self._only(f"{package}.id")

    def _visible(self, package: str) -> str:
        reader = self.scope.reader
        if reader.sees_all:
            return "true"
        active, owner = f"{package}.state = 'active'", f"coalesce({package}.owner_org, '')"
        member, editor = self.bind(sorted(reader.member_of)), self.bind(sorted(reader.editor_of))
        return (
            f"({active} AND (NOT coalesce({package}.private, false) OR {owner} = ANY({member})))"
            f" OR (NOT {active} AND {owner} = ANY({editor}))"
        )


def _once(values: Iterable[str], name: str) -> str:
    """A join that makes values once a row, not once for each use, and by several processes at a time.

    Of what keeps the planner from doing so, OFFSET 0 would leave all work to one process.
    """
    return f"CROSS JOIN LATERAL unnest({', '.join(f'ARRAY[{value}]' for value in values)}) {name}"


def prepare(connection: sa.Connection) -> None:
    """Give an older server a function that reads JSON without failing; it ends with the session."""
    version = connection.dialect.server_version_info or (0,)
    if version[0] * 10_000 < _KNOWS_VALIDITY:
        make_json_function(connection)


def make_json_function(connection: sa.Connection) -> None:
    """The function of :func:`prepare`; it must stay unsafe for parallel work, as it catches errors."""
    connection.execute(
        sa.text(
            "CREATE OR REPLACE FUNCTION pg_temp.civicswitchboard_json(given text) RETURNS jsonb"
            " LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN given::jsonb;"
            " EXCEPTION WHEN others THEN RETURN NULL; END $$"
        )
    )
