"""Template helpers that show shelves; none of them can break the page that they stand on."""
from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.civicswitchboard.shelves import items
from ckanext.civicswitchboard.shelves.related import Item, beside_dataset, beside_library
from ckanext.civicswitchboard.shelves.search import LIBRARY, SearchUnavailable
from ckanext.civicswitchboard.shelves.search_page import Lane, search_lane

log = logging.getLogger(__name__)

Record = dict[str, Any]


def civicswitchboard_shelf(dataset: Record) -> list[Item] | None:
    """What stands beside a dataset, None while that cannot be told.

    :param dataset: as of package_show
    """
    return _or_none(beside_dataset, dataset)


def civicswitchboard_library_shelf(
    organization: Record, datasets: Iterable[Record]
) -> list[Item] | None:
    """What goes with a library's datasets, None while that cannot be told.

    :param organization: as of organization_show
    :param datasets: those of its datasets that its page shows
    """
    return _or_none(beside_library, organization, datasets)


def civicswitchboard_shelf_choices(dataset: Record) -> Record:
    """What the editors of a dataset chose and its shelf does not show.

    :returns: ``{hidden, waiting}``, each ``[{id, title}]``; those wait that were pinned and
        are not public
    """
    chosen = items.chosen(dataset["id"])
    return {
        "hidden": _titles(chosen.hidden),
        "waiting": [dataset for dataset in _titles(chosen.pinned) if not dataset["public"]],
    }


def civicswitchboard_search_lane(datasets: Iterable[Record], count: int) -> Lane | None:
    """What libraries have for the search of the current page beyond what it shows.

    :param datasets: what the page shows
    :param count: how many the search finds
    """
    shown = [dataset["id"] for dataset in datasets]
    if count <= len(shown):
        return None
    arguments = list(tk.request.args.items(multi=True))
    return _or_none(search_lane, arguments, shown)


def civicswitchboard_search_of_libraries() -> str:
    """The address of the current search, of libraries' datasets alone."""
    kept = [(n, v) for n, v in tk.request.args.items(multi=True) if n != "page" and v]
    return f"{tk.h.url_for('dataset.search')}?{urlencode([*kept, ('partner_sector', LIBRARY)])}"


def _titles(ids: Iterable[str]) -> list[Record]:
    """Of datasets that the reader may see."""
    known = {package.id: package for package in _packages(ids)}
    return [
        {
            "id": package.id,
            "title": package.title or package.name,
            "public": package.state == "active" and not package.private,
        }
        for dataset_id in ids
        if (package := known.get(dataset_id)) and tk.h.check_access("package_show", {"id": dataset_id})
    ]


def _packages(ids: Iterable[str]) -> list[model.Package]:
    packages: list[model.Package] = (
        model.Session.query(model.Package).filter(model.Package.id.in_(list(ids))).all()
    )
    return packages


def _or_none(compute: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return compute(*arguments)
    except SearchUnavailable as error:
        log.warning("A page comes without its shelf, the search engine is in trouble: %s", error)
    except Exception:
        # A shelf is beside the matter: whatever goes wrong, the page itself has to come.
        log.exception("A page comes without its shelf")
    return None


def get_helpers() -> dict[str, Callable[..., Any]]:
    """Every helper by name."""
    return {
        helper.__name__: helper
        for helper in (
            civicswitchboard_shelf,
            civicswitchboard_library_shelf,
            civicswitchboard_shelf_choices,
            civicswitchboard_search_lane,
            civicswitchboard_search_of_libraries,
        )
    }
