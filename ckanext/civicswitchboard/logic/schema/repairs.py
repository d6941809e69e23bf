"""What the actions of repairs take."""
from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.logic.schema.texts import text

Schema = dict[str, Any]

MOST_RUNS = 100
# What is listed of those that are left, unless more are asked for.
MOST_LEFT = 100


def repair_preview() -> Schema:
    return {**_repair(), "most_left": _most_left()}


def _most_left() -> list[Any]:
    number = tk.get_validator("natural_number_validator")
    return [tk.get_validator("default")(MOST_LEFT), number, _at_most(sys.maxsize)]


def repair_start() -> Schema:
    confirm = [tk.get_validator("default")(False), tk.get_validator("boolean_validator")]
    return {**_repair(), "confirm": confirm}


def _repair() -> Schema:
    return {
        "kind": [tk.get_validator("not_empty"), text],
        "params": [tk.get_validator("not_missing"), _dict],
    }


def repair_list() -> Schema:
    number = tk.get_validator("natural_number_validator")
    return {
        "limit": [tk.get_validator("default")(20), number, _at_most(MOST_RUNS)],
        "offset": [tk.get_validator("default")(0), number, _at_most(2**31 - 1)],
    }


def _at_most(number: int) -> Callable[[Any], Any]:
    # CKAN goes on to the next validator with what the one before refused.
    return lambda value: min(value, number) if isinstance(value, int) else value


def repair_show() -> Schema:
    return {**repair_wish(), "most_left": _most_left()}


def repair_wish() -> Schema:
    return {"id": [tk.get_validator("not_empty"), text]}


def _dict(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, dict):
        raise tk.Invalid(tk._("Send the parameters by their names"))
    return value
