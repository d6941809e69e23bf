"""How ckanext-scheming's presets, snippets and checks and our field types stand for each other."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ckanext.civicswitchboard.core.document import Entity
from ckanext.civicswitchboard.core.fieldtypes import FIELD_TYPES
from ckanext.civicswitchboard.core.reserved import CORE_FIELDS

Raw = Mapping[str, Any]

# Inputs that core itself fills in or checks have one control each.
_OF_CORE: Mapping[tuple[Entity, str], str] = {
    ("dataset", "title"): "title",
    ("dataset", "name"): "dataset_slug",
    ("dataset", "tag_string"): "tag_string_autocomplete",
    ("dataset", "owner_org"): "dataset_organization",
    ("dataset", "license_id"): "license",
    ("resource", "url"): "resource_url_upload",
    ("resource", "format"): "resource_format_autocomplete",
    ("organization", "title"): "title",
    ("organization", "name"): "organization_slug",
    ("organization", "image_url"): "organization_url_upload",
}

# scheming's own presets by what we have for them; the others have the same name.
_BY_PRESET = {
    "date": "partial_date",
    "datetime": "",
    "datetime_tz": "",
    "json_object": "textarea",
    "dcat_date": "partial_date",
    "textarea": "textarea",
    **{
        name: name
        for name in "select radio multiple_select multiple_checkbox multiple_text markdown".split()
    },
}
_BY_SNIPPET = {
    "markdown.html": "markdown",
    "textarea.html": "textarea",
    "large_text.html": "",
    "text.html": "",
    "select.html": "select",
    "radio.html": "radio",
    "multiple_checkbox.html": "multiple_checkbox",
    "multiple_select.html": "multiple_select",
    "multiple_text.html": "multiple_text",
    "date.html": "partial_date",
    "dcat_date.html": "partial_date",
    "datetime.html": "",
    "datetime_tz.html": "",
    "json.html": "textarea",
    "license.html": "license",
    "number.html": "number",
}
_BY_CHECK = {
    "scheming_choices": "select",
    "scheming_multiple_choice": "multiple_checkbox",
    "scheming_multiple_text": "multiple_text",
    "isodate": "partial_date",
    "email_validator": "email",
    "url_validator": "link",
    "int_validator": "number",
    "natural_number_validator": "number",
    "is_positive_integer": "number",
}
_BY_DISPLAY = {"email.html": "email", "link.html": "link"}

# How scheming itself shows values; ours show the same.
_DISPLAYS = frozenset(
    f"{name}.html"
    for name in "date datetime datetime_tz email file_size json link markdown multiple_choice multiple_text"
    " repeating_subfields select text".split()
)

# Checks that go without saying, because every field or its type has them.
_IMPLIED = frozenset(
    "ignore_missing ignore_empty not_missing not_empty unicode_safe unicode_only remove_whitespace"
    " scheming_required if_empty_same_as name_validator package_name_validator group_name_validator"
    " tag_string_convert owner_org_validator clean_format if_empty_guess_format"
    " package_version_validator convert_to_json_if_date convert_to_json_if_datetime"
    " scheming_multiple_choice_output scheming_load_json".split()
)
_OF_CHOICES = ("select", "radio", "multiple_select", "multiple_checkbox")


def known_preset(name: str) -> bool:
    """Whether a preset of this name means one of our field types."""
    return name in _BY_PRESET or name in FIELD_TYPES


def type_of(entity: Entity, name: str, field: Raw) -> str:
    """The field type that comes nearest to a field in scheming's form.

    :param field: the field, a preset of the portal's own written out in it
    :returns: the type's name; empty for a line of text
    """
    if (entity, name) in _OF_CORE:
        return _OF_CORE[entity, name]
    found = _first(field)
    if found in _OF_CHOICES and not choices_of(field):
        return "multiple_text" if FIELD_TYPES[found].shape == "several" else ""
    if found == "multiple_text" and name in CORE_FIELDS[entity]:
        # A column of core's holds one text.
        return ""
    return found


def choices_of(field: Raw) -> list[Raw]:
    """The choices that stand in a field."""
    choices = field.get("choices")
    if not isinstance(choices, list):
        return []
    return [each for each in choices if isinstance(each, dict) and each.get("value") not in (None, "")]


def _first(field: Raw) -> str:
    preset = field.get("preset")
    if preset in _BY_PRESET:
        return _BY_PRESET[preset]
    if preset in FIELD_TYPES and preset not in _OF_CORE.values():
        return str(preset)
    for known, said in (
        (_BY_SNIPPET, [field.get("form_snippet")]),
        (_BY_CHECK, list(checks_of(field))),
        (_BY_DISPLAY, [field.get("display_snippet")]),
    ):
        for each in said:
            if each in known:
                return known[each]
    return "select" if choices_of(field) else ""


def checks_of(field: Raw) -> Iterator[str]:
    """The names of a field's validators, without what stands in brackets."""
    for each in str(field.get("validators") or "").split():
        yield each.partition("(")[0]


def is_required(field: Raw) -> bool:
    """Whether a field has to be filled in."""
    return field.get("required") is True or "not_empty" in checks_of(field)


def lost_of(field: Raw, found: str) -> Iterator[str]:
    """What of a field its new type does not do, in words.

    :param field: the field, a preset of the portal's own written out in it
    :param found: the type that it gets
    """
    for check in checks_of(field):
        kept = check in _IMPLIED or (found in _OF_CHOICES and check in _BY_CHECK)
        if not kept and _BY_CHECK.get(check) != found:
            yield f"the check '{check}' is not kept"
    snippet = field.get("form_snippet")
    if "form_snippet" in field and snippet is None:
        yield "it was left out of the form; now it is shown there"
    elif snippet and snippet not in _BY_SNIPPET and found not in _OF_CORE.values():
        yield f"the control '{snippet}' is not kept"
    shown = field.get("display_snippet")
    if "display_snippet" in field and shown is None:
        yield "it was left out of the page; now it is shown there"
    elif shown and shown not in _DISPLAYS:
        yield f"the display '{shown}' is not kept"
    for check in str(field.get("output_validators") or "").split():
        if check.partition("(")[0] not in _IMPLIED:
            yield f"what '{check}' made of values that are read is not kept"
    if field.get("preset") in ("datetime", "datetime_tz", "json_object"):
        yield f"values of the type '{field['preset']}' stay as they are, and are edited as text"
    if field.get("choices_helper"):
        yield f"the choices that '{field['choices_helper']}' gave are not kept; any text can be given"
