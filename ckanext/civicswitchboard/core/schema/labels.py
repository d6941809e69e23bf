"""The words for what a document says by a code: one place for pages, tables and the console.

Each is looked up as a message to translate where it is shown.
"""
from __future__ import annotations

from ckanext.civicswitchboard.core.schema.document import Entity, Expectation, Field, Sector
from ckanext.civicswitchboard.core.schema.field_types import field_type


def N_(text: str) -> str:
    """Mark a text for translation where it is shown, not here."""
    return text


ENTITIES: dict[Entity, str] = {
    "dataset": N_("Datasets"),
    "resource": N_("Files and links"),
    "organization": N_("Organizations"),
}

EXPECTATIONS: dict[Expectation, str] = {
    "required": N_("Required"),
    "recommended": N_("Recommended"),
    "optional": N_("Optional"),
}

SECTORS: dict[Sector, str] = {
    "library": N_("Libraries"),
    "intermediary": N_("Data intermediaries"),
    "government": N_("Governments"),
    "community": N_("Community"),
}

# Names of their own, the same in every language.
STANDARDS: dict[str, str] = {
    "dcat": "DCAT",
    "datacite": "DataCite",
    "schema_org": "schema.org",
    "dublin_core": "Dublin Core",
    "mods": "MODS",
}

_LINE = N_("one line of text")
_AREA = N_("multiple lines of text")
_ADDRESS = N_("last part of a web address")
_TERM = N_("one term from the list")
_TERMS = N_("one or more terms from the list")

_FILLED_IN: dict[str, str] = {
    "": _LINE,
    "title": _LINE,
    "dataset_slug": _ADDRESS,
    "organization_slug": _ADDRESS,
    "tag_string_autocomplete": N_("words, separated by commas"),
    "dataset_organization": N_("one of the organizations on this portal"),
    "resource_url_upload": N_("a file, or the web address of one"),
    "organization_url_upload": N_("an image, or the web address of one"),
    "resource_format_autocomplete": N_("the name of a file format"),
    "license": N_("one license from the portal's list"),
    "partner_type": N_("one partner type"),
    "partner_types": N_("one or more partner types"),
    "select": _TERM,
    "radio": N_("one term from the list, with all terms shown"),
    "multiple_select": N_("one or more terms from the list, chosen from a menu"),
    "multiple_checkbox": _TERMS,
    "multiple_text": N_("one value per line"),
    "markdown": N_("text with simple formatting"),
    "textarea": _AREA,
    "geojson": N_("a point or an area on the map"),
    "partial_date": N_("a year, a month or a day"),
    "email": N_("an email address"),
    "link": N_("a web address"),
    "number": N_("a number"),
}
_ROWS = N_("entries made of the parts below")


def filled_in(field: Field) -> str:
    """What goes into a field, in words.

    :param field: a field whose type is known
    """
    return _ROWS if field.repeating_subfields else _FILLED_IN[field.preset]


def filled_in_as(preset: str) -> str:
    """What goes into a field of a type, in words.

    :param preset: a known type's name
    """
    return _FILLED_IN[preset]


def repeatable(field: Field) -> bool:
    """Whether a field takes more than one value."""
    several = field_type(field.preset, bool(field.repeating_subfields)).shape != "text"
    return several or field.preset == "tag_string_autocomplete"
