"""The typed schema document: one version of the shared schema as immutable objects.

The form is the one in ``docs/schema-document.md``. Reading gives either a
:class:`Document` or a :class:`DocumentError` that names every fault with its path.
"""
from __future__ import annotations

import reprlib
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic import Field as Attribute

Text = str | dict[str, str]
Expectation = Literal["required", "recommended", "optional"]
State = Literal["active", "retired"]
Sector = Literal["library", "intermediary", "government", "community"]
Entity = Literal["dataset", "resource", "organization"]


class Fault(BaseModel):
    """One thing that is wrong with a document, and where."""

    model_config = ConfigDict(frozen=True)

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class DocumentError(ValueError):
    """A document that cannot be used.

    :ivar faults: every fault found, in document order
    """

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Term(_Part):
    """A term of a controlled vocabulary; ``value`` is what records store."""

    id: str
    value: str
    label: Text
    alternate_labels: list[Text] = []
    definition: Text = ""
    scope_note: Text = ""
    uri: str = ""
    source: str = ""
    broader: str = ""
    state: State = "active"
    replaced_by: str = ""
    merged_into: str = ""
    note: str = ""


class Vocabulary(_Part):
    """A controlled vocabulary."""

    id: str
    label: Text
    description: Text = ""
    uri: str = ""
    terms: list[Term]
    note: str = ""

    @property
    def active_terms(self) -> list[Term]:
        """The terms that are offered today."""
        return [term for term in self.terms if term.state == "active"]


class Section(_Part):
    """A named group of fields on pages and forms."""

    id: str
    label: Text
    description: Text = ""
    page: bool = False


class Field(_Part):
    """A field of a dataset, resource, organization, or of a repeating field."""

    id: str
    field_name: str
    label: Text
    section: str = ""
    preset: str = ""
    vocabulary: str = ""
    expectation: Expectation = "optional"
    help_text: Text = ""
    guidance: Text = ""
    example: Text = ""
    bad_example: Text = ""
    definition: Text = ""
    uri: str = ""
    pattern: str = ""
    minimum: str = ""
    maximum: str = ""
    max_length: int = 0
    missing_values: list[str] = []
    enforce: Literal["new", "all"] = "new"
    facet: bool = False
    searchable: bool = False
    mapping: dict[str, str] = {}
    state: State = "active"
    previous_names: list[str] = []
    repeating_subfields: list[Field] = []
    note: str = ""
    # scheming's own keys that pass through unchanged
    form_placeholder: Text = ""
    display_property: str = ""
    sorted_choices: bool = False
    form_blanks: int = 1


class ProfileField(_Part):
    """What a partner type expects of one organization field."""

    field: str
    expectation: Expectation = "optional"


class PartnerType(_Part):
    """What kind of partner an organization can be."""

    name: str
    label: Text
    description: Text = ""
    icon: str = ""
    sector: Sector
    fields: list[ProfileField] = []
    note: str = ""


class DatasetPart(_Part):
    """Everything about datasets and their resources."""

    sections: list[Section]
    fields: list[Field]
    resource_fields: list[Field]


class OrganizationPart(_Part):
    """Everything about organizations."""

    sections: list[Section]
    fields: list[Field]


class Document(_Part):
    """One version of the shared schema."""

    format: Literal[1]
    title: Text
    about: Text = ""
    vocabularies: list[Vocabulary]
    partner_types: list[PartnerType]
    dataset: DatasetPart
    organization: OrganizationPart
    note: str = Attribute(default="")

    def fields_of(self, entity: Entity) -> list[Field]:
        """Fields of one entity.

        :param entity: ``dataset``, ``resource`` or ``organization``
        :returns: its fields in their order, retired ones too
        """
        return {
            "dataset": self.dataset.fields,
            "resource": self.dataset.resource_fields,
            "organization": self.organization.fields,
        }[entity]

    def vocabulary(self, vocabulary_id: str) -> Vocabulary | None:
        """The vocabulary with this id, or None."""
        return next((v for v in self.vocabularies if v.id == vocabulary_id), None)

    def partner_type(self, name: str) -> PartnerType | None:
        """The partner type with this name, or None."""
        return next((t for t in self.partner_types if t.name == name), None)


def parse(raw: Any) -> Document:
    """Make a document of plain data that has the form, whether or not it keeps the rules.

    A draft may break rules while it is worked on: a field may have no label yet.

    :param raw: what YAML or JSON gave
    :returns: the document
    :raises DocumentError: with every fault of its form
    """
    try:
        return Document.model_validate(raw)
    except ValidationError as error:
        raise DocumentError(_faults(error.errors(), raw)) from None


def dump(document: Document) -> dict[str, Any]:
    """Plain data of a document, defaults left out; ``read(dump(d)) == d``."""
    return document.model_dump(exclude_defaults=True)


def without_remarks(dumped: Any) -> Any:
    """A dumped document without what curators note for one another."""
    if isinstance(dumped, dict):
        return {key: without_remarks(value) for key, value in dumped.items() if key != "note"}
    return [without_remarks(member) for member in dumped] if isinstance(dumped, list) else dumped


def _faults(errors: list[Any], raw: Any) -> list[Fault]:
    """Every error once: pydantic tries both forms of a text and reports both."""
    reported = (e for e in errors if not (e["loc"][-1:] == ("str",) and isinstance(e["input"], dict)))
    return list(dict.fromkeys(_fault(error, raw) for error in reported))


def _fault(error: Any, raw: Any) -> Fault:
    """A pydantic error in the words of the document's editor."""
    kind, location = error["type"], tuple(error["loc"])
    if kind == "missing":
        return Fault(path=path_text(location[:-1], raw), message=f"'{location[-1]}' is missing")
    if kind == "extra_forbidden":
        return Fault(
            path=path_text(location[:-1], raw),
            message=f"'{location[-1]}' is not known here; remove it or check its spelling",
        )
    expected = _EXPECTED.get(kind) or error["msg"]
    message = f"{expected}, not {_shown(error['input'])}"
    return Fault(path=path_text(_of_text(location), raw), message=message)


_EXPECTED = {
    "string_type": "has to be a text in quotes",
    "dict_type": "has to be a text in quotes",
    "model_type": "has to be a mapping",
    "list_type": "has to be a list",
    "bool_type": "has to be true or false",
    "int_type": "has to be a whole number",
}


def _of_text(location: tuple[Any, ...]) -> tuple[Any, ...]:
    """A location without the branch of :data:`Text` that pydantic tried last."""
    return location[:-1] if location[-1:] in (("str",), ("dict[str,str]",)) else location


def _shown(value: Any) -> str:
    text = reprlib.repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def path_text(location: tuple[Any, ...], raw: Any) -> str:
    """A path such as ``dataset.fields[3] (places).label``.

    :param location: keys and list positions from the top
    :param raw: the data, asked for the names of what it passes
    """
    text, here = "", raw
    for step in location:
        known = isinstance(here, (dict, list))
        try:
            here = here[step] if known else None
        except (KeyError, IndexError, TypeError):
            # A pydantic location also names the branch of a union that it tried.
            continue
        text += _step_text(step, here, text)
    return text


def _step_text(step: Any, here: Any, before: str) -> str:
    if not isinstance(step, int):
        return f".{step}" if before else str(step)
    name = ""
    if isinstance(here, dict):
        name = here.get("field_name") or here.get("id") or here.get("name") or ""
    return f"[{step + 1}] ({name})" if name else f"[{step + 1}]"
