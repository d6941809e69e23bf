"""How ckanext-scheming's presets, snippets and validators correspond to our field types.

A field's validators decide which checks it has. Snippets only say how a value is shown or
typed, so no check comes from them alone.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ckanext.civicswitchboard.core.schema.document import Entity
from ckanext.civicswitchboard.core.schema.field_types import FIELD_TYPES
from ckanext.civicswitchboard.core.schema.reserved_names import CORE_FIELDS

Raw = Mapping[str, Any]

_TEXT = "scheming_required unicode_safe"
# Field types that stock scheming lacks, as a portal gets them that leaves us: without checks that
# would refuse what records hold.
PRESETS: Mapping[str, dict[str, Any]] = {
    "partial_date": {"validators": _TEXT, "form_snippet": "text.html"},
    "email": {"validators": _TEXT, "form_snippet": "text.html", "display_snippet": "email.html"},
    "link": {"validators": _TEXT, "form_snippet": "text.html", "display_snippet": "link.html"},
    "number": {"validators": _TEXT, "form_snippet": "text.html"},
    "geojson": {"validators": _TEXT, "form_snippet": "textarea.html"},
    "textarea": {"validators": _TEXT, "form_snippet": "textarea.html"},
    "license": {"validators": _TEXT, "form_snippet": "license.html", "display_snippet": "text.html"},
    "organization_slug": {
        "validators": "not_empty unicode_safe name_validator group_name_validator",
        "form_snippet": "slug.html",
    },
}

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
# Field types for one of core's own inputs each.
CORE_PRESETS = frozenset(_OF_CORE.values())
# Those that only core asks for, whatever a schema says.
ASKED_BY_CORE = CORE_PRESETS - {"license", "resource_format_autocomplete"}

_OF_CHOICES = ("select", "radio", "multiple_select", "multiple_checkbox")
# scheming's own presets by what we have for them; the others have the same name.
_BY_PRESET = {
    "date": "partial_date",
    "datetime": "",
    "datetime_tz": "",
    "json_object": "textarea",
    "textarea": "textarea",
    **{name: name for name in (*_OF_CHOICES, "multiple_text", "markdown")},
}
_EDITED_AS_TEXT = ("datetime", "datetime_tz", "json_object")
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
    "json.html": "textarea",
    "license.html": "license",
    "repeating_subfields.html": "",
}
_BY_CHECK = {
    "scheming_choices": "select",
    "scheming_multiple_choice": "multiple_checkbox",
    "scheming_multiple_text": "multiple_text",
    "scheming_valid_json_object": "textarea",
    "email_validator": "email",
    "url_validator": "link",
    "int_validator": "number",
    "natural_number_validator": "number",
    "is_positive_integer": "number",
}
# Snippets for inputs that only a validator of the field makes more than a line of text.
_LINES = {
    "date.html": "partial_date",
    "number.html": "number",
    "slug.html": "organization_slug",
    "organization.html": "dataset_organization",
    "upload.html": "resource_url_upload",
    "organization_upload.html": "organization_url_upload",
}
_WHOLE = "[+-]?[0-9]+"
# What a whole number may be, by the validator that asks for one.
_NUMBERS: Mapping[str, Mapping[str, str]] = {
    "int_validator": {"pattern": _WHOLE},
    "natural_number_validator": {"pattern": _WHOLE, "minimum": "0"},
    "is_positive_integer": {"pattern": _WHOLE, "minimum": "1"},
}

# How scheming itself shows values; ours show the same.
_DISPLAYS = frozenset(
    f"{name}.html"
    for name in "date datetime datetime_tz email file_size json link markdown multiple_choice multiple_text"
    " repeating_subfields select text".split()
)

# Validators that go without saying, because every field or its type has them.
_IMPLIED = frozenset(
    "ignore_missing ignore_empty not_empty unicode_safe unicode unicode_only remove_whitespace"
    " scheming_required convert_to_json_if_date convert_to_json_if_datetime"
    " scheming_multiple_choice_output repeating_text_output scheming_load_json".split()
)
# Validators of core's own fields, which core still applies, or which fill in a value.
_IMPLIED_IN_CORE = frozenset(
    "if_empty_same_as name_validator package_name_validator group_name_validator tag_string_convert"
    " owner_org_validator clean_format if_empty_guess_format package_version_validator".split()
)
# Validators that ask for a value where a field says that it is required.
_ASKING = frozenset(
    "scheming_required not_empty not_missing scheming_multiple_choice scheming_multiple_text"
    " scheming_isodatetime scheming_isodatetime_tz".split()
)
# Stock presets without any of them.
_NEVER_ASKING = CORE_PRESETS - {"dataset_slug", "organization_slug", "license"}
# Validators that check the same as our field types do.
_SAME_CHECK: Mapping[str, frozenset[str]] = {
    "select": frozenset({"scheming_choices", "OneOf", "one_of"}),
    "radio": frozenset({"scheming_choices", "OneOf", "one_of"}),
    "multiple_select": frozenset({"scheming_multiple_choice"}),
    "multiple_checkbox": frozenset({"scheming_multiple_choice"}),
}
_NEW_CHECK = (
    "new values have to be among its choices, which scheming didn't check; what records hold stays valid"
)
_NO = ("false", "no", "off", "0", "n", "f", "", "none")


def known_preset(name: str) -> bool:
    """Whether a preset of this name, which the portal does not define itself, has a field type of ours."""
    return name in _BY_PRESET or name in CORE_PRESETS or name in PRESETS


def type_of(entity: Entity, name: str, field: Raw, part: bool = False) -> str:
    """The field type that comes nearest to a field in scheming's form.

    :param field: the field, a preset of the portal's own written out in it
    :param part: whether it is a part of a repeating field: core stores and checks none of those
    :returns: the type's name; empty for a line of text
    """
    if not part and (entity, name) in _OF_CORE:
        return _OF_CORE[entity, name]
    preset = _first(field)
    if preset in _OF_CHOICES and not choices_of(field):
        preset = "multiple_text" if FIELD_TYPES[preset].shape == "several" else ""
    if not part and name in CORE_FIELDS[entity] and FIELD_TYPES[preset].shape == "several":
        # A column of core's holds one text.
        return ""
    return preset


def choices_of(field: Raw) -> list[Raw]:
    """The choices that a field lists."""
    choices = field.get("choices")
    if not isinstance(choices, list):
        return []
    return [
        choice for choice in choices if isinstance(choice, dict) and choice.get("value") not in (None, "")
    ]


def _first(field: Raw) -> str:
    preset = field.get("preset")
    if preset in _BY_PRESET:
        return _BY_PRESET[preset]
    if preset in PRESETS and preset not in CORE_PRESETS:
        return str(preset)
    snippet, checks = field.get("form_snippet"), list(checks_of(field))
    if snippet in _BY_SNIPPET and (preset_of_snippet := _BY_SNIPPET[snippet]):
        return preset_of_snippet
    if "isodate" in checks and "convert_to_json_if_date" in checks:
        # Without the second, scheming stores the time of day too.
        return "partial_date"
    for check in checks:
        if check in _BY_CHECK:
            return _BY_CHECK[check]
    if choices_of(field) and snippet not in _BY_SNIPPET:
        return "select"
    return ""


def checks_of(field: Raw) -> Iterator[str]:
    """The names of a field's validators, without what is in brackets."""
    for validator in str(field.get("validators") or "").split():
        yield validator.partition("(")[0]


