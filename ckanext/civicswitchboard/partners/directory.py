"""The directory of partners: who they are, what they do, what they publish."""
from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, get_args

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model

from ckanext.civicswitchboard.core.schema.choices import Choices, choices_of, is_searched
from ckanext.civicswitchboard.core.schema.document import Sector
from ckanext.civicswitchboard.core.schema.profiles import ALSO, TYPE, requested
from ckanext.civicswitchboard.partners.registry import Partner, steward, types_of
from ckanext.civicswitchboard.records.profiles import names_in
from ckanext.civicswitchboard.schema_registry import versions

# What a partner is filtered by, beside its types: the filter's name and the field's.
TERMS = {"role": "roles", "skill": "skills", "audience": "audiences"}

# The work of intermediaries, which nobody expects of the other partners.
INTERMEDIARIES_ROLES = frozenset({"assembling_data", "disseminating_data", "strengthening_capacity"})

_SECTORS = get_args(Sector)
_SUMMARY = 240
_SENTENCE = re.compile(r".{15,}?[.!?](?=\s|$)", re.DOTALL)

Record = dict[str, Any]


@dataclass(frozen=True)
class Listed:
    """A partner in the directory.

    :ivar description: its description, as it was written
    :ivar terms: the terms of its roles, skills and audiences by the field's name
    """

    partner: Partner
    description: str
    terms: dict[str, tuple[str, ...]]

    @property
    def summary(self) -> str:
        """The first sentence of what it says about itself; else its roles, or its skills, in words."""
        said = first_sentence(tk.h.markdown_extract(self.description, 0))
        return said or self._in_words("roles") or self._in_words("skills")

    def _in_words(self, field: str) -> str:
        return _shortened("; ".join(_labels(field, self.terms[field])))


def search(wanted: Record) -> list[Listed]:
    """The partners that fit, libraries first, then sector by sector, by title.

    :param wanted: what they have to fit: ``q``, ``partner_type``, ``sector``, and the names
        in TERMS; what is empty or missing leaves all
    """
    listed = [partner for partner in _everyone() if _fits(partner, wanted)]
    return sorted(listed, key=lambda listing: _SECTORS.index(listing.partner.types[0].sector))


def results(listed: Iterable[Listed]) -> list[Record]:
    """Partners as the API gives them."""
    listed = list(listed)
    counts = dataset_counts([listing.partner.id for listing in listed])
    named = steward()
    return [
        {
            "id": listing.partner.id,
            "name": listing.partner.name,
            "title": listing.partner.title,
            "partner_type": listing.partner.types[0].name,
            "partner_type_label": tk.h.scheming_language_text(listing.partner.types[0].label),
            "sector": listing.partner.sector,
            "also_acts_as": [kind.name for kind in listing.partner.types[1:]],
            "summary": listing.summary,
            "image_display_url": tk.h.civicswitchboard_logo(listing.partner),
            **{field: list(terms) for field, terms in listing.terms.items()},
            "steward": bool(named and named.id == listing.partner.id),
            "dataset_count": counts.get(listing.partner.id, 0),
            "contribution_count": 0,
        }
        for listing in listed
    ]


def dataset_counts(organization_ids: list[str]) -> dict[str, int]:
    """How many public datasets organizations have, by id; those without are left out."""
    package = model.Package
    rows = model.Session.execute(
        sa.select(package.owner_org, sa.func.count())
        .where(
            package.owner_org.in_(organization_ids),
            package.state == "active",
            package.private.is_(False),
            package.type == "dataset",
        )
        .group_by(package.owner_org)
    )
    return {row[0]: row[1] for row in rows}


def choices(field: str) -> list[Record]:
    """The terms that an organization field offers.

    :returns: ``[{value, label, definition}]``; none where the schema has no such field
    """
    compiled = versions.current().fields["organization"].get(field)
    if compiled is None or not compiled.field.vocabulary:
        return []
    terms = versions.current().terms[compiled.field.vocabulary]
    text = tk.h.scheming_language_text
    return [
        {"value": value, "label": text(label), "definition": text(terms[value].definition)}
        for value, label in _offered(field).labels.items()
    ]


