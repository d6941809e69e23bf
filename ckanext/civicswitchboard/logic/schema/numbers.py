"""Validators of whole numbers, such as how many records to list."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.core.schema.input_checks import LARGEST


def number(default: int, most: int = LARGEST) -> list[Any]:
    """A whole number that may be left out; a text of blanks is the same as no text.

    :param default: what a number left out is
    :param most: a larger number is taken for this one, as in core
    """
    return [_blank_is_empty, tk.get_validator("default")(default), *_natural(most)]


def optional_number() -> list[Any]:
    """A whole number, left away where it is empty."""
    return [_blank_is_empty, tk.get_validator("ignore_empty"), *_natural(LARGEST)]


def required_number() -> list[Any]:
    """A whole number that has to be there."""
    return [_blank_is_empty, tk.get_validator("not_empty"), *_natural(LARGEST)]


def _natural(most: int) -> list[Any]:
    # navl goes on after an error, with what was sent.
    return [
        tk.get_validator("natural_number_validator"),
        lambda value: min(value, most) if isinstance(value, int) else value,
    ]


def _blank_is_empty(value: Any) -> Any:
    """Core's validators of numbers break on blanks, which its other validators don't take for empty."""
    return "" if isinstance(value, str) and not value.strip() else value
