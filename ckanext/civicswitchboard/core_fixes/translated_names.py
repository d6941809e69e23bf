"""Core's ``get_translated``, which fails on a record whose ``title_translated`` is a text.

Core takes the value of such a key for texts by language. Other tools, and schemas that were made
before these names were refused, store plain texts under them: pages then show the field itself.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ckan.lib import helpers

from ckanext.civicswitchboard.core_fixes import CoreFix

FIX = CoreFix(
    name="translated_names",
    fixes="CKAN 2.12 fails on every page that lists a record whose title_translated is a text",
    reported="",
    until="core's get_translated reads only texts by language",
)

_original: Callable[[Mapping[str, Any], str], Any] = helpers.get_translated


def get_translated(data_dict: Mapping[str, Any], field: str) -> Any:
    """A field in the reader's language, or as the record has it.

    :param data_dict: a shown dataset, resource or organization
    :param field: the field's name, such as ``title``
    """
    key = f"{field}_translated"
    if key in data_dict:
        translated = data_dict[key]
        texts = isinstance(translated, Mapping) and all(isinstance(text, str) for text in translated.values())
        if not texts:
            data_dict = {name: value for name, value in data_dict.items() if name != key}
    return _original(data_dict, field)


def use() -> None:
    """Use it in templates and in core's own helpers, which call each other by their module's names."""
    if FIX.enabled:
        helpers.get_translated = get_translated


def get_helpers() -> dict[str, Callable[..., Any]]:
    """The helper by its name in core."""
    if not FIX.enabled:
        return {}
    return {"get_translated": get_translated}
