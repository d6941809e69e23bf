"""Where values are stored, and the SQL that reads them."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple

import sqlalchemy as sa

from ckanext.civicswitchboard.core.document import Entity
from ckanext.civicswitchboard.core.fieldtypes import Shape
from ckanext.civicswitchboard.core.reserved import CORE_FIELDS

# The first server that says whether a text is JSON without failing where it is not.
_KNOWS_VALIDITY = 160000
_EMPTY = "('', '[]', 'null')"
_NO_MEMBER: dict[Shape, str] = {"several": "('\"\"')", "rows": "('{}')", "text": "('\"\"')"}
_MEMBER: dict[Shape, str] = {"several": "string", "rows": "object", "text": "string"}


class Key(NamedTuple):
    """A name under which records of an entity store something.

    :ivar subfield: the same within the rows that are stored there
    """

    entity: Entity
    name: str
    subfield: str = ""


@dataclass(frozen=True)
class Reader:
    """Whose private records somebody may see.

    :ivar all: whether everybody's
    :ivar member_of: ids of organizations whose private datasets
    :ivar editor_of: ids of organizations whose drafts and deleted datasets
    """

    all: bool = False
    member_of: tuple[str, ...] = ()
    editor_of: tuple[str, ...] = ()


NOBODY_SPECIAL = Reader()


@dataclass(frozen=True)
class Scope:
    """Which records are counted, and for whom.

    :ivar states: of datasets: ``active``, and ``draft`` or ``deleted`` on request
    :ivar reader: who reads the answer: names and values are given only of what they may see
    :ivar only: the ids of the only datasets to count, None for all
    :ivar public: whether to count only what everybody may see
    """

    states: tuple[str, ...] = ("active",)
    reader: Reader = NOBODY_SPECIAL
    only: tuple[str, ...] | None = None
    public: bool = False


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

    @classmethod
    def on(cls, connection: sa.Connection, scope: Scope) -> Sql:
        """A statement for a connection."""
        version = connection.dialect.server_version_info or (0,)
        return cls(scope, version[0] * 10_000)

    def bind(self, value: Any) -> str:
        """The placeholder of a value.

        PostgreSQL holds neither the NUL character nor half a pair, so nothing can be equal to
        a text with one.
        """
        name = f"b{next(self._numbers)}"
        self.bound[name] = [v for v in value if _storable(v)] if isinstance(value, list) else value
        return f"CAST(:{name} AS text[])" if isinstance(value, list) else f":{name}"

    def json(self, text: str) -> str:
        """A text as JSON, NULL where it is none."""
        if self.server >= _KNOWS_VALIDITY:
            return f"(CASE WHEN pg_input_is_valid({text}, 'jsonb') THEN ({text})::jsonb END)"
        return f"pg_temp.civicswitchboard_json({text})"

    def value(self, key: Key) -> str:
        """What is stored under a name, as text, in a row ``s`` of :meth:`rows`."""
        if key.name in CORE_FIELDS[key.entity]:
            return f"s.c_{key.name}"
        return f"(s.e ->> {self.bind(key.name)})" if _storable(key.name) else "NULL::text"

    def elements(self, value: str) -> str:
        """The members of a stored list as rows ``m``, none where it is no list."""
        parsed = self.json(value)
        listed = f"CASE WHEN jsonb_typeof({parsed}) = 'array' THEN {parsed} ELSE '[]'::jsonb END"
        return f"jsonb_array_elements({listed}) m"

    def part(self, subfield: str) -> str:
        """A subfield's value in a row ``m``."""
        return f"(m ->> {self.bind(subfield)})" if _storable(subfield) else "NULL::text"

    def empty(self, value: str, shape: Shape) -> str:
        """Whether a stored value says nothing."""
        nothing = f"coalesce({value}, '') IN {_EMPTY}"
        if shape == "text":
            return nothing
        member = f"EXISTS (SELECT 1 FROM {self.elements(value)} WHERE m NOT IN {_NO_MEMBER[shape]})"
        is_list = f"coalesce(jsonb_typeof({self.json(value)}), '') = 'array'"
        return f"({nothing} OR ({is_list} AND NOT {member}))"

    def malformed(self, value: str, shape: Shape) -> str:
        """Whether a stored value cannot be read as one of its kind."""
        if shape == "text":
            return "false"
        parsed = self.json(value)
        other = f"'strict $[*] ? (@.type() != \"{_MEMBER[shape]}\")'"
        return (
            f"(coalesce({value}, '') NOT IN {_EMPTY} AND CASE WHEN jsonb_typeof({parsed}) = 'array'"
            f" THEN jsonb_path_exists({parsed}, {other}) ELSE true END)"
        )

    def rows(self, entity: Entity, names: Iterable[str]) -> str:
        """A query of all records with ``id, dataset, owner, name, visible, e`` and core's columns.

        :param names: the names that are asked for; those that core stores become columns
        """
        columns = [self._column(entity, name) for name in sorted(set(names) & CORE_FIELDS[entity])]
        more = "".join(f", {column}" for column in columns)
        if entity == "organization":
            return (
                "SELECT r.id, NULL::text AS dataset, r.id AS owner, r.name, true AS visible,"
                f" r.extras AS e{more} FROM \"group\" r WHERE r.state = 'active' AND r.is_organization"
            )
        if entity == "dataset":
            return (
                "SELECT r.id, r.id AS dataset, r.owner_org AS owner, r.name,"
                f" {self._visible('r')} AS visible, r.extras AS e{more}"
                f" FROM package r WHERE {self.counted('r')}"
            )
        # OFFSET 0 keeps the planner from reading the text as JSON once for each use.
        return (
            "SELECT r.id, r.package_id AS dataset, p.owner_org AS owner, p.name,"
            f" {self._visible('p')} AS visible, {self.json('r.extras')} AS e, r.extras AS raw{more}"
            " FROM resource r JOIN package p ON p.id = r.package_id"
            f" WHERE r.state = 'active' AND {self.counted('p')} OFFSET 0"
        )

    def _column(self, entity: Entity, name: str) -> str:
        if name == "tag_string":
            return f"{_TAGS} AS c_{name}"
        return f"r.{name}::text AS c_{name}"

    def counted(self, package: str) -> str:
        """Whether a dataset is one that is counted."""
        states = self.bind(list(self.scope.states))
        which = f"{package}.type = 'dataset' AND {package}.state = ANY({states})"
        if self.scope.public:
            which += f" AND NOT {package}.private"
        if self.scope.only is None:
            return which
        return f"{which} AND {package}.id = ANY({self.bind(list(self.scope.only))})"

    def _visible(self, package: str) -> str:
        reader = self.scope.reader
        if reader.all:
            return "true"
        active, owner = f"{package}.state = 'active'", f"coalesce({package}.owner_org, '')"
        member, editor = self.bind(list(reader.member_of)), self.bind(list(reader.editor_of))
        return (
            f"({active} AND (NOT {package}.private OR {owner} = ANY({member})))"
            f" OR (NOT {active} AND {owner} = ANY({editor}))"
        )


_TAGS = (
    "(SELECT string_agg(t.name, ',' ORDER BY t.name) FROM package_tag pt JOIN tag t ON t.id = pt.tag_id"
    " WHERE pt.package_id = r.id AND pt.state = 'active')"
)


def _storable(value: Any) -> bool:
    if not isinstance(value, str):
        return True
    return "\0" not in value and not any("\ud800" <= each <= "\udfff" for each in value)


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
