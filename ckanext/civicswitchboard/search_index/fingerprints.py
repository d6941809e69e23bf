"""A fingerprint of everything that a dataset's document in the search index is made from.

It is compared instead of `metadata_modified`, which a sysadmin can send and which resources,
tags, groups and a renamed organization leave as it is. The document carries the fingerprint of
what was read for it, see decision 080.
"""
from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa
from ckan import model

# In a shown record that was read for the index, and in a context of package_show.
KEY = "civicswitchboard_fingerprint"
# In the search index: one of the few kinds of fields there whose values can be read back.
FIELD = f"vocab_{KEY}"

# Rows as texts, so that a column that CKAN adds one day is part of it.
_FINGERPRINTS = """
SELECT p.id, md5(concat_ws(E'\\x1f', p::text,
    (SELECT string_agg(r::text, E'\\x1e' ORDER BY r.id) FROM resource r WHERE r.package_id = p.id),
    (SELECT string_agg(concat_ws(' ', t.id, t.name, t.vocabulary_id, pt.state), E'\\x1e' ORDER BY pt.id)
        FROM package_tag pt JOIN tag t ON t.id = pt.tag_id WHERE pt.package_id = p.id),
    (SELECT string_agg(concat_ws(E'\\x1d', m.id, m.capacity, m.state, g.name, g.title, g.state), E'\\x1e'
            ORDER BY m.id)
        FROM member m JOIN "group" g ON g.id = m.group_id
        WHERE m.table_id = p.id AND m.table_name = 'package' AND NOT g.is_organization),
    (SELECT concat_ws(E'\\x1d', o.name, o.title, o.state) FROM "group" o WHERE o.id = p.owner_org)
    )) AS fingerprint
FROM package p WHERE p.id
"""
_OF_ONE = sa.text(f"{_FINGERPRINTS} = (SELECT id FROM package WHERE id = :id OR name = :id LIMIT 1)")
_OF_MANY = sa.text(f"{_FINGERPRINTS} = ANY(:ids)")

_known: ContextVar[Mapping[str, str] | None] = ContextVar("civicswitchboard_fingerprints", default=None)


def of(ids: Collection[str]) -> dict[str, str]:
    """The fingerprints of datasets by id, as the database holds them now; none for those that it lacks."""
    if not ids:
        return {}
    rows = model.Session.execute(_OF_MANY, {"ids": list(ids)})
    return {row.id: row.fingerprint for row in rows}


def before_reading(reference: str) -> str:
    """The fingerprint of a dataset that is about to be read, empty where there is none.

    What the session has not sent to the database yet is part of it.

    :param reference: its id or name
    """
    known = _known.get()
    if known is not None and reference in known:
        return known[reference]
    model.Session.flush()
    row = model.Session.execute(_OF_ONE, {"id": reference}).one_or_none()
    return str(row.fingerprint) if row else ""


@contextmanager
def known(fingerprints: Mapping[str, str]) -> Iterator[None]:
    """Don't ask again for these while the block runs, which reads datasets as they were with them."""
    token = _known.set(fingerprints)
    try:
        yield
    finally:
        _known.reset(token)


def move(context: Any, shown: dict[str, Any]) -> None:
    """Give a record that was read for the index its fingerprint; in place.

    :param context: in which package_show read it
    """
    if KEY in context:
        shown[KEY] = context.pop(KEY)


def put_into(document: dict[str, Any]) -> None:
    """Give a Solr document the fingerprint of the record that it was made from; in place."""
    mark = of_reading(document.get("validated_data_dict") or "")
    if mark:
        document[FIELD] = [mark]


def of_reading(validated: str) -> str:
    """The fingerprint in a record as JSON, empty when it has none."""
    # Found without parsing: in a value of the record its quotation marks would be escaped.
    _before, _mark, after = validated.rpartition(f'"{KEY}": "')
    return after.partition('"')[0]


def unchanged(fingerprints: Mapping[str, str]) -> set[str]:
    """Which datasets still have these fingerprints, and aren't being saved.

    For a moment it holds the rows of all that nobody is saving, so whoever saves one later also
    indexes it later. It waits for nobody. Ends the transaction.

    :param fingerprints: by id
    """
    model.Session.rollback()
    package = model.Package
    free = sa.select(package.id).where(package.id.in_(list(fingerprints)))
    # A new statement sees what was committed before the rows were held.
    now = of(list(model.Session.scalars(free.with_for_update(read=True, skip_locked=True))))
    model.Session.rollback()
    return {id_ for id_, fingerprint in now.items() if fingerprint == fingerprints[id_]}
