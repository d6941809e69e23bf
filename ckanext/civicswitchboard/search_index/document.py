"""What of a record goes into the search index, and how."""
from __future__ import annotations

import logging
from typing import Any

from ckanext.civicswitchboard.core.schema.compiler import CompiledField, Snapshot
from ckanext.civicswitchboard.core.schema.field_types import load
from ckanext.civicswitchboard.core.schema.renames import followed
from ckanext.civicswitchboard.core.schema.reserved_names import typed_in_index
from ckanext.civicswitchboard.search_index import extents

log = logging.getLogger(__name__)

# The Solr field that says by which form of the schema a dataset was indexed.
FORM = "civicswitchboard_form"

# Lucene refuses a longer term, and with it the whole record.
MAX_TERM_BYTES = 32_766

# Fields of CKAN's Solr schema that are cut into words, or stored without an index.
_ANALYZED = frozenset(
    "title notes text urls res_name res_description author author_email maintainer"
    " maintainer_email data_dict validated_data_dict title_ngram name_ngram".split()
)
_ANALYZED_PREFIXES = ("extras_", "res_extras_")
_CORE = frozenset(
    "id name title notes url license_id license_title state type private owner_org version author"
    " author_email maintainer maintainer_email metadata_created metadata_modified".split()
)


def index_document(snapshot: Snapshot, document: dict[str, Any]) -> dict[str, Any]:
    """A Solr document as core made it, with the shared schema's fields in their place.

    Schema fields are there for search only as declared: as a facet, as text, or not at
    all. Nothing here raises; what Solr would refuse is left out and logged.

    :param document: Solr fields by name
    """
    document[FORM] = snapshot.index_form
    _follow_renames(snapshot, document)
    extent = snapshot.by_id["dataset"].get("spatial")
    extents.index(document, extent.field_name if extent else "spatial")
    for key in [k[7:] for k in document if k.startswith("extras_")]:
        field = snapshot.fields["dataset"].get(key)
        if field is not None:
            _place_field(field, key, document)
        elif typed_in_index(key) and key not in _CORE:
            _leave_out(document, key, "the search index has another use for this name")
    for key, value in list(document.items()):
        if not _analyzed(key):
            document[key] = _within_term_limit(document, key, value)
    return {key: value for key, value in document.items() if value is not None}


def _follow_renames(snapshot: Snapshot, document: dict[str, Any]) -> None:
    """A value under its field's earlier name is found by today's."""
    stored_names = [key[7:] for key, value in document.items() if key.startswith("extras_") and value]
    for name, today in followed(stored_names, snapshot.earlier_names["dataset"]).items():
        document[f"extras_{today}"] = document.pop(f"extras_{name}")
        if name in document:
            document[today] = document.pop(name)


def _place_field(field: CompiledField, key: str, document: dict[str, Any]) -> None:
    value = document[f"extras_{key}"]
    if field.field.facet:
        document[f"vocab_{key}"] = _facet_values(field, value)
        if field.kind.shape != "text":
            document.pop(key, None)
    elif not field.in_core:
        document.pop(key, None)
    if not field.field.searchable and not field.field.facet:
        document.pop(f"extras_{key}", None)


def _facet_values(field: CompiledField, value: Any) -> list[str]:
    loaded = load(field.kind, value)
    values = loaded if isinstance(loaded, list) else [value]
    return [v for v in values if isinstance(v, str) and v and _fits(v)]


def _analyzed(key: str) -> bool:
    return key in _ANALYZED or key.startswith(_ANALYZED_PREFIXES)


def _fits(value: str) -> bool:
    return len(value) * 4 <= MAX_TERM_BYTES or len(value.encode("utf-8", "ignore")) <= MAX_TERM_BYTES


def _within_term_limit(document: dict[str, Any], key: str, value: Any) -> Any:
    if isinstance(value, str) and not _fits(value):
        if key == "title_string":
            return value[:1000]
        _leave_out(document, key, "too long to be compared as a whole; its words are found")
        return None
    if isinstance(value, list):
        return [member for member in value if not isinstance(member, str) or _fits(member)]
    return value


def _leave_out(document: dict[str, Any], key: str, reason: str) -> None:
    document.pop(key, None)
    log.info("Dataset %s: %r is not indexed as one value: %s", document.get("id"), key, reason)
