"""Asking the search index for public datasets, as anybody may see them."""
from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.search import SearchError, SolrConnectionError

from ckanext.civicswitchboard.core.schema import filter_queries
from ckanext.civicswitchboard.core.schema.document import Sector
from ckanext.civicswitchboard.core_fixes import search_outage
from ckanext.civicswitchboard.partners import Partner

LIBRARY: Sector = "library"


class SearchUnavailable(SearchError):
    """The search engine is in trouble, or doesn't understand what it was asked."""


def public_datasets(wanted: Iterable[str], **parameters: Any) -> tuple[list[dict[str, Any]], int]:
    """Public active datasets: private ones never stand on a shelf, whoever looks.

    :param wanted: what they have to be
    :param parameters: what else package_search takes
    :returns: the datasets, and how many there are in all
    :raises SearchUnavailable: when there is no answer
    """
    anybody = {"user": "", "auth_user_obj": model.AnonymousUser(), "ignore_auth": False}
    # Each by itself: the search engine keeps what fits each, such as all that libraries publish.
    same = {"fq": "+dataset_type:dataset", "fq_list": list(wanted), "facet": "false"}
    try:
        result = tk.get_action("package_search")(anybody, {**same, **parameters})
    except (SearchError, SolrConnectionError, tk.ValidationError) as error:
        raise SearchUnavailable(str(error)) from error
    if search_outage.marked():
        raise SearchUnavailable("it gave no answer in this request")
    return result["results"], result["count"]


def libraries(everyone: Iterable[Partner]) -> list[Partner]:
    """The partners that are a library by any of their types."""
    return [partner for partner in everyone if LIBRARY in partner.sectors]


def published_by(members: Iterable[Partner]) -> str:
    """The datasets of these organizations."""
    return filter_queries.published_by(frozenset(member.id for member in members))


def any_of(texts: Iterable[str]) -> str:
    """Any of these texts, each as a whole."""
    return " OR ".join(map(literal, texts))


def literal(text: str) -> str:
    """A text as one phrase of a search, whatever signs it holds."""
    # What would name another query parser or a magic field, CKAN refuses even in a phrase.
    plain = re.sub(r"[{}]|_(?=query_|val_)", " ", text)
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
