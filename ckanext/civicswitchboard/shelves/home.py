"""The home page's shelves: what libraries changed last, beside what the others did."""
from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from ckanext.civicswitchboard import config, partners
from ckanext.civicswitchboard.core.schema.document import Sector
from ckanext.civicswitchboard.partners import Partner
from ckanext.civicswitchboard.shelves.search import SearchUnavailable, public_datasets, published_by

log = logging.getLogger(__name__)

Dataset = dict[str, Any]


@dataclass(frozen=True)
class ShelfKind:
    """A shelf that the home page can have.

    :ivar name: its name in the configuration
    :ivar sectors: the sectors whose partners' datasets stand on it
    """

    name: str
    sectors: frozenset[Sector]

    def takes(self, partner: Partner) -> bool:
        """Whether a partner's datasets belong here, by any of its types."""
        return any(kind.sector in self.sectors for kind in partner.types)


KINDS = (
    ShelfKind("library", frozenset({"library"})),
    ShelfKind("others", frozenset({"intermediary", "government"})),
)


@dataclass(frozen=True)
class Shelf:
    """A shelf, filled.

    :ivar name: the kind's name
    :ivar title: the heading an admin gave it, empty for the usual one
    :ivar sectors: the sectors whose partners' datasets can stand on it, in order
    :ivar partners: these partners
    :ivar datasets: the ones that do, as package_search gives them
    :ivar count: how many public datasets its partners have
    """

    name: str
    title: str
    sectors: tuple[Sector, ...]
    partners: tuple[Partner, ...]
    datasets: tuple[Dataset, ...]
    count: int


def home_shelves() -> list[Shelf] | None:
    """The home page's shelves as configured, or None while the search engine is in trouble."""
    everyone = partners.by_organization()
    shelves: list[Shelf] = []
    try:
        for kind in _configured_kinds():
            members = tuple(p for p in everyone.values() if kind.takes(p))
            shelves.append(_filled(kind, members, _shown_on(shelves)))
    except SearchUnavailable as error:
        log.warning("The home page has no shelves, the search engine is in trouble: %s", error)
        return None
    return shelves


def _configured_kinds() -> list[ShelfKind]:
    known = {kind.name: kind for kind in KINDS}
    return [known[name] for name in dict.fromkeys(config.home_shelves()) if name in known]


def _filled(kind: ShelfKind, members: tuple[Partner, ...], shown: set[str]) -> Shelf:
    """A shelf with what its partners changed last.

    :param shown: ids of datasets that an earlier shelf shows: a partner of two sectors
        would have them stand side by side
    """
    size = config.home_shelf_size()
    datasets, count = _latest(members, size + len(shown)) if members else ([], 0)
    fresh = [dataset for dataset in datasets if dataset["id"] not in shown] or datasets
    return Shelf(
        name=kind.name,
        title=config.home_shelf_title(kind.name),
        sectors=tuple(sorted(kind.sectors)),
        partners=members,
        datasets=tuple(fresh[:size]),
        count=count,
    )


def _latest(members: tuple[Partner, ...], rows: int) -> tuple[list[Dataset], int]:
    """What partners changed last and how much they publish, as anybody may see it."""
    return public_datasets(
        [f"+{published_by(members)}"], sort="metadata_modified desc", rows=rows
    )


def _shown_on(shelves: list[Shelf]) -> set[str]:
    return {dataset["id"] for shelf in shelves for dataset in shelf.datasets}
