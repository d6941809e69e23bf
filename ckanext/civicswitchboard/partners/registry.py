"""Who is which partner, and who stewards the shared schema."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model
from flask import g, has_request_context

from ckanext.civicswitchboard.core.document import PartnerType, Sector
from ckanext.civicswitchboard.core.profiles import ALSO, TYPE, kinds_of
from ckanext.civicswitchboard.metadata_schema import live
from ckanext.civicswitchboard.metadata_schema.profiles import names_in

STEWARD = "civicswitchboard.steward"


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

    @property
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


def all_partners() -> list[Partner]:
    """Every active organization, typed or not, by title; one query.

    Always read from the database, so an organization that changes its type is seen at once.
    """
    group = model.Group
    own, also = group.extras[TYPE].astext, group.extras[ALSO].astext
    rows = model.Session.execute(
        sa.select(group.id, group.name, group.title, group.image_url, own, also)
        .where(group.is_organization.is_(True), group.state == "active")
        .order_by(group.title)
    ).all()
    # Few kinds for many organizations: each is read once.
    kinds = {(row[-2], row[-1]) for row in rows}
    types = {each: types_of(*each) for each in kinds}
    return [
        Partner(
            id=row.id,
            name=row.name,
            title=row.title or row.name,
            types=types[(row[-2], row[-1])],
            image_url=row.image_url or "",
        )
        for row in rows
    ]


def by_organization() -> dict[str, Partner]:
    """Every active organization by its name, read once in a request however many are listed."""
    if not has_request_context():
        return {each.name: each for each in all_partners()}
    if "civicswitchboard_partners" not in g:
        g.civicswitchboard_partners = {each.name: each for each in all_partners()}
    found: dict[str, Partner] = g.civicswitchboard_partners
    return found


def types_of(own: Any, also: Any) -> tuple[PartnerType, ...]:
    """The partner types in an organization's two fields, its own first."""
    return kinds_of(live.current().document, [*names_in(own), *names_in(also)])
