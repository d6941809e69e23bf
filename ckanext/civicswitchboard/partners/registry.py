"""Who is which partner, and who stewards the shared schema."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from ckan import model
from flask import g, has_request_context

from ckanext.civicswitchboard.core.schema.document import Document, PartnerType, Sector
from ckanext.civicswitchboard.core.schema.profiles import ALSO, TYPE, kinds_of
from ckanext.civicswitchboard.records.profiles import names_in
from ckanext.civicswitchboard.schema_registry import versions

STEWARD = "civicswitchboard.steward"

Mark = tuple[Any, ...]


@dataclass(frozen=True)
class Partner:
    """An active organization and what it is among the partners.

    :ivar types: its partner type, then what it also acts as; empty when it has none
    :ivar image_url: its logo as stored: an address, or the name of an uploaded file
    """

    id: str
    name: str
    title: str
    types: tuple[PartnerType, ...]
    image_url: str = ""

    @cached_property
    def type_names(self) -> tuple[str, ...]:
        """The names of its types, its own first."""
        return tuple(kind.name for kind in self.types)

    @cached_property
    def sectors(self) -> frozenset[Sector]:
        """The sectors of all its types."""
        return frozenset(kind.sector for kind in self.types)

    @property
    def sector(self) -> Sector | None:
        """The sector of its type: badges and shelves go by it."""
        return self.types[0].sector if self.types else None


def steward() -> model.Group | None:
    """The organization that maintains the shared schema, if one is named and active."""
    organization_id = model.get_system_info(STEWARD)
    return active_organization(organization_id) if organization_id else None


def set_steward(organization: model.Group) -> None:
    """Name the steward; committed at once."""
    model.set_system_info(STEWARD, organization.id)
    model.Session.commit()


def active_organization(id_or_name: str) -> model.Group | None:
    """An active organization by id or name."""
    group = model.Group.get(id_or_name)
    if group is None or not group.is_organization or group.state != "active":
        return None
    return group


def partner(organization: dict[str, Any]) -> tuple[PartnerType, ...]:
    """The partner types of an organization, its own first.

    :param organization: a shown organization, or the short form that datasets carry
    """
    return types_of(organization.get(TYPE), organization.get(ALSO))


def all_partners() -> tuple[Partner, ...]:
    """Every active organization, typed or not, by title.

    An organization that changes is seen at once: the database says whether what was read
    last still stands, which takes a tenth of the time of reading a thousand of them.
    """
    return _read().partners


def by_organization() -> Mapping[str, Partner]:
    """Every active organization by its name, asked for once in a request however many are listed."""
    return _in_this_request().by_name


def by_id() -> Mapping[str, Partner]:
    """Every active organization by its id, which stays the same when it is renamed."""
    return _in_this_request().by_id


def _in_this_request() -> _Everyone:
    if not has_request_context():
        return _read()
    if "civicswitchboard_partners" not in g:
        g.civicswitchboard_partners = _read()
    everyone: _Everyone = g.civicswitchboard_partners
    return everyone


@dataclass(frozen=True)
class _Everyone:
    """All partners as they were read last.

    :ivar mark: what the database said of their rows' state
    :ivar document: the schema whose partner types they have
    """

    mark: Mark
    document: Document
    partners: tuple[Partner, ...]

    @cached_property
    def by_name(self) -> Mapping[str, Partner]:
        """The same by name."""
        return MappingProxyType({partner.name: partner for partner in self.partners})

    @cached_property
    def by_id(self) -> Mapping[str, Partner]:
        """The same by id."""
        return MappingProxyType({partner.id: partner for partner in self.partners})


_last: _Everyone | None = None


def _read() -> _Everyone:
    global _last
    mark = _mark()
    document = versions.current().document
    last = _last
    if last is None or last.mark != mark or last.document is not document:
        last = _last = _Everyone(mark, document, _partners(model.Session.execute(_columns()).all()))
    return last


def _mark() -> Mark:
    return tuple(model.Session.execute(_rows_state()).one())


@lru_cache(maxsize=1)
def _rows_state() -> sa.Select[Any]:
    # A row's place and the transaction that wrote it name that state of the row and no other.
    # Their sum does not depend on an order, which costs more. Transactions are counted anew
    # only in a database that was restored as files, for which PostgreSQL is started anew.
    state = sa.func.hashtextextended(sa.literal_column("ctid::text || xmin::text"), 0)
    query = sa.select(sa.func.count(), sa.func.sum(state), sa.func.pg_postmaster_start_time())
    return query.select_from(model.Group).where(*_active())


def _active() -> tuple[sa.ColumnElement[bool], ...]:
    return model.Group.is_organization.is_(True), model.Group.state == "active"


def _columns() -> sa.Select[Any]:
    group = model.Group
    own, also = group.extras[TYPE].astext, group.extras[ALSO].astext
    columns = (group.id, group.name, group.title, group.image_url, own, also)
    return sa.select(*columns).where(*_active()).order_by(group.title)


def _partners(rows: Sequence[Any]) -> tuple[Partner, ...]:
    # Few kinds for many organizations: each is read once.
    types = {kind: types_of(*kind) for kind in {(row[-2], row[-1]) for row in rows}}
    return tuple(
        Partner(
            id=row.id,
            name=row.name,
            title=row.title or row.name,
            types=types[(row[-2], row[-1])],
            image_url=row.image_url or "",
        )
        for row in rows
    )


def types_of(own: Any, also: Any) -> tuple[PartnerType, ...]:
    """The partner types in an organization's two fields, its own first."""
    return kinds_of(versions.current().document, [*names_in(own), *names_in(also)])
