"""Changes of the shared schema that are hard on records, drawn at random."""
from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

Raw = dict[str, Any]
Change = Callable[[random.Random, Raw, Raw], None]

# What core itself checks at every save is no matter of grace.
_CORES = ("title", "name", "tag_string", "owner_org")


def _require(_draw: random.Random, field: Raw, _document: Raw) -> None:
    field["expectation"] = "required"


def _restrict(_draw: random.Random, field: Raw, _document: Raw) -> None:
    field["pattern"] = "[A-Z]{3}"


def _limit(draw: random.Random, field: Raw, _document: Raw) -> None:
    limits: dict[str, Raw] = {"number": {"maximum": "0"}, "partial_date": {"minimum": "2030-06"}}
    texts = ("", "title", "textarea", "markdown", "multiple_text")
    if not field.get("repeating_subfields"):
        preset = field.get("preset", "")
        field.update(limits.get(preset, {"max_length": draw.randint(1, 3)} if preset in texts else {}))


def _count_as_missing(draw: random.Random, field: Raw, _document: Raw) -> None:
    field["missing_values"] = draw.choice([["notspecified"], ["N/A", "Daily"]])


def _retire(_draw: random.Random, field: Raw, _document: Raw) -> None:
    field["state"] = "retired"


def _bring_back(_draw: random.Random, _field: Raw, document: Raw) -> None:
    for each in document["dataset"]["fields"]:
        each["state"] = "active"


def _retire_terms(draw: random.Random, _field: Raw, document: Raw) -> None:
    for term in draw.choice(document["vocabularies"])["terms"]:
        term["state"] = draw.choice(["active", "retired"])


def _retype(draw: random.Random, field: Raw, _document: Raw) -> None:
    if not field.get("vocabulary") and not field.get("repeating_subfields"):
        for limit in ("minimum", "maximum", "max_length"):
            field.pop(limit, None)
        field["preset"] = draw.choice(["", "textarea", "email", "link", "number", "partial_date", "multiple_text"])


def _use(_draw: random.Random, field: Raw, _document: Raw) -> None:
    field["facet"] = not field.get("facet", False)


def _add(draw: random.Random, _field: Raw, document: Raw) -> None:
    name = f"added_{draw.randrange(10**6)}"
    section = document["dataset"]["sections"][0]["id"]
    added = {"id": name, "field_name": name, "label": name, "section": section, "expectation": "required"}
    document["dataset"]["fields"].append(added)


HARD: tuple[Change, ...] = (
    _require, _restrict, _limit, _count_as_missing, _retire, _bring_back, _retire_terms, _retype, _use, _add,
)


def harder(draw: random.Random, document: Raw, times: int = 6) -> Raw:
    """A document with some hard changes; in place."""
    for _number in range(times):
        fields = [*document["dataset"]["fields"], *document["dataset"]["resource_fields"]]
        free = [each for each in fields if each["field_name"] not in (*_CORES, "url")]
        draw.choice(HARD)(draw, draw.choice(free), document)
    return document
