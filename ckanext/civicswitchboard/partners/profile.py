"""What a partner says about itself, as pages and the API show it."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard.core.schema.compiler import CompiledField
from ckanext.civicswitchboard.core.schema.document import PartnerType
from ckanext.civicswitchboard.core.schema.field_types import is_empty
from ckanext.civicswitchboard.core.schema.profiles import ALSO, TYPE, has_ended, profile_fields, requested
from ckanext.civicswitchboard.partners.directory import dataset_counts
from ckanext.civicswitchboard.partners.registry import partner, steward
from ckanext.civicswitchboard.schema_registry import versions

MISSION = "mission_alignment"
PERIOD = ("period_start", "period_end")

Record = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """A plan of an organization, with what its data work does for it.

    :ivar title: the plan's title
    :ivar period: when it begins and ends, in words, empty where neither is said
    :ivar ended: whether it is over
    :ivar url: where it can be read
    :ivar entries: its focus areas, as stored
    """

    title: str
    period: str
    ended: bool
    url: str
    entries: tuple[Record, ...]


def shown(organization: Record) -> Record:
    """An organization as partner_show gives it.

    :param organization: what organization_show gives
    """
    types = partner(organization)
    known = visible(organization)
    if _plan_rows(known):
        known[MISSION] = [{**row, "ended": _ended(row)} for row in _plan_rows(known)]
    text = tk.h.scheming_language_text
    named = steward()
    return {
        **known,
        TYPE: known.get(TYPE) or None,
        ALSO: [kind.name for kind in types[1:]],
        "types": [{"name": t.name, "label": text(t.label), "sector": t.sector} for t in types],
        "sector": types[0].sector if types else None,
        "labels": _labels(known, types),
        "steward": bool(named and named.id == organization["id"]),
        "dataset_count": dataset_counts([organization["id"]]).get(organization["id"], 0),
        "contribution_count": 0,
    }


def visible(organization: Record) -> Record:
    """An organization without what is kept of a profile that its types do not have."""
    hidden = profile_fields(versions.current().document) - requested(partner(organization)).keys()
    return {key: value for key, value in organization.items() if key not in hidden}


def form_fields(fields: list[Record], organization: Record, all_types: bool) -> list[Record]:
    """An organization form's fields, as its partner types ask for them.

    :param fields: the schema's, in scheming's form
    :param organization: what the form shows: stored, or typed in
    :param all_types: whether the type can be changed on this form; then the fields of the
        other types are there too, set aside until a script shows them
    """
    document = versions.current().document
    now, of_types = requested(partner(organization)), profile_fields(document)
    shown_fields = []
    for field in fields:
        name = field["field_name"]
        if name not in of_types:
            shown_fields.append(field)
        elif name in now or all_types:
            shown_fields.append(
                {
                    **field,
                    "form_snippet": "partners/controls/asked.html",
                    "asked_snippet": field.get("form_snippet"),
                    "required": now.get(name) == "required" or all_types,
                    "asked": now.get(name),
                    "asked_by": _requested_by(name),
                }
            )
    return shown_fields


def plans(organization: Record, today: date | None = None) -> list[Plan]:
    """An organization's plans, those in force first.

    :param organization: what organization_show gives
    """
    by_plan: dict[tuple[str, str, str], list[Record]] = {}
    for row in _plan_rows(organization):
        title, begins, ends = (str(row.get(part) or "") for part in ("plan", *PERIOD))
        by_plan.setdefault((title, begins, ends), []).append(row)
    plans_listed = [
        Plan(
            title=title,
            period=_period(begins, ends),
            ended=has_ended(ends, today or date.today()),
            url=next((row["url"] for row in rows if row.get("url")), ""),
            entries=tuple(rows),
        )
        for (title, begins, ends), rows in by_plan.items()
    ]
    return sorted(plans_listed, key=lambda plan: plan.ended)


def _requested_by(name: str) -> dict[str, str]:
    """Which types ask for a field, and how strictly."""
    return {
        kind.name: field.expectation
        for kind in versions.current().document.partner_types
        for field in kind.fields
        if field.field == name
    }


def _plan_rows(organization: Record) -> list[Record]:
    """The entries about plans; none where a schema that was taken over has another field of that name."""
    field = versions.current().fields["organization"].get(MISSION)
    return organization.get(MISSION) or [] if field is None or field.kind.shape == "rows" else []


def _ended(row: Record) -> bool:
    return has_ended(str(row.get("period_end") or ""), date.today())


def _period(begins: str, ends: str) -> str:
    if begins and ends:
        return f"{begins}–{ends}"
    if ends:
        return str(tk._("until {date}").format(date=ends))
    return str(tk._("since {date}").format(date=begins)) if begins else ""


def _labels(organization: Record, types: tuple[PartnerType, ...]) -> Record:
    """The terms of an organization's fields in words."""
    text = tk.h.scheming_language_text
    labels: Record = {
        name: _terms(field, organization[name])
        for name, field in versions.current().fields["organization"].items()
        if field.field.vocabulary and not is_empty(organization.get(name))
    }
    if types:
        own = organization.get(TYPE)
        labels[TYPE] = next((text(t.label) for t in types if t.name == own), None)
        labels[ALSO] = [text(t.label) for t in types if t.name != own]
    return labels


def _terms(field: CompiledField, value: Any) -> Any:
    labels = [term["label"] for term in tk.h.civicswitchboard_terms(field.scheming, value)]
    return labels if field.kind.shape == "several" else labels[0]
