"""Validators for the shared schema's field types."""
from __future__ import annotations

import json
import re
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from ckan.plugins.toolkit import Invalid, _, h, missing
from ckanext.scheming.validation import scheming_validator

from ckanext.civicswitchboard.core.geo.extents import Extent, ExtentError
from ckanext.civicswitchboard.core.schema.choices import choices_of, is_searched
from ckanext.civicswitchboard.core.schema.dates import calendar_date
from ckanext.civicswitchboard.core.schema.field_types import field_type, is_empty, lines, load
from ckanext.civicswitchboard.core.schema.limits import beyond, bounds_of
from ckanext.civicswitchboard.core.schema.messages import shortened
from ckanext.civicswitchboard.core.schema.patterns import matches
from ckanext.civicswitchboard.search_index import extents

_EMAIL = re.compile(r"[^@\s<>\"]+@[^@\s<>\".]+(\.[^@\s<>\".]+)+\Z")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\Z")


def civicswitchboard_partial_date(value: Any, context: Any) -> Any:
    """A year, a year and month, or a full date of the calendar (ISO 8601)."""
    if is_empty(value):
        return value
    if calendar_date(value) is None:
        raise Invalid(
            _(
                "“%s” isn't a date we can read. Enter a year, month or day, such as 2019, 2019-07 or "
                "2019-07-31"
            )
            % _short(value)
        )
    return _stored_text(value, context)


def civicswitchboard_email(value: Any, context: Any) -> Any:
    """One e-mail address."""
    if is_empty(value):
        return value
    address = str(value).strip()
    if not _EMAIL.match(address) or parseaddr(address)[1] != address:
        raise Invalid(
            _("“%s” isn't an email address. Enter one address, such as data@example.org") % _short(value)
        )
    return _stored_text(value, context)


def civicswitchboard_link(value: Any, context: Any) -> Any:
    """A web address; what a page shows as a link must not run anything."""
    if is_empty(value):
        return value
    address = str(value).strip()
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good or re.search(r"\s", address):
        raise Invalid(
            _("“%s” isn't a web address. Start with https:// or http://") % _short(value)
        )
    return _stored_text(value, context)


def civicswitchboard_number(value: Any, context: Any) -> Any:
    """A number, stored as it was written."""
    if is_empty(value):
        return value
    number = str(value).strip()
    if not _NUMBER.match(number):
        raise Invalid(_("“%s” isn't a number. Enter digits only, such as 1250") % _short(value))
    return _stored_text(value, context)


def civicswitchboard_geojson(value: Any) -> Any:
    """An extent: a GeoJSON geometry, taken out of the feature that it comes in."""
    if is_empty(value):
        return value
    try:
        geometry = Extent.read(value).geometry
    except ExtentError as error:
        raise Invalid(extents.message(error)) from None
    as_given = isinstance(value, str) and json.loads(value) == geometry
    return value if as_given else json.dumps(geometry)


@scheming_validator
def civicswitchboard_term(field: dict[str, Any], schema: Any) -> Any:
    """One of the field's choices; where these are searched, its label is taken too."""

    def validator(value: Any) -> Any:
        if is_empty(value):
            return value
        choice = _choice(field, value)
        if choice is None:
            raise Invalid(_("“%s” isn't in the list. Choose one of its terms") % _short(value))
        return choice

    return validator


@scheming_validator
def civicswitchboard_terms(field: dict[str, Any], schema: Any) -> Any:
    """Any number of the field's choices, stored as a JSON list in the order of the list."""

    def validator(key: Any, data: Any, errors: Any, context: Any) -> None:
        values = _several(data[key])
        if values is None:
            errors[key].append(_("Send a list of terms"))
            return
        if is_searched(field):
            values = [line for value in values for line in _typed(field, value)]
        chosen = {value: _choice(field, value) for value in values}
        unknown = [value for value, choice in chosen.items() if choice is None]
        for value in unknown:
            errors[key].append(
                _("“%s” isn't in the list. Choose from its terms") % _short(value)
            )
        if not unknown:
            data[key] = _stored(
                _in_order(field, {choice for choice in chosen.values() if choice is not None})
            )

    return validator


