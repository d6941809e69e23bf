"""Typed getters for every option; nothing else reads the configuration."""
from __future__ import annotations

import ckan.plugins.toolkit as tk


def home_shelves() -> list[str]:
    """The home page's shelves in their order: ``library``, ``others``."""
    return [str(name) for name in tk.config["civicswitchboard.home.shelves"]]


def home_shelf_size() -> int:
    """How many datasets a shelf of the home page shows: 1 to 20."""
    return max(1, min(20, int(tk.config["civicswitchboard.home.shelf_size"])))


def home_shelf_title(shelf: str) -> str:
    """The heading an admin gave a shelf, empty for the usual one."""
    return str(tk.config[f"civicswitchboard.home.{shelf}_title"])


def shelf_stop_list() -> list[str]:
    """Tags and other values that are never a reason to put datasets together."""
    return _by_commas("civicswitchboard.shelves.stop_list")


def shelf_region_names() -> list[str]:
    """Names of the region that the whole portal is about."""
    return _by_commas("civicswitchboard.shelves.region_names")


def shelf_count_seconds() -> int:
    """How long at most it is believed how common values are, at least a second."""
    return max(1, int(tk.config["civicswitchboard.shelves.count_seconds"]))


def impact_seconds() -> int:
    """How long a statement of a count over all records may take, at least a second."""
    return max(1, int(tk.config["civicswitchboard.impact.most_seconds"]))


def usage_seconds() -> int:
    """After how long a job counts anew what the records hold, at least a minute."""
    return max(60, int(tk.config["civicswitchboard.impact.usage_seconds"]))


def disabled_core_fixes() -> list[str]:
    """Names of the workarounds for CKAN that are turned off."""
    return [str(name) for name in tk.aslist(tk.config.get("civicswitchboard.core_fixes.disabled"))]


def _by_commas(option: str) -> list[str]:
    return [part.strip() for part in str(tk.config[option]).split(",") if part.strip()]


def locale_default() -> str:
    """The portal's own language."""
    return str(tk.config["ckan.locale_default"])


def locales_offered() -> list[str]:
    """The languages that visitors may choose; none where the portal offers every one."""
    return [str(name) for name in tk.config["ckan.locales_offered"]]


def featured(kind: str) -> list[str]:
    """What an admin chose for CKAN's own place on the home page.

    :param kind: ``groups`` or ``orgs``
    """
    return [str(name) for name in tk.config[f"ckan.featured_{kind}"]]


def logo_storage() -> str:
    """The name of the storage that holds organizations' logos."""
    return str(tk.config["ckan.files.default_storages.group"])


def upload_storages() -> list[str]:
    """The names of the storages that hold what people upload."""
    kinds = ("resource", "group", "user", "admin")
    return [str(tk.config[f"ckan.files.default_storages.{kind}"]) for kind in kinds]


def storage_path() -> str:
    """The folder for uploads where no storage is named; empty when there is none."""
    return str(tk.config.get("ckan.storage_path") or "")


def plugins() -> list[str]:
    """The enabled plugins in their order."""
    return [str(name) for name in tk.config["ckan.plugins"]]


def spatial_backend() -> str:
    """How ckanext-spatial searches by place."""
    return str(tk.config.get("ckanext.spatial.search_backend", "") or "solr-bbox")


def searches_by_area() -> bool:
    """Whether ckanext-spatial's search by place is enabled."""
    return "spatial_query" in plugins()


def has_maps() -> bool:
    """Whether ckanext-spatial brings its map to the pages."""
    return "spatial_metadata" in plugins()


def spatial_index_field() -> str:
    """The field of the search index that holds extents."""
    name = "ckanext.spatial.solr_geom_field_name"
    return str(tk.config[name]) if name in tk.config else "spatial_geom"


def gazetteer() -> str:
    """The path of the GeoJSON file with named places, empty for none."""
    return str(tk.config["civicswitchboard.gazetteer"])


def site_title() -> str:
    """What the portal is called."""
    return str(tk.config["ckan.site_title"])


def site_address() -> str:
    """The portal's address, without a slash at its end."""
    return str(tk.config["ckan.site_url"]).rstrip("/") + str(tk.config.get("ckan.root_path") or "").replace(
        "/{{LANG}}", ""
    ).rstrip("/")


def secret_key() -> str:
    """The key that signs what forms carry; a session's too."""
    return str(tk.config["SECRET_KEY"])


def site_id() -> str:
    """What tells this portal's records from others' in a shared search index."""
    return str(tk.config["ckan.site_id"])


def search_drops_deleted() -> bool:
    """Whether deleted datasets leave the search index."""
    return bool(tk.config["ckan.search.remove_deleted_packages"])


def repair_chunk() -> int:
    """How many records a repair changes at once: 1 to 1000."""
    return max(1, min(1000, int(tk.config["civicswitchboard.repairs.chunk"])))


def repair_pause() -> float:
    """For how many seconds a repair makes way for people's saves after each of its steps."""
    return max(0, int(tk.config["civicswitchboard.repairs.pause"])) / 1000


def repair_index_processes() -> int:
    """How many processes index what a repair changed: 1 to 16."""
    return max(1, min(16, int(tk.config["civicswitchboard.repairs.index_processes"])))


def scheming_files(what: str) -> list[str]:
    """The files that ckanext-scheming reads, or read before this extension took over.

    :param what: ``dataset_schemas``, ``organization_schemas`` or ``presets``
    """
    return str(tk.config.get(f"scheming.{what}") or "").split()


def schema_languages() -> list[str]:
    """The languages in which the shared schema is to be written; none for one language."""
    return [str(code) for code in tk.config["civicswitchboard.schema.languages"]]
