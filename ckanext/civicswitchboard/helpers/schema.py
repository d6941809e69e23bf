"""Template helpers that tell of a draft's things in words."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.core.schema.document import Field
from ckanext.civicswitchboard.core.schema.labels import EXPECTATIONS, N_
from ckanext.civicswitchboard.core.schema.limits import bounds_of, limits_of
from ckanext.civicswitchboard.core.schema.messages import Message

ATTRIBUTES = {
    "label": N_("label"),
    "help_text": N_("help for publishers"),
    "guidance": N_("guidance for catalogers"),
    "example": N_("good example"),
    "bad_example": N_("bad example"),
    "definition": N_("definition"),
    "uri": N_("URI"),
    "section": N_("section"),
    "expectation": N_("requirement level"),
    "preset": N_("field type"),
    "vocabulary": N_("controlled vocabulary"),
    "pattern": N_("pattern"),
    "minimum": N_("minimum"),
    "maximum": N_("maximum"),
    "max_length": N_("maximum length, in characters"),
    "missing_values": N_("values that count as missing"),
    "enforce": N_("applies to existing records"),
    "facet": N_("search filter"),
    "searchable": N_("included in search"),
    "mapping": N_("crosswalk"),
    "state": N_("availability"),
    "note": N_("curators' note"),
    "description": N_("description"),
    "page": N_("start of a form page"),
    "item": N_("presence"),
    "value": N_("stored value"),
    "scope_note": N_("scope note"),
    "source": N_("source"),
    "broader": N_("broader term"),
    "replaced_by": N_("replacement term"),
    "merged_into": N_("merged into"),
    "icon": N_("icon"),
    "sector": N_("sector"),
}
_WORDS: dict[Any, str] = {
    "required": EXPECTATIONS["required"],
    "recommended": EXPECTATIONS["recommended"],
    "optional": EXPECTATIONS["optional"],
    "active": N_("offered"),
    "retired": N_("no longer offered"),
    "new": N_("no"),
    "all": N_("yes"),
    True: N_("yes"),
    False: N_("no"),
}


def civicswitchboard_attribute(name: str) -> str:
    """What an attribute of a field, term or partner type is called on pages."""
    return tk._(ATTRIBUTES.get(name, name.replace("_", " ")))


def civicswitchboard_attribute_value(name: str, value: Any) -> str:
    """An attribute's value in words."""
    if name == "item":
        return tk._("not included") if value is None else tk.h.scheming_language_text(value.get("label", ""))
    if value in ("", None, [], {}):
        return tk._("empty")
    if name in ("expectation", "state", "enforce") or isinstance(value, bool):
        return tk._(_WORDS.get(value, str(value)))
    if isinstance(value, dict):
        return " · ".join(f"{key}: {member}" for key, member in value.items())
    if isinstance(value, list):
        return ", ".join(_listed(member) for member in value)
    return str(value)


def _listed(value: Any) -> str:
    """One item of a list: something with a label, or a text, perhaps in several languages."""
    text = value.get("label", value) if isinstance(value, dict) else str(value)
    return str(tk.h.scheming_language_text(text))


def civicswitchboard_message(message: Message) -> str:
    """A sentence in the reader's language."""
    return message.say(tk._, tk.h.scheming_language_text)


def civicswitchboard_limits(field: Field | Mapping[str, Any]) -> str:
    """What a field takes at least and at most, in words; empty when it takes anything.

    :param field: a document's field, or one in scheming's form
    """
    bounds = limits_of(field) if isinstance(field, Field) else bounds_of(field.get("preset", ""), field)
    say = tk.h.scheming_language_text
    return ", ".join(bound.words.say(tk._, say) for bound in bounds)


def get_helpers() -> dict[str, Callable[..., Any]]:
    """Every helper by name."""
    return {
        helper.__name__: helper
        for helper in (
            civicswitchboard_attribute,
            civicswitchboard_attribute_value,
            civicswitchboard_limits,
            civicswitchboard_message,
        )
    }
