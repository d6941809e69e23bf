"""The shared schema as an application profile: DCTAP, Dublin Core's table of what describes what.

See https://www.dublincore.org/specifications/dctap/. Retired fields are left out: a profile
says what a new record has. What DCTAP has no column for comes after its own columns.
"""
from __future__ import annotations

from collections.abc import Iterator

from ckanext.civicswitchboard.core.formats.csv_fields import Say, csv_text
from ckanext.civicswitchboard.core.schema.choices import MOST_LISTED
from ckanext.civicswitchboard.core.schema.document import Document, Entity, Field
from ckanext.civicswitchboard.core.schema.labels import ENTITIES, repeatable
from ckanext.civicswitchboard.core.schema.limits import LIMITS, limits_of

_LIMITS = tuple(dict.fromkeys(limit.constraint for limit in LIMITS))
_HEADINGS = [
    "shapeID",
    "shapeLabel",
    "propertyID",
    "propertyLabel",
    "mandatory",
    "repeatable",
    "valueNodeType",
    "valueDataType",
    "valueConstraint",
    "valueConstraintType",
    "valueShape",
    "note",
    "expectation",
    "fieldName",
    *_LIMITS,
]
# Terms may hold blanks and commas, so neither can stand between the items of a list.
PICKLIST_SEPARATOR = "|"
_DATA_TYPES = {"number": "xsd:decimal", "geojson": "geo:geoJSONLiteral"}


def dctap_csv(document: Document, say: Say) -> str:
    """What a record has, a property in a row.

    :param document: the document
    :param say: gives a text in the reader's language
    :returns: CSV in the form of RFC 4180 under a line of headings
    """
    entities: tuple[Entity, ...] = ("dataset", "resource", "organization")
    rows: list[list[str]] = []
    for entity in entities:
        fields = _offered(document.fields_of(entity))
        rows += _shape(document, entity, say(ENTITIES[entity]), fields, say)
        for field in fields:
            parts = _offered(field.repeating_subfields)
            rows += _shape(document, _shape_id(entity, field), say(field.label), parts, say)
    return csv_text(_HEADINGS, rows)


def _offered(fields: list[Field]) -> list[Field]:
    return [field for field in fields if field.state == "active"]


def _shape_id(entity: str, field: Field) -> str:
    return f"{entity}_{field.field_name}"


def _shape(
    document: Document, shape: str, label: str, fields: list[Field], say: Say
) -> Iterator[list[str]]:
    for field in fields:
        constraint, constraint_type = _constraint(document, field)
        yield [
            shape,
            label,
            field.mapping.get("dcat") or field.uri or field.field_name,
            say(field.label),
            _yes(field.expectation == "required"),
            _yes(repeatable(field)),
            _node_type(field),
            _DATA_TYPES.get(field.preset, ""),
            constraint,
            constraint_type,
            _shape_id(shape, field) if field.repeating_subfields else "",
            say(field.help_text),
            field.expectation,
            field.field_name,
            *_limits(field),
        ]


def _yes(truth: bool) -> str:
    return "TRUE" if truth else "FALSE"


def _node_type(field: Field) -> str:
    if field.repeating_subfields:
        return "bnode"
    return "IRI" if field.preset == "link" else "literal"


def _constraint(document: Document, field: Field) -> tuple[str, str]:
    vocabulary = document.vocabulary(field.vocabulary)
    if vocabulary and len(vocabulary.terms) > MOST_LISTED:
        # Thousands of terms at each of many fields: the vocabulary has a file of its own.
        return vocabulary.uri or vocabulary.id, "vocabulary"
    if vocabulary:
        return PICKLIST_SEPARATOR.join(term.value for term in vocabulary.active_terms), "picklist"
    if field.pattern:
        return field.pattern, "pattern"
    # DCTAP has room for one: a second one stands in the columns after its own.
    bound = next(iter(limits_of(field)), None)
    return (str(bound.raw), bound.limit.constraint) if bound else ("", "")


def _limits(field: Field) -> list[str]:
    said = {bound.limit.constraint: str(bound.raw) for bound in limits_of(field)}
    return [said.get(name, "") for name in _LIMITS]