def limits_of(field: Raw, preset: str) -> dict[str, str]:
    """What a field's validators ask of a number, as attributes of a field in a document.

    :param preset: the type that the field gets
    """
    limits: dict[str, str] = {}
    for check in checks_of(field) if preset == "number" else ():
        limits.update(_NUMBERS.get(check, {}))
    return limits


def truth(value: Any) -> bool:
    """Whether a value says yes, written as a boolean, a number or a word."""
    if isinstance(value, str):
        return value.strip().lower() not in _NO
    return bool(value)


def misread_no(value: Any) -> bool:
    """Whether a boolean is a word that says no, which scheming takes for a yes as it does any word."""
    return isinstance(value, str) and bool(value.strip()) and not truth(value)


def is_required(field: Raw) -> bool:
    """Whether scheming asks for a value of a field."""
    return "not_empty" in checks_of(field) or (truth(field.get("required")) and _asks(field))


def is_marked(field: Raw) -> bool:
    """Whether a field is marked as required although no validator of it asks for a value."""
    return truth(field.get("required")) and not is_required(field)


def _asks(field: Raw) -> bool:
    if "validators" in field:
        return not _ASKING.isdisjoint(checks_of(field))
    return field.get("preset") not in _NEVER_ASKING


def changes_of(entity: Entity, name: str, field: Raw, preset: str, part: bool = False) -> Iterator[str]:
    """What is different in a field with its new type, in sentences.

    :param field: the field, a preset of the portal's own written out in it
    :param preset: the type that it gets
    :param part: whether it is a part of a repeating field
    """
    in_core = not part and name in CORE_FIELDS[entity]
    implied = _IMPLIED | _IMPLIED_IN_CORE if in_core else _IMPLIED
    yield from _checks_changed(field, preset, implied)
    yield from _controls_changed(field, preset)
    yield from _values_changed(field, preset, implied)
    choices = choices_of(field)
    if choices and not FIELD_TYPES[preset].needs_vocabulary:
        yield "its choices are not kept: CKAN's own control is used, and any value can be given"


