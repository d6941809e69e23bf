"""Template helpers that any page uses."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import ckan.plugins.toolkit as tk
from ckan.lib import files
from ckan.lib.munge import munge_filename_legacy
from flask import g, has_request_context
from markupsafe import Markup

from ckanext.civicswitchboard import config, partners, shelves
from ckanext.civicswitchboard.core.schema.document import Sector
from ckanext.civicswitchboard.core_fixes import search_outage
from ckanext.civicswitchboard.partners import Partner
from ckanext.civicswitchboard.publishing import notifications, whats_new
from ckanext.civicswitchboard.schema_registry import suggestions
from ckanext.civicswitchboard.search_index import extents

_SECTORS = get_args(Sector)

# In an address, far from where Python refuses to go deeper.
MOST_DOTS = 100


@tk.chained_helper
def lang(original: Callable[[], str | None]) -> str | None:
    """The language that texts are shown in, such as ``en``; without a request, the portal's own.

    Core's helper needs a request. Commands and background jobs have none, and scheming asks it for
    each label that has more than one language.
    """
    return original() if has_request_context() else str(tk.config["ckan.locale_default"])


@tk.chained_helper
def current_url(original: Callable[[], str]) -> str:
    """The address of the page that is shown, with its dots as ``%2E`` if there are very many.

    Core's list of languages hands the address to Flask's ``url_for``, which takes it for a name and
    calls itself once for each dot.
    """
    address = original()
    return address.replace(".", "%2E") if address.count(".") > MOST_DOTS else address


def civicswitchboard_partner(name: str) -> Partner | None:
    """The partner that an organization is, None where it has no partner type.

    :param name: the organization's name
    """
    partner = partners.by_organization().get(name)
    return partner if partner and partner.types else None


def civicswitchboard_organization_title(organization: dict[str, Any]) -> str:
    """An organization's title of today: what datasets carry of it is as old as the index.

    :param organization: the short form that datasets carry
    """
    partner = partners.by_organization().get(organization["name"])
    return partner.title if partner else str(organization.get("title") or organization["name"])


def civicswitchboard_byline(organization: dict[str, Any]) -> Markup:
    """Who published a dataset, made once in a request however many of theirs are listed.

    :param organization: the short form that datasets carry
    """
    made: dict[str, Markup] = g.setdefault("civicswitchboard_bylines", {})
    name = organization["name"]
    if name not in made:
        variables = {"organization": organization, "show_link": True}
        made[name] = Markup(tk.render_snippet("partners/snippets/byline.html", variables))
    return made[name]


def civicswitchboard_organization(organization_id: str) -> dict[str, Any] | None:
    """An organization with what stands in the side column of its datasets, without any count.

    :param organization_id: its id
    :returns: None when the reader may not see it
    """
    counts = ("dataset_count", "datasets", "users", "groups", "followers")
    options = {f"include_{kind}": False for kind in counts}
    try:
        shown: dict[str, Any] = tk.get_action("organization_show")(
            {}, {"id": organization_id, **options}
        )
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None
    return shown


def civicswitchboard_partners() -> list[Partner]:
    """Every partner: libraries first, then sector by sector, by title."""
    typed = [partner for partner in partners.by_organization().values() if partner.types]
    return sorted(typed, key=lambda partner: _SECTORS.index(partner.types[0].sector))


def civicswitchboard_logo(partner: Partner) -> str:
    """The address of a partner's logo, of CKAN's placeholder where it has none."""
    if not partner.image_url:
        return str(tk.h.url_for_static("/base/images/placeholder-organization.png"))
    if partner.image_url.startswith("http"):
        return partner.image_url
    # As core does for a shown organization, without a query for each.
    name = munge_filename_legacy(partner.image_url)
    try:
        storage = files.get_storage(config.logo_storage())
    except files.exc.UnknownStorageError:
        return str(tk.h.url_for_static(f"uploads/group/{name}", qualified=True))
    return str(storage.permanent_link(files.FileData.from_string(name)))


def civicswitchboard_home_shelves() -> list[shelves.Shelf] | None:
    """The home page's shelves, None while the search engine is in trouble."""
    return shelves.home_shelves()


def civicswitchboard_featured(kind: str) -> bool:
    """Whether an admin chose what CKAN features on the home page.

    :param kind: ``groups`` or ``orgs``
    """
    return bool(config.featured(kind))


def civicswitchboard_area() -> extents.Area | None:
    """The area that the page's address asks for, None where it asks for none."""
    return extents.requested(tk.request.args)


def civicswitchboard_area_search() -> bool:
    """Whether datasets can be found by area."""
    return config.searches_by_area()


def civicswitchboard_address_without_area() -> str:
    """The page's address without its area, from the first page of results."""
    return str(tk.h.remove_url_param([extents.AREA, extents.PLACE, *extents.SIDES]))


def civicswitchboard_parameters_beside_area() -> list[tuple[str, str]]:
    """What else the page's address asks for: a form of its own has to carry it on."""
    own = {extents.AREA, extents.PLACE, *extents.SIDES, "page"}
    return [(key, value) for key, value in tk.request.args.items(multi=True) if key not in own]


def civicswitchboard_places() -> list[str]:
    """The names of the gazetteer's places."""
    return [place.name for place in extents.gazetteer()]


def civicswitchboard_extent(value: Any) -> extents.Shown | None:
    """A record's extent for its page or form; None when it cannot be read."""
    return extents.shown(value)


def civicswitchboard_without_search() -> bool:
    """Whether the search engine gave no answer for this page."""
    return search_outage.marked()


def civicswitchboard_map() -> dict[str, Any] | None:
    """What a map in the browser needs; None where there are no maps."""
    return extents.map_options()


def get_helpers() -> dict[str, Callable[..., Any]]:
    """Every helper by name."""
    return {
        helper.__name__: helper
        for helper in (
            lang,
            current_url,
            civicswitchboard_partner,
            civicswitchboard_organization_title,
            civicswitchboard_byline,
            civicswitchboard_organization,
            civicswitchboard_partners,
            civicswitchboard_logo,
            civicswitchboard_home_shelves,
            civicswitchboard_featured,
            civicswitchboard_area,
            civicswitchboard_area_search,
            civicswitchboard_address_without_area,
            civicswitchboard_parameters_beside_area,
            civicswitchboard_places,
            civicswitchboard_extent,
            civicswitchboard_map,
            civicswitchboard_without_search,
            *notifications.HELPERS,
            *whats_new.HELPERS,
            *suggestions.HELPERS,
        )
    }
