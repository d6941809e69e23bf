"""The home page while the search engine is away."""
from __future__ import annotations

import logging

import ckan.plugins.toolkit as tk
from ckan.lib.search import SolrConnectionError
from flask import Blueprint

log = logging.getLogger(__name__)

civicswitchboard_home = Blueprint("civicswitchboard_home", __name__)


@civicswitchboard_home.app_errorhandler(SolrConnectionError)
def without_search(error: SolrConnectionError) -> str:
    """Core's home page lets this error through: show the page without what search gives.

    :raises SolrConnectionError: on every other page, whose answer it is
    """
    if tk.request.endpoint != "home.index":
        raise error
    log.warning("The home page is shown without search: %s", error)
    return tk.render("home/index.html", extra_vars={})
