"""What CKAN asks of the search engine, on pages that come without it while it is away."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.lib.search import SolrConnectionError
from ckan.types import Context

from ckanext.civicswitchboard.core_fixes import search_outage

Record = dict[str, Any]
Action = Callable[[Context, Record], Any]
# What organization_list and group_list leave out of each unless they are asked for it.
NOT_LISTED = ("include_extras", "include_users", "include_groups", "include_followers")


def _search(original: Action, context: Context, data_dict: Record) -> Any:
    # By now a search finds nothing without asking, see outage.prepare_search.
    return original(context, data_dict)


def _show(original: Action, context: Context, data_dict: Record) -> Any:
    # As CKAN hands counts on that it has made already.
    context["dataset_counts"] = {"owner_org": {}, "groups": {}}
    return original(context, data_dict)


def _coming_all_the_same(without: Callable[[Action, Context, Record], Any]) -> Callable[..., Any]:
    """CKAN's action; on a page of an outage another way to it.

    :param without: the way without search
    """

    @tk.chained_action
    @tk.side_effect_free
    def action(original: Action, context: Context, data_dict: Record) -> Any:
        if not search_outage.on_a_page():
            return original(context, data_dict)
        # CKAN takes apart what it is given.
        copied = dict(data_dict)
        if search_outage.marked():
            return without(original, context, copied)
        try:
            return original(context, data_dict)
        except SolrConnectionError as error:
            search_outage.begin(error)
            return without(original, context, copied)

    return action


def _lists(show: str) -> Callable[[Action, Context, Record], Any]:
    def listed(original: Action, context: Context, data_dict: Record) -> Any:
        names = original(context, {**data_dict, "all_fields": False})
        if not tk.asbool(data_dict.get("all_fields", False)):
            return names
        wanted = {**dict.fromkeys(NOT_LISTED, False), **data_dict}
        return [tk.get_action(show)({**context}, {**wanted, "id": name}) for name in names]

    return listed


ACTIONS = {
    "package_search": _coming_all_the_same(_search),
    "organization_show": _coming_all_the_same(_show),
    "group_show": _coming_all_the_same(_show),
    "organization_list": _coming_all_the_same(_lists("organization_show")),
    "group_list": _coming_all_the_same(_lists("group_show")),
}
