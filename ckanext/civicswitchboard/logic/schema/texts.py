"""Validators of what people type into one of our forms."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.core.schema.input_checks import storable


def text(key: Any, data: Any, errors: Any, context: Any) -> None:
    """A text without what a database cannot hold, and without blanks around it."""
    value = data[key]
    if not isinstance(value, str):
        errors[key].append(tk._("Has to be a text"))
    elif not storable(value):
        errors[key].append(tk._("This has a character that can't be stored"))
    else:
        data[key] = value.strip()
        return
    raise tk.StopOnError


def at_most(number: int) -> Any:
    def validator(value: Any) -> Any:
        if len(value) > number:
            raise tk.Invalid(tk._("At most %s characters") % number)
        return value

    return validator
