"""What the actions of suggestions take."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.logic.schema import validator_args

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
        "entity": [default(""), _text, one_of(list(ENTITIES))],
        "field": [not_missing, default(""), _text],
        "text": [not_empty, _text, not_empty, _at_most(MOST_TEXT)],
    }


@validator_args
def suggestion_list(
    default: Any, one_of: Any, ignore_empty: Any, natural_number_validator: Any
) -> Schema:
    """Which of them."""
    return {
        "id": [ignore_empty, _text],
        "state": [ignore_empty, _text, one_of(list(STATES))],
        "entity": [ignore_empty, _text, one_of(list(ENTITIES))],
        "field": [ignore_empty, _text],
        "limit": [default(20), natural_number_validator, _no_more_than(MOST_LISTED)],
        "offset": [default(0), natural_number_validator, _no_more_than(2**31 - 1)],
    }


@validator_args
def suggestion_update(not_empty: Any, one_of: Any, default: Any) -> Schema:
    """Which one, and the answer."""
    return {
        "id": [not_empty, _text],
        "state": [not_empty, _text, one_of(list(STATES))],
        "reply": [default(""), _text, _at_most(MOST_REPLY)],
    }


def _text(key: Any, data: Any, errors: Any, context: Any) -> None:
    """A text without what a database cannot hold."""
    value = data[key]
    if not isinstance(value, str):
        errors[key].append(tk._("Has to be a text"))
    elif "\x00" in value or not _encodes(value):
        errors[key].append(tk._("Holds a character that cannot be stored"))
    else:
        data[key] = value.strip()
        return
    raise tk.StopOnError


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _at_most(number: int) -> Any:
    def validator(value: Any) -> Any:
        if len(value) > number:
            raise tk.Invalid(tk._("At most %s characters") % number)
        return value

    return validator


def _no_more_than(number: int) -> Any:
    """As in core, a larger number is taken for the largest without a word."""
    # navl goes on after an error, with what was sent.
    return lambda value: min(value, number) if isinstance(value, int) else value
