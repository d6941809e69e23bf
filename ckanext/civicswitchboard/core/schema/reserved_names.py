"""Names that CKAN or its search index own, so that no field may take them.

Sources: CKAN 2.12's model (``ckan/model/package.py``, ``resource.py``,
``group.py``), its show schemas, and its Solr schema (``ckan/config/solr/schema.xml``).
"""
from __future__ import annotations

import re

from ckanext.civicswitchboard.core.schema.document import Entity

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")

# Columns and inputs of core that the shared schema may describe: core stores them itself.
CORE_FIELDS: dict[Entity, frozenset[str]] = {
    "dataset": frozenset(
        "title name notes tag_string owner_org url license_id author author_email maintainer"
        " maintainer_email version".split()
    ),
    "resource": frozenset("url name description format resource_type mimetype".split()),
    "organization": frozenset("title name description image_url".split()),
}

# What CKAN's and ckanext-scheming's forms send, or their views add, that belongs to no record.
FORM_INPUTS = frozenset(
    "upload clear_upload previous_upload save pkg_name return_to _form_page _ckan_phase".split()
)

_OWNED: dict[Entity, frozenset[str]] = {
    "dataset": frozenset(
        "id type state private extras resources tags groups organization users plugin_data"
        " creator_user_id metadata_created metadata_modified relationships_as_object"
        " relationships_as_subject num_resources num_tags isopen license_title license_url"
        " license revision_id tracking_summary display_name return_to save pkg_name"
        " other_fields_remove".split()
    ),
    "resource": frozenset(
        "id package_id position state created last_modified metadata_modified hash size"
        " url_type mimetype_inner cache_url cache_last_updated datastore_active extras"
        " tracking_summary revision_id other_fields_remove".split()
    )
    | FORM_INPUTS,
    "organization": frozenset(
        "id type state is_organization approval_status created users packages package_count"
        " num_followers groups tags extras display_name image_display_url image_upload"
        " clear_upload save".split()
    ),
}

_SOLR = frozenset(
    "_version_ index_id site_id entity_type dataset_type capacity permission_labels text urls"
    " title_ngram name_ngram title_string data_dict validated_data_dict indexed_ts ckan_url"
    " download_url depends_on dependency_of derives_from has_derivation links_to linked_from"
    " child_of parent_of views_total views_recent resources_accessed_total"
    " resources_accessed_recent res_name res_description res_format res_url res_type"
    " spatial_geom bbox_area minx maxx miny maxy partner_sector".split()
)
_SOLR_PREFIXES = ("extras_", "res_extras_", "vocab_", "civicswitchboard_")

# Core's pages read these as translations: texts by language (``get_translated`` in ``ckan/lib/helpers.py``).
TRANSLATIONS = frozenset(
    f"{name}_translated" for name in ("title", "notes", "name", "description", "format")
)


def why_reserved(entity: Entity, name: str) -> str | None:
    """Why a new field of this entity can't have this name.

    :param entity: whose field it is
    :param name: the field name wished for
    :returns: the reason with what to do, or None when the name is free
    """
    if name in TRANSLATIONS:
        return "CKAN's pages read it as translations of another field; choose another"
    return why_impossible(entity, name)


def why_impossible(entity: Entity, name: str) -> str | None:
    """Why no field of this entity can have this name, one of an earlier version included.

    Parameters and result as of :func:`why_reserved`, which also refuses names that schemas
    could have before they were found to be read by core.
    """
    if not NAME.match(name):
        return "use small letters, digits and _ only, beginning with a letter"
    if name in CORE_FIELDS[entity]:
        return None
    if name in _OWNED[entity]:
        return "CKAN itself uses this name; choose another"
    if entity == "organization":
        return None
    if name in _SOLR or name.startswith(_SOLR_PREFIXES):
        return "the search index uses this name; choose another"
    if name.endswith("_date"):
        return "the search index takes every name ending in _date for a full date; choose another"
    return None


def typed_in_index(name: str) -> bool:
    """Whether the search index gives this name a type of its own.

    A value of another type under such a name makes the index refuse the whole record.
    """
    return name in _SOLR or name.endswith("_date")
