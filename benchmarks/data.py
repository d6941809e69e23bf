"""The records of the benchmark, in the database and in both indexes."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg2
import records
import requests
from ground.steps import StepFailed, step
from portals import Portal, database_url, index

from ckanext.civicswitchboard.core.schema.compiler import Snapshot

# So many records are made one by one, through the API; the further ones are their copies.
BASE = 333
ADMIN, EDITOR, PASSWORD = "bench-admin", "bench-editor", "benchmark-only"


class Filling:
    """Fills both portals step by step: a larger size keeps what a smaller one had.

    :param organizations: how many there are in the end; half of those beyond the invented
        partners are of one type
    :ivar names: the first records' names
    """

    def __init__(self, portals: tuple[Portal, Portal], snapshot: Snapshot, organizations: int) -> None:
        self.portals = portals
        self.organizations = organizations
        self.names: list[str] = []
        self._terms = records.terms(snapshot)

    def to(self, size: int) -> None:
        """Have so many datasets, indexed for both.

        :raises StepFailed: when a portal's search finds another number of them
        """
        if not self.names:
            self._first_records()
        with step(f"Copy the records to {size}"):
            copy_records(size)
        more = self.organizations - len(records.ORGANIZATIONS)
        if more > 0:
            with step(f"Share the copies among {more} more organizations"):
                share_copies(more)
        index(self.portals)
        for portal in self.portals:
            found = requests.get(f"{portal.url}/api/3/action/package_search?rows=0").json()
            count = found["result"]["count"]
            if count != size:
                reason = f"the search of {portal.name} finds {count} datasets of {size}"
                raise StepFailed("index the datasets", reason, "look into .portal/bench/logs")

    def _first_records(self) -> None:
        stock = self.portals[0]
        with step("Make the accounts"):
            call = _Api(stock, _sysadmin_token(stock))
            account = {"name": EDITOR, "email": "editor@example.org", "password": PASSWORD}
            call("user_create", account)
        with step(f"Make {len(records.ORGANIZATIONS)} partners and {BASE} datasets"):
            for organization in records.organizations():
                call("organization_create", organization)
                member = {"id": organization["name"], "username": EDITOR, "role": "editor"}
                call("organization_member_create", member)
            for number in range(1, BASE + 1):
                made = call("package_create", records.dataset(number, self._terms))
                self.names.append(made["name"])


class _Api:
    """The portal's actions over HTTP."""

    def __init__(self, portal: Portal, token: str) -> None:
        self.url = f"{portal.url}/api/3/action/"
        self.session = requests.Session()
        self.session.headers["Authorization"] = token

    def __call__(self, action: str, params: Mapping[str, Any]) -> Any:
        answer = self.session.post(self.url + action, json=params)
        if not answer.ok:
            raise StepFailed(action, answer.text[:500], "this is a fault of the benchmark's records")
        return answer.json()["result"]


def _sysadmin_token(portal: Portal) -> str:
    account = [f"email={ADMIN}@example.org", f"password={PASSWORD}"]
    portal.ckan("make a sysadmin", "user", "add", ADMIN, *account)
    portal.ckan("make a sysadmin", "sysadmin", "add", ADMIN)
    return portal.answer("make a token", "user", "token", "add", ADMIN, "benchmark", "--quiet")


# A copy's id is made from the original's and the copy's number.
_COPY_ID = "md5({} || ':' || copies.number)::uuid::text"
_COPIES = """
    JOIN (SELECT id, row_number() OVER (ORDER BY metadata_created, id) AS place
          FROM package WHERE name !~ '-copy-' AND type = 'dataset') base ON base.id = {original}
    CROSS JOIN generate_series(1, %(last)s) AS copies(number)
    WHERE copies.number * %(base)s + base.place <= %(size)s
    ON CONFLICT DO NOTHING"""
_TABLES: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "package",
        "t.id",
        {
            "id": _COPY_ID.format("t.id"),
            "name": "t.name || '-copy-' || copies.number",
            "title": "t.title || ', copy ' || copies.number",
            "metadata_modified": "t.metadata_modified - copies.number * interval '7 hours'",
        },
    ),
    (
        "resource",
        "t.package_id",
        {"id": _COPY_ID.format("t.id"), "package_id": _COPY_ID.format("t.package_id")},
    ),
    (
        "package_tag",
        "t.package_id",
        {"id": _COPY_ID.format("t.id"), "package_id": _COPY_ID.format("t.package_id")},
    ),
    (
        "member",
        "t.table_id",
        {"id": _COPY_ID.format("t.id"), "table_id": _COPY_ID.format("t.table_id")},
    ),
)


def copy_records(size: int) -> None:
    """Copy the first datasets, with files, tags and owners, until there are so many."""
    numbers = {"last": size // BASE + 1, "base": BASE, "size": size}
    connection = psycopg2.connect(database_url())
    try:
        with connection, connection.cursor() as cursor:
            for table, original, changed in _TABLES:
                cursor.execute(_copy(cursor, table, original, changed), numbers)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    finally:
        connection.close()


_MORE_ORGANIZATIONS = """
    INSERT INTO "group" (id, name, title, description, type, is_organization, state, approval_status,
                         created, extras)
    SELECT md5('more:' || n)::uuid::text, 'more-' || n, 'Further partner ' || n, '', 'organization', true,
           'active', 'approved', now(), jsonb_build_object('partner_type',
             CASE WHEN n %% 2 = 0 THEN 'local_government' ELSE kinds[1 + n / 2 %% cardinality(kinds)] END)
    FROM generate_series(1, %(more)s) n, (SELECT %(types)s::text[] AS kinds) given
    ON CONFLICT DO NOTHING"""
_SHARE_DATASETS = """
    UPDATE package SET owner_org = md5('more:' || 1 + copies.place %% %(more)s)::uuid::text
    FROM (SELECT id, row_number() OVER (ORDER BY name) AS place
          FROM package WHERE name ~ '-copy-') copies WHERE copies.id = package.id"""
_SHARE_MEMBERSHIPS = """
    UPDATE member SET group_id = package.owner_org FROM package
    WHERE member.table_name = 'package' AND member.table_id = package.id
      AND member.capacity = 'organization'"""


def share_copies(more: int) -> None:
    """Make further organizations, and have the copied datasets belong to them.

    :param more: how many: every second one is a local government, the others take turns in
        the types of the invented partners
    """
    types = sorted({kind for _name, kind, _share in records.ORGANIZATIONS} - {"local_government"})
    connection = psycopg2.connect(database_url())
    try:
        with connection, connection.cursor() as cursor:
            for asked in (_MORE_ORGANIZATIONS, _SHARE_DATASETS, _SHARE_MEMBERSHIPS):
                cursor.execute(asked, {"more": more, "types": types})
    finally:
        connection.close()


def _copy(cursor: Any, table: str, original: str, changed: Mapping[str, str]) -> str:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
        [table],
    )
    columns = [row[0] for row in cursor.fetchall()]
    values = ", ".join(changed.get(each, f"t.{each}") for each in columns)
    copies = _COPIES.format(original=original)
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} t {copies}"
