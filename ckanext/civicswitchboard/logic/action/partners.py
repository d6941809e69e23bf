"""Actions of partners."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard import partners
from ckanext.civicswitchboard.metadata_schema import live

Context = Any
Record = dict[str, Any]


@tk.side_effect_free
def partner_type_list(context: Context, data_dict: Record) -> list[Record]:
    """The partner types.

    :returns: ``[{name, label, sector, description}]`` in the schema's order
    """
    tk.check_access("civicswitchboard_partner_type_list", context, data_dict)
    return [
        {"name": t.name, "label": t.label, "sector": t.sector, "description": t.description}
        for t in live.current().document.partner_types
    ]


@tk.side_effect_free
def steward_show(context: Context, data_dict: Record) -> Record:
    """The organization that maintains the shared schema.

    :returns: ``{organization_id, name, title}``, all None while none is named
    """
    tk.check_access("civicswitchboard_steward_show", context, data_dict)
    steward = partners.steward()
    if steward is None:
        return {"organization_id": None, "name": None, "title": None}
    return {"organization_id": steward.id, "name": steward.name, "title": steward.title}


def steward_update(context: Context, data_dict: Record) -> Record:
    """Name the organization that maintains the shared schema.

    :param organization_id: its id or name
    :returns: as of steward_show
    :raises NotFound: when there is no such active organization
    """
    tk.check_access("civicswitchboard_steward_update", context, data_dict)
    wanted = tk.get_or_bust(data_dict, "organization_id")
    organization = partners.active_organization(wanted)
    if organization is None:
        raise tk.ObjectNotFound(tk._("There is no organization “%s”") % wanted)
    partners.set_steward(organization)
    return steward_show(context, {})


ACTIONS = {
    "civicswitchboard_partner_type_list": partner_type_list,
    "civicswitchboard_steward_show": steward_show,
    "civicswitchboard_steward_update": steward_update,
}
