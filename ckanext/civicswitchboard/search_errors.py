"""Searches that can't be read, on core's pages that have no sentence for them, such as feeds."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search import SearchError, SearchIndexError, SearchQueryError
from flask import Flask


def bind(app: Flask) -> None:
    """Have an application answer 400 to a search that can't be read, where core would fail."""
    app.register_error_handler(SearchError, _refused)


def _refused(error: SearchError) -> Any:
    if isinstance(error, SearchIndexError):
        raise error
    message = str(error) if isinstance(error, SearchQueryError) else ""
    advice = tk._("We can’t read this search. Check its quotation marks and brackets, and try again")
    page = {"code": 400, "name": tk._("Check the search"), "content": message or advice}
    return tk.render("error_document_template.html", page), 400
