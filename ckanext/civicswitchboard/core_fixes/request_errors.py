"""Answers 400, in words, to requests that core's pages can't read, such as feeds of a broken search."""
from __future__ import annotations

import re
from itertools import chain
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.navl.dictization_functions import DataError
from ckan.lib.search import SearchError, SearchIndexError, SearchQueryError
from flask import Flask, request

from ckanext.civicswitchboard.core_fixes import CoreFix

FIX = CoreFix(
    name="request_errors",
    fixes="CKAN 2.12 answers 500 to searches, addresses and feeds that it can't read, and takes half a minute"
    " for a search with 1,500 parameters",
    reported="",
    until="core answers 400 to each of them",
)

# What an address of a search may ask for at once. Core's page names each filter with a link to the search
# without it, so that each link has all the others in it: with 1,500 a page took half a minute and 19 MB.
MOST_PARAMETERS = 100
# The endpoints of core's pages that search datasets, for every type of dataset, organization and group.
_SEARCHES = frozenset(("search", "read", "bulk_process"))
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def bind(app: Flask) -> None:
    """Have an application answer 400, where core would fail, to what it can't read."""
    if not FIX.enabled:
        return
    app.register_error_handler(SearchError, _search)
    app.register_error_handler(tk.ValidationError, _refused)
    app.register_error_handler(DataError, _unreadable)
    app.before_request(_refuse_many_parameters)
    app.before_request(_refuse_control_characters_of_feeds)


def _refuse_many_parameters() -> Any:
    if (request.endpoint or "").rpartition(".")[2] not in _SEARCHES:
        return None
    sent = sum(map(len, request.args.listvalues()))
    if sent <= MOST_PARAMETERS:
        return None
    sentence = tk._(
        "This search has {number} filters and other parameters; at most {most} are possible."
        " Remove some of them from the address"
    )
    return _page(sentence.format(number=f"{sent:,}", most=MOST_PARAMETERS))


def _refuse_control_characters_of_feeds() -> Any:
    """A feed repeats its address, and XML can't hold what no keyboard types."""
    if request.blueprint != "feeds":
        return None
    texts = [*request.args.keys(), *chain(*request.args.listvalues()), *(request.view_args or {}).values()]
    return _unreadable_address() if any(map(_NOT_IN_XML.search, map(str, texts))) else None


def _search(error: SearchError) -> Any:
    if isinstance(error, SearchIndexError):
        raise error
    message = str(error) if isinstance(error, SearchQueryError) else ""
    advice = tk._("We can’t read this search. Check its quotation marks and brackets, and try again")
    return _page(message or advice)


def _refused(error: tk.ValidationError) -> Any:
    summary = error.error_summary or {}
    return _page("; ".join(f"{name}: {message}" for name, message in summary.items()))


def _unreadable(error: DataError) -> Any:
    return _unreadable_address()


def _unreadable_address() -> Any:
    return _page(tk._("We can’t read this address. Check what comes after the question mark"))


def _page(message: str) -> Any:
    return error_page(400, tk._("Check what was sent"), message)


def error_page(code: int, name: str, message: str) -> tuple[str, int]:
    """CKAN's page of an error, with its status code.

    :param code: the HTTP status code
    :param name: the heading
    :param message: what went wrong, and what to do
    """
    return tk.render("error_document_template.html", {"code": code, "name": name, "content": message}), code
