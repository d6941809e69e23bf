"""Pages while the search engine is away: they come without what it gives, and say so.

CKAN's own pages of the home, an organization and a group fail as a whole then, although most
of what they show is in the database. So a page's first search that gets no answer marks its
request, and finds nothing, as do the page's further searches, none of which waits again.
"""
from __future__ import annotations

import logging
from typing import Any

import ckan.plugins.toolkit as tk
from flask import g, has_request_context

from ckanext.civicswitchboard.core_fixes import CoreFix

FIX = CoreFix(
    name="search_outage",
    fixes="CKAN 2.12 answers 500 to the pages of the home, organizations and groups while Solr is away",
    reported="",
    until="core shows what the database has",
)

log = logging.getLogger(__name__)

# Whose GET is a page for people. What machines read, an API's answer or a feed, must rather
# fail than say that there is nothing.
PAGES = frozenset({"home", "dataset", "organization", "group", "user", "dashboard"})
OURS = "civicswitchboard_"


def on_a_page() -> bool:
    """Whether the request is for a page that can come without search."""
    return FIX.enabled and has_request_context() and tk.request.method == "GET" and is_page()


def is_page() -> bool:
    """Whether the request is for a page for people, or sends a form of one."""
    blueprint = tk.request.blueprint or ""
    return blueprint in PAGES or blueprint.startswith(OURS)


def begin(error: Exception) -> None:
    """The search engine gave no answer: let the request's further searches find nothing."""
    log.warning("%s is shown without search: %s", tk.request.path, error)
    g.civicswitchboard_outage = True


def marked() -> bool:
    """Whether the search engine gave no answer in this request."""
    return has_request_context() and bool(g.get("civicswitchboard_outage"))


def prepare_search(params: dict[str, Any]) -> dict[str, Any]:
    """A search's parameters; it asks nobody where nobody answered already."""
    if marked():
        params["abort_search"] = True
    return params