def _choice(field: dict[str, Any], value: Any) -> Any:
    """The value that is chosen by a value or, where terms are searched, by a label; None for no choice."""
    choices = choices_of(field)
    if value in choices.labels or value in field.get("standing_values", ()):
        return value
    return choices.called(value) if is_searched(field) and isinstance(value, str) else None


def _typed(field: dict[str, Any], value: str) -> list[str]:
    """What a person typed in place of choosing, one a line; a value that has line ends itself stays whole."""
    return [value] if _choice(field, value) is not None else lines(value)


def _in_order(field: dict[str, Any], chosen: set[str]) -> list[str]:
    places, standing = choices_of(field).places, list(field.get("standing_values", ()))
    inside = sorted((value for value in chosen if value in places), key=places.__getitem__)
    return [*inside, *(value for value in standing if value in chosen and value not in places)]


def civicswitchboard_texts(key: Any, data: Any, errors: Any, context: Any) -> None:
    """Any number of short texts, as a list or one a line; stored as a JSON list in order."""
    values = _several(data[key])
    if values and isinstance(data[key], str):
        values = [line for value in values for line in lines(value)]
    if values is None:
        errors[key].append(_("Send a list of texts"))
    else:
        data[key] = _stored(values)


@scheming_validator
def civicswitchboard_pattern(field: dict[str, Any], schema: Any) -> Any:
    """The form that the field's pattern describes."""
    pattern = field.get("pattern", "")
    kind = field_type(field.get("preset", ""))

    def validator(value: Any) -> Any:
        if not pattern or is_empty(value):
            return value
        values = load(kind, value) if kind.shape == "several" else [value]
        for member in values or []:
            if not matches(pattern, str(member)):
                raise Invalid(
                    _("“%s” doesn't match the pattern for this field") % _short(member)
                )
        return value

    return validator


@scheming_validator
def civicswitchboard_limits(field: dict[str, Any], schema: Any) -> Any:
    """The least and greatest number, first and last date, or longest text that the field takes."""
    preset = field.get("preset", "")
    kind, bounds = field_type(preset), bounds_of(preset, field)

    def validator(value: Any) -> Any:
        if is_empty(value):
            return value
        values = load(kind, value) if kind.shape == "several" else [value]
        for member in values or []:
            bound = beyond(bounds, str(member))
            if bound:
                raise Invalid(bound.fault(str(member)).say(_, h.scheming_language_text))
        return value

    return validator


def _stored_text(value: Any, context: Any) -> str:
    """A value without the blanks that a hand left around it; a record brought in keeps them."""
    return str(value) if context.get("gaps") == "allow" else str(value).strip()


def _several(value: Any) -> list[str] | None:
    """The texts of a value given as a list, as JSON, or as one text; None when it is neither."""
    if value is missing or is_empty(value):
        return []
    if isinstance(value, str):
        try:
            loaded = json.loads(value)
        except ValueError:
            loaded = None
        value = loaded if isinstance(loaded, list) else [value]
    if not isinstance(value, list) or not all(isinstance(member, str) for member in value):
        return None
    return [member for member in value if member.strip()]


def _stored(values: list[str]) -> str:
    return json.dumps(values, ensure_ascii=False) if values else ""


def _short(value: Any) -> str:
    return shortened(str(value))


VALIDATORS = {
    function.__name__: function
    for function in (
        civicswitchboard_partial_date,
        civicswitchboard_email,
        civicswitchboard_link,
        civicswitchboard_number,
        civicswitchboard_geojson,
        civicswitchboard_term,
        civicswitchboard_terms,
        civicswitchboard_texts,
        civicswitchboard_pattern,
        civicswitchboard_limits,
    )
}


def get_validators() -> dict[str, Any]:
    """Every validator by name."""
    return VALIDATORS
