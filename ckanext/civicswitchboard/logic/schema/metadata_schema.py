"""What the actions of the shared schema take."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.logic.schema import texts
from ckanext.civicswitchboard.logic.schema.numbers import number, optional_number, required_number

Schema = dict[str, Any]

MOST_VERSIONS = 100
MOST_TERMS = 100
MOST_NOTE = 10_000


def schema_version_list() -> Schema:
    return {
        "limit": number(20, MOST_VERSIONS),
        "offset": number(0),
    }


def term_search() -> Schema:
    text = [tk.get_validator("ignore_missing"), tk.get_validator("unicode_safe")]
    return {
        "vocabulary": [tk.get_validator("not_empty"), tk.get_validator("unicode_safe")],
        "q": text,
        "version": text,
        "include_retired": [_default(False), tk.get_validator("boolean_validator")],
        "limit": number(20, MOST_TERMS),
        "offset": number(0),
    }


def schema_diff() -> Schema:
    return {"from_version": [tk.get_validator("not_empty")], "to_version": [tk.get_validator("not_empty")]}


def schema_impact() -> Schema:
    either = _one_of("version", "document")
    return {
        "version": [either, tk.get_validator("ignore_missing")],
        "document": [tk.get_validator("ignore_missing")],
        "include_drafts": [_default(False), tk.get_validator("boolean_validator")],
        "include_deleted": [_default(False), tk.get_validator("boolean_validator")],
    }


def schema_draft_create() -> Schema:
    return {"base_version": optional_number()}


def schema_draft_update() -> Schema:
    return {"revision": required_number(), "document": [tk.get_validator("not_missing")]}


def schema_draft_undo() -> Schema:
    return {"revision": required_number()}


def schema_publish() -> Schema:
    with_repairs = [_default(False), tk.get_validator("boolean_validator")]
    return {"revision": required_number(), "note": _note(), "with_repairs": with_repairs}


def schema_rollback() -> Schema:
    return {"version": required_number(), "note": _note()}


def _one_of(first: str, second: str) -> Any:
    def validator(key: Any, data: Any, errors: Any, context: Any) -> None:
        if not data.get((first,)) and not data.get((second,)):
            errors[key].append(tk._("Say which: %s or %s") % (first, second))

    return validator


def _default(value: bool) -> Any:
    return tk.get_validator("default")(value)


def _note() -> list[Any]:
    """What changed and why, which readers of the history rely on."""
    not_empty, as_text = tk.get_validator("not_empty"), tk.get_validator("unicode_safe")
    return [not_empty, as_text, texts.text, not_empty, texts.at_most(MOST_NOTE)]
