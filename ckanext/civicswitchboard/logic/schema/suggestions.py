"""What the actions of suggestions take."""
from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args

from ckanext.civicswitchboard.logic.schema.numbers import number
from ckanext.civicswitchboard.logic.schema.texts import at_most, text
from ckanext.civicswitchboard.schema_registry.suggestions import STATES

Schema = dict[str, Any]

MOST_LISTED = 100
MOST_TEXT = 2_000
MOST_REPLY = 2_000
ENTITIES = ("", "dataset", "resource", "organization")


@validator_args
def suggestion_create(default: Any, not_missing: Any, not_empty: Any, one_of: Any) -> Schema:
    """At which field, and what."""
    return {
        "entity": [default(""), text, one_of(list(ENTITIES))],
        "field": [not_missing, default(""), text],
        "text": [not_empty, text, not_empty, at_most(MOST_TEXT)],
    }


@validator_args
def suggestion_list(one_of: Any, ignore_empty: Any) -> Schema:
    """Which of them."""
    return {
        "id": [ignore_empty, text],
        "state": [ignore_empty, text, one_of(list(STATES))],
        "entity": [ignore_empty, text, one_of(list(ENTITIES))],
        "field": [ignore_empty, text],
        "limit": number(20, MOST_LISTED),
        "offset": number(0),
    }


@validator_args
def suggestion_update(not_empty: Any, one_of: Any, default: Any) -> Schema:
    """Which one, and the answer."""
    return {
        "id": [not_empty, text],
        "state": [not_empty, text, one_of(list(STATES))],
        "reply": [default(""), text, at_most(MOST_REPLY)],
    }