def _checks_changed(field: Raw, preset: str, implied: frozenset[str]) -> Iterator[str]:
    for check in checks_of(field):
        kept = check in implied or (preset in _OF_CHOICES and check in _SAME_CHECK[preset])
        kept = kept or (check == "isodate" and preset == "partial_date")
        kept = kept or (check == "scheming_valid_json_object" and preset == "textarea")
        if check == "scheming_valid_json_object" and kept:
            yield "whether a value is a JSON object is no longer checked"
        elif not kept and _BY_CHECK.get(check) != preset:
            yield f"the check '{check}' is not kept"
    if preset in _SAME_CHECK and "preset" not in field and _SAME_CHECK[preset].isdisjoint(checks_of(field)):
        yield _NEW_CHECK
    if preset == "partial_date" and field.get("preset") != "partial_date":
        yield (
            "a new date can't have a time of day, which scheming took and cut off;"
            " a year or a month alone is taken now"
        )


def _controls_changed(field: Raw, adopted: str) -> Iterator[str]:
    preset = field.get("preset")
    if preset in CORE_PRESETS and preset != adopted:
        yield f"the preset '{preset}' is for a field of CKAN's own; it is a line of text now"
    snippet = field.get("form_snippet")
    if "form_snippet" in field and snippet is None:
        yield "it was left out of the form; now it is shown there"
    elif snippet and adopted not in {*CORE_PRESETS, _LINES.get(snippet)} and snippet not in _BY_SNIPPET:
        yield f"the control '{snippet}' is not kept"
    shown = field.get("display_snippet")
    if "display_snippet" in field and shown is None:
        yield "it was left out of the page; now it is shown there"
    elif shown and shown not in _DISPLAYS:
        yield f"the display '{shown}' is not kept"


def _values_changed(field: Raw, preset: str, implied: frozenset[str]) -> Iterator[str]:
    for check in str(field.get("output_validators") or "").split():
        if check.partition("(")[0] not in implied:
            yield f"what '{check}' made of values that are read is not kept"
    if field.get("preset") in _EDITED_AS_TEXT:
        yield f"values of the type '{field['preset']}' stay as they are, and are edited as text"
    elif preset == "" and FIELD_TYPES[_first(field)].shape == "several":
        yield "it holds one text, because CKAN itself stores it"
    helper = field.get("choices_helper")
    if helper and not choices_of(field):
        yield f"the choices that '{helper}' gave are not kept; any text can be given"
