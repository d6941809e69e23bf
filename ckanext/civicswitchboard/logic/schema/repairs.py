"""What the actions of repairs take."""
from __future__ import annotations

import json
import sys
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.logic.schema.numbers import number
from ckanext.civicswitchboard.logic.schema.texts import text

Schema = dict[str, Any]

MOST_RUNS = 100
# What is listed of those that are left, unless more are asked for.
MOST_LEFT = 100


def repair_preview() -> Schema:
    return {**_repair(), "most_left": _most_left()}


def _most_left() -> list[Any]:
    return number(MOST_LEFT, sys.maxsize)


def repair_start() -> Schema:
    confirm = [tk.get_validator("default")(False), tk.get_validator("boolean_validator")]
    return {**_repair(), "confirm": confirm}


def _repair() -> Schema:
    return {
        "kind": [tk.get_validator("not_empty"), text],
        "params": [tk.get_validator("not_missing"), _dict],
    }


def repair_list() -> Schema:
    return {"limit": number(20, MOST_RUNS), "offset": number(0)}


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
