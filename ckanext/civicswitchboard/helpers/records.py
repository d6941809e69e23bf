"""Template helpers that show a record by the shared schema."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
from ckan.plugins.toolkit import _
from flask import g

from ckanext.civicswitchboard.core.schema.choices import Choices, choices_of
from ckanext.civicswitchboard.core.schema.document import Vocabulary
from ckanext.civicswitchboard.core.schema.field_types import field_type, is_empty, load
from ckanext.civicswitchboard.core.schema.repeating_rows import kept_text
from ckanext.civicswitchboard.records import show, translate_input
from ckanext.civicswitchboard.records.stored import shown_text
from ckanext.civicswitchboard.records.translate_input import Translation
from ckanext.civicswitchboard.records.validators import civicswitchboard_email
from ckanext.civicswitchboard.schema_registry import versions

Record = dict[str, Any]

# Shown elsewhere on a dataset's or an organization's page.
_SHOWN_ELSEWHERE = frozenset(
    "title name notes tag_string owner_org license_id description image_url".split()
)


def civicswitchboard_other_fields(record: Record, resource: bool = False, form: bool = False) -> list[Record]:
    """What a record holds beyond the schema.

    :param record: a shown dataset or resource, or a form's data
    :param resource: whether it is a resource
    :param form: without what the form's own controls offer
    :returns: ``[{key, value}]``
    """
    if resource and "package_id" not in record:
        # What a form sent, not a stored record.
        return []
    carried = civicswitchboard_carried(record)
    shown_above = {value.name for value in carried.carried} if carried else set()
    others = show.other_fields(versions.current(), record, resource)
    if form:
        fields = versions.current().fields["dataset"].items()
        shown_above |= {name for name, field in fields if field.kind.shape == "several"}
    return [other for other in others if other["key"] not in shown_above]


def civicswitchboard_schema_version() -> int:
    """The number of the version by which this page is made."""
    return versions.current().version


def civicswitchboard_carried(data: Record) -> Translation | None:
    """What a form that is shown again holds for fields that are no longer offered.

    :param data: the form's data
    """
    translation = data.get(translate_input.CARRIED)
    return translation if isinstance(translation, Translation) and translation.carried else None


def civicswitchboard_field_value(field: Record, data: Record) -> Any:
    """A field's value for its control; one that the field can't read as text.

    :param field: the field in scheming's form
    :param data: a shown record, or what a form sent
    """
    name = field["field_name"]
    value = data[name] if name in data else show.unreadable(data, name)
    kind = field_type(field.get("preset", ""), "repeating_subfields" in field)
    loaded = load(kind, value)
    if loaded is None and not is_empty(value):
        return shown_text(value)
    return _entries(field, loaded) if kind.shape == "rows" and loaded else value


def _entries(field: Record, rows: list[Record]) -> list[Record]:
    """Entries whose parts can be shown by controls of one text: a list or an object as JSON."""
    single = {
        part["field_name"] for part in field["repeating_subfields"]
        if field_type(part.get("preset", "")).shape == "text"
    }  # fmt: skip
    return [
        {
            key: shown_text(value) if key in single and isinstance(value, (list, dict)) else value
            for key, value in row.items()
        }
        for row in rows
    ]


def civicswitchboard_shown_value(value: Any) -> str:
    """A value of an other field as text."""
    return shown_text(value)


def civicswitchboard_vocabulary_address(vocabulary: str, version: int | None = None) -> str:
    """The page of a vocabulary's terms.

    :param vocabulary: its id
    :param version: the number of the version that it is of; the current one when left out
    """
    older = {"version": version} if version not in (None, versions.current().version) else {}
    return str(tk.h.url_for("civicswitchboard_downloads.concept", name=vocabulary, **older))


def civicswitchboard_values(value: Any) -> list[str]:
    """The values of a field that takes several, however a form or record gives them."""
    if is_empty(value):
        return []
    if isinstance(value, (str, bool, int, float, dict)):
        # Other tools store numbers, and yes and no, as what they are.
        return [shown_text(value)]
    return [member for member in value if isinstance(member, str) and member]


def civicswitchboard_field_with_standing(
    field: Record, values: Any, labels: dict[str, str] | None = None
) -> Record:
    """A choice field that also offers what stands in the record.

    :param field: the field in scheming's form
    :param values: the record's value or values
    :param labels: labels of values that are not offered
    :returns: a copy with the standing values as choices, and an empty first choice
    """
    offered = choices_of(field).labels
    standing = [v for v in civicswitchboard_values(values) if v not in offered]
    more = [{"value": v, "label": _standing_label(field, v, labels or {})} for v in standing]
    return {**field, "choices": [*field["choices"], *more], "form_include_blank_choice": True}


def _standing_label(field: Record, value: str, labels: dict[str, str]) -> str:
    """What a form calls a value that it doesn't offer."""
    retired = field.get("retired_choices", Choices()).labels
    if value in retired:
        return str(_("%s (no longer offered)") % tk.h.scheming_language_text(retired[value]))
    if value in labels:
        return str(_("%s (no longer offered)") % labels[value])
    return str(_("%s (not in the list)") % value)


