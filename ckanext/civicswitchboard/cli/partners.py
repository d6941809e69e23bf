"""``ckan civicswitchboard partners`` and ``steward``: partner types and the steward."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import click

from ckanext.civicswitchboard import partners as domain
from ckanext.civicswitchboard.core.schema.document import PartnerType, Text
from ckanext.civicswitchboard.partners import Partner
from ckanext.civicswitchboard.schema_registry import versions


@click.group(short_help="List and set partner types.")
def partners() -> None:
    """List organizations with their partner types, and set a type."""


@partners.command("list")
def list_partners() -> None:
    """List every organization with its partner type."""
    everyone = domain.all_partners()
    if not everyone:
        click.echo("There are no organizations yet.")
        return
    width = max(len(partner.name) for partner in everyone)
    for partner in everyone:
        click.echo(f"{partner.name:<{width}}  {_types(partner)}")


def _types(partner: Partner) -> str:
    if not partner.types:
        return "no partner type"
    own, *also = (f"{text(kind.label)} ({kind.name})" for kind in partner.types)
    return f"{own}; also acts as {', '.join(also)}" if also else own


@partners.command("set")
@click.argument("name")
@click.argument("partner_type", metavar="TYPE")
def set_type(name: str, partner_type: str) -> None:
    """Set the partner type of organization NAME to TYPE ("none" removes it)."""
    organization = _organization(name)
    kind = None if partner_type == "none" else _known_type(partner_type)
    as_site_user(
        "organization_patch",
        {"id": organization.id, domain.TYPE_KEY: kind.name if kind else ""},
    )
    click.echo(f"{organization.name} is now: {text(kind.label) if kind else 'no partner type'}")


@click.command(short_help="Name the organization that maintains the shared schema.")
@click.argument("name")
def steward(name: str) -> None:
    """Make organization NAME the steward, which maintains the shared schema."""
    organization = _organization(name)
    as_site_user("civicswitchboard_steward_update", {"organization_id": organization.id})
    click.echo(f"{organization.title or organization.name} now maintains the shared schema.")


def _organization(name: str) -> Any:
    organization = domain.active_organization(name)
    if organization is None:
        raise click.ClickException(
            f"There's no organization '{name}'."
            " Run `ckan civicswitchboard partners list` to see the names."
        )
    return organization


def _known_type(name: str) -> PartnerType:
    document = versions.current().document
    kind = document.partner_type(name)
    if kind is None:
        known = "\n".join(f"  {t.name:<22} {text(t.label)}" for t in document.partner_types)
        raise click.ClickException(f"There's no partner type '{name}'. Choose one of these:\n{known}")
    return kind


def as_site_user(action: str, data_dict: dict[str, Any]) -> Any:
    """Call an action as the site user, with the same validation that people get.

    :raises click.ClickException: with the validation errors, field by field
    """
    site_user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    try:
        return tk.get_action(action)({"user": site_user["name"], "ignore_auth": True}, data_dict)
    except tk.ValidationError as error:
        faults = (f"  {field}: {'; '.join(map(str, said))}" for field, said in error.error_dict.items())
        raise click.ClickException("\n".join(["The change wasn't saved:", *faults])) from error


def text(words: Text) -> str:
    """A label in the portal's own language."""
    return str(tk.h.scheming_language_text(words))
