"""Actions of partners."""
from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.civicswitchboard import partners
from ckanext.civicswitchboard.logic.schema import partners as schemas
from ckanext.civicswitchboard.partners import directory, profile
from ckanext.civicswitchboard.schema_registry import versions

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
        for t in versions.current().document.partner_types
    ]


@tk.side_effect_free
@tk.validate_action_data(schemas.partner_search)
def partner_search(context: Context, data_dict: Record) -> Record:
    """Partners, libraries first, then sector by sector, by title.

    :param q: words that a partner says about itself, all of them
    :param partner_type: a partner type's name; what a partner also acts as counts too
    :param sector: library, intermediary, government or community
    :param role: a term of its roles
    :param skill: a term of its skills
    :param audience: a term of its audiences
    :param rows: how many partners, 20 when left out, 1000 at most
    :param start: how many to pass over
    :returns: ``{count, results: [{id, name, title, partner_type, partner_type_label, sector,
        also_acts_as, summary, image_display_url, roles, skills, audiences, steward,
        dataset_count, contribution_count}]}``; the counts are of public datasets
    """
    tk.check_access("civicswitchboard_partner_search", context, data_dict)
    partners_listed = directory.search(data_dict)
    start, rows = data_dict["start"], data_dict["rows"]
    return {
        "count": len(partners_listed),
        "results": directory.results(partners_listed[start : start + rows]),
    }


@tk.side_effect_free
@tk.validate_action_data(schemas.partner_show)
def partner_show(context: Context, data_dict: Record) -> Record:
    """An organization with its profile: the fields that its partner types have.

    :param id: its id or name
    :returns: the organization, its profile as it is stored, and ``labels`` with the same in
        words: ``{field: label or [label]}``; also ``types``, ``sector``, ``steward``,
        ``dataset_count`` (public ones) and ``contribution_count``. Each entry of
        ``mission_alignment`` says whether its plan has ``ended``
    :raises NotFound: when there is no such organization
    """
    tk.check_access("civicswitchboard_partner_show", context, data_dict)
    options = {
        "id": data_dict["id"],
        "include_users": False,
        "include_followers": False,
        "include_dataset_count": False,
        "include_groups": False,
    }
    organization = tk.get_action("organization_show")({**context}, options)
    if organization["state"] != "active":
        raise tk.ObjectNotFound(tk._("There's no organization “%s”") % data_dict["id"])
    return profile.shown(organization)


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


@tk.validate_action_data(schemas.steward_update)
def steward_update(context: Context, data_dict: Record) -> Record:
    """Name the organization that maintains the shared schema.

    :param organization_id: its id or name
    :returns: as of steward_show
    :raises NotFound: when there is no such active organization
    """
    tk.check_access("civicswitchboard_steward_update", context, data_dict)
    wanted = data_dict["organization_id"]
    organization = partners.active_organization(wanted)
    if organization is None:
        raise tk.ObjectNotFound(tk._("There's no organization “%s”") % wanted)
    partners.set_steward(organization)
    return steward_show(context, {})


ACTIONS = {
    "civicswitchboard_partner_type_list": partner_type_list,
    "civicswitchboard_partner_search": partner_search,
    "civicswitchboard_partner_show": partner_show,
    "civicswitchboard_steward_show": steward_show,
    "civicswitchboard_steward_update": steward_update,
}
