"""Searches by kind of partner: filters and counts made from organizations at query time.

Nothing about partners is in the index, so an organization that changes its type is found
under the new one at once.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchQueryError
from flask import has_request_context

from ckanext.civicswitchboard.core.schema.filter_queries import UnreadableFilter, rewrite
from ckanext.civicswitchboard.core.schema.labels import SECTORS
from ckanext.civicswitchboard.partners.registry import Partner, by_id
from ckanext.civicswitchboard.schema_registry import versions

TYPE = "partner_type"
SECTOR = "partner_sector"
FIELDS = (TYPE, SECTOR)

# Where a search keeps, from its beginning to its end, what it has to count by partner.
_ASKED = "civicswitchboard_partner_facets"

# All organizations' counts, whatever the caller's limit: they are added up, not listed. As
# bytes, since CKAN refuses in a text what could name a query parser; this is not a caller's.
_PUBLISHERS = "civicswitchboard_publishers"
_PUBLISHERS_ALL = f"{{!key={_PUBLISHERS} facet.limit=-1 facet.mincount=1}}owner_org".encode()

Record = dict[str, Any]


def facet_titles(titles: dict[str, str], own_page: bool = False) -> dict[str, str]:
    """A search page's facets with "Published by" first.

    :param titles: the page's other facets
    :param own_page: whether all its datasets are one organization's
    """
    filtered = tk.request.args if has_request_context() else {}
    ours = {} if own_page and TYPE not in filtered else {TYPE: tk._("Published by")}
    if SECTOR in filtered:
        # Not to choose from, but to name what an address filters by.
        ours[SECTOR] = tk._("Published by")
    return {**ours, **titles}


def before(params: Record) -> Record:
    """A search's parameters without what the index does not know.

    :param params: package_search's; changed in place
    :raises SearchQueryError: for a filter by partner that cannot be rewritten
    """
    params["fq"] = _rewritten(params.get("fq") or "")
    if params.get("fq_list"):
        params["fq_list"] = [_rewritten(query) for query in params["fq_list"]]
    extras = params.setdefault("extras", {})
    extras.pop(_ASKED, None)
    facet_fields = params.get("facet.field")
    wanted = facet_fields if isinstance(facet_fields, list) else []
    ours = [name for name in FIELDS if name in wanted]
    if ours:
        others = [name for name in wanted if name not in FIELDS]
        extras[_ASKED] = {"fields": ours, "given": facet_fields}
        params["facet.field"] = [*others, _PUBLISHERS_ALL]
    return params


def after(results: Record, params: Record) -> Record:
    """A search's results with the counts by partner that were asked for; in place.

    :param params: the parameters as the search engine got them
    """
    requested = (params.get("extras") or {}).pop(_ASKED, None)
    if not requested:
        return results
    params["facet.field"] = requested["given"]
    results["search_facets"].pop(_PUBLISHERS, None)
    counts = results["facets"].pop(_PUBLISHERS, None)
    # None where no facets were wanted.
    for name in requested["fields"] if counts is not None else ():
        counts_shown = _shortened(_added_up(name, counts), params)
        results["facets"][name] = counts_shown
        results["search_facets"][name] = {"title": name, "items": _items(name, counts_shown)}
    return results


def label(field: str, value: str) -> str:
    """A partner type or sector in words, as it stands where it is none."""
    if field == SECTOR:
        return str(tk._(SECTORS[value])) if value in SECTORS else value
    kind = versions.current().document.partner_type(value)
    return str(tk.h.scheming_language_text(kind.label)) if kind else value


def _rewritten(query: Any) -> Any:
    if not isinstance(query, str) or "partner_" not in query:
        return query
    try:
        return rewrite(query, _publishers)
    except UnreadableFilter as error:
        raise SearchQueryError(
            tk._("A filter by %s has to name one, as in %s:\"%s\"")
            % (error, error, "library" if str(error) == SECTOR else "public_library")
        ) from None


def _publishers(field: str, value: str) -> frozenset[str]:
    """The ids of the organizations of a type or sector."""
    everyone = by_id().values()
    return frozenset(partner.id for partner in everyone if value in _values(field, partner))


def _values(field: str, partner: Partner) -> Iterable[str]:
    return partner.sectors if field == SECTOR else partner.type_names


def _added_up(field: str, counts: dict[str, int]) -> Counter[str]:
    everyone = by_id()
    total: Counter[str] = Counter()
    for id_, count in counts.items():
        # An organization's types have no sector and no name twice.
        for value in _values(field, everyone[id_]) if id_ in everyone else ():
            total[value] += count
    return total


def _shortened(counts: Counter[str], params: Record) -> dict[str, int]:
    """What the caller's facet.limit and facet.mincount leave of the counts, highest first."""
    limit, least = int(params["facet.limit"]), int(params["facet.mincount"])
    kept = [(name, count) for name, count in counts.most_common() if count >= least]
    return dict(kept if limit < 0 else kept[:limit])


def _items(field: str, counts: dict[str, int]) -> list[Record]:
    """A facet's items; what the page filters by is among them, so that it has a name."""
    chosen = tk.request.args.getlist(field) if has_request_context() else []
    shown = {**{value: 0 for value in chosen if label(field, value) != value}, **counts}
    return [
        {"name": value, "display_name": label(field, value), "count": count}
        for value, count in shown.items()
    ]