def civicswitchboard_chosen_terms(field: Record, values: Any) -> list[Record]:
    """The terms that a field whose terms are searched holds, with what its form calls each.

    :param field: the field in scheming's form
    :param values: the record's value or values, or what a form sent
    :returns: ``[{value, label}]``
    """
    offered, say = choices_of(field).labels, tk.h.scheming_language_text
    return [
        {"value": v, "label": say(offered[v]) if v in offered else _standing_label(field, v, {})}
        for v in dict.fromkeys(civicswitchboard_values(values))
    ]


def civicswitchboard_term_numbers(vocabulary: Vocabulary) -> tuple[int, int]:
    """How many terms of a vocabulary are offered, and how many no longer are; counted once in a request."""
    made: dict[int, tuple[Vocabulary, int]] = g.setdefault("civicswitchboard_term_numbers", {})
    if id(vocabulary) not in made:
        # The vocabulary stays with its number: another one could get the place of one that is gone.
        made[id(vocabulary)] = vocabulary, len(vocabulary.active_terms)
    active = made[id(vocabulary)][1]
    return active, len(vocabulary.terms) - active


def civicswitchboard_choices(field: Record) -> Choices:
    """The choices of a field that an answer gives without them: ckanext-scheming's ``choices_helper``.

    :param field: the field in scheming's form
    """
    choices = versions.current().choices.get(field.get("vocabulary", ""))
    return choices.active if choices else Choices()


def civicswitchboard_term_count(field: Record) -> int:
    """How many terms a field offers."""
    return len(field["choices"])


def civicswitchboard_term_source(vocabulary: str, of_draft: bool = False, retired: bool = False) -> str:
    """Where a search control asks for the terms of a vocabulary.

    :param vocabulary: its id
    :param of_draft: whether it's the draft's; else it's of the version that the page is made of
    :param retired: whether terms that are no longer offered are found too
    """
    snapshot = versions.current()
    version = "draft" if of_draft or snapshot.is_draft else str(snapshot.version)
    parameters = {
        "logic_function": "civicswitchboard_term_search",
        "vocabulary": vocabulary,
        "version": version,
    }
    if retired:
        parameters["include_retired"] = "true"
    return str(tk.h.url_for("api.action", ver=3, **parameters))


