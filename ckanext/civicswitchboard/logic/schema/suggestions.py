"""What the actions of suggestions take."""
from __future__ import annotations

from typing import Any

from ckan.logic.schema import validator_args

from ckanext.civicswitchboard.logic.schema.texts import at_most, text
from ckanext.civicswitchboard.metadata_schema.suggestions import STATES

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
def suggestion_list(
    default: Any, one_of: Any, ignore_empty: Any, natural_number_validator: Any
) -> Schema:
    """Which of them."""
    return {
        "id": [ignore_empty, text],
        "state": [ignore_empty, text, one_of(list(STATES))],
        "entity": [ignore_empty, text, one_of(list(ENTITIES))],
        "field": [ignore_empty, text],
        "limit": [default(20), natural_number_validator, _no_more_than(MOST_LISTED)],
        "offset": [default(0), natural_number_validator, _no_more_than(2**31 - 1)],
    }


@validator_args
def suggestion_update(not_empty: Any, one_of: Any, default: Any) -> Schema:
    """Which one, and the answer."""
    return {
        "id": [not_empty, text],
        "state": [not_empty, text, one_of(list(STATES))],
        "reply": [default(""), text, at_most(MOST_REPLY)],
    }


def _no_more_than(number: int) -> Any:
    """As in core, a larger number is taken for the largest without a word."""
    # navl goes on after an error, with what was sent.
    return lambda value: min(value, number) if isinstance(value, int) else value
