"""Filters by fields of the shared schema: offered on search pages, in words, under every name of a field.

A field's new name is in use from the publish on, while the index still has the earlier one.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ckan.plugins.toolkit as tk
from flask import has_request_context

from ckanext.civicswitchboard.core.schema.filter_queries import under_every_name
from ckanext.civicswitchboard.schema_registry import versions

Record = dict[str, Any]


def facet_titles(titles: dict[str, str]) -> dict[str, str]:
    """A search page's facets with those of the shared schema at the end.

    :param titles: the page's other facets
    """
    text = tk.h.scheming_language_text
    ours = {name: text(facet.field.label) for name, facet in versions.current().facets.items()}
    return {**titles, **ours}


def before(params: Record) -> Record:
    """A search's parameters that find a renamed field under its earlier names too.

    :param params: package_search's; changed in place
    """
    earlier = {name: others for name, others in _earlier_names().items() if others}
    if not earlier:
        return params
    every = {name: (today, *others) for today, others in earlier.items() for name in (today, *others)}
    params["fq"] = under_every_name(params.get("fq") or "", every)
    if params.get("fq_list"):
        params["fq_list"] = [under_every_name(query, every) for query in params["fq_list"]]
    facet_fields = params.get("facet.field")
    if isinstance(facet_fields, list):
        more = [
            other for name in facet_fields for other in earlier.get(name, ()) if other not in facet_fields
        ]
        params["facet.field"] = [*facet_fields, *more]
    return params


def after(results: Record) -> Record:
    """A search's results with the counts of each field under its name of today, in words.

    :param results: package_search's; changed in place
    """
    facets = versions.current().facets
    for name, others in _earlier_names().items():
        if name not in results["facets"]:
            continue
        counts = results["facets"][name]
        for other in others:
            # A record is in the index under one of the names.
            for value, count in results["facets"].pop(other, {}).items():
                counts[value] = counts.get(value, 0) + count
            results["search_facets"].pop(other, None)
        items = _items(name, facets[name].field.vocabulary, counts)
        results["search_facets"][name] = {"title": name, "items": items}
    return results


def _items(name: str, vocabulary: str, counts: dict[str, int]) -> list[Record]:
    """A facet's items; what the page filters by is among them, so that it has a name."""
    terms = versions.current().terms.get(vocabulary, {})
    chosen = tk.request.args.getlist(name) if has_request_context() else []
    shown = {**{value: 0 for value in chosen if value in terms}, **counts}
    text = tk.h.scheming_language_text
    return [
        {"name": value, "display_name": text(terms[value].label) if value in terms else value, "count": count}
        for value, count in shown.items()
    ]


def _earlier_names() -> dict[str, Sequence[str]]:
    """The filters by their name in the search index, with the names under which it may have them still."""
    snapshot = versions.current()
    earlier = snapshot.earlier_names["dataset"].items()
    return {
        name: [f"vocab_{other}" for other, today in earlier if today == facet.name]
        for name, facet in snapshot.facets.items()
    }
