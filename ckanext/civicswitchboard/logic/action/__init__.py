"""Actions, one module a domain."""
from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from flask import has_request_context

from ckanext.civicswitchboard.core.schema import input_checks
from ckanext.civicswitchboard.core_fixes import search_outage, time_limits
from ckanext.civicswitchboard.logic.action import (
    drafts,
    metadata_schema,
    partners,
    repairs,
    search,
    shelves,
    suggestions,
)
from ckanext.civicswitchboard.records import chained_actions

Action = Callable[..., Any]


def get_actions() -> dict[str, Action]:
    """Every action by its API name."""
    modules = {
        **metadata_schema.ACTIONS,
        **drafts.ACTIONS,
        **partners.ACTIONS,
        **repairs.ACTIONS,
        **search.ACTIONS,
        **shelves.ACTIONS,
        **suggestions.ACTIONS,
    }
    cores = {name for name in modules if not name.startswith("civicswitchboard_")}
    return {
        name: _in_time(_readable(name, action) if name in cores else _without_empty_lists(action))
        for name, action in modules.items()
    }


def _without_empty_lists(action: Action) -> Action:
    """An action of ours that takes an empty list for nothing, as navl does.

    After validation navl puts an empty list back under its name, past the validators.
    """

    @wraps(action)
    def called(context: Any, data_dict: dict[str, Any]) -> Any:
        return action(context, {name: value for name, value in data_dict.items() if value != []})

    return called


def _readable(name: str, action: Action) -> Action:
    """An action of core's that ours is chained to, which refuses what core would fail at."""
    refuse = _refuse_search if name == "package_search" else chained_actions.refuse

    @wraps(action)
    def checked(original: Any, context: Any, data_dict: dict[str, Any]) -> Any:
        faults = input_checks.faults_of_call(data_dict, is_record=name in chained_actions.RECORDS)
        if getattr(action, "side_effect_free", False):
            faults |= input_checks.faults_of_question(data_dict)
        refuse(faults)
        return action(original, context, data_dict)

    return checked


def _refuse_search(faults: input_checks.Errors) -> None:
    """Refuse a search through the API: core's pages put texts alone into theirs, and know no refusal."""
    if not has_request_context() or tk.request.blueprint == "api":
        chained_actions.refuse(faults)


def _in_time(action: Action) -> Action:
    """An action that says in words that the database kept a request waiting too long.

    A page that only reads has its own way to say so.
    """

    @wraps(action)
    def limited(*arguments: Any, **more: Any) -> Any:
        try:
            return action(*arguments, **more)
        except sa.exc.OperationalError as error:
            said = time_limits.sentence(error)
            if not said or search_outage.on_a_page():
                raise
            model.Session.rollback()
            raise tk.ValidationError({"message": [said]}) from error

    return limited
