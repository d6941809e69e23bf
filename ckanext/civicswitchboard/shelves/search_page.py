"""The lane of a search page: what libraries have for the same search and the page does not show."""
from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ckanext.civicswitchboard import partners
from ckanext.civicswitchboard.partners import Partner
from ckanext.civicswitchboard.search_index import extents
from ckanext.civicswitchboard.shelves.search import (
    SearchUnavailable,
    any_of,
    libraries,
    public_datasets,
    published_by,
)

log = logging.getLogger(__name__)

Pairs = list[tuple[str, str]]

SHOWN = 3
PARTNER_FILTERS = frozenset({"partner_type", "partner_sector"})
NOT_FILTERS = frozenset({"q", "page", "sort"})


@dataclass(frozen=True)
class Lane:
    """Datasets of libraries for a search.

    :ivar query: what was typed, empty for filters alone
    :ivar count: how many datasets of libraries the search finds that the page does not show
    """

    query: str
    datasets: tuple[dict[str, Any], ...]
    count: int

    @property
    def more(self) -> int:
        """How many the lane leaves out."""
        return self.count - len(self.datasets)


def search_lane(arguments: Pairs, shown: Iterable[str]) -> Lane | None:
    """What libraries have for a search beyond what its page shows; None where that helps nobody.

    :param arguments: of the search page's address
    :param shown: ids of the datasets that the page shows
    """
    query = next((value.strip() for name, value in arguments if name == "q"), "")
    filters = [(n, v) for n, v in arguments if n not in NOT_FILTERS and v and not n.startswith("_")]
    area = extents.requested(dict(filters))
    if area and area.fault:
        # The page says so, and shows what it would without the area.
        filters = [(name, value) for name, value in filters if name != extents.AREA]
    paged = any(name == "page" and value not in ("", "1") for name, value in arguments)
    if paged or not (query or filters) or any(name in PARTNER_FILTERS for name, _ in filters):
        return None
    members = libraries(partners.by_organization().values())
    return _lane(query, filters, members, list(shown)) if members else None


def _lane(query: str, filters: Pairs, members: list[Partner], shown: list[str]) -> Lane | None:
    # As core's search page asks, of the libraries alone.
    filter_queries = [f'{name}:"{value}"' for name, value in filters if not name.startswith("ext_")]
    filter_queries.append(f"+{published_by(members)}")
    filter_queries += [f"-id:({any_of(shown)})"] if shown else []
    extras = {name: value for name, value in filters if name.startswith("ext_")}
    fields = ["id", "name", "title", "organization"]
    try:
        datasets, count = public_datasets(filter_queries, q=query, fl=fields, rows=SHOWN, extras=extras)
    except SearchUnavailable as error:
        # The page itself tells what is wrong with the search.
        log.info("No lane of libraries: %s", error)
        return None
    return Lane(query, tuple(datasets), count) if count else None
