"""Documents as large as a published one may be, each at another limit."""
from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from ckanext.civicswitchboard.core.schema import rules

Raw = dict[str, Any]

SUBJECTS = "subjects"
CHOICE_FIELDS = 100


def large_vocabulary(document: Raw) -> Raw:
    """A hundred fields that all take their terms from one vocabulary, with as many terms as there may be."""
    made = deepcopy(document)
    _add_vocabulary(made, SUBJECTS, _terms_left(made))
    presets = ("select", "multiple_select", "radio", "multiple_checkbox")
    for number in range(CHOICE_FIELDS):
        _add_field(made, f"subject_{number}", preset=presets[number % 4], vocabulary=SUBJECTS)
    made["dataset"]["resource_fields"].append(
        _field("subject_of_file", section="", preset="select", vocabulary=SUBJECTS)
    )
    made["organization"]["fields"].append(
        _field("subject_of_partner", section="about", preset="multiple_select", vocabulary=SUBJECTS)
    )
    part = _field("subject", section="", preset="multiple_select", vocabulary=SUBJECTS)
    _add_field(made, "places_named", repeating_subfields=[part])
    return made


def middling_vocabularies(document: Raw) -> Raw:
    """As many fields as there may be, each on a vocabulary that is just short enough for a list."""
    made = deepcopy(document)
    for number in range(80):
        _add_vocabulary(made, f"list_{number}", 200)
    for number in range(_fields_left(made)):
        preset = ("select", "multiple_checkbox")[number % 2]
        _add_field(made, f"listed_{number}", preset=preset, vocabulary=f"list_{number % 80}", facet=number < 20)
    return made


def everything(document: Raw) -> Raw:
    """As many fields, sections, partner types and vocabularies as there may be, and as much text as they may have."""
    made = deepcopy(document)
    for number in range(rules.MAX_VOCABULARIES - len(made["vocabularies"])):
        _add_vocabulary(made, f"list_{number}", 60)
    sections = made["dataset"]["sections"]
    for number in range(rules.MAX_SECTIONS - len(sections) - len(made["organization"]["sections"])):
        sections.append({"id": f"section_{number}", "label": f"Section {number}", "description": "What is in it."})
    _add_partner_types(made)
    for number in range(_fields_left(made)):
        section = sections[number % len(sections)]["id"]
        listed = {"preset": "select", "vocabulary": f"list_{number}"} if number < 150 else {"preset": "textarea"}
        crosswalk = {"dcat": "dct:subject", "datacite": "Subject"}
        _add_field(made, f"explained_{number}", section=section, mapping=crosswalk, **listed)
    _add_texts(made)
    return made


def _add_partner_types(made: Raw) -> None:
    names = [field["field_name"] for field in made["organization"]["fields"]]
    left = rules.MAX_PROFILE_FIELDS - sum(len(kind.get("fields", [])) for kind in made["partner_types"])
    for number in range(rules.MAX_PARTNER_TYPES - len(made["partner_types"])):
        asked = names[: min(left, len(names))]
        left -= len(asked)
        made["partner_types"].append({
            "name": f"kind_{number}", "label": f"Kind {number}", "sector": "community", "icon": "fa-leaf",
            "description": "What such a partner does.",
            "fields": [{"field": name, "expectation": "recommended"} for name in asked],
        })


def _add_texts(made: Raw) -> None:
    """Fill up the texts of the fields that were added."""
    texts = ("help_text", "guidance", "example", "bad_example", "definition")
    added = [field for field in made["dataset"]["fields"] if field["id"].startswith("explained_")]
    for text in texts:
        for field in added:
            field[text] = ""
    each = (rules.MAX_TEXT_BYTES - rules.size_of_texts(made)) // (len(added) * len(texts))
    for field in added:
        field.update(dict.fromkeys(texts, ("word " * (each // 5 + 1))[:each - 1] + "."))


DOCUMENTS: dict[str, Callable[[Raw], Raw]] = {
    made.__name__: made for made in (large_vocabulary, middling_vocabularies, everything)
}


def _terms_left(document: Raw) -> int:
    return rules.MAX_TERMS - sum(len(each["terms"]) for each in document["vocabularies"])


def _fields_left(document: Raw) -> int:
    held = [*document["dataset"]["fields"], *document["dataset"]["resource_fields"], *document["organization"]["fields"]]
    return rules.MAX_FIELDS - sum(1 + len(field.get("repeating_subfields", [])) for field in held)


def _add_vocabulary(document: Raw, name: str, size: int) -> None:
    terms = [
        {"id": f"{name}_{number}", "value": f"{name}_{number}", "label": f"{_WORDS[number % 8]} {number} of {name}",
         "definition": "What the term means."}
        for number in range(size)
    ]
    document["vocabularies"].append({"id": name, "label": name.capitalize(), "terms": terms})


_WORDS = ("Rivers", "Bridges", "Écoles", "Libraries", "Parks", "Buses", "Housing", "Air quality")


def _add_field(document: Raw, name: str, **attributes: Any) -> None:
    document["dataset"]["fields"].append(_field(name, **attributes))


def _field(name: str, section: str = "about", **attributes: Any) -> Raw:
    field = {"id": name, "field_name": name, "label": name.replace("_", " ").capitalize(), **attributes}
    return {**field, "section": section} if section else field