def searched(field: str, name: str) -> Record | None:
    """The control of a filter whose terms are too many for a list.

    :param field: the organization field's name
    :param name: the filter's name
    :returns: a field in scheming's form; None where the terms are listed
    """
    compiled = versions.current().fields["organization"].get(field)
    if compiled is None or not is_searched(compiled.scheming):
        return None
    form_field = compiled.scheming
    return {
        "field_name": name,
        "label": form_field["label"],
        "preset": "select",
        "vocabulary": form_field["vocabulary"],
        "choices": form_field["choices"],
        "required": False,
    }


def called(field: str, typed: str) -> str:
    """The value of the term that a person typed by its label or value; what was typed where there is none."""
    offered = _offered(field)
    return typed if typed in offered.labels else offered.called(typed) or typed


def _offered(field: str) -> Choices:
    compiled = versions.current().fields["organization"].get(field)
    return choices_of(compiled.scheming) if compiled and compiled.field.vocabulary else Choices()


def _labels(field: str, values: Iterable[str]) -> list[str]:
    """What the terms among values are called, in the order of the vocabulary."""
    offered = _offered(field)
    known = sorted(offered.places.keys() & set(values), key=offered.places.__getitem__)
    return [tk.h.scheming_language_text(offered.labels[value]) for value in known]


def who_does_what(listed: list[Record]) -> Record:
    """A table of the roles by partners, gaps and all; of a great many roles those that somebody has.

    :param listed: partners as of :func:`results`
    :returns: ``{partners, rows: [{value, label, definition, does: [bool], nobody}]}``
    """
    speaking = [listing for listing in listed if listing["roles"]]
    roles_filled = {role for result in speaking for role in result["roles"]}
    gaps = not searched("roles", "role")
    rows = [
        {**role, "does": [role["value"] in result["roles"] for result in speaking]}
        for role in choices("roles")
        if role["value"] not in INTERMEDIARIES_ROLES and (gaps or role["value"] in roles_filled)
    ]
    return {"partners": speaking, "rows": [{**row, "nobody": not any(row["does"])} for row in rows]}


def first_sentence(text: str) -> str:
    """The first sentence of a plain text, cut where it is very long."""
    match = _SENTENCE.match(text.strip())
    return _shortened(" ".join((match[0] if match else text).split()))


def _shortened(text: str) -> str:
    return text if len(text) <= _SUMMARY else f"{text[: _SUMMARY - 1].rstrip()}…"


def _everyone() -> list[Listed]:
    group = model.Group
    rows = model.Session.execute(
        sa.select(
            group.id, group.name, group.title, group.image_url, group.description, group.extras
        )
        .where(group.is_organization.is_(True), group.state == "active")
        .where(sa.or_(group.extras.has_key(TYPE), group.extras.has_key(ALSO)))
        .order_by(group.title)
    )
    listed = (_listed(row) for row in rows)
    return [listing for listing in listed if listing.partner.types]


def _listed(row: Any) -> Listed:
    extras = row.extras or {}
    types = types_of(extras.get(TYPE), extras.get(ALSO))
    title = row.title or row.name
    profile = requested(types)
    return Listed(
        Partner(row.id, row.name, title, types, row.image_url or ""),
        description=row.description or "",
        terms={
            field: tuple(names_in(extras.get(field)) if field in profile else ())
            for field in TERMS.values()
        },
    )


def _fits(listing: Listed, wanted: Record) -> bool:
    kind, sector = wanted.get("partner_type"), wanted.get("sector")
    if kind and kind not in {t.name for t in listing.partner.types}:
        return False
    if sector and sector not in listing.partner.sectors:
        return False
    asked_for = {TERMS[name]: wanted[name] for name in TERMS if wanted.get(name)}
    if any(term not in listing.terms[field] for field, term in asked_for.items()):
        return False
    words = str(wanted.get("q") or "").casefold().split()
    return not words or _says(listing, words)


def _says(listing: Listed, words: list[str]) -> bool:
    """Whether all words stand somewhere in what a partner says about itself."""
    said = [listing.partner.title, listing.partner.name, listing.description]
    said += [tk.h.scheming_language_text(kind.label) for kind in listing.partner.types]
    for field, terms in listing.terms.items():
        said += _labels(field, terms)
    text = "\n".join(said).casefold()
    return all(word in text for word in words)
