"""The directory of partners."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.civicswitchboard.core.schema import labels, outline
from ckanext.civicswitchboard.partners import directory
from ckanext.civicswitchboard.schema_registry import versions
from ckanext.civicswitchboard.views.request_args import page_number

civicswitchboard_partners = Blueprint("civicswitchboard_partners", __name__)

PAGE = 60
# Core's pages of an organization's or a group's datasets.
_SEARCHING = ("organization.read", "group.read", "organization.bulk_process", "group.bulk_process")
FILTERS = ("q", "partner_type", "sector", *directory.TERMS)


@civicswitchboard_partners.route("/partners", strict_slashes=False)
def index() -> str:
    """Partners by sector, and who does what."""
    wanted = {name: text for name in FILTERS if (text := tk.request.args.get(name, "").strip())}
    for name in directory.TERMS.keys() & wanted.keys():
        wanted[name] = directory.called(directory.TERMS[name], wanted[name])
    page = page_number()
    query = {**wanted, "rows": PAGE, "start": (page - 1) * PAGE}
    try:
        result = tk.get_action("civicswitchboard_partner_search")(_context(), query)
    except tk.NotAuthorized:
        return str(tk.abort(403, tk._("Not authorized to see this page")))
    document = versions.current().document
    return tk.render(
        "partners/index.html",
        extra_vars={
            "wanted": wanted,
            "count": result["count"],
            "sectors": _by_sector(result["results"]),
            "table": directory.who_does_what(result["results"]),
            "types": outline.types_by_sector(document),
            "terms": {name: _choices(name, field) for name, field in directory.TERMS.items()},
            "wording": labels,
            "page": page,
            "pages": -(-result["count"] // PAGE),
        },
    )


def _choices(name: str, field: str) -> dict[str, Any]:
    """What a filter offers: a list, or a field whose terms are searched."""
    searched = directory.searched(field, name)
    return {"searched": searched} if searched else {"listed": directory.choices(field)}


@civicswitchboard_partners.app_context_processor
def refused_search() -> dict[str, Any]:
    """What core's organization and group pages lack, and break without, when a search is refused."""
    refusing = tk.request and tk.request.endpoint in _SEARCHING
    return {"search_facets": {}} if refusing else {}


def _context() -> dict[str, Any]:
    return {"user": tk.current_user.name, "auth_user_obj": tk.current_user}


def _by_sector(partners_listed: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    by_sector: dict[str, list[dict[str, Any]]] = {}
    for partner in partners_listed:
        by_sector.setdefault(partner["sector"], []).append(partner)
    return by_sector
