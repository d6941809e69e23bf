"""Template helpers that show partners and their profiles."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import g

from ckanext.civicswitchboard.core.schema.field_types import Shape
from ckanext.civicswitchboard.helpers import records
from ckanext.civicswitchboard.partners import profile
from ckanext.civicswitchboard.partners.filters import FIELDS
from ckanext.civicswitchboard.partners.registry import partner, steward
from ckanext.civicswitchboard.schema_registry import versions

Record = dict[str, Any]

# What the page of a partner shows in a way of its own.
_OWN_WAY: Mapping[str, Shape] = {
    **dict.fromkeys(("partner_type", "partner_since", "website", "contact_name", "contact_email"), "text"),
    **dict.fromkeys(("also_acts_as", "roles", "skills", "audiences"), "several"),
    **dict.fromkeys(("spaces", "mission_alignment"), "rows"),
}


def civicswitchboard_is_steward(organization: Record) -> bool:
    """Whether an organization maintains the shared schema; asked once in a request."""
    if "civicswitchboard_steward" not in g:
        named = steward()
        g.civicswitchboard_steward = named.name if named else None
    return bool(organization["name"] == g.civicswitchboard_steward)


def civicswitchboard_profile(organization: Record) -> Record:
    """An organization without what its partner types do not have.

    :param organization: a shown organization
    """
    return profile.visible(organization)


def civicswitchboard_profile_form(
    fields: list[Record], organization: Record, all_types: bool
) -> list[Record]:
    """An organization form's fields, as its partner types ask for them.

    :param fields: the schema's, in scheming's form
    :param organization: what the form shows
    :param all_types: whether the type can be changed on this form
    """
    return profile.form_fields(fields, organization, all_types)


def civicswitchboard_requested_field(field: Record) -> Record:
    """A field of the form as it is filled in, without what says which types have it."""
    inner = {key: value for key, value in field.items() if key not in ("form_snippet", "asked_by")}
    snippet = inner.pop("asked_snippet", None)
    return {**inner, "form_snippet": snippet} if snippet else inner


def civicswitchboard_plans(organization: Record) -> list[profile.Plan]:
    """The plans that an organization's data work serves, those in force first."""
    return profile.plans(organization)


def civicswitchboard_partnership(profile: Record) -> Record:
    """A profile without values that the partner's page can't show in its own way.

    A schema that was taken over may have its own field under such a name.

    :param profile: as of civicswitchboard_profile
    """
    others = _OWN_WAY.keys() - _in_own_way()
    return {key: value for key, value in profile.items() if key not in others}


def _in_own_way() -> frozenset[str]:
    """The fields that the current version stores as the partner's page expects."""
    fields = versions.current().fields["organization"]
    return frozenset(
        name for name, shape in _OWN_WAY.items() if name not in fields or fields[name].kind.shape == shape
    )


def civicswitchboard_profile_sections(schema: Record, organization: Record) -> list[Record]:
    """What an organization says beside what its page shows in a way of its own.

    :param schema: the organization schema in scheming's form
    :param organization: as of civicswitchboard_profile
    """
    elsewhere = _in_own_way() if partner(organization) else frozenset()
    others = {key: value for key, value in organization.items() if key not in elsewhere}
    return records.civicswitchboard_filled_sections(schema, others)


def civicswitchboard_profile_field(schema: Record, name: str) -> Record | None:
    """A field of the organization schema by its name.

    :param schema: the organization schema in scheming's form
    """
    return next((field for field in schema["fields"] if field["field_name"] == name), None)


def civicswitchboard_partner_facet(name: str) -> bool:
    """Whether a facet is one that partners make.

    :param name: the facet's name
    """
    return name in FIELDS


def civicswitchboard_facet_label(item: Record) -> str:
    """A facet's value in words, whole: core cuts what has no such function."""
    return str(item["display_name"])


def get_helpers() -> dict[str, Callable[..., Any]]:
    """Every helper by name."""
    return {
        helper.__name__: helper
        for helper in (
            civicswitchboard_is_steward,
            civicswitchboard_profile,
            civicswitchboard_profile_form,
            civicswitchboard_requested_field,
            civicswitchboard_plans,
            civicswitchboard_partnership,
            civicswitchboard_profile_sections,
            civicswitchboard_profile_field,
            civicswitchboard_partner_facet,
            civicswitchboard_facet_label,
        )
    }