def civicswitchboard_terms(field: Record, value: Any) -> list[Record]:
    """The terms of a value, with what a reader may want to know.

    :returns: ``[{value, label, definition, retired}]``
    """
    terms = versions.current().terms.get(field.get("vocabulary", ""), {})
    labels = choices_of(field).labels
    text = tk.h.scheming_language_text
    shown = []
    for member in civicswitchboard_values(value):
        term = terms.get(member)
        label = term.label if term else labels.get(member, member)
        shown.append(
            {
                "value": member,
                # A value from nowhere must not be looked up as a message to translate.
                "label": text(label) if term or member in labels else member,
                "definition": text(term.definition) if term else "",
                "retired": bool(term and term.state == "retired"),
            }
        )
    return shown


def civicswitchboard_filled_fields(fields: Iterable[Record], record: Record) -> list[Record]:
    """The fields that a record fills and no other part of its page shows."""
    return [
        field
        for field in fields
        if field["field_name"] not in _SHOWN_ELSEWHERE
        and not is_empty(record.get(field["field_name"]))
    ]


def civicswitchboard_filled_sections(schema: Record, record: Record) -> list[Record]:
    """A page's sections with the fields that a record fills; empty ones left out.

    :param schema: a dataset or organization schema in scheming's form
    :returns: ``[{id, label, description, fields}]``
    """
    filled = civicswitchboard_filled_fields(
        schema.get("dataset_fields") or schema.get("fields") or [], record
    )
    sections = [
        {**section, "fields": [f for f in filled if f["section"] == section["id"]]}
        for section in schema["sections"]
    ]
    return [section for section in sections if section["fields"]]


def civicswitchboard_row_errors(field: Record, errors: Record) -> Record:
    """A form's errors with those of a repeating field under the names of its inputs."""
    rows = errors.get(field["field_name"])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return {}
    flat: Record = tk.h.scheming_flatten_subfield(field, errors)
    return flat


def civicswitchboard_kept_in_row(field: Record, row: Any) -> str:
    """What an entry holds beside the parts on offer, for its hidden input; empty for nothing.

    :param field: the repeating field in scheming's form
    :param row: the entry, as the record or a form sent before has it
    """
    shown = {part["field_name"] for part in field["repeating_subfields"]}
    return kept_text(row, shown) if isinstance(row, dict) else ""


def civicswitchboard_beside_parts(field: Record, row: Record) -> list[tuple[str, Any]]:
    """What an entry holds beside the parts of its field, in the order of the keys.

    :param field: the repeating field in scheming's form
    :param row: the entry
    """
    parts = [*field["repeating_subfields"], *field.get("retired_subfields", [])]
    known = {part["field_name"] for part in parts}
    return [(key, value) for key, value in sorted(row.items()) if key not in known and not is_empty(value)]


def civicswitchboard_is_web_address(value: Any) -> bool:
    """Whether a value may stand in a link: anything else could run in the reader's browser."""
    try:
        return isinstance(value, str) and urlsplit(value).scheme in ("http", "https")
    except ValueError:
        return False


def civicswitchboard_is_email(value: Any) -> bool:
    """Whether a value is one e-mail address."""
    try:
        return bool(value) and civicswitchboard_email(value, {}) == value
    except tk.Invalid:
        return False


def get_helpers() -> dict[str, Callable[..., Any]]:
    """Every helper by name."""
    return {
        helper.__name__: helper
        for helper in (
            civicswitchboard_other_fields,
            civicswitchboard_schema_version,
            civicswitchboard_carried,
            civicswitchboard_field_value,
            civicswitchboard_shown_value,
            civicswitchboard_values,
            civicswitchboard_field_with_standing,
            civicswitchboard_chosen_terms,
            civicswitchboard_term_numbers,
            civicswitchboard_choices,
            civicswitchboard_term_count,
            civicswitchboard_term_source,
            civicswitchboard_vocabulary_address,
            civicswitchboard_terms,
            civicswitchboard_filled_fields,
            civicswitchboard_filled_sections,
            civicswitchboard_row_errors,
            civicswitchboard_kept_in_row,
            civicswitchboard_beside_parts,
            civicswitchboard_is_web_address,
            civicswitchboard_is_email,
        )
    }
